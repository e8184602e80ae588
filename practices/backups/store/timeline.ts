/** Statements on what happened to backups over time, for pages that show it; bounded by days and by rows. */
import type { Statements } from '#platform/db';

import type { DrillRow } from './drills.ts';
import type { RunPlane } from './journal.ts';

export type RunPoint = Readonly<{
  plane: RunPlane;
  state: 'running' | 'done' | 'failed';
  seq: bigint;
  started_at: Date;
  finished_at: Date | null;
  because: string | null;
  /** When the one before it, of this plane, began. */
  before: Date | null;
}>;

const MOST = 2000;

/** The oldest first. */
export async function runsSince(db: Statements, days: number): Promise<RunPoint[]> {
  // the one before is looked for before the days are cut off
  const rows = await db<RunPoint[]>`
    select * from (
      select plane, state, seq, started_at, finished_at, because, max(started_at) filter (where state = 'done')
        over (partition by plane order by started_at rows between unbounded preceding and 1 preceding) as before
      from backups.runs where plane in ('data', 'key')) as r
    where started_at > now() - make_interval(days => ${days}) order by started_at desc limit ${MOST}`;
  return [...rows].toReversed();
}

export async function drillsSince(db: Statements, days: number): Promise<DrillRow[]> {
  const rows = await db<DrillRow[]>`
    select * from backups.drills where at > now() - make_interval(days => ${days}) order by at desc limit ${MOST}`;
  return [...rows].toReversed();
}

/** How many were forgotten in each hour: of whom, the ledger does not know. */
export async function erasuresByHour(db: Statements, days: number): Promise<{ at: Date; count: number }[]> {
  const rows = await db<{ at: Date; count: number }[]>`
    select date_trunc('hour', at) as at, count(*)::int as count from backups.ledger
    where what = 'erasure' and at > now() - make_interval(days => ${days}) group by 1 order by 1 desc limit ${MOST}`;
  return [...rows].toReversed();
}

/** Of each hour: how many segments, and the longest from a commit to its segment in the stores. */
export async function segmentsByHour(db: Statements, days: number): Promise<{ at: Date; count: number; exposed: number }[]> {
  const rows = await db<{ at: Date; count: number; exposed: number }[]>`
    select date_trunc('hour', r.finished_at) as at, count(*)::int as count,
      max(extract(epoch from r.finished_at - s.first_at))::float8 as exposed
    from backups.segments s join backups.runs r using (run_id)
    where r.state = 'done' and r.finished_at > now() - make_interval(days => ${days})
    group by 1 order by 1 desc limit ${MOST}`;
  return [...rows].toReversed();
} // prettier-ignore
