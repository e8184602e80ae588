/** Statements on attachments and their chunks. */
import type { Statements, Tx } from '#platform/db';
import type { RecordId, SubjectId, Uuid } from '#platform/ids';

import type { Consents } from '../consents.ts';
import type { AttachmentRow } from '../attachment-manifest.ts';
import type { StoredRing } from '../subject-keys.ts';
import { deleteChunks, type AttachmentPlace } from './chunks.ts';

export type StoredAttachment = AttachmentRow & Readonly<{ manifest: Buffer; createdAt: Date }>;
export type AttachmentsOfRecord = Readonly<{
  collectionNo: number;
  ring: StoredRing;
  restricted: string | null;
  consents: Consents | null;
  stopped: readonly string[];
  /** Oldest first. */
  attachments: readonly StoredAttachment[];
}>;

type AttachmentRecord = {
  attachment_id: Uuid;
  public_id: Uuid;
  name_lookup: Buffer;
  sealed_name: Buffer;
  key_version: number;
  size_bytes: bigint;
  chunks: number;
  head: Buffer;
  created_at: Date;
};
type RingRecord = { epoch: number; ring: Buffer; second_epoch: number | null; second_ring: Buffer | null };

const asAttachment = (recordId: RecordId, row: AttachmentRecord): StoredAttachment => ({
  recordId,
  attachmentId: row.attachment_id,
  publicId: row.public_id,
  nameLookup: row.name_lookup,
  manifest: row.sealed_name,
  keyVersion: row.key_version,
  sizeBytes: Number(row.size_bytes),
  chunks: row.chunks,
  head: row.head,
  createdAt: row.created_at,
});

/**
 * INVARIANT: as with records, what is sealed and the key ring come from one statement.
 * @param only one attachment, by what it is called outside or by what its chunks lie under; null for all of the record
 * @returns null where there is no living record
 */
export async function loadAttachments(
  db: Statements,
  id: RecordId,
  only: Uuid | null,
): Promise<AttachmentsOfRecord | null> {
  const rows = await db<
    (RingRecord & {
      collection_no: number;
      because: string | null;
      consents: Consents | null;
      uses: string[] | null;
    } & (AttachmentRecord | { attachment_id: null }))[]
  >`
    select r.collection_no, k.epoch, k.ring, k.second_epoch, k.second_ring, k.consents, x.because, u.uses,
      a.attachment_id, a.public_id, a.name_lookup, a.sealed_name, a.key_version, a.size_bytes, a.chunks, a.head, a.created_at
    from vault.records r
    join vault.keyrings k on k.subject_id = r.subject_id
    left join vault.restrictions x on x.subject_id = r.subject_id
    left join vault.stopped_uses u on u.subject_id = r.subject_id and u.record_no = r.record_no
    left join vault.attachments a on a.subject_id = r.subject_id and a.record_no = r.record_no
      and (${only}::uuid is null or a.public_id = ${only}::uuid or a.attachment_id = ${only}::uuid)
    where r.subject_id = ${id.subjectId} and r.record_no = ${String(id.recordNo)}::bigint
      and (r.expires_at is null or r.expires_at > now())
    order by a.created_at, a.attachment_id`;
  const [first] = rows;
  if (first === undefined) return null;
  return {
    collectionNo: first.collection_no,
    ring: { epoch: first.epoch, first: first.ring, secondEpoch: first.second_epoch, second: first.second_ring },
    restricted: first.because,
    consents: first.consents,
    stopped: first.uses ?? [],
    attachments: rows.flatMap((row) => (row.attachment_id === null ? [] : [asAttachment(id, row)])),
  };
}

/** All attachments of a subject, for re-encryption: what to do, not what is in them. */
export async function attachmentIdsOf(
  db: Statements,
  subjectId: SubjectId,
): Promise<Pick<AttachmentRow, 'recordId' | 'attachmentId' | 'publicId' | 'keyVersion'>[]> {
  const rows = await db<{ record_no: bigint; attachment_id: Uuid; public_id: Uuid; key_version: number }[]>`
    select record_no, attachment_id, public_id, key_version from vault.attachments
    where subject_id = ${subjectId} order by record_no, attachment_id`;
  return rows.map((row) => ({
    recordId: { subjectId, recordNo: row.record_no },
    attachmentId: row.attachment_id,
    publicId: row.public_id,
    keyVersion: row.key_version,
  }));
}

