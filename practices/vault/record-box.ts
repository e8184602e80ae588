/**
 * The boxes of one record, packed with a directory, so that one row is read and only the decided fields are opened.
 *
 * record box = format (1 B, 0x01) ‖ count (2) ‖ count × (field number (2) ‖ class (1) ‖ size (4)) ‖ the boxes, in order.
 * Field numbers rise, so that one set of fields has one spelling. Numbers are big-endian.
 * Source: docs/formats/record-box.md
 */
import { vaultFailure } from './failures.ts';

const FORMAT = 1;
const HEAD_BYTES = 3;
const ENTRY_BYTES = 7;

export type BoxEntry = Readonly<{ fieldNo: number; classNo: number; box: Buffer }>;

/** A box to be written in place: its size is known before its content, so a record is built in one allocation. */
export type BoxPlan = Readonly<{
  fieldNo: number;
  classNo: number;
  sizeBytes: number;
  write: (target: Buffer, at: number) => unknown;
}>;

/** @param plans in any order; each field number once */
export function packRecord(plans: readonly BoxPlan[]): Buffer {
  const ordered = plans.toSorted((a, b) => a.fieldNo - b.fieldNo);
  const bodyAt = HEAD_BYTES + ordered.length * ENTRY_BYTES;
  const packed = Buffer.alloc(ordered.reduce((total, plan) => total + plan.sizeBytes, bodyAt));
  packed[0] = FORMAT;
  packed.writeUInt16BE(ordered.length, 1);
  let entryAt = HEAD_BYTES;
  let boxAt = bodyAt;
  for (const plan of ordered) {
    packed.writeUInt16BE(plan.fieldNo, entryAt);
    packed[entryAt + 2] = plan.classNo;
    packed.writeUInt32BE(plan.sizeBytes, entryAt + 3);
    plan.write(packed, boxAt);
    entryAt += ENTRY_BYTES;
    boxAt += plan.sizeBytes;
  }
  return packed;
}

/** A box that is kept as it is when a record is packed anew. */
export const keepBox = (entry: BoxEntry): BoxPlan => ({
  fieldNo: entry.fieldNo,
  classNo: entry.classNo,
  sizeBytes: entry.box.length,
  write: (target, at) => entry.box.copy(target, at),
});

/**
 * Strict: sizes must fill the bytes exactly and numbers must rise. Boxes are views, not copies.
 * @throws VAULT_FORMAT_UNKNOWN
 */
export function unpackRecord(packed: Buffer): BoxEntry[] {
  if (packed.length < HEAD_BYTES || packed[0] !== FORMAT) throw vaultFailure('FORMAT_UNKNOWN');
  const count = packed.readUInt16BE(1);
  let boxAt = HEAD_BYTES + count * ENTRY_BYTES;
  if (packed.length < boxAt) throw vaultFailure('FORMAT_UNKNOWN');
  const entries: BoxEntry[] = [];
  let last = -1;
  for (let entryAt = HEAD_BYTES; entries.length < count; entryAt += ENTRY_BYTES) {
    const fieldNo = packed.readUInt16BE(entryAt);
    const end = boxAt + packed.readUInt32BE(entryAt + 3);
    if (fieldNo <= last || end > packed.length) throw vaultFailure('FORMAT_UNKNOWN');
    entries.push({ fieldNo, classNo: packed[entryAt + 2] as number, box: packed.subarray(boxAt, end) });
    last = fieldNo;
    boxAt = end;
  }
  if (boxAt !== packed.length) throw vaultFailure('FORMAT_UNKNOWN');
  return entries;
}
