/** Ids of stored records, in no order. */
import type { Db } from '#platform/db';
import type { RecordId, SubjectId } from '#platform/ids';

export async function someRecords(db: Db, count: number): Promise<RecordId[]> {
  const rows = await db<{ subject_id: SubjectId; record_no: bigint }[]>`
    select subject_id, record_no from vault.records limit ${count}`;
  const ids = rows.map((row) => ({ subjectId: row.subject_id, recordNo: row.record_no }));
  // every 7,919th, round and round: neighbours in the table do not follow one another
  return ids.map((_, n) => ids[(n * 7919) % ids.length] as RecordId);
}
