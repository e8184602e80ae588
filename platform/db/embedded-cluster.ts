/**
 * The cluster on disk: made once with a random password, recognised afterwards.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdtemp, open, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Account } from './embedded-account.ts';
import type { Binaries } from './embedded-binaries.ts';
import { ownFolder } from './embedded-place.ts';
import { startWatched } from './embedded-process.ts';
import { PG_HBA } from './embedded-settings.ts';
import { dbFailure } from './failures.ts';

export type Cluster = Readonly<{ folder: string; password: string; mark: string }>;
export const USER = 'strongroom';
export const MAJOR = '18';

/** A new cluster takes 40 MB, its first write-ahead files 16 MB each. */
const ROOM_NEEDED_MB = 200;

type Needs = Readonly<{
  home: string;
  storage: string;
  account: Account;
  binaries: Binaries;
  log: FileHandle;
  durable: boolean;
}>;

/** The cluster in the storage, made when there is none. @throws DB_HOME, DB_START */
export async function prepareCluster(needs: Needs): Promise<Cluster> {
  const folder = join(needs.storage, 'cluster');
  const passwordFile = join(needs.home, 'postgres.password');
  const version = await readFile(join(folder, 'PG_VERSION'), 'utf8').catch(() => null);
  if (version === null) await makeCluster(needs, folder, passwordFile);
  else if (version.trim() !== MAJOR) {
    throw dbFailure('START', {
      detail: `${folder} was written by PostgreSQL ${version.trim()}, the embedded one is ${MAJOR}`,
      hint: 'export with the earlier release and import into a new home',
    });
  }
  const password = await readFile(passwordFile, 'utf8').catch((cause: unknown) => {
    throw dbFailure('HOME', {
      detail: `${passwordFile} cannot be read`,
      hint: 'restore it from the backup that holds this home; the database cannot be opened without it',
      cause,
    });
  });
  return { folder, password: password.trim(), mark: markOf(folder) };
}

export function markOf(folder: string): string {
  return `strongroom-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
}

async function makeCluster(needs: Needs, folder: string, passwordFile: string): Promise<void> {
  const { storage, account, binaries, log, durable } = needs;
  await refuseFull(storage);
  await clearHalfMade(storage, folder);
  const fresh = await mkdtemp(join(storage, 'cluster-new-'));
  try {
    await ownFolder(fresh, account);
    const password = randomBytes(24).toString('base64url');
    await writePrivate(passwordFile, `${password}\n`);
    // initdb, which runs under the account, reads it here
    const handed = join(storage, 'cluster-new.password');
    await rm(handed, { force: true });
    await writePrivate(handed, `${password}\n`, account);
    const cluster = join(fresh, 'cluster');
    const initdb = await startWatched(
      [
        binaries.initdb,
        ...['-D', cluster, '-U', USER, '--pwfile', handed, '--auth', 'scram-sha-256', '--encoding', 'UTF8'],
        ...['--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--data-checksums'],
        ...(durable ? [] : ['--no-sync']),
      ],
      { account, logFd: log.fd },
    );
    const { code } = await initdb.exited;
    await rm(handed, { force: true });
    if (code !== 0) throw dbFailure('START', { detail: 'initdb failed' });
    await writeFile(join(cluster, 'pg_hba.conf'), PG_HBA);
    // the rename is what makes it a cluster: before it, the next start begins anew
    await rename(cluster, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function refuseFull(storage: string): Promise<void> {
  const { bavail, bsize } = await statfs(storage);
  const freeMb = Math.floor((bavail * bsize) / 2 ** 20);
  if (freeMb >= ROOM_NEEDED_MB) return;
  throw dbFailure('HOME', {
    detail: `${storage} has ${freeMb} MB of free space, a new database needs ${ROOM_NEEDED_MB} MB`,
    hint: 'free some space, or set STRONGROOM_HOME to another disk',
  });
}

async function clearHalfMade(storage: string, folder: string): Promise<void> {
  const names = await readdir(storage);
  if (names.includes('cluster')) {
    throw dbFailure('HOME', {
      detail: `${folder} is there but is not a cluster of PostgreSQL`,
      hint: 'restore it from a backup, or move it away to begin with an empty database',
    });
  }
  for (const name of names.filter((name) => name.startsWith('cluster-new'))) {
    await rm(join(storage, name), { recursive: true, force: true });
  }
}

async function writePrivate(path: string, text: string, owner: Account = null): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.chmod(0o600);
    if (owner !== null) await file.chown(owner.uid, owner.gid);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * The kernel may have given the number in a crashed postmaster's lock file to some other program (after a restart of a
 * container it usually has), and PostgreSQL would then refuse to start. Called when none of its processes is left.
 */
export async function removeStalePid(folder: string): Promise<void> {
  const path = join(folder, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
  if (pid > 0 && process.platform === 'linux' && isAlive(pid)) await rm(path);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
