/**
 * A field's value as bytes: type byte ‖ value, padded to a bucket where the length alone would tell the value.
 *
 * Padding is ISO/IEC 7816-4 (0x80, then zeros) and marked in the type byte's top bit.
 * Source: docs/formats/sealed-field.md §3
 */
import type { FieldValue } from './types.ts';

const TEXT = 1;
const NUMBER = 2;
const BOOLEAN = 3;
const JSON_TEXT = 4;
const PADDED = 0x80;

/** Largest value of one field, in bytes of its encoding. */
export const MAX_FIELD_BYTES = 64 * 1024;
/** Values of enumerated fields are padded to a multiple of this, in bytes. */
export const BUCKET_BYTES = 16;

/** @returns how many bytes `writeValue` will take */
export function valueBytes(value: FieldValue, padded: boolean): number {
  const plain = 1 + (typeof value === 'string' ? Buffer.byteLength(value) : bodyText(value).length);
  return padded ? (Math.floor(plain / BUCKET_BYTES) + 1) * BUCKET_BYTES : plain;
}

/** Writes type ‖ value ‖ padding at the start of `target`. @returns the size in bytes, as `valueBytes` says */
export function writeValue(target: Buffer, value: FieldValue, padded: boolean): number {
  const type =
    typeof value === 'string'
      ? TEXT
      : typeof value === 'number'
        ? NUMBER
        : typeof value === 'boolean'
          ? BOOLEAN
          : JSON_TEXT;
  const written = 1 + (typeof value === 'string' ? target.write(value, 1) : bodyText(value).copy(target, 1));
  target[0] = padded ? type | PADDED : type;
  if (!padded) return written;
  const total = (Math.floor(written / BUCKET_BYTES) + 1) * BUCKET_BYTES;
  target[written] = 0x80;
  target.fill(0, written + 1, total);
  return total;
}

/** @returns the value, or null when these bytes are none: then the box was made by somebody else */
export function readValue(plain: Buffer): FieldValue | null {
  if (plain.length === 0) return null;
  const first = plain[0] as number;
  let end = plain.length;
  if ((first & PADDED) !== 0) {
    end -= 1;
    while (end > 0 && plain[end] === 0) end -= 1;
    if (end === 0 || plain[end] !== 0x80) return null;
  }
  switch (first & 0x7f) {
    case TEXT:
      return plain.toString('utf8', 1, end);
    case NUMBER:
      return readNumber(plain.toString('latin1', 1, end));
    case BOOLEAN:
      return end === 2 && (plain[1] as number) <= 1 ? plain[1] === 1 : null;
    case JSON_TEXT:
      return readJson(plain.toString('utf8', 1, end));
    default:
      return null;
  }
}

function readNumber(text: string): number | null {
  const value = Number(text);
  return text !== '' && Number.isFinite(value) ? value : null;
}

/** A parser's own message would quote the value. */
function readJson(text: string): FieldValue | null {
  try {
    return JSON.parse(text) as FieldValue;
  } catch {
    return null;
  }
}

function bodyText(value: Exclude<FieldValue, string>): Buffer {
  if (typeof value === 'boolean') return Buffer.from([value ? 1 : 0]);
  return Buffer.from(typeof value === 'number' ? String(value) : JSON.stringify(value));
}
