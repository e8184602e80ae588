/** Statements on long works and on what they sweep. */
import { isSilent, type Statements } from '#platform/db';
import type { RecordId, SubjectId, Uuid } from '#platform/ids';

import { RING_MARK_BYTES } from '../key-ring.ts';
import type { StoredRing } from '../subject-keys.ts';
import { BEFORE_ALL } from './records.ts';

export type WorkKind = 'epoch' | 'keys' | 'root' | 'index' | 'verify';
export type WorkRow = Readonly<{
  work_id: Uuid;
  what: WorkKind;
  state: 'running' | 'done' | 'failed';
  cursor: string | null;
  done: bigint;
  total: bigint;
  result: Record<string, unknown>;
  started_by: string;
  started_at: Date;
  finished_at: Date | null;
}>;

/** @returns the work; one that runs already is given back instead of a second one */
export async function startWork(
  db: Statements,
  workId: Uuid,
  what: WorkKind,
  total: bigint,
  actor: string,
): Promise<WorkRow> {
  await db`
    insert into vault.works (work_id, what, state, total, started_by, updated_at)
    values (${workId}, ${what}, 'running', ${String(total)}::bigint, ${actor}, 'epoch') on conflict do nothing`;
  const [row] = await db<WorkRow[]>`select * from vault.works where what = ${what} and state = 'running'`;
  return (row ?? (await findWork(db, workId))) as WorkRow;
}

export async function findWork(db: Statements, workId: Uuid): Promise<WorkRow | null> {
  const [row] = await db<WorkRow[]>`select * from vault.works where work_id = ${workId}`;
  return row ?? null;
}

/** @param which `ended`: one that is under way has shown nothing yet */
export async function newestWork(
  db: Statements,
  what: WorkKind,
  which: 'any' | 'ended' = 'any',
): Promise<WorkRow | null> {
  const [row] = await db<WorkRow[]>`
    select * from vault.works
    where what = ${what} and (${which} = 'any' or state <> 'running')
    order by started_at desc limit 1`;
  return row ?? null;
}

/**
 * Works whose time has come: a verification when none was begun for so long, a rotation when the current epoch is so old.
 * A new installation begins to count when it is made. Zero is never.
 */
export async function findDue(
  db: Statements,
  { verifyHours, epochDays }: { verifyHours: number; epochDays: number },
): Promise<('epoch' | 'verify')[]> {
  const rows = await db<{ what: 'epoch' | 'verify' }[]>`
    select 'epoch' as what from vault.epochs
    where ${epochDays} > 0 and use = 'data' and state = 'current' and created_at < now() - make_interval(days => ${epochDays})
      and not exists (select from vault.works where what = 'epoch' and state = 'running')
    union all
    select 'verify' from vault.installation
    where ${verifyHours} > 0 and created_at < now() - make_interval(hours => ${verifyHours})
      and not exists (select from vault.works where what = 'verify'
        and (state = 'running' or started_at between now() - make_interval(hours => ${verifyHours}) and now()))`;
  return rows.map(({ what }) => what);
}

export async function listWorks(db: Statements): Promise<WorkRow[]> {
  return db<WorkRow[]>`select * from vault.works order by started_at desc limit 100`;
}

/**
 * Takes a running work that nobody has touched for `leaseMs`: a killed server's work goes on elsewhere.
 * @param dropped works that this server itself had and had to let go: nobody else's lease is on them
 */
export async function claimWork(db: Statements, leaseMs: number, dropped: readonly Uuid[]): Promise<WorkRow | null> {
  const [row] = await db<WorkRow[]>`
    update vault.works set updated_at = now()
    where work_id = (
      select work_id from vault.works
      where state = 'running'
        and (${isSilent(db, 'updated_at', leaseMs / 1000)} or work_id = any(${[...dropped]}::uuid[]))
      order by started_at limit 1 for update skip locked)
    returning *`;
  return row ?? null;
}

/** Ends this lease, so that another server goes on at once: every slice may run twice. */
export async function handBack(db: Statements, workId: Uuid): Promise<void> {
  await db`update vault.works set updated_at = 'epoch' where work_id = ${workId} and state = 'running'`;
}

/** Ends all leases: for a server that is alone on its database, and starts. */
export async function endLeases(db: Statements): Promise<void> {
  await db`update vault.works set updated_at = 'epoch' where state = 'running'`;
}

/**
 * Keeps how far a work has come, and that it is alive.
 * @param from where this server read the cursor, when it matters; result replaces the one before
 * @returns false when another server has taken the work up meanwhile: it goes on there
 */
