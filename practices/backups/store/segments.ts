/** Statements on segments; each is a run, so that what it put into stores is journalled and swept like any other's. */
import { transact, type Db, type Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import { noteManifest, type NotedManifest, type SignedRun } from './journal.ts';

export type SegmentRow = Readonly<{
  run_id: Uuid;
  timeline: Uuid;
  seq: bigint;
  from_lsn: string;
  to_lsn: string;
  newest_xid: bigint;
  first_at: Date;
  last_at: Date;
  transactions: number;
  changes: bigint;
}>;

const COLUMNS = ['run_id', 'timeline', 'seq', 'newest_xid', 'first_at', 'last_at', 'transactions', 'changes'] as const; // prettier-ignore

/** The newest that is in the stores. */
export async function newestSegment(db: Statements, timeline: Uuid): Promise<SegmentRow | null> {
  const [row] = await db<SegmentRow[]>`
    select ${db(COLUMNS.map((name) => `s.${name}`))}, s.from_lsn::text, s.to_lsn::text from backups.segments s join backups.runs r using (run_id)
    where s.timeline = ${timeline} and r.state = 'done' order by s.seq desc limit 1`;
  return row ?? null;
}

export type SegmentView = Readonly<{ segments: number; bytes: number; firstAt: Date | null; lastAt: Date | null }>;

/** Of one time line, as far as its segments are kept. */
export async function segmentsOf(db: Statements, timeline: Uuid): Promise<SegmentView> {
  const [row] = await db<SegmentView[]>`
    select count(*)::int as segments, coalesce(sum(r.sealed_bytes), 0)::float8 as bytes, min(first_at) as "firstAt", max(last_at) as "lastAt"
    from backups.segments s join backups.runs r using (run_id)
    where s.timeline = ${timeline} and r.state = 'done' and r.pruned_at is null`;
  return row as SegmentView;
}

export async function listSegments(db: Statements, limit: number): Promise<(SegmentRow & { sealed_bytes: bigint })[]> {
  return [
    ...(await db<(SegmentRow & { sealed_bytes: bigint })[]>`
      select ${db(COLUMNS.map((name) => `s.${name}`))}, s.from_lsn::text, s.to_lsn::text, r.sealed_bytes
      from backups.segments s join backups.runs r using (run_id)
      where r.state = 'done' and r.pruned_at is null order by s.seq desc limit ${limit}`),
  ];
}

/** Signed, and what is in it, at once. @returns false when the run was given up */
export async function noteSegment(db: Db, noted: NotedManifest, row: SegmentRow): Promise<boolean> {
  return transact(db, async (tx) => {
    if (!(await noteManifest(tx, row.run_id, noted))) return false;
    await tx`
      insert into backups.segments (run_id, timeline, seq, from_lsn, to_lsn, newest_xid, first_at, last_at, transactions, changes)
      values (${row.run_id}, ${row.timeline}, ${String(row.seq)}::bigint, ${row.from_lsn}::text::pg_lsn, ${row.to_lsn}::text::pg_lsn,
        ${String(row.newest_xid)}::bigint, ${row.first_at}, ${row.last_at}, ${row.transactions}, ${String(row.changes)}::bigint)`;
    return true;
  });
}

export type SegmentRun = Pick<SignedRun, 'run_id' | 'seq' | 'previous' | 'manifest_name' | 'manifest' | 'manifest_sha256'>; // prettier-ignore

export async function findSegment(db: Statements, id: Uuid): Promise<SegmentRun> {
  const [row] = await db<SegmentRun[]>`
    select run_id, seq, previous, manifest_name, manifest, manifest_sha256 from backups.runs where run_id = ${id}`;
  return row as SegmentRun;
}

/** The one that somebody was at. INVARIANT: asked by whoever holds the lock on reading, so that somebody is gone. */
export async function unfinishedSegment(db: Statements): Promise<SegmentRun | null> {
  const [row] = await db<
    SegmentRun[]
  >`select run_id, seq, previous, manifest_name, manifest, manifest_sha256 from backups.runs where plane = 'segment' and state = 'running'`;
  return row ?? null;
}

/** It is in the stores, where it is read from: eight KiB each ten seconds are too much to keep here. */
export async function dropManifest(db: Statements, run: Uuid): Promise<void> {
  await db`update backups.runs set manifest = null where run_id = ${run} and state = 'done'`;
}

/** The first segment with anything that this snapshot does not see. */
export async function firstNeeded(db: Statements, timeline: Uuid, xmin: bigint): Promise<bigint> {
  const [row] = await db<{ seq: bigint }[]>`
    select coalesce(
      (select min(seq) from backups.segments where timeline = ${timeline} and newest_xid >= ${String(xmin)}::bigint),
      (select coalesce(max(seq), 0) + 1 from backups.runs where plane = 'segment' and state = 'done'))::bigint as seq`;
  return row?.seq ?? 1n;
}

/**
 * Segments behind this one that are older than `at` and still have objects of this prefix, in order. What the newest backups
 * need is never among them, nor the newest segment; keys are needed from the newest backup of keys on, whatever the data go on from.
 */
export async function segmentsBefore(
  db: Statements,
  { at, after, prefix, limit }: Readonly<{ at: Date; after: bigint; prefix: string; limit: number }>,
): Promise<{ run_id: Uuid; seq: bigint }[]> {
  return [
    ...(await db<{ run_id: Uuid; seq: bigint }[]>`
      select run_id, seq from backups.runs r where plane = 'segment' and state = 'done' and started_at < ${at} and seq > ${String(after)}::bigint
      and seq < (select min(needed) from (
        (select segments_from as needed from backups.runs where plane = 'data' and state = 'done' and ${prefix} <> 'key/' order by seq desc limit 1) union all
        (select segments_from from backups.runs where plane = 'key' and state = 'done' order by seq desc limit 1) union all
        (select max(seq) from backups.runs where plane = 'segment' and state = 'done')) n)
      and exists (select from backups.objects o where o.run_id = r.run_id and removed_at is null and starts_with(name, ${prefix}))
      order by seq limit ${limit}`),
  ];
}

/** Since when any time can be restored to: a backup of this time line, of whose segments none was taken away yet, was whole. */
export async function firstJoined(db: Statements, timeline: Uuid): Promise<Date | null> {
  const [row] = await db<{ at: Date | null }[]>`
    select min(finished_at) as at from backups.runs
    where plane = 'data' and state = 'done' and pruned_at is null and timeline = ${timeline}
      and segments_from > (select coalesce(max(seq), 0) from backups.runs where plane = 'segment' and pruned_at is not null)`;
  return row?.at ?? null;
}
