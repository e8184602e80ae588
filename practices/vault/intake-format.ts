/** The bytes of an intake envelope, STRONGROOM-INTAKE/1. Strict: one spelling. Format: docs/formats/sealed-intake.md. */
import { uuidBytes, uuidText, type Uuid } from '#platform/ids';

import { HPKE_OVERHEAD_BYTES } from './hpke.ts';
import { sealingFailure } from './sealing-failures.ts';

export const KEY_ID_BYTES = 16;
/** Buckets of plaintext: the length of an envelope tells the form's size only to a power of two. */
export const SMALLEST_BUCKET_BYTES = 512;
export const LARGEST_BUCKET_BYTES = 65_536;
const MAGIC = Buffer.from('SRI\x01', 'latin1');
const FIXED_BYTES = 4 + 16 + KEY_ID_BYTES + 16 + 8 + 1;
const COLLECTION = /^[a-z][a-z0-9_.-]{0,62}$/;
const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;
const MAX_FIELDS = 200;
const MAX_TEXT = 128;

export type FormValue = string | number | boolean | null | readonly FormValue[] | { readonly [key: string]: FormValue };
export type IntakeForm = Readonly<{
  collection: string;
  /** an external id, or `sub_…`; up to 128 characters */
  subject?: string;
  /** up to 128 characters */
  purpose: string;
  fields: Readonly<Record<string, FormValue>>;
}>;
/** What an envelope says of itself. Nothing of it is proven before `openForm` has opened it. */
export type IntakeHeader = Readonly<{
  installation: Uuid;
  keyId: Uint8Array;
  envelopeId: Uuid;
  expiresAt: Date;
  collection: string;
}>;

export function encodeIntakeHeader(header: IntakeHeader): Buffer {
  if (!COLLECTION.test(header.collection))
    throw sealingFailure('FORM_INVALID', { detail: 'this is no name of a collection' });
  const expiry = Buffer.alloc(8);
  expiry.writeBigUInt64BE(BigInt(Math.floor(header.expiresAt.getTime() / 1000)));
  const collection = Buffer.from(header.collection, 'latin1');
  return Buffer.concat([
    MAGIC,
    uuidBytes(header.installation),
    header.keyId,
    uuidBytes(header.envelopeId),
    expiry,
    Uint8Array.of(collection.length),
    collection,
  ]);
}

/** @throws SEALING_ENVELOPE_UNKNOWN */
export function parseEnvelope(envelope: Uint8Array): { header: IntakeHeader; aad: Buffer; sealed: Buffer } {
  const bytes = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength);
  if (bytes.length < FIXED_BYTES || !bytes.subarray(0, 4).equals(MAGIC)) throw sealingFailure('ENVELOPE_UNKNOWN');
  const end = FIXED_BYTES + (bytes[FIXED_BYTES - 1] as number);
  const collection = bytes.toString('latin1', FIXED_BYTES, end);
  const seconds = bytes.readBigUInt64BE(52);
  const bucket = bytes.length - end - HPKE_OVERHEAD_BYTES;
  if (!COLLECTION.test(collection) || !isBucket(bucket) || seconds > 8_640_000_000_000n)
    throw sealingFailure('ENVELOPE_UNKNOWN');
  return {
    header: {
      installation: uuidText(bytes.subarray(4, 20)),
      keyId: bytes.subarray(20, 36),
      envelopeId: uuidText(bytes.subarray(36, 52)),
      expiresAt: new Date(Number(seconds) * 1000),
      collection,
    },
    aad: bytes.subarray(0, end),
    sealed: bytes.subarray(end),
  };
}

const isBucket = (size: number): boolean =>
  size >= SMALLEST_BUCKET_BYTES && size <= LARGEST_BUCKET_BYTES && (size & (size - 1)) === 0;

/** @returns u32 length ‖ JSON ‖ zeros up to the next bucket. @throws SEALING_FORM_INVALID */
export function encodeForm({ subject, purpose, fields }: IntakeForm): Buffer {
  const form = subject === undefined ? { purpose, fields } : { subject, purpose, fields };
  if (!isForm(form)) throw sealingFailure('FORM_INVALID');
  const text = Buffer.from(JSON.stringify(form), 'utf8');
  let bucket = SMALLEST_BUCKET_BYTES;
  while (bucket < text.length + 4) bucket *= 2;
  if (bucket > LARGEST_BUCKET_BYTES) {
    throw sealingFailure('FORM_INVALID', {
      detail: `a form has at most ${LARGEST_BUCKET_BYTES - 4} bytes, this has ${text.length}`,
    });
  }
  const padded = Buffer.alloc(bucket);
  padded.writeUInt32BE(text.length);
  text.copy(padded, 4);
  return padded;
}

/** @throws SEALING_FORM_INVALID: padding that is not zero, a wrong length, unknown members, wrong types */
export function decodeForm(padded: Buffer, collection: string): IntakeForm {
  const end = 4 + padded.readUInt32BE();
  if (end > padded.length || padded.subarray(end).some((byte) => byte !== 0)) throw sealingFailure('FORM_INVALID');
  let form: unknown;
  try {
    form = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(padded.subarray(4, end)));
  } catch {
    // the parser's message would quote the form, so it is not kept as cause
    throw sealingFailure('FORM_INVALID');
  }
  if (!isForm(form)) throw sealingFailure('FORM_INVALID');
  return { collection, ...form };
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length > 0 &&
  value.length <= MAX_TEXT &&
  value.isWellFormed() &&
  !value.includes('\0');

function isForm(value: unknown): value is Omit<IntakeForm, 'collection'> {
  if (typeof value !== 'object' || value === null) return false;
  const { subject, purpose, fields, ...more } = value as Record<string, unknown>;
  if (Object.keys(more).length > 0 || !isText(purpose) || !(subject === undefined || isText(subject))) return false;
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return false;
  const names = Object.keys(fields);
  return names.length <= MAX_FIELDS && names.every((name) => NAME.test(name));
}
