/**
 * One server per home. The lock is SQLite's lock on a file: the kernel lets go of it when the process dies, however it
 * dies, and Node has no other door to one.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { dbFailure } from './failures.ts';

/** @returns lets go of the home @throws DB_HOME_IN_USE with the holder's pid, DB_HOME */
export function lockHome(home: string): () => void {
  const holder = join(home, 'postgres.holder');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(home, 'postgres.lock'));
    lock.exec('PRAGMA busy_timeout = 0');
    lock.exec('BEGIN EXCLUSIVE');
    writeFileSync(holder, `${process.pid}\n`, { mode: 0o600 });
  } catch (cause) {
    lock?.close();
    // SQLITE_BUSY
    if ((cause as { errcode?: number }).errcode !== 5) {
      throw dbFailure('HOME', { detail: `${home} cannot be locked`, cause });
    }
    const pid = readHolder(holder);
    throw dbFailure('HOME_IN_USE', {
      detail: `${home} is in use by ${pid === null ? 'another process' : `process ${pid}`}`,
      extra: { pid },
    });
  }
  return () => {
    rmSync(holder, { force: true });
    lock.close();
  };
}

function readHolder(path: string): number | null {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10) || null;
  } catch {
    // the holder has the lock and is about to write its name
    return null;
  }
}
