/** Statements on tries at exercises, and on whom was made up for them. */
import type { Statements } from '#platform/db';
import type { SubjectId, Uuid } from '#platform/ids';

import type { ExerciseGrade } from '../exercises/grade.ts';

export type TryState = 'open' | 'passed' | 'failed' | 'given-up' | 'over';
export type Planted = Readonly<{ name: string; entry: number }>;
export type TryRow = Readonly<{
  try_id: Uuid;
  person_id: Uuid;
  exercise: string;
  hash: string;
  role: string;
  number: number;
  started_entry: bigint;
  began_at: Date;
  ends_at: Date;
  planted: readonly Planted[];
  state: TryState;
  read_to: bigint;
  own: readonly bigint[];
  grade: ExerciseGrade | null;
  ended_at: Date | null;
}>;
export type CustomerRow = Readonly<{ subject_id: SubjectId; name: string }>;

/** Held until the transaction ends: two that begin at once are one after the other. */
export async function holdLearner(tx: Statements, person: Uuid): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`education.exercise ${person}`}, 0))`;
}

/** @returns false where another one of the person is open, or somebody else's has the number */
export async function insertTry(tx: Statements, row: Omit<TryRow, 'state' | 'own' | 'grade' | 'ended_at' | 'read_to'>): Promise<boolean> {
  const made = await tx`
    insert into education.exercise_tries (try_id, person_id, exercise, hash, role, number, started_entry, began_at, ends_at, planted, read_to)
    values (${row.try_id}, ${row.person_id}, ${row.exercise}, ${row.hash}, ${row.role}, ${row.number}, ${row.started_entry}, ${row.began_at}, ${row.ends_at},
      ${tx.json(row.planted)}, ${row.started_entry})
    on conflict do nothing`;
  return made.count === 1;
} // prettier-ignore

export async function insertCustomers(tx: Statements, tryId: Uuid, rows: readonly CustomerRow[]): Promise<void> {
  for (const row of rows)
    await tx`
      insert into education.exercise_customers (subject_id, try_id, name)
      values (${row.subject_id}, ${tryId}, ${row.name})`;
}

/** Its customers were made a moment ago: no sweep takes them for left behind. */
export async function isFresh(tx: Statements, tryId: Uuid): Promise<boolean> {
  const [row] = await tx<{ fresh: boolean }[]>`
    select coalesce(bool_and(gone_at is null and made_at > clock_timestamp() - interval '10 minutes'), true) as fresh
    from education.exercise_customers where try_id = ${tryId}`;
  return row?.fresh ?? false;
}

export async function isBegun(db: Statements, tryId: Uuid): Promise<boolean> {
  const [row] = await db<{ begun: boolean }[]>`
    select exists (select from education.exercise_tries where try_id = ${tryId}) as begun`;
  return row?.begun ?? false;
}

/** Of whom no try came: whatever set them up is over long ago. */
export async function leftCustomers(db: Statements): Promise<CustomerRow[]> {
  return db<CustomerRow[]>`
    select subject_id, name from education.exercise_customers c
    where gone_at is null and made_at < clock_timestamp() - interval '15 minutes'
      and not exists (select from education.exercise_tries t where t.try_id = c.try_id)
    order by made_at limit 100`;
}

export async function markGone(db: Statements, subjects: readonly SubjectId[]): Promise<void> {
  if (subjects.length === 0) return;
  await db`
    update education.exercise_customers set gone_at = clock_timestamp()
    where subject_id = any (${[...subjects]}::uuid[]) and gone_at is null`;
}

export async function customersOf(db: Statements, tryId: Uuid): Promise<CustomerRow[]> {
  return db<CustomerRow[]>`select subject_id, name from education.exercise_customers where try_id = ${tryId} order by name`;
} // prettier-ignore

/** Oldest first. */
export async function triesOf(db: Statements, person: Uuid, exercise: string | null = null): Promise<TryRow[]> {
  return db<TryRow[]>`
    select * from education.exercise_tries where person_id = ${person} and (${exercise}::text is null or exercise = ${exercise})
    order by began_at, try_id`;
}

/** Locked until the transaction ends. */
export async function holdTry(tx: Statements, id: Uuid): Promise<TryRow | null> {
  const [row] = await tx<TryRow[]>`select * from education.exercise_tries where try_id = ${id} for update`;
  return row ?? null;
}

/** The log was looked through; another server may have looked further. */
export async function noteRead(tx: Statements, id: Uuid, readTo: bigint, own: readonly bigint[]): Promise<void> {
  await tx`
    update education.exercise_tries set read_to = ${readTo}, own = ${own.map(String)}::text[]::bigint[]
    where try_id = ${id} and state = 'open' and read_to < ${readTo}`;
}

export async function endTry(
  tx: Statements,
  id: Uuid,
  ended: Readonly<{ state: Exclude<TryState, 'open'>; at: Date; grade: ExerciseGrade | null }>,
): Promise<void> {
  await tx`
    update education.exercise_tries set state = ${ended.state}, ended_at = ${ended.at}, grade = ${ended.grade === null ? null : tx.json(ended.grade)}
    where try_id = ${id}`;
}

/** Whom an exercise of this person is about, while it is open; none where none is. */
export async function openFor(
  db: Statements,
  person: Uuid,
): Promise<Readonly<{ endsAt: Date; subjects: readonly SubjectId[] }> | null> {
  const [row] = await db<{ ends_at: Date; subjects: SubjectId[] }[]>`
    select ends_at, coalesce((select array_agg(subject_id) from education.exercise_customers c where c.try_id = t.try_id), '{}') as subjects
    from education.exercise_tries t where person_id = ${person} and state = 'open'`;
  return row === undefined ? null : { endsAt: row.ends_at, subjects: row.subjects };
}

export async function madeUpOf(db: Statements, subjects: readonly SubjectId[]): Promise<Set<SubjectId>> {
  if (subjects.length === 0) return new Set();
  const rows = await db<{ subject_id: SubjectId }[]>`
    select subject_id from education.exercise_customers where subject_id = any (${[...subjects]}::uuid[])`;
  return new Set(rows.map(({ subject_id }) => subject_id));
}

export async function overdueTries(db: Statements, at: Date): Promise<Uuid[]> {
  const rows = await db<{ try_id: Uuid }[]>`
    select try_id from education.exercise_tries where state = 'open' and ends_at <= ${at} order by ends_at limit 100`;
  return rows.map(({ try_id }) => try_id);
}

export async function untidyTries(db: Statements): Promise<TryRow[]> {
  return db<TryRow[]>`
    select * from education.exercise_tries where state <> 'open' and tidied_at is null order by ended_at limit 100`;
}

export async function markTidied(db: Statements, id: Uuid, at: Date): Promise<void> {
  await db`update education.exercise_tries set tidied_at = ${at} where try_id = ${id} and tidied_at is null`;
}

export async function numbersTaken(db: Statements): Promise<Set<number>> {
  const rows = await db<{ number: number }[]>`select number from education.exercise_tries where tidied_at is null`;
  return new Set(rows.map(({ number }) => number));
}

/** Quizzes that somebody passed since then, and which of them became a course. */
export async function passedSittings(
  db: Statements,
  person: Uuid,
  course: string,
  since: Date,
): Promise<Readonly<{ sitting_id: Uuid; lesson_hash: string; counted: boolean }>[]> {
  return db`
    select sitting_id, lesson_hash, exists (select from education.passes p where p.sitting_id = s.sitting_id) as counted
    from education.sittings s where person_id = ${person} and course = ${course} and verdict = 'passed' and graded_at > ${since}
    order by began_at`;
}

/** Exercises that somebody has passed, each with the version and when. */
export async function passedExercises(
  db: Statements,
  person: Uuid,
): Promise<Readonly<{ exercise: string; hash: string; at: Date }>[]> {
  return db`
    select exercise, hash, ended_at as at from education.exercise_tries where person_id = ${person} and state = 'passed' order by ended_at`;
}

/** Of exercises and drills: made up in that time, or so shortly before that they could be met in it. */
export async function madeUpBetween(db: Statements, from: Date, to: Date): Promise<SubjectId[]> {
  const rows = await db<{ subject_id: SubjectId }[]>`
    select subject_id from education.exercise_customers
    where made_at between ${from}::timestamptz - interval '1 day' and ${to}::timestamptz + interval '1 day'`;
  return rows.map(({ subject_id }) => subject_id);
}
