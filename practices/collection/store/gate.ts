/** Statements on what the gate found, by day. */
import type { Statements } from '#platform/db';

export type CountRow = Readonly<{
  day: string;
  collection: string;
  field: string;
  finding: string;
  mode: string;
  outcome: string;
  would: string;
  times: number;
}>;

export async function addCounts(db: Statements, rows: readonly CountRow[]): Promise<void> {
  const column = (name: keyof CountRow): string[] => rows.map((row) => String(row[name]));
  await db`
    insert into collection.gate_counts (day, collection, field, finding, mode, outcome, would, times)
    select * from unnest(${column('day')}::date[], ${column('collection')}::text[], ${column('field')}::text[], ${column('finding')}::text[],
      ${column('mode')}::text[], ${column('outcome')}::text[], ${column('would')}::text[], ${column('times')}::bigint[])
    on conflict (day, collection, field, finding, mode, outcome, would)
    do update set times = collection.gate_counts.times + excluded.times`;
}

/** Sums over the last days, today among them; the most frequent first. */
export async function sumCounts(db: Statements, since: string): Promise<Omit<CountRow, 'day'>[]> {
  const rows = await db<(Omit<CountRow, 'day' | 'times'> & { times: bigint })[]>`
    select collection, field, finding, mode, outcome, would, sum(times)::bigint as times
    from collection.gate_counts where day >= ${since}::date
    group by collection, field, finding, mode, outcome, would
    order by times desc, collection, field, finding limit 1000`;
  return rows.map((row) => ({ ...row, times: Number(row.times) }));
}

/** By day: how often it let through what enforce would not, and how often it acted. */
export async function countsByDay(
  db: Statements,
  since: string,
): Promise<{ day: string; would: number; did: number }[]> {
  const rows = await db<{ day: string; would: bigint; did: bigint }[]>`
    select day::text as day,
      coalesce(sum(times) filter (where outcome = 'passed' and would <> 'pass'), 0)::bigint as would,
      coalesce(sum(times) filter (where outcome <> 'passed'), 0)::bigint as did
    from collection.gate_counts where day >= ${since}::date group by day order by day`;
  return rows.map(({ day, would, did }) => ({ day, would: Number(would), did: Number(did) }));
}

export async function dropCountsBefore(db: Statements, day: string): Promise<void> {
  await db`delete from collection.gate_counts where day < ${day}::date`;
}
