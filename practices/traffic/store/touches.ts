/** Statements on who touched which customers. A customer who is erased goes from here in the same transaction. */
import type { Statements } from '#platform/db';
import type { SubjectId } from '#platform/ids';

export type Touch = Readonly<{ subjectId: SubjectId; actor: string; purpose: string; at: Date }>;

export async function addTouches(tx: Statements, touches: readonly Touch[]): Promise<void> {
  if (touches.length === 0) return;
  // one that was touched a moment ago is not written again: windows need no finer time
  await tx`
    insert into traffic.touches as t (subject_id, day, actor, purpose, first_at, last_at)
    select s, (a at time zone 'UTC')::date, who, why, min(a), max(a)
    from unnest(${touches.map(({ subjectId }) => subjectId)}::uuid[], ${touches.map(({ actor }) => actor)}::text[],
      ${touches.map(({ purpose }) => purpose)}::text[], ${touches.map(({ at }) => at.toISOString())}::text[]::timestamptz[]) as n (s, who, why, a)
    group by 1, 2, 3, 4
    order by 1, 2, 3, 4
    on conflict (subject_id, day, actor, purpose) do update set last_at = excluded.last_at
      where t.last_at < excluded.last_at - interval '5 minutes'`;
}

/** Whom somebody touched. @param purpose null: for any */
export async function touchedBy(
  db: Statements,
  actor: string,
  purpose: string | null,
  since: Date,
  most: number,
): Promise<SubjectId[]> {
  const rows = await db<{ subject_id: SubjectId }[]>`
    select distinct subject_id from traffic.touches
    where actor = ${actor} ${purpose === null ? db`` : db`and purpose = ${purpose}`} and last_at >= ${since} limit ${most}`;
  return rows.map(({ subject_id }) => subject_id);
}

/**
 * Nobody is forgotten until this transaction ends, and who was being forgotten is. Whoever writes ids of customers asks for it,
 * as the last lock: who forgets holds the head of the audit log already.
 */
export async function holdForgetting(tx: Statements): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('traffic.forgetting', 0))`;
}

/** In the transaction that forgets the customer. */
export async function forgetSubject(tx: Statements, subjectId: SubjectId): Promise<void> {
  await tx`select pg_advisory_xact_lock_shared(hashtextextended('traffic.forgetting', 0))`;
  await tx`delete from traffic.touches where subject_id = ${subjectId}`;
  await tx`delete from traffic.case_subjects where subject_id = ${subjectId}`;
  await tx`delete from traffic.honey where subject_id = ${subjectId}`;
}

/** Who touched most different customers today, by purpose. */
export async function busiest(db: Statements, most: number): Promise<{ actor: string; purpose: string; customers: number }[]> {
  return db`select actor, purpose, count(*)::int as customers from traffic.touches
    where day = (now() at time zone 'UTC')::date group by 1, 2 order by 3 desc, 1, 2 limit ${most}`;
} // prettier-ignore

/** Which of those planted somebody touched. */
export async function honeyTouchedBy(db: Statements, actor: string, since: Date, most: number): Promise<SubjectId[]> {
  const rows = await db<{ subject_id: SubjectId }[]>`
    select distinct subject_id from traffic.touches join traffic.honey using (subject_id)
    where actor = ${actor} and last_at >= ${since} limit ${most}`;
  return rows.map(({ subject_id }) => subject_id);
}
