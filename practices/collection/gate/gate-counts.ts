/**
 * What the gate found, counted in memory and added to the day's rows every few seconds: names and kinds, never a value.
 *
 * As many counters as there are fields, kinds and outcomes: their number does not grow with what is stored. A server that is
 * killed loses the counts of its last few seconds, and no value with them.
 */
import type { Db } from '#platform/db';

import type { GateMode, GateRule } from '../catalog.ts';
import { addCounts, dropCountsBefore, type CountRow } from '../store/gate.ts';

export type Finding = Readonly<{
  collection: string;
  field: string;
  /** A type of the detectors, or `undeclared`, `type`, `purpose`, `purpose-ended`, `consent`, `precision`. */
  finding: string;
  mode: Exclude<GateMode, 'off'>;
  outcome: 'passed' | 'coarsened' | 'masked' | 'refused';
  /** What enforce does. */
  would: GateRule | 'coarsen';
}>;
export type CountFinding = (finding: Finding) => void;
export type GateCounts = Readonly<{
  count: CountFinding;
  /** @returns when all that was counted until now is in the database */
  flush: () => Promise<void>;
}>;

/** More than the longest report looks back. */
const KEPT_DAYS = 400;
/** Counters between two flushes; more are not kept apart any more. */
const MOST = 50_000;

export function createGateCounts(db: Db, clock: () => Date): GateCounts {
  let swept = '';
  let counters = new Map<string, { row: Finding; times: number }>();
  const add = (row: Finding, times: number): void => {
    const key = `${row.collection} ${row.field} ${row.finding} ${row.mode} ${row.outcome} ${row.would}`;
    const known = counters.get(key);
    if (known !== undefined) known.times += times;
    else if (counters.size < MOST) counters.set(key, { row, times });
  };
  const addTaken = async (): Promise<void> => {
    if (counters.size === 0) return;
    const taken = counters;
    counters = new Map();
    const day = clock().toISOString().slice(0, 10);
    const rows: CountRow[] = [...taken.entries()]
      // in one order on every server, so that two that add at once wait for each other
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { row, times }]) => ({ ...row, day, times }));
    try {
      await addCounts(db, rows);
    } catch (thrown) {
      for (const { row, times } of taken.values()) add(row, times);
      throw thrown;
    }
    if (day === swept) return;
    await dropCountsBefore(db, new Date(clock().getTime() - KEPT_DAYS * 86_400_000).toISOString().slice(0, 10));
    swept = day;
  };
  let last: Promise<void> = Promise.resolve();
  return {
    count: (finding) => add(finding, 1),
    flush: () => {
      // one after the other: what an earlier one has taken is there, too, when this one is done
      last = last.catch(() => undefined).then(addTaken);
      return last;
    },
  };
}