/** In key order. @param after exclusive */
export async function pageOfAttachments(
  db: Statements,
  after: AttachmentPlace | null,
  limit: number,
): Promise<AttachmentPlace[]> {
  const rows = await db<{ subject_id: SubjectId; attachment_id: Uuid }[]>`
    select subject_id, attachment_id from vault.attachments
    where ${after?.subjectId ?? null}::uuid is null
      or (subject_id, attachment_id) > (${after?.subjectId ?? null}::uuid, ${after?.attachmentId ?? null}::uuid)
    order by subject_id, attachment_id limit ${limit}`;
  return rows.map((row) => ({ subjectId: row.subject_id, attachmentId: row.attachment_id }));
}

export async function countAttachments(db: Statements): Promise<number> {
  const [row] = await db<{ n: number }[]>`select count(*)::float8 as n from vault.attachments`;
  return row?.n ?? 0;
}

/** @returns `whole`: whether record and key ring are there too */
export async function attachmentToVerify(
  tx: Statements,
  { subjectId, attachmentId }: AttachmentPlace,
): Promise<{ row: StoredAttachment; whole: boolean } | null> {
  const [row] = await tx<(AttachmentRecord & { record_no: bigint; whole: boolean })[]>`
    select a.record_no, a.attachment_id, a.public_id, a.name_lookup, a.sealed_name, a.key_version, a.size_bytes, a.chunks, a.head, a.created_at,
      exists (select from vault.keyrings k where k.subject_id = a.subject_id)
        and exists (select from vault.records r where r.subject_id = a.subject_id and r.record_no = a.record_no) as whole
    from vault.attachments a where a.subject_id = ${subjectId} and a.attachment_id = ${attachmentId}`;
  if (row === undefined) return null;
  return { row: asAttachment({ subjectId, recordNo: row.record_no }, row), whole: row.whole };
}

export async function beginUpload(
  tx: Statements,
  { recordId, attachmentId, keyVersion }: Pick<AttachmentRow, 'recordId' | 'attachmentId' | 'keyVersion'>,
  now: Date,
): Promise<void> {
  await tx`
    insert into vault.loose_attachments (subject_id, attachment_id, record_no, why, key_version, touched_at)
    values (${recordId.subjectId}, ${attachmentId}, ${String(recordId.recordNo)}::bigint, 'uploading', ${keyVersion}, ${now})`;
}

/** An upload that is whole becomes an attachment. @returns false when it was swept meanwhile */
export async function placeUpload(
  tx: Statements,
  row: AttachmentRow,
  manifest: Buffer,
  createdAt: Date,
): Promise<boolean> {
  const { subjectId, recordNo } = row.recordId;
  const taken = await tx`
    delete from vault.loose_attachments
    where subject_id = ${subjectId} and attachment_id = ${row.attachmentId} and why = 'uploading'`;
  if (taken.count === 0) return false;
  await tx`
    insert into vault.attachments (subject_id, record_no, attachment_id, public_id, name_lookup, sealed_name, key_version, size_bytes, chunks, head, created_at)
    values (${subjectId}, ${String(recordNo)}::bigint, ${row.attachmentId}, ${row.publicId}, ${row.nameLookup}, ${manifest}, ${row.keyVersion},
      ${String(row.sizeBytes)}::bigint, ${row.chunks}, ${row.head}, ${createdAt})`;
  return true;
}

/** Takes an attachment's row away and leaves its chunks for who is reading them. @returns false when it was not there */
export async function retireAttachment(tx: Statements, place: AttachmentPlace, now: Date): Promise<boolean> {
  const retired = await tx`
    with gone as (
      delete from vault.attachments where subject_id = ${place.subjectId} and attachment_id = ${place.attachmentId}
      returning subject_id, attachment_id, record_no, key_version
    )
    insert into vault.loose_attachments (subject_id, attachment_id, record_no, why, key_version, touched_at)
    select subject_id, attachment_id, record_no, 'replaced', key_version, ${now} from gone`;
  return retired.count === 1;
}

