/** What the gate found in the last days, and what `enforce` would have done that the mode of then did not. */
import type { Db } from '#platform/db';

import type { Catalog, GateMode } from '../catalog.ts';
import { countsByDay, sumCounts, type CountRow } from '../store/gate.ts';
import { modeOf } from './gate.ts';

export type GateReport = Readonly<{
  /** First day of the report, YYYY-MM-DD. */
  since: string;
  collections: readonly Readonly<{ name: string; title: string; mode: GateMode }>[];
  /** How often a value passed that enforce had masked or refused. */
  wouldRefuse: number;
  /** The thousand most frequent. */
  counts: readonly Omit<CountRow, 'day'>[];
  days: readonly Readonly<{ day: string; would: number; did: number }>[];
}>;

/** @param days 1 to 366, today among them */
export async function readGateReport(db: Db, catalog: Catalog, days: number, now: Date): Promise<GateReport> {
  const since = new Date(now.getTime() - (days - 1) * 86_400_000).toISOString().slice(0, 10);
  const byDay = await countsByDay(db, since);
  return {
    since,
    collections: [...catalog.collections.values()].map((each) => ({
      name: each.name,
      title: each.title,
      mode: modeOf(each),
    })),
    wouldRefuse: byDay.reduce((sum, { would }) => sum + would, 0),
    counts: await sumCounts(db, since),
    days: byDay,
  };
}
