/**
 * Identifiers: UUIDv7 inside, Crockford base32 with a kind's prefix outside.
 *
 * A record's public id begins with its subject's: `rec_` ‖ subject (26 chars) ‖ record number (13 chars), so that every
 * statement can be routed to the subject's shard from the id alone (docs/adr/0002-record-ids.md).
 * Source: RFC 9562 §5.7 (UUIDv7); Crockford base32 (lower case, no i, l, o, u).
 */
import { randomFillSync } from 'node:crypto';

import { fromBase32, toBase32 } from './base32.ts';

export { fromBase32, toBase32 } from './base32.ts';

declare const brand: unique symbol;
/** Lower-case UUID text, 36 characters. */
export type Uuid = string & { readonly [brand]: 'uuid' };
/** A subject: the person the data is about. UUIDv7. */
export type SubjectId = Uuid & { readonly __subject: true };
/** A record: its subject, and a number that is random within it. */
export type RecordId = Readonly<{ subjectId: SubjectId; /** 64-bit unsigned */ recordNo: bigint }>;

/** Fills with random bytes; a pool's `fill` where many ids are made, for a call of `randomFillSync` costs 5 µs. */
type FillRandom = (target: Uint8Array, at: number, sizeBytes: number) => unknown;

/** A fresh UUIDv7: 48 bits of milliseconds, 74 random bits. */
export function uuidv7(nowMs: number = Date.now(), fill: FillRandom = randomFillSync): Uuid {
  const bytes = new Uint8Array(16);
  fill(bytes, 6, 10);
  bytes[0] = Math.floor(nowMs / 2 ** 40) & 0xff;
  bytes[1] = Math.floor(nowMs / 2 ** 32) & 0xff;
  bytes[2] = Math.floor(nowMs / 2 ** 24) & 0xff;
  bytes[3] = Math.floor(nowMs / 2 ** 16) & 0xff;
  bytes[4] = Math.floor(nowMs / 2 ** 8) & 0xff;
  bytes[5] = nowMs & 0xff;
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return uuidText(bytes);
}

export function newSubjectId(nowMs?: number, fill?: FillRandom): SubjectId {
  return uuidv7(nowMs, fill) as SubjectId;
}

/** A record number: 63 random bits, so that it fits PostgreSQL's bigint. */
export function newRecordNo(fill: FillRandom = randomFillSync): bigint {
  const bytes = Buffer.alloc(8);
  fill(bytes, 0, 8);
  return bytes.readBigUInt64BE() & 0x7fff_ffff_ffff_ffffn;
}

/** 16 bytes → UUID text. */
export function uuidText(bytes: Uint8Array): Uuid {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Uuid;
}

const HEX_VALUES: readonly number[] = Array.from({ length: 128 }, (_, unit) => {
  const value = Number.parseInt(String.fromCodePoint(unit), 16);
  return Number.isNaN(value) ? 0 : value;
});

/** UUID text → 16 bytes. Trusts its input (branded). By hand: without the dashes and `Buffer.from` it takes a quarter. */
export function uuidBytes(uuid: Uuid): Buffer {
  const bytes = Buffer.allocUnsafe(16);
  for (let i = 0, at = 0; at < 16; i += 2, at += 1) {
    if (i === 8 || i === 13 || i === 18 || i === 23) i += 1;
    bytes[at] = ((HEX_VALUES[uuid.charCodeAt(i)] as number) << 4) | (HEX_VALUES[uuid.charCodeAt(i + 1)] as number);
  }
  return bytes;
}

/** A public id: `prefix_` ‖ base32 of the UUID, 26 characters. */
export function publicId(prefix: string, uuid: Uuid): string {
  return `${prefix}_${toBase32(uuidBytes(uuid))}`;
}

/** The UUID in a public id, or null when it is not one of that kind. */
export function parsePublicId(prefix: string, text: string): Uuid | null {
  if (!text.startsWith(`${prefix}_`)) return null;
  const bytes = fromBase32(text.slice(prefix.length + 1), 16);
  return bytes === null ? null : uuidText(bytes);
}

export const subjectIdText = (id: SubjectId): string => publicId('sub', id);
export const parseSubjectId = (text: string): SubjectId | null => parsePublicId('sub', text) as SubjectId | null;

export function recordIdText(id: RecordId): string {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(id.recordNo);
  return `rec_${toBase32(uuidBytes(id.subjectId))}${toBase32(number)}`;
}

export function parseRecordId(text: string): RecordId | null {
  if (!text.startsWith('rec_') || text.length !== 43) return null;
  const subject = fromBase32(text.slice(4, 30), 16);
  const number = fromBase32(text.slice(30), 8);
  if (subject === null || number === null) return null;
  const recordNo = Buffer.from(number).readBigUInt64BE();
  if (recordNo > 0x7fff_ffff_ffff_ffffn) return null;
  return { subjectId: uuidText(subject) as SubjectId, recordNo };
}
