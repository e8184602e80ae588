/** Statements that harm stored bytes: of made-up persons, to see that it is noticed. */
import type { Statements } from '#platform/db';
import type { RecordId } from '#platform/ids';

export async function boxOf(db: Statements, { subjectId, recordNo }: RecordId): Promise<Buffer | null> {
  const [row] = await db<{ box: Buffer }[]>`
    select box from vault.records where subject_id = ${subjectId} and record_no = ${recordNo}`;
  return row?.box ?? null;
}

export async function putBox(db: Statements, { subjectId, recordNo }: RecordId, box: Buffer): Promise<void> {
  await db`update vault.records set box = ${box} where subject_id = ${subjectId} and record_no = ${recordNo}`;
}
