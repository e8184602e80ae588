/** Statements on key rings: locked in one order before a write, counted, put in and changed. */
import { hasCitus, type Statements } from '#platform/db';
import type { SubjectId } from '#platform/ids';

import type { Consents } from '../consents.ts';
import type { StoredRing } from '../subject-keys.ts';
import { hex, type RecordRow } from './records.ts';

export type RingRow = Readonly<{ subjectId: SubjectId; ring: StoredRing }>;

/** As the row is once it is locked. Of other tables the statement that waited says what was before: they are asked afterwards. */
export type LockedRing = Readonly<{ ring: StoredRing; consents: Consents | null }>;

type LockedRow = Pick<RecordRow, 'subject_id' | 'epoch' | 'ring' | 'second_epoch' | 'second_ring' | 'consents'>;

/** So many statements are sent at once: more of them wait in the driver, and cost more each. */
const LOCKS_AT_ONCE = 50;

/**
 * Key rings of living subjects, locked against a shred until the transaction ends. In their order, so that no two transactions wait
 * for each other. On Citus each by a statement with `=`: rows of several nodes are not locked by one (docs/scaling.md).
 */
export async function lockRings(tx: Statements, subjectIds: readonly SubjectId[]): Promise<Map<SubjectId, LockedRing>> {
  const wanted = [...new Set(subjectIds)].toSorted();
  const held = new Map<SubjectId, LockedRing>();
  const rows = wanted.length > 1 && !(await hasCitus(tx)) ? await lockAtOnce(tx, wanted) : await lockEach(tx, wanted);
  for (const row of rows) {
    const ring = { epoch: row.epoch, first: row.ring, secondEpoch: row.second_epoch, second: row.second_ring };
    held.set(row.subject_id, { ring, consents: row.consents });
  }
  return held;
}

async function lockEach(tx: Statements, wanted: readonly SubjectId[]): Promise<LockedRow[]> {
  const rows: LockedRow[] = [];
  for (let at = 0; at < wanted.length; at += LOCKS_AT_ONCE) {
    const locked = wanted.slice(at, at + LOCKS_AT_ONCE).map(
      (id) => tx<LockedRow[]>`
        select subject_id, epoch, ring, second_epoch, second_ring, consents from vault.keyrings
        where subject_id = ${id} for no key update`,
    );
    rows.push(...(await Promise.all(locked)).flat());
  }
  return rows;
}

/** Locked in the order that they are sorted in: PostgreSQL locks after it has sorted. */
const lockAtOnce = (tx: Statements, wanted: readonly SubjectId[]) => tx<LockedRow[]>`
  select subject_id, epoch, ring, second_epoch, second_ring, consents from vault.keyrings
  where subject_id = any(${[...wanted]}::uuid[]) order by subject_id for no key update`;

/** Of these subjects, those whose processing is restricted. INVARIANT: before a write it is asked after their rings are locked. */
export async function restrictedOf(tx: Statements, ids: readonly SubjectId[]): Promise<ReadonlySet<SubjectId>> {
  if (ids.length === 0) return new Set();
  const rows = await tx<{ subject_id: SubjectId }[]>`
    select subject_id from vault.restrictions where subject_id = any(${[...ids]}::uuid[])`;
  return new Set(rows.map(({ subject_id }) => subject_id));
}

export type NewRing = RingRow & Readonly<{ seals: number }>;

export async function insertRings(tx: Statements, rows: readonly NewRing[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into vault.keyrings (subject_id, epoch, ring, second_epoch, second_ring, seals)
    select s, e, decode(r, 'hex'), se, decode(sr, 'hex'), n
    from unnest(${rows.map((row) => row.subjectId)}::uuid[], ${rows.map((row) => row.ring.epoch)}::int[],
      ${hex(rows.map((row) => row.ring.first))}::text[], ${rows.map((row) => row.ring.secondEpoch)}::int[],
      ${rows.map((row) => row.ring.second?.toString('hex') ?? null)}::text[], ${rows.map((row) => row.seals)}::bigint[]) as t (s, e, r, se, sr, n)`;
}

export async function updateRing(tx: Statements, { subjectId, ring }: RingRow, seals: number): Promise<void> {
  await tx`
    update vault.keyrings
    set epoch = ${ring.epoch}, ring = ${ring.first}, second_epoch = ${ring.secondEpoch}, second_ring = ${ring.second}, seals = seals + ${seals}
    where subject_id = ${subjectId}`;
}

export async function countSeals(tx: Statements, subjectId: SubjectId, seals: number): Promise<bigint> {
  const [row] = await tx<{ seals: bigint }[]>`
    update vault.keyrings set seals = seals + ${seals} where subject_id = ${subjectId} returning seals`;
  return row?.seals ?? 0n;
}
