/** Statements on what people did and what became of it, as one list. Of phishing exercises there is nothing in it. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { DutyKind } from './duties.ts';

export const HISTORY_KINDS = [
  'registered',
  'launched',
  'passed',
  'failed',
  'acknowledged',
  'revoked',
  'voided',
] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];
export type HistoryRow = Readonly<{
  what: HistoryKind;
  /** Tells it from every other one of its kind, for ever; of what is voided, the one of what was revoked. */
  key: string;
  person_id: Uuid;
  kind: DutyKind;
  text_id: string;
  /** Of the version; null where it is of whichever holds. */
  hash: string | null;
  at: Date;
  /** Questions answered rightly, and asked; null where none are counted. */
  right: number | null;
  asked: number | null;
  evidence: 'graded' | 'client';
}>;

/** Of these people, in no order. One person has a few tries a day at most. */
export async function historyRows(db: Statements, people: readonly Uuid[]): Promise<HistoryRow[]> {
  const who = db`person_id = any(${[...people]}::uuid[])`;
  return db<HistoryRow[]>`
    -- asked for by two roles, it is asked for once
    select 'registered' as what, person_id || ' ' || kind || ' ' || text_id as key, person_id, kind, text_id, null::text as hash, min(assigned_at) as at,
      null::int as "right", null::int as asked, 'graded' as evidence
    from education.assignments where ${who} group by person_id, kind, text_id
    union all
    select 'launched', sitting_id::text, person_id, 'course', course, lesson_hash, began_at, null, null, 'graded' from education.sittings where ${who}
    union all
    select 'launched', run_id::text, person_id, 'course', course, hash, began_at, null, null, 'client' from education.course_runs where ${who}
    union all
    select 'failed', sitting_id::text, person_id, 'course', course, lesson_hash, graded_at, cardinality(array_positions(answered, true)), cardinality(answered), 'graded'
    from education.sittings where verdict = 'failed' and ${who}
    union all
    select 'failed', run_id::text, person_id, 'course', course, hash, ended_at, null, null, 'client' from education.course_runs where state = 'failed' and ${who}
    union all
    select 'passed', pass_id::text, p.person_id, 'course', p.course, p.lesson_hash, passed_at, cardinality(array_positions(s.answered, true)), cardinality(s.answered), evidence
    from education.passes p left join education.sittings s using (sitting_id) where p.${who}
    union all
    select verdict, drill_id || ' ' || person_id, person_id, 'drill', text_id, hash, ended_at, null, null, 'graded'
    from education.drill_people join education.drills using (drill_id) where verdict is not null and ended_at is not null and ${who}
    union all
    select 'acknowledged', ack_id::text, person_id, 'policy', policy, hash, signed_at, null, null, 'graded' from education.acknowledgements where ${who}
    union all
    select 'revoked', revocation_id::text, person_id, kind, text_id, null, revoked_at, null, null, 'graded' from education.revocations r
    where ${who} and not exists (select from education.revocations_lifted l where l.revocation_id = r.revocation_id)
    union all
    select 'voided', revocation_id::text, person_id, kind, text_id, null, lifted_at, null, null, 'graded'
    from education.revocations join education.revocations_lifted using (revocation_id) where ${who}`;
} // prettier-ignore
