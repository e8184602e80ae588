/**
 * Seal tags: what the audit log keeps of every write, so that a row put back, with its old version, is found.
 *
 * A tag is record pseudonym (8 B) ‖ the first 16 bytes of SHA-256("strongroom/seal/1" ‖ version ‖ box). The log holds
 * tags of up to 1,000 records in one entry. An older box authenticates in its cell; only the log knows it is not the newest.
 * Source: docs/formats/seal-tag.md
 */
import { createHash, createHmac, type KeyObject } from 'node:crypto';

import { lengthPrefixed } from '#platform/crypto';
import { uuidBytes, type RecordId } from '#platform/ids';

export const TAG_BYTES = 24;
export const NAME_BYTES = 8;

export function recordPseudonym(key: KeyObject, id: RecordId): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigInt64BE(id.recordNo);
  return createHmac('sha256', key)
    .update(lengthPrefixed('strongroom/record/1', uuidBytes(id.subjectId), number))
    .digest()
    .subarray(0, NAME_BYTES);
}

export function sealTag(key: KeyObject, id: RecordId, version: number, box: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(version);
  const digest = createHash('sha256').update('strongroom/seal/1').update(head).update(box).digest();
  return Buffer.concat([recordPseudonym(key, id), digest.subarray(0, TAG_BYTES - NAME_BYTES)]);
}

/** Tags of a batch as one base64 text, for the `detail` of an audit entry. */
export const encodeTags = (tags: readonly Buffer[]): string => Buffer.concat([...tags]).toString('base64');

/** Pseudonyms of records that were taken away, as one base64 text for the `detail` of an audit entry. */
export const encodeGone = (key: KeyObject, ids: readonly RecordId[]): string =>
  Buffer.concat(ids.map((id) => recordPseudonym(key, id))).toString('base64');
