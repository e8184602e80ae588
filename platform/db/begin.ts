/**
 * One transaction on one connection, also when that connection is lost in the middle.
 *
 * postgres.js 3.4 (connection.js, index.js) connects a lost connection anew in the same place, for whoever comes next. A
 * statement, rollback or commit that the transaction before sends there afterwards would be the next one's, or, as
 * long as there is no socket, an exception that ends the process. So once the connection is lost the work's statements are refused
 * here, and its end is never told to postgres.js, which has given the transaction up by itself.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import type { Db, Tx } from './connection.ts';

/** How long the end of a connection may take to arrive after the error that announced it. */
const ANNOUNCED_MS = 1000;
/** Of the driver, and of a socket (errno(3)); what else a work may throw, a file that is not there, tells nothing of the connection. */
const LOSS =
  /^(CONNECTION_|CONNECT_TIMEOUT$|(ECONN(RESET|ABORTED|REFUSED)|EPIPE|ENOTCONN|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|ENETRESET)$)/;

export async function begin<T>(db: Db, mode: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  const state = { lost: false };
  const gone = Promise.withResolvers<void>();
  const begun = db.begin(mode, async (tx) => {
    try {
      const result = await work(refusingWhen(tx, () => state.lost));
      // boxed: postgres.js would otherwise await the members of an array that work returns
      if (!state.lost) return { result };
    } catch (thrown) {
      if (tellsOfLoss(thrown)) await Promise.race([gone.promise, sleep(ANNOUNCED_MS, undefined, { ref: false })]);
      if (!state.lost) throw thrown;
    }
    return new Promise<never>(() => {});
  }) as Promise<{ result: T }>;
  try {
    return (await begun).result;
  } finally {
    state.lost = true;
    gone.resolve();
  }
}

/** The same transaction, whose statements are refused once it is over. */
function refusingWhen(tx: Tx, isOver: () => boolean): Tx {
  const refuse = (): void => {
    if (isOver())
      throw Object.assign(new Error('the connection of this transaction was lost'), { code: 'CONNECTION_CLOSED' });
  };
  return new Proxy(tx, {
    apply: (target, self, args) => {
      refuse();
      return Reflect.apply<unknown, unknown[], unknown>(target, self, args);
    },
    get: (target, name) => {
      refuse();
      return Reflect.get(target, name) as unknown;
    },
  });
}

/** PostgreSQL says FATAL before it closes a connection; the socket's own errors have a code of Node or postgres.js. */
function tellsOfLoss(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { code, severity } = thrown as { code?: unknown; severity?: unknown };
  if (severity === 'FATAL' || severity === 'PANIC') return true;
  if (typeof code === 'string' && LOSS.test(code)) return true;
  return tellsOfLoss(thrown.cause);
}
