/** Counts and order-free sums of every table that a restore gives back, so that two databases can be compared. */
import { openDb, startEmbedded } from '#platform/db';
import { LEFT_OUT, PLANES } from '#practices/backups';

export type Sums = Readonly<Record<string, string>>;

/** What a restore writes into by itself: its own entry of the log, and what a system that begins notes. */
const GOES_ON = /^(audit|backups)\./;

export async function sumsOf(url: Parameters<typeof openDb>[0]): Promise<Sums> {
  const db = openDb(url, { connections: 1, statementTimeoutMs: 0 });
  try {
    await db`select set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO, YMD', false), set_config('bytea_output', 'hex', false)`;
    const sums: Record<string, string> = {};
    for (const [table, plane] of PLANES) {
      if (GOES_ON.test(table) || (plane !== 'data' && table !== 'vault.keyrings')) continue;
      const columns = await db<{ name: string }[]>`
        select quote_ident(attname) as name from pg_attribute
        where attrelid = ${table}::text::regclass and attnum > 0 and not attisdropped
        and attname <> all(${[...(LEFT_OUT.get(table) ?? [])]}::text[]) order by attname`;
      const [row] = await db.unsafe<{ n: string; sum: string }[]>(
        `select count(*)::text as n, coalesce(sum(('x' || left(md5(row(${columns.map(({ name }) => name).join()})::text), 15))::bit(60)::bigint::numeric), 0)::text as sum from ${table}`,
      );
      sums[table] = `${row?.n} rows, ${row?.sum}`;
    }
    return sums;
  } finally {
    await db.end();
  }
}

/** Of a home that was restored into, and stopped again. */
export async function sumsOfHome(home: string): Promise<Sums> {
  const embedded = await startEmbedded({ home });
  try {
    return await sumsOf(embedded.address);
  } finally {
    await embedded.stop();
  }
}

/** What is counted while it is backed up goes on: those that were the same before and after. @throws when customers' rows moved */
export function unmoved(before: Sums, after: Sums): Sums {
  const moved = Object.keys(after).filter((table) => before[table] !== after[table]);
  const customers = moved.filter((table) => table.startsWith('vault.'));
  if (customers.length > 0) throw new Error(`somebody wrote meanwhile: ${customers.join()}`);
  return Object.fromEntries(Object.entries(after).filter(([table]) => !moved.includes(table)));
}

/** @throws Error that names the tables which differ */
export function compareSums(source: Sums, found: Sums): void {
  const differ = Object.keys(source).filter((table) => source[table] !== found[table]);
  if (differ.length > 0)
    throw new Error(`the restored differs: ${differ.map((table) => `${table}: ${source[table]} became ${found[table]}`).join('; ')}`); // prettier-ignore
}
