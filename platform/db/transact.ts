/**
 * Transactions, with the one place where a collision is tried again.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { begin } from './begin.ts';
import type { Db, Tx } from './connection.ts';
import { dbFailure } from './failures.ts';

export type TransactOptions = Readonly<{
  isolation?: 'read committed' | 'repeatable read' | 'serializable';
  access?: 'read write' | 'read only';
  /** Tries in all. */
  attempts?: number;
  /** 0 ≤ x < 1, for the pause between tries. */
  random?: () => number;
}>;

/** serialization_failure, deadlock_detected: PostgreSQL has rolled back, and the same work may succeed now. */
const COLLISIONS = new Set(['40001', '40P01']);
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 500;

/**
 * Runs `work` in one transaction. It may run several times, so it must do nothing that a rollback does not undo.
 *
 * A connection lost at commit is not tried again: whether it committed is not known.
 * @throws DB_CONTENTION after `attempts` collisions, each with a random pause of up to 5, 10, 20 … 500 ms between
 */
export async function transact<T>(db: Db, work: (tx: Tx) => Promise<T>, options: TransactOptions = {}): Promise<T> {
  const { isolation = 'read committed', access = 'read write', attempts = 8, random = Math.random } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await begin(db, `isolation level ${isolation} ${access}`, work);
    } catch (cause) {
      if (!isCollision(cause)) throw cause;
      if (attempt >= attempts) {
        throw dbFailure('CONTENTION', { detail: `the transaction collided ${attempts} times`, cause });
      }
      await sleep(random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
    }
  }
}

function isCollision(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { code = '', routine } = thrown as { code?: string; routine?: string };
  // a newer server has added a column meanwhile: what was prepared before is forgotten, and prepared anew the next time
  return COLLISIONS.has(code) || (code === '0A000' && routine === 'RevalidateCachedQuery');
}
