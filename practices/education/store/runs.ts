/** Statements on runs of courses made elsewhere. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type RunRow = Readonly<{
  run_id: Uuid;
  person_id: Uuid;
  course: string;
  hash: string;
  token: string;
  console: string;
  began_at: Date;
  ends_at: Date;
  state: 'open' | 'passed' | 'failed';
  ended_at: Date | null;
  saved: string | null;
}>;

/** The newest one of this person at this course; held until the transaction ends. */
export async function holdNewestRun(tx: Statements, person: Uuid, course: string): Promise<RunRow | null> {
  // also where there is none yet: two that begin at once are one after the other
  await tx`select pg_advisory_xact_lock(hashtextextended(${`education run ${person} ${course}`}, 0))`;
  const [row] = await tx<RunRow[]>`
    select * from education.course_runs where person_id = ${person} and course = ${course} order by began_at desc, run_id desc limit 1 for update`;
  return row ?? null;
}

export async function holdRun(tx: Statements, id: Uuid): Promise<RunRow | null> {
  const [row] = await tx<RunRow[]>`select * from education.course_runs where run_id = ${id} for update`;
  return row ?? null;
}

export async function runById(db: Statements, id: Uuid): Promise<RunRow | null> {
  const [row] = await db<RunRow[]>`select * from education.course_runs where run_id = ${id}`;
  return row ?? null;
}

export async function runByToken(db: Statements, token: string): Promise<RunRow | null> {
  const [row] = await db<RunRow[]>`select * from education.course_runs where token = ${token}`;
  return row ?? null;
}

export async function insertRun(tx: Statements, row: RunRow): Promise<void> {
  await tx`
    insert into education.course_runs (run_id, person_id, course, hash, token, console, began_at, ends_at, saved)
    values (${row.run_id}, ${row.person_id}, ${row.course}, ${row.hash}, ${row.token}, ${row.console}, ${row.began_at}, ${row.ends_at}, ${row.saved})`;
}

/** Of one that is open. */
export async function renewRun(
  tx: Statements,
  { run_id, token, console: of, ends_at }: Pick<RunRow, 'run_id' | 'token' | 'console' | 'ends_at'>,
): Promise<void> {
  await tx`update education.course_runs set token = ${token}, console = ${of}, ends_at = ${ends_at} where run_id = ${run_id}`;
}

export async function noteRun(
  tx: Statements,
  { run_id, state, ended_at, saved }: Pick<RunRow, 'run_id' | 'state' | 'ended_at' | 'saved'>,
): Promise<void> {
  await tx`update education.course_runs set state = ${state}, ended_at = ${ended_at}, saved = ${saved} where run_id = ${run_id}`;
}
