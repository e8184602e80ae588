/** Statements on the chunks of attachments. */
import type { Statements, Tx } from '#platform/db';
import type { SubjectId, Uuid } from '#platform/ids';

import type { SealedChunk } from '../stream.ts';

/** One attachment, whatever state its row is in. */
export type AttachmentPlace = Readonly<{ subjectId: SubjectId; attachmentId: Uuid }>;

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

/** Of these attachments; null: all of the subject. */
export async function deleteChunks(tx: Tx, subjectId: SubjectId, attachmentIds: readonly Uuid[] | null): Promise<void> {
  if (attachmentIds?.length === 0) return;
  // chunks are many and large: this may take longer than other statements may
  await tx`set local statement_timeout = '15min'`;
  await (attachmentIds === null
    ? tx`delete from vault.chunks where subject_id = ${subjectId}`
    : tx`delete from vault.chunks where subject_id = ${subjectId} and attachment_id = any(${[...attachmentIds]}::uuid[])`);
}

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
