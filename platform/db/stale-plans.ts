/**
 * A statement whose plan is stale, because a newer server has added a column meanwhile, is asked anew here.
 *
 * postgres.js 3.4 does that by itself (connection.js, `retry`), and wrongly twice. It describes the statement first but
 * lets others follow on the same connection, so that their answers are taken for its own, and its own for theirs. And it
 * writes parameters that are written already, so that bytes and JSON are stored as the text of themselves. So what it
 * is about to do is kept from it: PostgreSQL has not run the statement, and a new one goes the ordinary way.
 */
import type postgres from 'postgres';

import type { Db } from './connection.ts';

type Handler = ((query: unknown) => void) & { isPool?: boolean };
/** What the driver keeps of a statement, as far as it is needed here. */
type Query = postgres.PendingQuery<postgres.Row[]> & {
  handler: Handler;
  strings: TemplateStringsArray;
  args: unknown[];
  canceller: unknown;
  options: object;
  isRaw: boolean | 'values' | undefined;
  forEachFn: unknown;
  cursorFn?: unknown;
  cancelled: unknown;
  resolve: (rows: unknown) => void;
  reject: (error: unknown) => void;
  constructor: new (strings: TemplateStringsArray, args: unknown[], handler: Handler, canceller: unknown, options: object) => Query; // prettier-ignore
};

/** Once for each pool. */
export function askStaleAnew(db: Db): void {
  // a statement that is never sent
  const probe = db`select` as unknown as Query;
  probe.handler.isPool = true;
  Object.defineProperty(Object.getPrototypeOf(probe), 'retried', {
    configurable: true,
    get: () => undefined,
    // the first thing that the driver does when it is about to run one again
    set(this: Query, error: unknown) {
      // it is then not sent
      this.cancelled = true;
      // of a transaction nothing goes on: `transact` begins it again. Who reads with a cursor is told.
      if (this.handler.isPool === true && this.cursorFn === undefined) anew(this);
      else this.reject(error);
    },
  });
}

function anew(stale: Query): void {
  const query = new stale.constructor(stale.strings, stale.args, stale.handler, stale.canceller, stale.options);
  query.isRaw = stale.isRaw;
  query.forEachFn = stale.forEachFn;
  query.then(stale.resolve, stale.reject);
}
