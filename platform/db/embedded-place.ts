/**
 * Where the embedded PostgreSQL keeps its files, so that its account can reach them and others cannot.
 */
import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  realpath,
  rm,
  rmdir,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { type Account, canWrite } from './embedded-account.ts';
import { dbFailure } from './failures.ts';

/** 108 bytes with the closing zero on Linux, 104 elsewhere. */
const LONGEST_SOCKET = 103;
const SOCKET_NAME = '/.s.PGSQL.5432';

/**
 * `home/postgres`, mode 0700, owned by the account. Where a folder above the home is closed to the account (root's own
 * home is), the files go below `elsewhere`, and `home/postgres` is a link to them: no mode outside the home is changed.
 * @throws DB_HOME
 */
export async function prepareStorage(home: string, account: Account, elsewhere: string): Promise<string> {
  const storage = join(home, 'postgres');
  try {
    const there = await lstat(storage).catch(() => null);
    if (there?.isSymbolicLink() !== true) await ownFolder(storage, account);
    if (account !== null) await openHome(home, account);
    const real = await realpath(storage);
    if (await canWrite(account, real)) return real;
    if (account === null || !(await removeEmpty(storage))) {
      throw dbFailure('HOME', { detail: `${storage} cannot be written by the account that runs PostgreSQL` });
    }
    await mkdir(elsewhere, { recursive: true, mode: 0o755 });
    const far = join(elsewhere, `postgres-${randomBytes(8).toString('hex')}`);
    await ownFolder(far, account);
    await writeFile(join(far, OWNER), await markOfHome(home), { flag: 'wx', mode: 0o600 });
    await symlink(far, storage);
    if (await canWrite(account, far)) return far;
    await rm(storage);
    await rm(far, { recursive: true });
    throw dbFailure('HOME', {
      detail: `neither ${home} nor ${elsewhere} can be reached by the account that runs PostgreSQL`,
      hint: 'set STRONGROOM_HOME to a folder such as /var/lib/strongroom, start as another user than root, or set DATABASE_URL',
    });
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'Failure') throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw dbFailure('HOME', { detail: `${storage} cannot be prepared (${code ?? 'unknown'})`, cause });
  }
}

/** Where files go that the account of PostgreSQL cannot reach in the home. */
export const ELSEWHERE = '/var/lib/strongroom';
const FAR_NAME = /^postgres-[0-9a-f]{16}$/;
/** Whether a folder of this name may hold the database of a home, which need not be the one that it lies in. */
export const isFarFolder = (name: string): boolean => FAR_NAME.test(name);
/** In the far folder: of which home it is. */
const OWNER = 'of-home';

/** A folder, not its name: a copy of a home has the link too, and is another one. */
async function markOfHome(home: string): Promise<string> {
  const { dev, ino } = await stat(home);
  return `${dev}:${ino}\n`;
}

/**
 * The folder with the files of this home and of no other; null where there is none, as where `home/postgres` is a link that
 * was copied along with a home, or that somebody else made.
 */
export async function ownStorage(home: string, elsewhere: string): Promise<string | null> {
  const storage = join(home, 'postgres');
  const there = await lstat(storage).catch(() => null);
  if (there === null || !there.isSymbolicLink()) return there === null ? null : storage;
  const far = await readlink(storage);
  if (dirname(far) !== elsewhere || !FAR_NAME.test(basename(far))) return null;
  const mark = await readFile(join(far, OWNER), 'utf8').catch(() => '');
  return mark === (await markOfHome(home)) ? far : null;
}

/**
 * Takes the files of a home away, also where `home/postgres` is a link to them: by themselves they would stay when the home
 * goes. @param own of `ownStorage`: a link to anything else costs the link alone
 */
export async function removeStorage(home: string, own: string | null): Promise<void> {
  // the files first: who is killed in between finds the link again
  if (own !== null) await rm(own, { recursive: true, force: true });
  await rm(join(home, 'postgres'), { recursive: true, force: true });
}

/** A fresh folder for the socket, reached by the account alone; in the temporary folder when the path would be too long. */
export async function prepareSocketFolder(storage: string, account: Account): Promise<string> {
  for (const name of await readdir(storage))
    if (/^run(-|$)/.test(name)) await rm(join(storage, name), { recursive: true, force: true });
  // never the name an earlier server used: its watchdog may still be on its way to remove that folder
  const near = join(storage, `run-${randomBytes(4).toString('hex')}`);
  if (Buffer.byteLength(near + SOCKET_NAME) <= LONGEST_SOCKET) {
    await ownFolder(near, account);
    return near;
  }
  const far = await mkdtemp(join(Buffer.byteLength(tmpdir()) > 60 ? '/tmp' : tmpdir(), 'strongroom-'));
  await ownFolder(far, account);
  return far;
}

export async function ownFolder(path: string, account: Account): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (account !== null) await chown(path, account.uid, account.gid);
  const now = await stat(path);
  if ((now.mode & 0o777) !== 0o700) await chmod(path, 0o700);
}

async function removeEmpty(folder: string): Promise<boolean> {
  return rmdir(folder).then(
    () => true,
    () => false,
  );
}

/** The account's group may pass through a home that was closed to all but root; it still cannot list it. */
async function openHome(home: string, account: NonNullable<Account>): Promise<void> {
  const { uid, gid, mode } = await stat(home);
  if (uid !== 0 || (mode & 0o001) !== 0 || (gid !== 0 && gid !== account.gid)) return;
  await chown(home, 0, account.gid);
  await chmod(home, (mode & 0o707) | 0o010);
}
