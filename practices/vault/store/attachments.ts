/** Statements on attachments and their chunks. */
import type { Statements, Tx } from '#platform/db';
import type { RecordId, SubjectId, Uuid } from '#platform/ids';

import type { AttachmentRow } from '../attachment-manifest.ts';
import type { SealedChunk } from '../stream.ts';
import type { StoredRing } from '../subject-keys.ts';

export type StoredAttachment = AttachmentRow & Readonly<{ manifest: Buffer; createdAt: Date }>;
export type AttachmentsOfRecord = Readonly<{
  collectionNo: number;
  ring: StoredRing;
  restricted: string | null;
  /** Oldest first. */
  attachments: readonly StoredAttachment[];
}>;
/** One attachment, whatever state its row is in. */
export type AttachmentPlace = Readonly<{ subjectId: SubjectId; attachmentId: Uuid }>;

type AttachmentRecord = {
  attachment_id: Uuid;
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
 * @param only one attachment; null for all of the record
 * @returns null where there is no living record
 */
export async function loadAttachments(
  db: Statements,
  id: RecordId,
  only: Uuid | null,
): Promise<AttachmentsOfRecord | null> {
  const rows = await db<
    (RingRecord & { collection_no: number; because: string | null } & (AttachmentRecord | { attachment_id: null }))[]
  >`
    select r.collection_no, k.epoch, k.ring, k.second_epoch, k.second_ring, x.because,
      a.attachment_id, a.name_lookup, a.sealed_name, a.key_version, a.size_bytes, a.chunks, a.head, a.created_at
    from vault.records r
    join vault.keyrings k on k.subject_id = r.subject_id
    left join vault.restrictions x on x.subject_id = r.subject_id
    left join vault.attachments a on a.subject_id = r.subject_id and a.record_no = r.record_no
      and (${only}::uuid is null or a.attachment_id = ${only}::uuid)
    where r.subject_id = ${id.subjectId} and r.record_no = ${String(id.recordNo)}::bigint
      and (r.expires_at is null or r.expires_at > now())
    order by a.created_at, a.attachment_id`;
  const [first] = rows;
  if (first === undefined) return null;
  return {
    collectionNo: first.collection_no,
    ring: { epoch: first.epoch, first: first.ring, secondEpoch: first.second_epoch, second: first.second_ring },
    restricted: first.because,
    attachments: rows.flatMap((row) => (row.attachment_id === null ? [] : [asAttachment(id, row)])),
  };
}

/** All attachments of a subject, for re-encryption: what to do, not what is in them. */
export async function attachmentIdsOf(
  db: Statements,
  subjectId: SubjectId,
): Promise<{ recordId: RecordId; attachmentId: Uuid; keyVersion: number }[]> {
  const rows = await db<{ record_no: bigint; attachment_id: Uuid; key_version: number }[]>`
    select record_no, attachment_id, key_version from vault.attachments
    where subject_id = ${subjectId} order by record_no, attachment_id`;
  return rows.map((row) => ({
    recordId: { subjectId, recordNo: row.record_no },
    attachmentId: row.attachment_id,
    keyVersion: row.key_version,
  }));
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

/**
 * Writes some chunks of an upload. Holds the key ring meanwhile, so that nothing is written for a subject that is being
 * erased: the erasure waits, or this finds no ring.
 * @returns false when nothing was written: the upload was swept, or its record or subject is gone
 */
export async function addChunks(
  db: Statements,
  { subjectId, attachmentId }: AttachmentPlace,
  chunks: readonly SealedChunk[],
  now: Date,
): Promise<boolean> {
  let bytes = 0;
  // where each box begins, from 1 as PostgreSQL counts: all boxes travel as one base64 text, several times cheaper on
  // both sides than an array of hex
  const starts = chunks.map(({ box }) => {
    bytes += box.length;
    return bytes - box.length + 1;
  });
  const boxes = Buffer.concat(chunks.map(({ box }) => box)).toString('base64');
  const written = await db`
    with alive as (
      select k.subject_id from vault.keyrings k where k.subject_id = ${subjectId} for key share
    ), touched as (
      update vault.loose_attachments l set touched_at = ${now}
      from alive where l.subject_id = alive.subject_id and l.attachment_id = ${attachmentId} and l.why = 'uploading'
      returning l.subject_id, l.attachment_id
    ), sent as (
      select decode(${boxes}, 'base64') as boxes offset 0
    )
    insert into vault.chunks (subject_id, attachment_id, seq, last, box)
    select touched.subject_id, touched.attachment_id, t.seq, t.last = 1, substr(sent.boxes, t.start, t.size)
    from touched, sent, unnest(${chunks.map(({ seq }) => seq)}::int[], ${chunks.map(({ last }) => Number(last))}::int[],
      ${starts}::int[], ${chunks.map(({ box }) => box.length)}::int[]) as t (seq, last, start, size)`;
  return written.count === chunks.length;
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
    insert into vault.attachments (subject_id, record_no, attachment_id, name_lookup, sealed_name, key_version, size_bytes, chunks, head, created_at)
    values (${subjectId}, ${String(recordNo)}::bigint, ${row.attachmentId}, ${row.nameLookup}, ${manifest}, ${row.keyVersion},
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
  await longDelete(tx);
  await tx`delete from vault.loose_attachments where subject_id = ${subjectId}`;
  await tx`delete from vault.chunks where subject_id = ${subjectId}`;
  const attachments = await tx<{ attachment_id: Uuid }[]>`
    delete from vault.attachments where subject_id = ${subjectId} returning attachment_id`;
  return attachments.map((row) => row.attachment_id);
}

async function deleteChunks(tx: Tx, subjectId: SubjectId, attachmentIds: readonly Uuid[]): Promise<void> {
  if (attachmentIds.length === 0) return;
  await longDelete(tx);
  await tx`delete from vault.chunks where subject_id = ${subjectId} and attachment_id = any(${[...attachmentIds]}::uuid[])`;
}

/** Chunks are many and large: their deletion may take longer than other statements may. */
const longDelete = (tx: Tx) => tx`set local statement_timeout = '15min'`;

/** Chunks `first` to `final` in order, while the subject has its keys: none of them when it was erased. */
export async function loadChunks(
  db: Statements,
  { subjectId, attachmentId }: AttachmentPlace,
  first: number,
  final: number,
): Promise<SealedChunk[]> {
  const rows = await db<{ seq: number; last: boolean; box: string }[]>`
    select c.seq, c.last, encode(c.box, 'base64') as box
    from vault.keyrings k join vault.chunks c on c.subject_id = k.subject_id
    where k.subject_id = ${subjectId} and c.attachment_id = ${attachmentId} and c.seq between ${first} and ${final}
    order by c.seq`;
  return rows.map(({ seq, last, box }) => ({ seq, last, box: Buffer.from(box, 'base64') }));
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
