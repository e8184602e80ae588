/** Homes of every kind: long paths, accounts, closed folders, links, full disks. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Failure } from '#platform/failure';

import { openDb } from './connection.ts';
import { packagedBinaries } from './embedded-binaries.ts';
import { removeEmbedded } from './embedded.ts';
import {
  ROOT,
  homes,
  isLinux,
  isRoot,
  kill,
  otherServer,
  processesIn,
  start,
  until,
  within,
} from './testing-embedded.ts';

const { original, newFolder, newHome } = homes();

test('a home with a long path gets its socket elsewhere', async () => {
  const home = join(await newFolder(), 'x'.repeat(110));
  await chmod(join(home, '..'), 0o755);
  await cp(original(), home, { recursive: true, preserveTimestamps: true });
  await rm(join(home, 'postgres'), { recursive: true });
  await once(spawn('cp', ['-a', join(original(), 'postgres'), home]), 'exit');

  const embedded = await start({ home });

  const folder = embedded.address.socketFolder;
  assert.ok(folder.length < 80 && !folder.startsWith(home));
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  await within(openDb(embedded.url), async (db) => await db`select 1`);
  await embedded.stop();
  await assert.rejects(stat(folder), { code: 'ENOENT' });
});

test('as an ordinary user it runs in that account', { skip: !isRoot }, async () => {
  const home = await newFolder();
  await chown(home, 1, 1);

  const { child, said } = await otherServer(home, { uid: 1, gid: 1 });

  assert.equal(said.code, undefined, said.detail);
  const [pid] = await processesIn(home);
  assert.match(await readFile(`/proc/${pid}/status`, 'utf8'), /^Uid:\t1\t1\t1\t1$/m);
  await kill(child);
  await until('PostgreSQL is gone', async () => (await processesIn(home)).length === 0);
});

test('started by root it runs without root', { skip: !isRoot || !isLinux }, async () => {
  const home = await newHome();
  const embedded = await start({ home });

  const status = await readFile(`/proc/${embedded.pid()}/status`, 'utf8');

  await embedded.stop();
  assert.doesNotMatch(status, /^Uid:.*\t0\b/m);
  assert.match(status, /^CapEff:\t0+$/m);
  assert.match(status, /^Groups:\s*$/m);
});

test(
  'below a folder closed to all but root it keeps its files elsewhere and opens no folder',
  { skip: !isRoot },
  async () => {
    const closed = await newFolder();
    const elsewhere = join(await newFolder(), 'elsewhere');
    await chmod(join(elsewhere, '..'), 0o755);
    const home = join(closed, 'home');
    await mkdir(home, { mode: 0o700 });
    const native = join(closed, 'node_modules/linux/native');
    await cp(packagedBinaries(), native, { recursive: true, verbatimSymlinks: true });
    await writeFile(join(native, '../package.json'), '{"version":"18.0.0"}');

    const embedded = await start({ home, elsewhere, native });
    await within(openDb(embedded.url), async (db) => await db`create table kept (id int)`);
    await embedded.stop();
    const again = await start({ home, elsewhere, native });
    await within(openDb(again.url), async (db) => await db`select from kept`);
    await again.stop();

    assert.equal((await stat(closed)).mode & 0o777, 0o700);
    assert.ok((await lstat(join(home, 'postgres'))).isSymbolicLink());
    assert.equal((await readdir(elsewhere)).length, 1);
  },
);

/** A home that only root reaches, and where its files go instead. */
async function closedHome(): Promise<{ home: string; elsewhere: string }> {
  const elsewhere = join(await newFolder(), 'elsewhere');
  await chmod(join(elsewhere, '..'), 0o755);
  const home = join(await newFolder(), 'home');
  await mkdir(home, { mode: 0o700 });
  return { home, elsewhere };
}

test('the database of a home goes with its files, also where they lie elsewhere', { skip: !isRoot }, async () => {
  const { home, elsewhere } = await closedHome();
  await removeEmbedded(home, { elsewhere });
  const embedded = await start({ home, elsewhere });
  await assert.rejects(removeEmbedded(home, { elsewhere }), { code: 'DB_HOME_IN_USE' });
  await within(openDb(embedded.url), async (db) => await db`select 1`);
  await embedded.stop();

  await removeEmbedded(home, { elsewhere });

  assert.deepEqual(await readdir(elsewhere), []);
  await assert.rejects(lstat(join(home, 'postgres')), { code: 'ENOENT' });
  // of a server that was killed: not before its PostgreSQL is gone
  const near = await newHome();
  const { child } = await otherServer(near);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  await removeEmbedded(near);
  assert.deepEqual(await processesIn(near), []);
  assert.ok(!(await readdir(near)).includes('postgres'));
});

