/**
 * Group commit: what waits in this process goes in with one statement, and each caller is answered after its commit.
 *
 * Under load a batch fills while the one before it commits, so that the log is fast exactly when it must be. Callers
 * fail closed: nothing is released when the entry is not durable. After a connection is lost with the outcome unknown,
 * the log may hold an entry for a read that never left; never the other way round.
 */
import type { Db } from '#platform/db';

import { auditFailure } from './failures.ts';
import { appendEntries } from './store.ts';

const MOST = 1000;
const LONGEST_QUEUE = 20_000;

type Waiting = Readonly<{ bytes: Buffer; resolve: (index: bigint) => void; reject: (thrown: unknown) => void }>;

/** @returns append: gives the index of the entry once it is durable @throws AUDIT_UNAVAILABLE, AUDIT_OVERLOADED */
export function groupCommit(db: Db): (bytes: Buffer) => Promise<bigint> {
  const queue: Waiting[] = [];
  let busy = false;

  const drain = async (): Promise<void> => {
    busy = true;
    while (queue.length > 0) {
      const batch = queue.splice(0, MOST);
      try {
        const first = await appendEntries(
          db,
          batch.map((each) => each.bytes),
        );
        batch.forEach((each, i) => each.resolve(first + BigInt(i)));
      } catch (cause) {
        for (const each of batch) each.reject(auditFailure('UNAVAILABLE', { cause }));
      }
    }
    busy = false;
  };
  return (bytes) =>
    new Promise((resolve, reject) => {
      if (queue.length >= LONGEST_QUEUE) {
        reject(auditFailure('OVERLOADED'));
        return;
      }
      queue.push({ bytes, resolve, reject });
      if (!busy) setImmediate(() => (busy ? undefined : void drain()));
    });
}
