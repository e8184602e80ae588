import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFailure } from '#platform/failure';
import { createFileKms, openFileKms } from './file.ts';

test('a file root wraps, survives reopening, refuses others, and forgets a destroyed version', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'root-file-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'root.key');
  await createFileKms(path);
  const before = await readFile(path, 'utf8');
  await assert.rejects(createFileKms(path), { code: 'EEXIST' });
  assert.equal(await readFile(path, 'utf8'), before);
  assert.equal((await stat(path)).mode & 0o777, 0o600);

  const wrapped = await (await openFileKms(path)).wrap(Buffer.from('key'), { use: 'a' });
  const kms = await openFileKms(path);
  assert.deepEqual(await kms.unwrap(wrapped, { use: 'a' }), Buffer.from('key'));
  const start = performance.now();
  for (let i = 0; i < 2000; i++) await kms.unwrap(await kms.wrap(Buffer.alloc(32), { use: 'a' }), { use: 'a' });
  t.diagnostic(`${Math.round(2_000_000 / (performance.now() - start))} wrap+unwrap/s`);
  await assert.rejects(kms.unwrap({ ...wrapped, keyId: 'x' }, { use: 'a' }), (e) => isFailure(e, 'KMS_WRONG_KEY'));

  await chmod(path, 0o640);
  await assert.rejects(openFileKms(path), (e) => isFailure(e, 'KMS_DENIED'));
  await chmod(path, 0o600);
  await kms.destroyVersion?.('1');
  const root = (JSON.parse(before) as { versions: { root: string }[] }).versions[0]?.root ?? '';
  assert.ok(!(await readFile(path, 'utf8')).includes(root));
  await assert.rejects((await openFileKms(path)).unwrap(wrapped, { use: 'a' }), (e) => isFailure(e, 'KMS_KEY_DESTROYED'));
  await kms.close();
  await assert.rejects(kms.wrap(Buffer.alloc(1), {}), (e) => isFailure(e, 'KMS_CLOSED'));
});
