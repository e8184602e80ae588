/**
 * Tags of attachments in the audit log: of each one sealed, and of each one taken away or replaced, so that an old one
 * put back whole is found, though it opens.
 *
 * tag = pseudonym of the attachment (8 B) ‖ the first 16 bytes of SHA-256 over its row's boxes and its chunks. An id is
 * never used again, so an attachment that is there must have a tag and must not be among those that are gone.
 * Source: docs/formats/seal-tag.md §2
 */
import { createHash } from 'node:crypto';

import { lengthPrefixed, type Mac } from '#platform/crypto';
import { uuidBytes, type SubjectId, type Uuid } from '#platform/ids';

const NAME_BYTES = 8;
const DIGEST_BYTES = 16;

export type AttachmentBoxes = Readonly<{
  head: Uint8Array;
  nameLookup: Uint8Array;
  manifest: Uint8Array;
  /** SHA-256 over all chunks' boxes in order. */
  chunksDigest: Uint8Array;
}>;

/** @param mac under the key of the `audit` epoch */
export function attachmentPseudonym(mac: Mac, subjectId: SubjectId, attachmentId: Uuid): Buffer {
  const place = lengthPrefixed('strongroom/attachment-id/1', uuidBytes(subjectId), uuidBytes(attachmentId));
  return mac(place).subarray(0, NAME_BYTES);
}

/** @returns 24 bytes */
export function attachmentTag(
  mac: Mac,
  { subjectId, attachmentId }: Readonly<{ subjectId: SubjectId; attachmentId: Uuid }>,
  { head, nameLookup, manifest, chunksDigest }: AttachmentBoxes,
): Buffer {
  const digest = createHash('sha256')
    .update(lengthPrefixed('strongroom/attachment-seal/1', head, nameLookup, manifest, chunksDigest))
    .digest();
  return Buffer.concat([attachmentPseudonym(mac, subjectId, attachmentId), digest.subarray(0, DIGEST_BYTES)]);
}

/** Pseudonyms of attachments that were taken away, for the `detail` of an audit entry; nothing when there are none. */
export function attachmentsGone(
  mac: Mac,
  subjectId: SubjectId,
  attachmentIds: readonly Uuid[],
): Readonly<{ attachmentsGone?: string }> {
  if (attachmentIds.length === 0) return {};
  const names = attachmentIds.map((attachmentId) => attachmentPseudonym(mac, subjectId, attachmentId));
  return { attachmentsGone: Buffer.concat(names).toString('base64') };
}
