/**
 * What is said of an attachment: its name, its media type and its SHA-256, in one box that is bound to all the rest of
 * its row. A row whose size, count of chunks, head or place was changed, or taken from another row, does not open.
 * Format: docs/formats/attachment.md §3.
 */
import { hmacExpand, lengthPrefixed } from '#platform/crypto';
import { isFailure } from '#platform/failure';
import { uuidBytes, type RecordId, type Uuid } from '#platform/ids';

import { openCommitted, sealCommitted } from './committed.ts';
import { vaultFailure } from './failures.ts';
import { sealingFailure } from './sealing-failures.ts';
import type { DataKey } from './types.ts';

export type AttachmentManifest = Readonly<{
  name: string;
  /** Media type as the sender gave it. */
  type: string;
  /** Of the content, 64 hex digits. */
  sha256: string;
}>;

/** All that stands in clear beside the box. */
export type AttachmentRow = Readonly<{
  recordId: RecordId;
  attachmentId: Uuid;
  /** What it is called outside: the id it was first given. New keys change the other one. */
  publicId: Uuid;
  keyVersion: number;
  sizeBytes: number;
  chunks: number;
  head: Buffer;
  nameLookup: Buffer;
}>;

export const NAME_LOOKUP_BYTES = 16;
const MAX_NAME_BYTES = 255;
const MAX_TYPE_LENGTH = 255;
/** RFC 9110 §8.3.1: type/subtype and parameters, here of printable ASCII without looking deeper. */
const MEDIA_TYPE = /^[A-Za-z0-9!#$&^_.+-]{1,127}\/[A-Za-z0-9!#$&^_.+-]{1,127}(\s*;[\x20-\x7e]*)?$/;

/**
 * @returns the name in NFC: 1 to 255 bytes of UTF-8 that can name a file everywhere
 * @throws VAULT_ATTACHMENT_NAME_INVALID
 */
export function checkAttachmentName(text: string): string {
  const name = text.normalize('NFC');
  const usable =
    name.length > 0 &&
    Buffer.byteLength(name) <= MAX_NAME_BYTES &&
    name.isWellFormed() &&
    name.trim() === name &&
    name !== '.' &&
    name !== '..' &&
    // separators, what a terminal or a header would obey, and what only changes how other letters are read
    !/[/\\\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(name);
  if (!usable) throw vaultFailure('ATTACHMENT_NAME_INVALID');
  return name;
}

/** @throws VAULT_ATTACHMENT_TYPE_INVALID */
export function checkMediaType(text: string | undefined): string {
  if (text === undefined) return 'application/octet-stream';
  if (text.length > MAX_TYPE_LENGTH || !MEDIA_TYPE.test(text)) throw vaultFailure('ATTACHMENT_TYPE_INVALID');
  return text;
}

/**
 * What finds an attachment by its name without opening any. Under the subject's own key: equal names of different
 * people, or beside different records, are not seen to be equal, and an erased person's cannot be guessed.
 * @returns 16 bytes
 */
export function nameLookup(key: DataKey, recordId: RecordId, name: string): Buffer {
  const label = lengthPrefixed('strongroom/attachment/1 name', u64(recordId.recordNo), name);
  return hmacExpand(key.aes, label, NAME_LOOKUP_BYTES);
}

export function sealManifest(
  key: DataKey,
  installation: Uuid,
  row: AttachmentRow,
  manifest: AttachmentManifest,
): Buffer {
  const { name, type, sha256 } = manifest;
  const id = row.publicId === row.attachmentId ? {} : { id: row.publicId };
  return sealCommitted(key.aes, Buffer.from(JSON.stringify({ name, type, sha256, ...id })), aadOf(installation, row));
}

/** @throws SEALING_ATTACHMENT_REFUSED */
export function openManifest(key: DataKey, installation: Uuid, row: AttachmentRow, box: Buffer): AttachmentManifest {
  const { id, ...manifest } = openJson(key, installation, row, box);
  if ((id ?? row.attachmentId) !== row.publicId)
    throw sealingFailure('ATTACHMENT_REFUSED', {
      detail: `attachment ${row.publicId} is another one than its row says`,
    });
  return manifest;
}

function openJson(
  key: DataKey,
  installation: Uuid,
  row: AttachmentRow,
  box: Buffer,
): AttachmentManifest & { id?: string } {
  try {
    return JSON.parse(openCommitted(key.aes, box, aadOf(installation, row)).toString('utf8')) as AttachmentManifest;
  } catch (cause) {
    if (!isFailure(cause, 'SEALING_COMMITTED_REFUSED')) throw cause;
    throw sealingFailure('ATTACHMENT_REFUSED', {
      detail: `what is stored beside attachment ${row.publicId} does not open`,
      cause,
    });
  }
}

function aadOf(installation: Uuid, row: AttachmentRow): Buffer {
  const numbers = Buffer.alloc(24);
  numbers.writeBigUInt64BE(row.recordId.recordNo, 0);
  numbers.writeUInt32BE(row.keyVersion, 8);
  numbers.writeBigUInt64BE(BigInt(row.sizeBytes), 12);
  numbers.writeUInt32BE(row.chunks, 20);
  return lengthPrefixed(
    'strongroom/attachment/1 manifest',
    row.head,
    uuidBytes(installation),
    uuidBytes(row.recordId.subjectId),
    uuidBytes(row.attachmentId),
    numbers,
    row.nameLookup,
  );
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
