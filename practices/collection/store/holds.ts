/** Statements on legal holds. */
import type { Statements, Tx } from '#platform/db';
import type { SubjectId, Uuid } from '#platform/ids';

export type HoldState = 'requested' | 'active' | 'lifting' | 'released' | 'refused';
export type HoldRow = Readonly<{
  hold_id: Uuid;
  matter: string;
  subject_id: SubjectId | null;
  record_no: bigint | null;
  collection: string | null;
  field: string | null;
  reason: string;
  authority: string;
  role: string | null;
  from_at: Date;
  review_by: Date;
  state: HoldState;
  requested_by: string;
  requested_who: string;
  requested_at: Date;
  approved_by: string | null;
  approved_at: Date | null;
  lift_reason: string | null;
  lift_by: string | null;
  lift_who: string | null;
  lift_at: Date | null;
  released_by: string | null;
  released_at: Date | null;
}>;

/** Until the transaction ends no hold is placed or lifted. */
export async function shareGate(tx: Tx): Promise<void> {
  await tx`select from collection.hold_gate for share`;
}

/** Waits for everybody who takes something away, and keeps others from beginning to. */
export async function closeGate(tx: Tx): Promise<void> {
  await tx`select from collection.hold_gate for update`;
}

/** Holds that stand and may be about these subjects. */
export async function standingHolds(db: Statements, subjectIds: readonly SubjectId[]): Promise<HoldRow[]> {
  return db<HoldRow[]>`
    select * from collection.holds
    where state in ('active', 'lifting') and (subject_id is null or subject_id = any(${[...subjectIds]}::uuid[]))`;
}

export async function insertHold(
  tx: Statements,
  row: Pick<
    HoldRow,
    | 'hold_id'
    | 'matter'
    | 'subject_id'
    | 'record_no'
    | 'collection'
    | 'field'
    | 'reason'
    | 'authority'
    | 'role'
    | 'review_by'
    | 'requested_by'
    | 'requested_who'
    | 'requested_at'
  >,
): Promise<void> {
  await tx`
    insert into collection.holds (hold_id, matter, subject_id, record_no, collection, field, reason, authority, role, from_at, review_by,
      state, requested_by, requested_who, requested_at)
    values (${row.hold_id}, ${row.matter}, ${row.subject_id}, ${row.record_no === null ? null : String(row.record_no)}::bigint, ${row.collection}, ${row.field},
      ${row.reason}, ${row.authority}, ${row.role}, ${row.requested_at}, ${row.review_by}, 'requested', ${row.requested_by}, ${row.requested_who}, ${row.requested_at})`;
}

export async function lockHold(tx: Statements, holdId: Uuid): Promise<HoldRow | null> {
  const [row] = await tx<HoldRow[]>`select * from collection.holds where hold_id = ${holdId} for update`;
  return row ?? null;
}

/** The second person's word on what the first asked for. */
export async function settleHold(
  tx: Statements,
  holdId: Uuid,
  state: 'active' | 'released' | 'refused',
  { by, at }: Readonly<{ by: string; at: Date }>,
): Promise<void> {
  if (state === 'released')
    await tx`update collection.holds set state = 'released', released_by = ${by}, released_at = ${at} where hold_id = ${holdId}`;
  else
    await tx`
      update collection.holds set state = ${state}, approved_by = ${by}, approved_at = ${at},
        from_at = case when ${state} = 'active' then ${at}::timestamptz else from_at end
      where hold_id = ${holdId}`;
}

export async function askToLift(
  tx: Statements,
  holdId: Uuid,
  { reason, by, who, at }: Readonly<{ reason: string; by: string; who: string; at: Date }>,
): Promise<void> {
  await tx`
    update collection.holds set state = 'lifting', lift_reason = ${reason}, lift_by = ${by}, lift_who = ${who}, lift_at = ${at}
    where hold_id = ${holdId}`;
}

/** A wish to lift that was refused: the hold stands as before. */
export async function keepHold(tx: Statements, holdId: Uuid): Promise<void> {
  await tx`
    update collection.holds set state = 'active', lift_reason = null, lift_by = null, lift_who = null, lift_at = null
    where hold_id = ${holdId}`;
}

/** Whether what waited may go since then. */
export async function liftedSince(db: Statements, since: Date): Promise<boolean> {
  const [row] = await db<{ lifted: boolean }[]>`
    select exists (select from collection.holds where state = 'released' and released_at > ${since}) as lifted`;
  return row?.lifted === true;
}

export async function listHolds(db: Statements, limit: number): Promise<HoldRow[]> {
  return db<HoldRow[]>`
    select * from collection.holds order by state in ('released', 'refused'), requested_at desc limit ${limit}`;
}
