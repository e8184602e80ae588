/**
 * Attachments: content of any length, sealed in chunks of 64 KiB under its subject's data key.
 *
 * Every chunk is bound to installation, subject, record, attachment, key version, number and whether it is the last.
 * Each sealing draws a salt, so that an upload that failed half way can be repeated under the same attachment id
 * without its counters meeting other content under one key. Format: docs/formats/attachment.md.
 */
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

import { hmacExpand, lengthPrefixed } from '#platform/crypto';
import { uuidBytes, type RecordId, type Uuid } from '#platform/ids';

import { rechunk } from './rechunk.ts';
import { sealingFailure } from './sealing-failures.ts';
import { openStreamChunk, sealStreamChunk, STREAM_TAG_BYTES, type Place } from './stream-cipher.ts';

export const ATTACHMENT_CHUNK_BYTES = 65_536;
const SALT_BYTES = 16;
const FORMAT = 0x01;
const SUITE = 0x01;
/** format (1) ‖ suite (1) ‖ salt (16) */
export const ATTACHMENT_HEAD_BYTES = 2 + SALT_BYTES;

export type AttachmentBinding = Readonly<{
  installation: Uuid;
  recordId: RecordId;
  attachmentId: Uuid;
  /** version of the data key, 1 to 2^32 - 1 */
  keyVersion: number;
}>;
/** A chunk as it is stored: one row each. */
export type SealedChunk = Readonly<Place & { box: Uint8Array }>;
export type SealedAttachment = Readonly<{
  /** 18 bytes, stored once with the attachment; not secret, wrong ones open nothing. */
  head: Buffer;
  /** Read it once, to its end; sealing happens as it is read. */
  chunks: AsyncIterable<SealedChunk>;
}>;

/** @param dek the subject's data key, a secret KeyObject of 32 bytes */
export function sealChunks(
  dek: KeyObject,
  binding: AttachmentBinding,
  source: AsyncIterable<Uint8Array>,
): SealedAttachment {
  const head = Buffer.concat([Uint8Array.of(FORMAT, SUITE), randomBytes(SALT_BYTES)]);
  const key = attachmentKey(dek, binding, head);
  const chunks = async function* (): AsyncGenerator<SealedChunk> {
    let seq = 0;
    for await (const { bytes, last } of rechunk(source, ATTACHMENT_CHUNK_BYTES)) {
      yield { seq, last, box: sealStreamChunk(key, { seq, last }, bytes, chunkAad(binding, head, { seq, last })) };
      seq += 1;
    }
  };
  return { head, chunks: chunks() };
}

/**
 * Opens chunks in order. No byte leaves before its chunk is authenticated; but that nothing is missing is known only
 * when the iteration ends without a failure.
 * @param range numbers of the first and last chunk wanted; without it the whole attachment, whose last chunk must be
 *   marked as last. A range cannot notice that chunks after it are gone.
 * @throws SEALING_ATTACHMENT_REFUSED
 */
export async function* openChunks(
  dek: KeyObject,
  binding: AttachmentBinding,
  head: Uint8Array,
  sealed: AsyncIterable<SealedChunk> | Iterable<SealedChunk>,
  range?: Readonly<{ first: number; final: number }>,
): AsyncGenerator<Buffer> {
  if (head.length !== ATTACHMENT_HEAD_BYTES || head[0] !== FORMAT || head[1] !== SUITE) {
    throw sealingFailure('ATTACHMENT_REFUSED', { detail: 'the head of this attachment has an unknown format' });
  }
  const key = attachmentKey(dek, binding, head);
  let expected = range?.first ?? 0;
  let ended = false;
  for await (const { seq, last, box } of sealed) {
    if (ended || seq !== expected || !sizeFits(box, last)) throw refused(binding, expected);
    const plain = openStreamChunk(key, { seq, last }, box, chunkAad(binding, head, { seq, last }));
    if (plain === null) throw refused(binding, expected);
    ended = last || seq === range?.final;
    expected += 1;
    yield plain;
  }
  if (!ended || (range !== undefined && expected !== range.final + 1)) throw refused(binding, expected);
}

/**
 * Which chunks hold bytes `start` to `end` (inclusive) of an attachment of `sizeBytes`, and what to drop in front.
 * @throws RangeError when there are no such bytes
 */
export function chunkRange(
  start: number,
  end: number,
  sizeBytes: number,
): { first: number; final: number; skipBytes: number; takeBytes: number } {
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start || end >= sizeBytes) {
    throw new RangeError(`no bytes ${start} to ${end} in ${sizeBytes}`);
  }
  const first = Math.floor(start / ATTACHMENT_CHUNK_BYTES);
  return {
    first,
    final: Math.floor(end / ATTACHMENT_CHUNK_BYTES),
    skipBytes: start - first * ATTACHMENT_CHUNK_BYTES,
    takeBytes: end - start + 1,
  };
}

const sizeFits = (box: Uint8Array, last: boolean): boolean => {
  const size = box.length - STREAM_TAG_BYTES;
  return last ? size >= 0 && size <= ATTACHMENT_CHUNK_BYTES : size === ATTACHMENT_CHUNK_BYTES;
};

function attachmentKey(dek: KeyObject, binding: AttachmentBinding, head: Uint8Array): KeyObject {
  const label = lengthPrefixed('strongroom/attachment/1 key', uuidBytes(binding.attachmentId), head.subarray(2));
  const raw = hmacExpand(dek, label);
  const key = createSecretKey(raw);
  raw.fill(0);
  return key;
}

function chunkAad(binding: AttachmentBinding, head: Uint8Array, { seq, last }: Place): Buffer {
  const numbers = Buffer.alloc(17);
  numbers.writeBigUInt64BE(binding.recordId.recordNo, 0);
  numbers.writeUInt32BE(binding.keyVersion, 8);
  numbers.writeUInt32BE(seq, 12);
  numbers[16] = last ? 1 : 0;
  return lengthPrefixed(
    'strongroom/attachment/1',
    head,
    uuidBytes(binding.installation),
    uuidBytes(binding.recordId.subjectId),
    uuidBytes(binding.attachmentId),
    numbers,
  );
}

function refused(binding: AttachmentBinding, seq: number): Error {
  return sealingFailure('ATTACHMENT_REFUSED', {
    detail: `chunk ${seq} of attachment ${binding.attachmentId} does not open`,
  });
}
