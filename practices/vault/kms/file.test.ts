import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';

import { secret } from '#platform/crypto';
import { isFailure } from '#platform/failure';

import { kmsConformance } from './conformance.ts';
import { createFileKms, openFileKms, protectFile } from './file.ts';
import { openKms } from './open-kms.ts';
import { whileLocked } from './root-disk.ts';
import type { RootFile } from './root-file.ts';

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

test('changes from many handles at once are all kept, while others wrap', async (t) => {
  const path = await fileOf(t);
  const handles = await Promise.all(Array.from({ length: 8 }, () => openFileKms(path)));
  for (let round = 0; round < 7; round++) await handles[0]?.rotate?.();
  const wrapped = await Promise.all(Array.from({ length: 8 }, async () => handles[1]?.wrap(Buffer.from('key'), {})));

  await Promise.all([
    ...handles.slice(0, 4).map((kms, at) => kms.destroyVersion?.(String(at + 1))),
    ...handles.slice(4).map((kms) => kms.rotate?.()),
    ...handles.flatMap((kms) =>
      wrapped.map(async (blob) => assert.deepEqual(await kms.unwrap(blob ?? assert.fail(), {}), Buffer.from('key'))),
    ),
  ]);

  const { versions } = await parsed(path);
  assert.equal(versions.length, 12);
  assert.deepEqual(
    versions.filter(({ root }) => root === null).map(({ version }) => version),
    ['1', '2', '3', '4'],
  );
  const reader = await openFileKms(path);
  for (const kms of handles)
    assert.deepEqual(await reader.unwrap(await kms.wrap(Buffer.from('x'), {}), {}), Buffer.from('x'));
});

test('two processes that rotate at once both have their version', async (t) => {
  const path = await fileOf(t);
  const program = `import { openFileKms } from ${JSON.stringify(import.meta.resolve('./file.ts'))};
    const kms = await openFileKms(${JSON.stringify(path)});
    for (let i = 0; i < 10; i++) await kms.rotate();`;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);

  await Promise.all([run(), run()]);

  assert.equal((await parsed(path)).versions.length, 21);
});

test('drafts that a crash left are swept at the next start, and nothing else is', async (t) => {
  const path = await fileOf(t);
  const draft = `${path}.0123456789ab.new`;
  const other = `${path}.backup.new`;
  await writeFile(draft, await readFile(path));
  await writeFile(other, '');

  await whileLocked(path, async () => {
    // somebody else's draft, perhaps a live one: left alone, and the start goes on
    await writeFile(draft, await readFile(path));
    await openFileKms(path);
    assert.ok((await readdir(join(path, '..'))).includes('root.json.0123456789ab.new'));
  });
  await openFileKms(path);

  assert.deepEqual((await readdir(join(path, '..'))).toSorted(), [
    'root.json',
    'root.json.backup.new',
    'root.json.lock',
  ]);
});

test('a process killed in the middle of a change leaves no lock, and the file as it was', async (t) => {
  const path = await fileOf(t);
  const before = await readFile(path, 'utf8');
  const program = `import { whileLocked } from ${JSON.stringify(import.meta.resolve('./root-disk.ts'))};
    import { writeFileSync } from 'node:fs';
    await whileLocked(${JSON.stringify(path)}, async () => {
      writeFileSync(${JSON.stringify(`${path}.abcdef012345.new`)}, 'half');
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => {});
    });`;

  await assert.rejects(promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]), {
    signal: 'SIGKILL',
  });
  assert.ok((await readdir(join(path, '..'))).includes('root.json.abcdef012345.new'));
  const kms = await openFileKms(path);

  assert.equal(await readFile(path, 'utf8'), before);
  assert.ok(!(await readdir(join(path, '..'))).includes('root.json.abcdef012345.new'));
  assert.equal(await kms.rotate?.(), '2');
});

test('a change waits for the lock and says so when it waited in vain', async (t) => {
  const path = await fileOf(t);

  await whileLocked(path, () =>
    assert.rejects(
      whileLocked(path, async () => {}, 30),
      fails('KMS_FILE_BUSY'),
    ),
  );

  await whileLocked(path, async () => {}, 0);
});

test('a passphrase is needed, must be the right one, and none may be given in vain', async (t) => {
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
  const path = join(await folderOf(t), 'root.json');
  await createFileKms(path, { passphrase: () => secret('caf\u00e9 at the old harbour') });

  await (await openFileKms(path, { passphrase: () => secret('cafe\u0301 at the old harbour') })).health();
});

test('an altered sealed root, or a lowered cost, does not open', async (t) => {
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