/** Takes an attachment away with its chunks. @returns false when it was not there */
export async function deleteAttachment(tx: Tx, place: AttachmentPlace): Promise<boolean> {
  const gone = await tx`
    delete from vault.attachments where subject_id = ${place.subjectId} and attachment_id = ${place.attachmentId}`;
  if (gone.count === 0) return false;
  await deleteChunks(tx, place.subjectId, [place.attachmentId]);
  return true;
}

/** Takes a loose attachment away with its chunks, if it is still loose for that reason. */
export async function deleteLoose(tx: Tx, place: AttachmentPlace, why: 'uploading' | 'replaced'): Promise<boolean> {
  const gone = await tx`
    delete from vault.loose_attachments
    where subject_id = ${place.subjectId} and attachment_id = ${place.attachmentId} and why = ${why}`;
  if (gone.count === 0) return false;
  await deleteChunks(tx, place.subjectId, [place.attachmentId]);
  return true;
}

/** All attachments of a record, loose ones too, as part of deleting it. @returns those that were not loose */
export async function deleteAttachmentsOf(tx: Tx, { subjectId, recordNo }: RecordId): Promise<Uuid[]> {
  const attachments = await tx<{ attachment_id: Uuid }[]>`
    delete from vault.attachments where subject_id = ${subjectId} and record_no = ${String(recordNo)}::bigint returning attachment_id`;
  const loose = await tx<{ attachment_id: Uuid }[]>`
    delete from vault.loose_attachments where subject_id = ${subjectId} and record_no = ${String(recordNo)}::bigint returning attachment_id`;
  await deleteChunks(
    tx,
    subjectId,
    [...attachments, ...loose].map((row) => row.attachment_id),
  );
  return attachments.map((row) => row.attachment_id);
}

/** All attachments of a subject, as part of shredding it. @returns those that were not loose */
export async function deleteAttachmentsOfSubject(tx: Tx, subjectId: SubjectId): Promise<Uuid[]> {
  await tx`delete from vault.loose_attachments where subject_id = ${subjectId}`;
  await deleteChunks(tx, subjectId, null);
  const attachments = await tx<{ attachment_id: Uuid }[]>`
    delete from vault.attachments where subject_id = ${subjectId} returning attachment_id`;
  return attachments.map((row) => row.attachment_id);
}

/** Does anything still say that these chunks should be there? */
export async function isHeld(db: Statements, { subjectId, attachmentId }: AttachmentPlace): Promise<boolean> {
  const [row] = await db<{ held: boolean }[]>`
    select exists (select from vault.attachments where subject_id = ${subjectId} and attachment_id = ${attachmentId})
      or exists (select from vault.loose_attachments where subject_id = ${subjectId} and attachment_id = ${attachmentId}) as held`;
  return row?.held === true;
}

/** Versions of the subject's attachment key that chunks are sealed under. */
export async function attachmentKeysInUse(db: Statements, subjectId: SubjectId): Promise<Set<number>> {
  const rows = await db<{ key_version: number }[]>`
    select key_version from vault.attachments where subject_id = ${subjectId}
    union select key_version from vault.loose_attachments where subject_id = ${subjectId}`;
  return new Set(rows.map((row) => row.key_version));
}

/** What was left loose, and not touched since. */
export async function looseSince(
  db: Statements,
  before: Date,
  limit: number,
): Promise<(AttachmentPlace & { why: 'uploading' | 'replaced' })[]> {
  const rows = await db<{ subject_id: SubjectId; attachment_id: Uuid; why: 'uploading' | 'replaced' }[]>`
    select subject_id, attachment_id, why from vault.loose_attachments
    where touched_at < ${before} order by touched_at limit ${limit}`;
  return rows.map((row) => ({ subjectId: row.subject_id, attachmentId: row.attachment_id, why: row.why }));
}