test('of a link that somebody else made, the link goes and what it points to stays', { skip: !isRoot }, async () => {
  const { home, elsewhere } = await closedHome();
  const name = 'postgres-0123456789abcdef';
  const theirs = join(await newFolder(), name);
  for (const folder of [theirs, join(elsewhere, 'postgres-theirs'), join(elsewhere, name, name), join(home, name)])
    await mkdir(folder, { recursive: true });
  const points = [theirs, join(elsewhere, 'postgres-theirs'), join(elsewhere, name, name), name, `${elsewhere}/x/../${name}`, elsewhere];
  for (const to of points) {
    await symlink(to, join(home, 'postgres'));
    await removeEmbedded(home, { elsewhere });
    await assert.rejects(lstat(join(home, 'postgres')), { code: 'ENOENT' });
  }
  for (const folder of [theirs, join(elsewhere, 'postgres-theirs'), join(elsewhere, name, name), join(home, name)])
    assert.ok((await stat(folder)).isDirectory());

  // of the right form, and nobody's or another home's
  await symlink(join(elsewhere, name), join(home, 'postgres'));
  await removeEmbedded(home, { elsewhere });
  assert.deepEqual((await readdir(elsewhere)).toSorted(), [name, 'postgres-theirs']);
}); // prettier-ignore

test('a copy of a home that goes stops and takes nothing of the one it was copied from', { skip: !isRoot }, async () => {
  const { home, elsewhere } = await closedHome();
  const embedded = await start({ home, elsewhere });
  const copy = `${home}-copy`;
  await mkdir(copy, { mode: 0o700 });
  await cp(join(home, 'postgres'), join(copy, 'postgres'), { verbatimSymlinks: true, recursive: true });
  assert.ok((await lstat(join(copy, 'postgres'))).isSymbolicLink());

  await removeEmbedded(copy, { elsewhere });

  await assert.rejects(lstat(join(copy, 'postgres')), { code: 'ENOENT' });
  await within(openDb(embedded.url), async (db) => await db`select 1`);
  await embedded.stop();
  assert.equal((await readdir(elsewhere)).length, 1);
}); // prettier-ignore

test(
  'it runs from a package whose links were never made, also when the package cannot be written',
  { skip: !isRoot },
  async () => {
    const home = await newHome();
    await chmod(home, 0o711);
    const packageFolder = await newFolder();
    await chmod(packageFolder, 0o755);
    const native = join(packageFolder, 'native');
    await cp(packagedBinaries(), native, { recursive: true, verbatimSymlinks: true });
    await writeFile(join(packageFolder, 'package.json'), '{"version":"18.0.0"}');
    const dropLinks = async (): Promise<void> => {
      for (const entry of await readdir(join(native, 'lib'), { withFileTypes: true })) {
        if (entry.isSymbolicLink()) await rm(join(native, 'lib', entry.name));
      }
    };

    await dropLinks();
    await (await start({ home, native })).stop();
    assert.ok((await lstat(join(native, 'lib/libpq.so.5'))).isSymbolicLink());

    await dropLinks();
    await once(spawn('chown', ['-R', '1:1', home]), 'exit');
    await once(spawn('chmod', ['-R', 'a+rX,a-w', packageFolder]), 'exit');
    const program = `
    import { startEmbedded } from '#platform/db';
    const embedded = await startEmbedded({ home: ${JSON.stringify(home)}, native: ${JSON.stringify(native)} });
    await embedded.stop();`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: ROOT,
      uid: 1,
      gid: 1,
      stdio: 'inherit',
    });
    assert.deepEqual((await once(child, 'exit'))[0], 0);
    await assert.rejects(lstat(join(native, 'lib/libpq.so.5')), { code: 'ENOENT' });
  },
);

test('a home that cannot be written, or is full, is a failure that says so', { skip: !isRoot }, async (t) => {
  const home = await newFolder();
  const { said } = await otherServer(home, { uid: 1, gid: 1 });
  assert.equal(said.code, 'DB_HOME', said.detail);

  const small = await newFolder();
  const [code] = (await once(spawn('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', small]), 'exit')) as [number];
  if (code !== 0) return t.diagnostic('no small disk can be mounted here');
  try {
    await assert.rejects(
      start({ home: small }),
      (thrown: Failure) => thrown.code === 'DB_HOME' && thrown.message.includes('MB'),
    );
  } finally {
    await once(spawn('umount', [small]), 'exit');
  }
});

test('a half-made cluster is made anew, a cluster that is broken is left alone', async () => {
  const home = await newFolder();
  await mkdir(join(home, 'postgres', 'cluster-new-dead'), { recursive: true });
  if (isRoot) await chown(join(home, 'postgres'), 65_534, 65_534);
  await (await start({ home })).stop();
  assert.ok(!(await readdir(join(home, 'postgres'))).includes('cluster-new-dead'));

  await rm(join(home, 'postgres', 'cluster', 'PG_VERSION'));
  await assert.rejects(start({ home }), { code: 'DB_HOME' });
  assert.ok((await readdir(join(home, 'postgres', 'cluster'))).includes('base'));
});
