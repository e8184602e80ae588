import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { secret } from '#platform/crypto';
import { isFailure } from '#platform/failure';

import { kmsConformance } from './conformance.ts';
import { createFileKms, openFileKms } from './file.ts';
import { openKms } from './open-kms.ts';
import type { RootFile } from './root-file.ts';
import { handlesAreSeveral } from './file-together.tests.ts';
import { passphraseOpens } from './file-passphrase.tests.ts';

const PASSPHRASE = 'seven quiet otters cross the road';
const passphrase = () => secret(PASSPHRASE);
const fails = (code: string) => (error: unknown) => isFailure(error, code);

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'root-file-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

async function fileOf(t: TestContext): Promise<string> {
  const path = join(await folderOf(t), 'root.json');
  await createFileKms(path);
  return path;
}

const parsed = async (path: string): Promise<RootFile> => JSON.parse(await readFile(path, 'utf8')) as RootFile;

kmsConformance('file', async (t) => {
  const [mine, theirs] = [await fileOf(t), await fileOf(t)];
  const secrets = (await parsed(mine)).versions.map(({ root }) => root ?? '');
  return { kms: await openFileKms(mine), foreign: await openFileKms(theirs), secrets };
});

kmsConformance('file with a passphrase', async (t) => {
  const folder = await folderOf(t);
  const open = (name: string) => openKms(`file:${join(folder, name)}`, { passphrase, whenMissing: 'make' });
  return { kms: await open('a.json'), foreign: await open('b.json'), secrets: [PASSPHRASE] };
});

test('the first use makes the file, readable by its owner alone, in a folder of its own', async (t) => {
  const folder = join(await folderOf(t), 'keys');
  const path = join(folder, 'root.json');

  const opened = await Promise.all(Array.from({ length: 5 }, () => openKms(`file:${path}`, { whenMissing: 'make' })));

  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const ids = await Promise.all(opened.map(async (kms) => (await kms.describe()).keyId));
  assert.equal(new Set(ids).size, 1);
  await assert.rejects(openKms('floppy:a'), fails('KMS_UNKNOWN_PROVIDER'));
  await assert.rejects(openKms('file:'), fails('KMS_UNKNOWN_PROVIDER'));
  await assert.rejects(openKms(path), fails('KMS_UNKNOWN_PROVIDER'));
});

test('a root that was there before is not made anew: neither the file nor its folder comes back by itself', async (t) => {
  const folder = join(await folderOf(t), 'keys');

  await assert.rejects(openKms(`file:${join(folder, 'root.json')}`), fails('KMS_ROOT_MISSING'));
  await assert.rejects(stat(folder), { code: 'ENOENT' });
  await mkdir(folder);
  await assert.rejects(openKms(`file:${join(folder, 'root.json')}`), fails('KMS_ROOT_MISSING'));
  assert.deepEqual(await readdir(folder), []);
});

test('a root key file is never overwritten', async (t) => {
  const path = await fileOf(t);
  const before = await readFile(path, 'utf8');

  await assert.rejects(createFileKms(path), fails('KMS_FILE_EXISTS'));

  assert.equal(await readFile(path, 'utf8'), before);
});

test('a file that others may read is refused, also while it is open', async (t) => {
  const path = await fileOf(t);
  const kms = await openFileKms(path);

  await chmod(path, 0o640);

  await assert.rejects(openFileKms(path), fails('KMS_DENIED'));
  await assert.rejects(kms.wrap(Buffer.alloc(1), {}), fails('KMS_DENIED'));
});

test('a file that went away or became that of another key is refused while it is open', async (t) => {
  const [path, other] = [await fileOf(t), await fileOf(t)];
  const kms = await openFileKms(path);

  await rename(path, `${path}.away`);
  await assert.rejects(kms.health(), fails('KMS_UNREACHABLE'));
  await rename(other, path);
  await assert.rejects(kms.health(), fails('KMS_WRONG_KEY'));
  await rename(`${path}.away`, path);

  await kms.health();
});

test('every altered byte of a root, its check, the key id or a version is damage', async (t) => {
  const path = await fileOf(t);
  const kms = await openFileKms(path);
  await kms.rotate?.();
  const sound = await readFile(path, 'utf8');
  const file = await parsed(path);
  const texts = [file.keyId, ...file.versions.flatMap(({ root, check }) => [root ?? '', check ?? ''])];
  const altered = texts.flatMap((text) =>
    Array.from(text, (character, at) =>
      sound.replace(text, text.slice(0, at) + (character === 'a' ? 'b' : 'a') + text.slice(at + 1)),
    ),
  );
  const [first, second] = file.versions;
  const whole = (change: object): string => JSON.stringify({ ...file, ...change });
  altered.push(
    sound.slice(0, -3),
    '',
    whole({ format: 'strongroom-root-key/2' }),
    whole({ versions: [] }),
    whole({
      versions: [
        { ...second, version: '1' },
        { ...first, version: '2' },
      ],
    }),
    whole({ versions: [{ ...first, check: null }] }),
    whole({ protection: { kind: 'none' } }),
  );

  for (const text of altered) {
    await writeFile(path, text);
    await assert.rejects(openFileKms(path), fails('KMS_FILE_DAMAGED'), text);
  }
});

test('a version destroyed through one handle is destroyed for all, and gone from the file', async (t) => {
  const path = await fileOf(t);
  const root = (await parsed(path)).versions[0]?.root ?? '';
  const [one, two] = [await openFileKms(path), await openFileKms(path)];
  const wrapped = await one.wrap(Buffer.from('key'), {});
  await one.rotate?.();

  await one.destroyVersion?.('1');

  assert.ok(!(await readFile(path, 'utf8')).includes(root));
  await assert.rejects(two.unwrap(wrapped, {}), fails('KMS_KEY_DESTROYED'));
  await assert.rejects((await openFileKms(path)).unwrap(wrapped, {}), fails('KMS_KEY_DESTROYED'));
  await assert.rejects(one.destroyVersion?.('1') ?? Promise.resolve(), fails('KMS_KEY_DESTROYED'));
  await assert.rejects(one.destroyVersion?.('9') ?? Promise.resolve(), fails('KMS_WRONG_KEY'));
});

test('a provider whose newest version is destroyed wraps nothing, until it is rotated', async (t) => {
  const kms = await openFileKms(await fileOf(t));
  await kms.rotate?.();
  await kms.destroyVersion?.('2');

  await assert.rejects(kms.wrap(Buffer.alloc(32), {}), fails('KMS_KEY_DESTROYED'));
  await assert.rejects(kms.health(), fails('KMS_KEY_DESTROYED'));
  await kms.rotate?.();

  assert.equal((await kms.wrap(Buffer.alloc(32), {})).keyVersion, '3');
});

/** What the parts are handed, as it is when they ask. */
const running = () => ({ PASSPHRASE, passphrase, fails, folderOf, fileOf, parsed });
export type Running = ReturnType<typeof running>;

handlesAreSeveral(running);
passphraseOpens(running);
