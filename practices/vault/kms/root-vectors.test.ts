/** The vectors of docs/formats/root-key-file.md §6, as they stand there. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { secret } from '#platform/crypto';

import { openFileKms } from './file.ts';

test('the published files open, and so does the published wrapped key', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'root-vectors-'));
  t.after(() => rm(folder, { recursive: true }));
  const document = await readFile(new URL('../../../docs/formats/root-key-file.md', import.meta.url), 'utf8');
  const files = Array.from(document.matchAll(/```json\n([\s\S]*?)```/g), ([, text = '']) => text);
  const [, blob = ''] = /`(01(?:aa){32}[0-9a-f]+)`/.exec(document) ?? [];
  assert.equal(files.length, 2);

  for (const [at, text] of files.entries()) {
    const path = join(folder, `${at}.json`);
    await writeFile(path, text);
    await chmod(path, 0o600);
    const kms = await openFileKms(
      path,
      at === 0 ? {} : { passphrase: () => secret('seven quiet otters cross the road') },
    );
    const { keyId } = await kms.describe();
    const wrapped = { blob: Buffer.from(blob, 'hex'), provider: 'file', keyId, keyVersion: '1' };

    assert.equal(Buffer.from(await kms.unwrap(wrapped, { epoch: '1', use: 'data' })).toString(), 'key');
  }
});
