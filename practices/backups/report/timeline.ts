/** What happened, as points on a line of time: backups of each plane, restores that were tried, erasures. */
import type { Db } from '#platform/db';

import { drillsSince, erasuresByHour, runsSince, segmentsByHour } from '../store/timeline.ts';

export type PointKind = 'data' | 'key' | 'segment' | 'drill' | 'erasure';
export type Point = Readonly<{
  kind: PointKind;
  at: Date;
  outcome: 'done' | 'failed' | 'running';
  /** How long it took; of a drill the measured RTO. */
  seconds: number | null;
  /** What would have been lost just before this backup, or these segments, were there: the RPO as measured, at its worst. */
  exposedSeconds: number | null;
  /** Number of a backup; how many segments, or erased persons, in that hour. */
  count: number;
}>;

const secondsBetween = (from: Date, to: Date): number => Math.max(0, (to.getTime() - from.getTime()) / 1000);
const tenth = (seconds: number): number => Math.round(seconds * 10) / 10;

/** @returns the oldest first */
export async function timeline(db: Db, days: number): Promise<Point[]> {
  const runs = (await runsSince(db, days)).map(({ plane, state, seq, started_at: at, finished_at: end, before }): Point => ({
    kind: plane, at, outcome: state, count: Number(seq),
    seconds: end === null ? null : tenth(secondsBetween(at, end)),
    exposedSeconds: state !== 'done' || end === null || before === null ? null : tenth(secondsBetween(before, end)),
  })); // prettier-ignore
  const drills = (await drillsSince(db, days)).map(({ at, passed, backup_seq: seq, attestation }): Point => ({
    kind: 'drill', at, outcome: passed ? 'done' : 'failed', count: Number(seq), seconds: Number(attestation.seconds ?? 0), exposedSeconds: null,
  })); // prettier-ignore
  const erasures = (await erasuresByHour(db, days)).map(({ at, count }): Point => ({
    kind: 'erasure', at, outcome: 'done', count, seconds: null, exposedSeconds: null,
  })); // prettier-ignore
  const segments = (await segmentsByHour(db, days)).map(({ at, count, exposed }): Point => ({
    kind: 'segment', at, outcome: 'done', count, seconds: null, exposedSeconds: tenth(Math.max(0, exposed)),
  })); // prettier-ignore
  return [...runs, ...segments, ...drills, ...erasures].toSorted((a, b) => a.at.getTime() - b.at.getTime());
}
