/**
 * Sealed exports, STRONGROOM-EXPORT/1: a stream of any length, for one or more X-Wing recipients.
 *
 * HPKE wraps one content key per export for each recipient; a commitment binds that key and the whole header together,
 * so that all recipients open the same bytes; chunks are STREAM. Format: docs/formats/sealed-export.md.
 */
import { createHash, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

import { equal, hmacExpand, lengthPrefixed } from '#platform/crypto';
import { uuidBytes, uuidText, type Uuid } from '#platform/ids';

import {
  encodeExportHeader,
  exportHeaderBytes,
  MAX_RECIPIENTS,
  parseExportHeader,
  RECIPIENT_ID_BYTES,
  type ExportHeader,
} from './export-header.ts';
import { hpkeOpen, hpkeSeal } from './hpke.ts';
import { rechunk } from './rechunk.ts';
import { sealingFailure } from './sealing-failures.ts';
import { openStreamChunk, sealStreamChunk, STREAM_TAG_BYTES } from './stream-cipher.ts';
import type { XwingPublicKey, XwingSecretKey } from './xwing.ts';

const CHUNK_BYTES = 65_536;
const EMPTY = new Uint8Array(0);

/** First 16 bytes of SHA-256 over a label and the public key: what names a recipient in a header. */
export function exportRecipientId(key: XwingPublicKey): Buffer {
  return createHash('sha256')
    .update(lengthPrefixed('strongroom/export-recipient/1', key.bytes))
    .digest()
    .subarray(0, RECIPIENT_ID_BYTES);
}

/**
 * @param recipients 1 to 20, each once
 * @returns the file: header, then chunks of 65,552 bytes, the last one shorter
 * @throws SEALING_EXPORT_RECIPIENTS at once, before anything is read
 */
export function sealExport(
  recipients: readonly XwingPublicKey[],
  source: AsyncIterable<Uint8Array>,
  origin: Readonly<{ installation: Uuid; exportId: Uuid }>,
): AsyncGenerator<Buffer> {
  const ids = recipients.map(exportRecipientId);
  const distinct = new Set(ids.map((id) => id.toString('hex'))).size;
  if (distinct < 1 || distinct !== ids.length || distinct > MAX_RECIPIENTS) throw sealingFailure('EXPORT_RECIPIENTS');

  const contentKey = randomBytes(32);
  const installation = uuidBytes(origin.installation);
  const exportId = uuidBytes(origin.exportId);
  const stanzas = recipients.map((to, n) => {
    const recipientId = ids[n] as Buffer;
    const context = { info: wrapInfo(installation, exportId, recipientId), aad: EMPTY };
    return { recipientId, wrappedKey: hpkeSeal(to, contentKey, context) };
  });
  const covered = encodeExportHeader({ installation, exportId, stanzas });
  const { key, commitment } = deriveFromHeader(contentKey, covered);
  contentKey.fill(0);
  return writeExport(covered, commitment, key, source);
}

async function* writeExport(
  covered: Buffer,
  commitment: Buffer,
  key: KeyObject,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  yield Buffer.concat([covered, commitment]);
  let seq = 0;
  for await (const { bytes, last } of rechunk(source, CHUNK_BYTES)) {
    yield sealStreamChunk(key, { seq, last }, bytes, EMPTY);
    seq += 1;
  }
}

/**
 * Opens an export. No byte leaves before its chunk is authenticated, yet a file cut short is known as such only at its
 * end: treat nothing as complete until the iteration ends without a failure.
 * @param keys secret keys held; the first that is a recipient opens it
 * @param expected refuses an export of another installation, or another export, whoever sealed it
 * @throws SEALING_EXPORT_UNKNOWN, SEALING_EXPORT_NOT_FOR_YOU, SEALING_EXPORT_REFUSED
 */
export async function* openExport(
  keys: readonly XwingSecretKey[],
  source: AsyncIterable<Uint8Array>,
  expected: Readonly<{ installation?: Uuid; exportId?: Uuid }> = {},
): AsyncGenerator<Buffer> {
  const { head, rest } = await splitHeader(source);
  const { header, covered, commitment: claimed } = parseExportHeader(head);
  if (
    (expected.installation !== undefined && expected.installation !== uuidText(header.installation)) ||
    (expected.exportId !== undefined && expected.exportId !== uuidText(header.exportId))
  ) {
    throw sealingFailure('EXPORT_REFUSED', { detail: 'this is another export than the expected one' });
  }

  const contentKey = unwrapContentKey(keys, header);
  const { key, commitment } = deriveFromHeader(contentKey, covered);
  contentKey.fill(0);
  if (!equal(commitment, claimed)) throw sealingFailure('EXPORT_REFUSED', { detail: 'the header was changed' });

  let seq = 0;
  for await (const { bytes, last } of rechunk(rest, CHUNK_BYTES + STREAM_TAG_BYTES)) {
    const plain = openStreamChunk(key, { seq, last }, bytes, EMPTY);
    if (plain === null) throw sealingFailure('EXPORT_REFUSED', { detail: `chunk ${seq} of the export does not open` });
    seq += 1;
    if (plain.length > 0) yield plain;
  }
}

/** Reads as many bytes as the header has, and gives the others back as a stream. */
async function splitHeader(
  source: AsyncIterable<Uint8Array>,
): Promise<{ head: Buffer; rest: AsyncIterable<Uint8Array> }> {
  const pieces = source[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let size: number | null = null;
  while (size === null || held.length < size) {
    const next = await pieces.next();
    if (next.done === true) throw sealingFailure('EXPORT_REFUSED', { detail: 'the file ends within its header' });
    held = Buffer.concat([held, next.value]);
    size = exportHeaderBytes(held);
  }
  const after = held.subarray(size);
  const rest = async function* (): AsyncGenerator<Uint8Array> {
    yield after;
    yield* { [Symbol.asyncIterator]: () => pieces };
  };
  return { head: held.subarray(0, size), rest: rest() };
}

function unwrapContentKey(keys: readonly XwingSecretKey[], header: ExportHeader): Buffer {
  for (const key of keys) {
    const id = exportRecipientId(key.publicKey);
    const stanza = header.stanzas.find(({ recipientId }) => equal(recipientId, id));
    if (stanza === undefined) continue;
    try {
      return hpkeOpen(key, stanza.wrappedKey, { info: wrapInfo(header.installation, header.exportId, id), aad: EMPTY });
    } catch (cause) {
      throw sealingFailure('EXPORT_REFUSED', { detail: 'the wrapped key of this recipient does not open', cause });
    }
  }
  throw sealingFailure('EXPORT_NOT_FOR_YOU');
}

const wrapInfo = (installation: Uint8Array, exportId: Uint8Array, recipientId: Uint8Array): Buffer =>
  lengthPrefixed('strongroom/export/1 wrap', installation, exportId, recipientId);

/** One content key opens one header: 32 bytes of chunk key, 32 of commitment, both from the header's hash. */
function deriveFromHeader(contentKey: Uint8Array, covered: Uint8Array): { key: KeyObject; commitment: Buffer } {
  const both = hmacExpand(
    contentKey,
    lengthPrefixed('strongroom/export/1 key', createHash('sha256').update(covered).digest()),
    64,
  );
  const key = createSecretKey(both.subarray(0, 32));
  both.fill(0, 0, 32);
  return { key, commitment: both.subarray(32) };
}
