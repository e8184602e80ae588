/** Under a passphrase. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { secret } from '#platform/crypto';

import { createFileKms, openFileKms, protectFile } from './file.ts';
import type { Running } from './file.test.ts';

export function passphraseOpens(of: () => Running): void {
  test('a passphrase is needed, must be the right one, and none may be given in vain', async (t) => {
    const { folderOf, fails, passphrase, fileOf, PASSPHRASE } = of();
    const path = join(await folderOf(t), 'root.json');
    await assert.rejects(createFileKms(path, { passphrase: () => secret('too short') }), fails('KMS_PASSPHRASE_WEAK'));
    await createFileKms(path, { passphrase });
    const plain = await fileOf(t);

    await assert.rejects(openFileKms(path), fails('KMS_PASSPHRASE_MISSING'));
    await assert.rejects(
      openFileKms(path, { passphrase: () => secret(`${PASSPHRASE}s`) }),
      fails('KMS_PASSPHRASE_WRONG'),
    );
    await assert.rejects(openFileKms(plain, { passphrase }), fails('KMS_PASSPHRASE_UNUSED'));
    await (await openFileKms(path, { passphrase })).health();
  });

  test('a composed and a decomposed passphrase are the same', async (t) => {
    const { folderOf } = of();
    const path = join(await folderOf(t), 'root.json');
    await createFileKms(path, { passphrase: () => secret('caf\u00e9 at the old harbour') });

    await (await openFileKms(path, { passphrase: () => secret('cafe\u0301 at the old harbour') })).health();
  });

  test('an altered sealed root, or a lowered cost, does not open', async (t) => {
    const { folderOf, passphrase, parsed, fails } = of();
    const path = join(await folderOf(t), 'root.json');
    await createFileKms(path, { passphrase });
    const file = await parsed(path);
    const [first] = file.versions;
    const bytes = Buffer.from(first?.root ?? '', 'base64');
    for (const at of [0, 12, 43, 44, 59]) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await writeFile(path, JSON.stringify({ ...file, versions: [{ ...first, root: flipped.toString('base64') }] }));
      await assert.rejects(openFileKms(path, { passphrase }), fails('KMS_FILE_DAMAGED'));
    }
    for (const [change, code] of [
      [{ memoryKiB: 8192 }, 'KMS_PASSPHRASE_WRONG'],
      [{ memoryKiB: 1024 }, 'KMS_FILE_DAMAGED'],
      [{ memoryKiB: 2 ** 30 }, 'KMS_FILE_DAMAGED'],
      [{ passes: 1e6 }, 'KMS_FILE_DAMAGED'],
      [{ lanes: 0 }, 'KMS_FILE_DAMAGED'],
      [{ kind: 'permissions' }, 'KMS_FILE_DAMAGED'],
    ] as const) {
      await writeFile(path, JSON.stringify({ ...file, protection: { ...file.protection, ...change } }));
      await assert.rejects(openFileKms(path, { passphrase }), fails(code), JSON.stringify(change));
    }
  });

  test('a passphrase can be set, changed and taken away, and an open provider notices', async (t) => {
    const { fileOf, parsed, PASSPHRASE, fails, passphrase } = of();
    const path = await fileOf(t);
    const open = await openFileKms(path);
    const wrapped = await open.wrap(Buffer.from('key'), {});
    await open.rotate?.();
    await open.destroyVersion?.('2');
    const plain = (await parsed(path)).versions[0]?.root ?? '';

    await protectFile(path, null, secret(PASSPHRASE));
    assert.ok(!(await readFile(path, 'utf8')).includes(plain));
    await assert.rejects(open.unwrap(wrapped, {}), fails('KMS_PASSPHRASE_MISSING'));
    await assert.rejects(protectFile(path, secret('the wrong one, surely'), null), fails('KMS_PASSPHRASE_WRONG'));
    const guarded = await openFileKms(path, { passphrase });
    assert.deepEqual(await guarded.unwrap(wrapped, {}), Buffer.from('key'));
    await assert.rejects(guarded.wrap(Buffer.alloc(1), {}), fails('KMS_KEY_DESTROYED'));
    await protectFile(path, secret(PASSPHRASE), null);

    assert.deepEqual(await open.unwrap(wrapped, {}), Buffer.from('key'));
  });
}
