/**
 * A pool whose statements are spans. A statement is named by what stands in the code, its verb and first table; its
 * parameters are never looked at.
 *
 * postgres.js 3.4 (src/query.js) sends a statement when `handle` is called and ends it by `resolve` or `reject`; a fragment
 * inside another statement is never handled, and so has no span.
 */
import type { Db, Tx } from '#platform/db';

import type { Traces } from './traces.ts';

type Query = { handle: () => unknown; resolve: (value: unknown) => unknown; reject: (thrown: unknown) => unknown };
type Call = (...args: unknown[]) => unknown;

export function watchDb(db: Db, traces: Pick<Traces, 'begin'>): Db {
  const names = new WeakMap<object, string>();
  const nameOf = (strings: readonly string[]): string => {
    const known = names.get(strings) ?? summaryOf(strings);
    names.set(strings, known);
    return known;
  };
  const watchQuery = (made: unknown, summary: string): unknown => {
    const query = made as Query;
    const { handle, resolve, reject } = query;
    let end: ReturnType<Traces['begin']> = null;
    let begun = false;
    query.handle = () => {
      if (!begun) end = traces.begin(`db ${summary}`, { 'db.system.name': 'postgresql', 'db.query.summary': summary });
      begun = true;
      return handle.call(query);
    };
    query.resolve = (value) => {
      end?.();
      return resolve(value);
    };
    query.reject = (thrown) => {
      end?.(thrown);
      return reject(thrown);
    };
    return made;
  };
  const watch = <T extends Db | Tx>(sql: T): T =>
    new Proxy(sql, {
      apply: (target, self, args: unknown[]) => {
        const made = Reflect.apply<unknown, unknown[], unknown>(target as Call, self, args);
        const [first] = args;
        return Array.isArray(first) && 'raw' in first ? watchQuery(made, nameOf(first as string[])) : made;
      },
      get: (target, name) => {
        const found = Reflect.get(target, name) as unknown;
        if (name === 'unsafe') return (...args: unknown[]) => watchQuery((found as Call)(...args), 'statement');
        if (name !== 'begin' && name !== 'savepoint') return found;
        return (...args: unknown[]) => {
          const work = args.pop() as (tx: Tx) => unknown;
          return (found as Call)(...args, (tx: Tx) => work(watch(tx)));
        };
      },
    });
  return watch(db);
}

/** `select vault.records`, of the text between the parameters: all of it is code. */
function summaryOf(strings: readonly string[]): string {
  const text = strings.join(' ');
  const verb = /^\s*(?:--[^\n]*\n\s*)*([a-z]{2,12})\b/i.exec(text)?.[1]?.toLowerCase() ?? 'statement';
  const table = /\b(?:from|into|update|table)\s+([a-z_]{1,40}\.[a-z_]{1,40})\b/i.exec(text)?.[1];
  return table === undefined ? verb : `${verb} ${table}`;
}