export async function advanceWork(
  db: Statements,
  workId: Uuid,
  { from, cursor, done, result }: { from?: string | null; cursor: string | null; done: number; result?: object },
): Promise<boolean> {
  const moved = await db`
    update vault.works
    set cursor = ${cursor}, done = done + ${done}, updated_at = now(),
      result = coalesce(${result === undefined ? null : JSON.stringify(result)}::text::jsonb, result)
    where work_id = ${workId} and state = 'running' and (${from === undefined} or cursor is not distinct from ${from ?? null})`;
  return moved.count === 1;
}

/** Says that somebody is at work on it. */
export async function renewLease(db: Statements, workId: Uuid): Promise<void> {
  await db`update vault.works set updated_at = now() where work_id = ${workId} and state = 'running'`;
}

/** A work that cannot go on from its cursor begins again. */
export async function restartWork(db: Statements, workId: Uuid, total: bigint): Promise<void> {
  await db`
    update vault.works set cursor = null, done = 0, total = ${String(total)}::bigint, result = '{}', updated_at = now()
    where work_id = ${workId} and state = 'running'`;
}

export async function finishWork(
  db: Statements,
  workId: Uuid,
  state: 'done' | 'failed',
  result: object,
): Promise<void> {
  await db`
    update vault.works set state = ${state}, result = ${JSON.stringify(result)}::text::jsonb, finished_at = now(), updated_at = now()
    where work_id = ${workId} and state = 'running'`;
}

export async function countRings(db: Statements): Promise<bigint> {
  const [row] = await db<{ n: bigint }[]>`select count(*) as n from vault.keyrings`;
  return row?.n ?? 0n;
}

export async function countRecords(db: Statements): Promise<bigint> {
  const [row] = await db<{ n: bigint }[]>`select count(*) as n from vault.records`;
  return row?.n ?? 0n;
}

type RingRow = {
  subject_id: SubjectId;
  epoch: number;
  ring: Buffer;
  second_epoch: number | null;
  second_ring: Buffer | null;
};

export type HeldRing = Readonly<{ subjectId: SubjectId; ring: StoredRing }>;
export type RingSwap = Readonly<{ subjectId: SubjectId; from: StoredRing; to: StoredRing }>;

/** Rings in key order. @param after exclusive */
export async function pageOfRings(db: Statements, after: string | null, limit: number): Promise<HeldRing[]> {
  const rows = await db<RingRow[]>`
    select subject_id, epoch, ring, second_epoch, second_ring from vault.keyrings
    where subject_id > ${after ?? BEFORE_ALL}::uuid
    order by subject_id limit ${limit}`;
  return rows.map((row) => ({
    subjectId: row.subject_id,
    ring: { epoch: row.epoch, first: row.ring, secondEpoch: row.second_epoch, second: row.second_ring },
  }));
}

/**
 * Swaps rings for the same keys wrapped anew, each only where nobody changed it meanwhile: two wrappings never share the
 * commitment in their heads, so the rest is not sent.
 * @returns how many were swapped; the others are newer than what was read, and wrapped by a writer under the current epoch
 */
export async function swapRings(db: Statements, swaps: readonly RingSwap[]): Promise<number> {
  const swapped = await db`
    update vault.keyrings k
    set epoch = t.epoch, ring = decode(t.ring, 'hex'), second_epoch = t.second_epoch, second_ring = decode(t.second_ring, 'hex')
    from unnest(${swaps.map((each) => each.subjectId)}::uuid[], ${swaps.map((each) => each.from.first.toString('hex', 0, RING_MARK_BYTES))}::text[],
      ${swaps.map((each) => each.to.epoch)}::int[], ${swaps.map((each) => each.to.first.toString('hex'))}::text[],
      ${swaps.map((each) => each.to.secondEpoch)}::int[], ${swaps.map((each) => each.to.second?.toString('hex') ?? null)}::text[])
      as t (subject_id, old_head, epoch, ring, second_epoch, second_ring)
    where k.subject_id = t.subject_id and substring(k.ring for ${RING_MARK_BYTES}::int) = decode(t.old_head, 'hex')`;
  return swapped.count;
}

export async function recordIdsOf(db: Statements, subjects: readonly SubjectId[]): Promise<RecordId[]> {
  const rows = await db<{ subject_id: SubjectId; record_no: bigint }[]>`
    select subject_id, record_no from vault.records where subject_id = any(${[...subjects]}::uuid[]) order by subject_id, record_no`;
  return rows.map((row) => ({ subjectId: row.subject_id, recordNo: row.record_no }));
}

export type Counts = Readonly<{
  subjects: bigint;
  records: bigint;
  tokens: bigint;
  restricted: bigint;
  erased: bigint;
}>;
export async function counts(db: Statements): Promise<Counts> {
  const [row] = await db<Counts[]>`
    select (select count(*) from vault.keyrings) as subjects, (select count(*) from vault.records) as records,
      (select count(*) from vault.tokens) as tokens, (select count(*) from vault.restrictions) as restricted,
      (select count(*) from vault.tombstones) as erased`;
  return row as Counts;
}
