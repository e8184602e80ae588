/** Statements of what goes over all records: verification and expiry. */
import type { Statements } from '#platform/db';
import type { RecordId, SubjectId } from '#platform/ids';

import { asRecord, BEFORE_ALL, BEFORE_NUMBER, type RecordRow, type StoredRecord } from './records.ts';

/** Any records in key order, expired ones too, with their rings where they have one. @param after exclusive */
export async function pageToVerify(
  db: Statements,
  after: RecordId | null,
  limit: number,
): Promise<(StoredRecord | { id: RecordId; ring: null })[]> {
  const from = after?.subjectId ?? BEFORE_ALL;
  // said of the rings too: of two indexes that are merged each begins where the page does, else a page costs all pages before it
  const rows = await db<(RecordRow & { ring: Buffer | null })[]>`
    select r.subject_id, r.record_no, r.collection_no, r.version, r.box, r.lookups, r.expires_at,
      k.epoch, k.ring, k.second_epoch, k.second_ring, null as because, null as uses
    from vault.records r left join vault.keyrings k on k.subject_id = r.subject_id and k.subject_id >= ${from}::uuid
    where (r.subject_id, r.record_no) > (${from}::uuid, ${String(after?.recordNo ?? BEFORE_NUMBER)}::bigint)
    order by r.subject_id, r.record_no
    limit ${limit}`;
  return rows.map((row) =>
    row.ring === null ? { id: { subjectId: row.subject_id, recordNo: row.record_no }, ring: null } : asRecord(row),
  );
}

/** Records whose time has come. @param skip of the oldest: a hold keeps them */
export async function expiredRecords(db: Statements, limit: number, skip: number): Promise<RecordId[]> {
  const rows = await db<{ subject_id: SubjectId; record_no: bigint }[]>`
    select subject_id, record_no from vault.records where expires_at <= now() order by expires_at, subject_id, record_no limit ${limit} offset ${skip}`;
  return rows.map((row) => ({ subjectId: row.subject_id, recordNo: row.record_no }));
}

/** What a record that has still expired has in the lookup tables; null when it was given more time, or is gone. */
export async function lockExpired(
  tx: Statements,
  id: RecordId,
): Promise<{ lookups: Buffer; collectionNo: number } | null> {
  const [row] = await tx<{ lookups: Buffer; collection_no: number }[]>`
    select lookups, collection_no from vault.records
    where subject_id = ${id.subjectId} and record_no = ${String(id.recordNo)}::bigint and expires_at <= now() for update`;
  return row === undefined ? null : { lookups: row.lookups, collectionNo: row.collection_no };
}
