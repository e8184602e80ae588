/** Statements on tries at a quiz, and on courses that were passed. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type SittingRow = Readonly<{
  sitting_id: Uuid;
  person_id: Uuid;
  course: string;
  lesson_hash: string;
  quiz: string;
  quiz_hash: string;
  seed: string;
  seen: string[];
  asked: string[];
  began_at: Date;
  ends_at: Date;
  verdict: 'open' | 'passed' | 'failed';
  graded_at: Date | null;
  answered: boolean[] | null;
}>;

/** Held until the transaction ends: two that begin at once are one after the other. */
export async function holdDesk(tx: Statements, person: Uuid, quiz: string): Promise<void> {
  await tx`insert into education.desks (person_id, quiz) values (${person}, ${quiz}) on conflict do nothing`;
  await tx`select from education.desks where person_id = ${person} and quiz = ${quiz} for update`;
}

export async function sittingsOf(db: Statements, person: Uuid, quiz: string): Promise<SittingRow[]> {
  return db<
    SittingRow[]
  >`select * from education.sittings where person_id = ${person} and quiz = ${quiz} order by began_at`;
}

export async function insertSitting(tx: Statements, row: SittingRow): Promise<void> {
  await tx`
    insert into education.sittings (sitting_id, person_id, course, lesson_hash, quiz, quiz_hash, seed, seen, asked, began_at, ends_at)
    values (${row.sitting_id}, ${row.person_id}, ${row.course}, ${row.lesson_hash}, ${row.quiz}, ${row.quiz_hash}, ${row.seed},
      ${row.seen}::text[], ${row.asked}::text[], ${row.began_at}, ${row.ends_at})`;
}

export async function holdSitting(tx: Statements, id: Uuid): Promise<SittingRow | null> {
  const [row] = await tx<SittingRow[]>`select * from education.sittings where sitting_id = ${id} for update`;
  return row ?? null;
}

export async function gradeSitting(
  tx: Statements,
  id: Uuid,
  graded: Readonly<{ verdict: 'passed' | 'failed'; at: Date; answered: readonly boolean[] }>,
): Promise<void> {
  await tx`
    update education.sittings set verdict = ${graded.verdict}, graded_at = ${graded.at}, answered = ${graded.answered.map(String)}::text[]::boolean[]
    where sitting_id = ${id}`;
}

export type PassRow = Readonly<{
  pass_id: Uuid;
  person_id: Uuid;
  course: string;
  lesson_hash: string;
  sitting_id: Uuid;
  passed_at: Date;
  /** Of the log; null where there is none. */
  entry: bigint | null;
  /** client: a course made elsewhere said so by itself; sitting_id is its run. */
  evidence?: 'graded' | 'client';
}>;

export async function insertPass(tx: Statements, row: PassRow): Promise<void> {
  await tx`
    insert into education.passes (pass_id, person_id, course, lesson_hash, sitting_id, passed_at, entry, evidence)
    values (${row.pass_id}, ${row.person_id}, ${row.course}, ${row.lesson_hash}, ${row.sitting_id}, ${row.passed_at}, ${row.entry === null ? null : String(row.entry)}, ${row.evidence ?? 'graded'})`;
}
