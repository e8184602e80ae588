/**
 * Seal tags: what the audit log keeps of every write, so that a row put back, with its old version, is found.
 *
 * A tag is record pseudonym (8 B) ‖ the first 16 bytes of SHA-256("strongroom/seal/1" ‖ version ‖ box). The log holds
 * tags of up to 1,000 records in one entry. An older box authenticates in its cell; only the log knows it is not the newest.
 * Source: docs/formats/seal-tag.md
 */
import { hash } from 'node:crypto';

import { lengthPrefixed, type Mac } from '#platform/crypto';
import { uuidBytes, type RecordId } from '#platform/ids';

export const TAG_BYTES = 24;
export const NAME_BYTES = 8;
const SEAL_LABEL = Buffer.from('strongroom/seal/1');

/** @param mac under the key of the `audit` epoch */
export function recordPseudonym(mac: Mac, id: RecordId): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigInt64BE(id.recordNo);
  return mac(lengthPrefixed('strongroom/record/1', uuidBytes(id.subjectId), number)).subarray(0, NAME_BYTES);
}

/** @param mac under the key of the `audit` epoch */
export function sealTag(mac: Mac, id: RecordId, version: number, box: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(version);
  // in one shot: against an object that is updated three times it costs a third
  const digest = hash('sha256', Buffer.concat([SEAL_LABEL, head, box]), 'binary');
  const tag = Buffer.alloc(TAG_BYTES);
  recordPseudonym(mac, id).copy(tag);
  tag.write(digest, NAME_BYTES, 'latin1');
  return tag;
}

/** Tags of a batch as one base64 text, for the `detail` of an audit entry. */
export const encodeTags = (tags: readonly Buffer[]): string => Buffer.concat([...tags]).toString('base64');

/** Pseudonyms of records that were taken away, as one base64 text for the `detail` of an audit entry. */
export const encodeGone = (mac: Mac, ids: readonly RecordId[]): string =>
  Buffer.concat(ids.map((id) => recordPseudonym(mac, id))).toString('base64');
