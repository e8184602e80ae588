/** Statements on what subjects were told of the end of a restriction. Times are the database's. */
import type { Statements } from '#platform/db';
import type { SubjectId, Uuid } from '#platform/ids';

export type LiftRow = Readonly<{
  subject_id: SubjectId;
  told_at: Date;
  ends_at: Date;
  mail_id: Uuid | null;
  words: Buffer;
  /** Whether the time that they were told has come. */
  over: boolean;
}>;

/** What was told last counts. */
export async function putLift(
  tx: Statements,
  row: Readonly<{ subjectId: SubjectId; days: number; mailId: Uuid | null; words: Buffer; actor: string }>,
): Promise<void> {
  await tx`
    insert into privacy.lifts (subject_id, ends_at, mail_id, words, actor)
    values (${row.subjectId}, now() + make_interval(days => ${row.days}), ${row.mailId}, ${row.words}, ${row.actor})
    on conflict (subject_id) do update
      set told_at = excluded.told_at, ends_at = excluded.ends_at, mail_id = excluded.mail_id, words = excluded.words, actor = excluded.actor`;
}
export async function liftsOf(db: Statements, subjectIds: readonly SubjectId[]): Promise<Map<SubjectId, LiftRow>> {
  const rows = await db<LiftRow[]>`
    select subject_id, told_at, ends_at, mail_id, words, ends_at <= now() as over from privacy.lifts
    where subject_id = any(${[...subjectIds]}::uuid[])`;
  return new Map(rows.map((row) => [row.subject_id, row]));
}
export async function lockLift(tx: Statements, subjectId: SubjectId): Promise<LiftRow | null> {
  const [row] = await tx<LiftRow[]>`
    select subject_id, told_at, ends_at, mail_id, words, ends_at <= now() as over from privacy.lifts
    where subject_id = ${subjectId} for update`;
  return row ?? null;
}
export async function dropLift(tx: Statements, subjectId: SubjectId): Promise<void> {
  await tx`delete from privacy.lifts where subject_id = ${subjectId}`;
}
