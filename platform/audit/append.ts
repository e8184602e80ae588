/**
 * Group commit: what waits in this process goes in with one statement, and each caller is answered after its commit.
 *
 * Under load a batch fills while the one before it commits, so that the log is fast exactly when it must be. Callers
 * fail closed: nothing is released when the entry is not durable. After a connection is lost or slow with the outcome
 * unknown, the log may hold an entry for a read that never left; never the other way round.
 */
import type { Db } from '#platform/db';

import { auditFailure } from './failures.ts';
import { appendEntries } from './store.ts';

type Limits = Readonly<{
  batchEntries?: number;
  batchBytes?: number;
  /** Beyond either of these a caller is turned away at once. */
  waitingEntries?: number;
  waitingBytes?: number;
  /** Longest time of one batch: more than a statement may take, so that it ends only what no longer answers. */
  timeoutMs?: number;
  /** Told of each batch, once it is durable or failed. */
  onBatch?: OnBatch;
}>;
export type OnBatch = (of: Readonly<{ entries: number; ms: number; durable: boolean }>) => void;
type Waiting = Readonly<{ bytes: Buffer; resolve: (index: bigint) => void; reject: (thrown: unknown) => void }>;

const MIB = 2 ** 20;

/** @returns append: gives the index of the entry once it is durable @throws AUDIT_UNAVAILABLE, AUDIT_OVERLOADED */
export function groupCommit(db: Db, limits: Limits = {}): (bytes: Buffer) => Promise<bigint> {
  const { batchEntries = 1000, batchBytes = 4 * MIB } = limits;
  const { waitingEntries = 20_000, waitingBytes = 64 * MIB, timeoutMs = 40_000, onBatch = () => {} } = limits;
  const queue: Waiting[] = [];
  let queuedBytes = 0;
  let busy = false;

  const take = (): Waiting[] => {
    let [count, bytes] = [0, 0];
    for (const each of queue) {
      if (count === batchEntries || (count > 0 && bytes + each.bytes.length > batchBytes)) break;
      count += 1;
      bytes += each.bytes.length;
    }
    queuedBytes -= bytes;
    return queue.splice(0, count);
  };
  const takeAll = (): Waiting[] => {
    queuedBytes = 0;
    return queue.splice(0);
  };
  const drain = async (): Promise<void> => {
    busy = true;
    while (queue.length > 0) {
      const batch = take();
      const began = performance.now();
      let durable = false;
      try {
        const put = appendEntries(
          db,
          batch.map((each) => each.bytes),
        );
        const first = await within(timeoutMs, put);
        if (first === 'late') {
          // those behind would only wait as long again, each batch after the other
          for (const each of [...batch, ...takeAll()]) each.reject(auditFailure('UNAVAILABLE'));
        } else {
          durable = true;
          batch.forEach((each, i) => each.resolve(first + BigInt(i)));
        }
      } catch (cause) {
        for (const each of batch) each.reject(auditFailure('UNAVAILABLE', { cause }));
      }
      try {
        onBatch({ entries: batch.length, ms: performance.now() - began, durable });
      } catch {
        // whoever counts keeps nobody from writing
      }
    }
    busy = false;
  };
  return (bytes) =>
    new Promise((resolve, reject) => {
      if (queue.length >= waitingEntries || (queue.length > 0 && queuedBytes + bytes.length > waitingBytes)) {
        reject(auditFailure('OVERLOADED'));
        return;
      }
      queue.push({ bytes, resolve, reject });
      queuedBytes += bytes.length;
      if (!busy) setImmediate(() => (busy ? undefined : void drain()));
    });
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T | 'late'> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(resolve, timeoutMs, 'late');
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
