/** The root key file on disk: mode 0600, made once, replaced only whole, changed by one process at a time. */
import { randomBytes } from 'node:crypto';
import { link, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';

import { kmsFailure } from './failures.ts';

const SQLITE_BUSY = 5;
const MAX_WAIT_MS = 5000;

/** `stamp` differs whenever the file was replaced or touched: every replacement is a new inode with a new change time. */
export type RootText = Readonly<{ text: string; stamp: string }>;

/** @throws KMS_UNREACHABLE where it cannot be read, KMS_DENIED where others may read or write it */
export async function readRootText(path: string): Promise<RootText> {
  const file = await open(path, 'r').catch(unreachable);
  try {
    const found = await file.stat({ bigint: true });
    if ((found.mode & 0o077n) !== 0n) {
      throw kmsFailure('DENIED', { detail: 'the root key file is open to other users', hint: 'chmod 600 the file' });
    }
    return { text: await file.readFile('utf8'), stamp: stampOf(found) };
  } finally {
    await file.close();
  }
}

/** @throws KMS_UNREACHABLE where the file is gone */
export async function rootStamp(path: string): Promise<string> {
  return stampOf(await stat(path, { bigint: true }).catch(unreachable));
}

/**
 * INVARIANT: called inside `whileLocked`, so that no sweep takes the draft away and no other change is lost.
 * @param how `create` never overwrites; `replace` swaps the file atomically
 * @throws KMS_FILE_EXISTS, KMS_UNREACHABLE
 */
export async function writeRootText(path: string, text: string, how: 'create' | 'replace'): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  const file = await open(draft, 'wx', 0o600).catch(unreachable);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  if (how === 'replace') await rename(draft, path);
  else await linkNew(draft, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A link refuses where a rename would overwrite. */
async function linkNew(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === 'EEXIST' ? kmsFailure('FILE_EXISTS') : cause;
  } finally {
    await unlink(draft);
  }
}

/**
 * Runs a change alone, among all processes of this machine. The lock is SQLite's on a file beside: the kernel lets go
 * of it when its holder dies, so that a crash leaves no lock behind.
 * @param waitMs 0 for "now or not at all"
 * @throws KMS_FILE_BUSY, KMS_UNREACHABLE
 */
export async function whileLocked<T>(path: string, change: () => Promise<T>, waitMs: number = MAX_WAIT_MS): Promise<T> {
  const deadline = performance.now() + waitMs;
  let lock = tryLock(path);
  while (lock === null) {
    if (performance.now() >= deadline) throw kmsFailure('FILE_BUSY');
    await pause(10);
    lock = tryLock(path);
  }
  try {
    await sweepDrafts(path);
    return await change();
  } finally {
    lock.close();
  }
}

/** What a crash between writing and renaming left: a draft holds roots, perhaps of a version destroyed since. */
export async function leftoverDrafts(path: string): Promise<string[]> {
  const start = `${basename(path)}.`;
  const names = await readdir(dirname(path)).catch(unreachable);
  return names
    .filter((name) => name.startsWith(start) && /^[0-9a-f]{12}\.new$/.test(name.slice(start.length)))
    .map((name) => join(dirname(path), name));
}

async function sweepDrafts(path: string): Promise<void> {
  for (const draft of await leftoverDrafts(path)) await unlink(draft);
}

function tryLock(path: string): DatabaseSync | null {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock?.close();
    if ((cause as { errcode?: number }).errcode === SQLITE_BUSY) return null;
    throw kmsFailure('UNREACHABLE', { detail: 'the root key file cannot be locked', cause });
  }
}

const stampOf = (found: { ino: bigint; ctimeNs: bigint; size: bigint }): string =>
  `${found.ino}/${found.ctimeNs}/${found.size}`;

function unreachable(cause: NodeJS.ErrnoException): never {
  throw kmsFailure('UNREACHABLE', {
    detail: `the root key file cannot be reached (${cause.code ?? 'unknown'})`,
    hint: 'check that its disk is mounted and that this user may read it',
  });
}
