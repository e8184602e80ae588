/**
 * One object is one plain age v1 file, which stock age ≥ 1.3 opens without us. The header, where the post-quantum hybrid
 * recipients are, is the library's; the payload is sealed here by OpenSSL, ten times as fast as in JavaScript.
 *
 * payload = nonce (16 B) ‖ chunks of 64 KiB, each ChaCha20-Poly1305 under HKDF-SHA-256(file key, nonce, "payload") with
 * the nonce counter (11 B) ‖ last (1 B). Source: C2SP age.md, "Payload"
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

import { backupsFailure } from '../failures.ts';

const CHUNK_BYTES = 65_536;
const TAG_BYTES = 16;
const NONCE_BYTES = 16;
const TAG = { authTagLength: TAG_BYTES } as const;
/** Ends the header; a MAC of 43 letters and a line end follow. */
const HEADER_END = Buffer.from('\n--- ');
const MAC_LETTERS = 43;

/** Sealed as it comes: what is added is not kept. */
export type AgeWriter = Readonly<{
  add: (bytes: Uint8Array) => void;
  /** Content so far. */
  size: () => number;
  /** The whole file; once. */
  end: () => Buffer<ArrayBuffer>;
}>;

/**
 * @param parts the content, one part after the other
 * @param recipients `age1pq1…`; anything that is not post-quantum hybrid is refused
 */
export async function sealAge(parts: readonly Uint8Array[], recipients: readonly string[]): Promise<Buffer> {
  const size = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const file = await ageWriter(recipients, size);
  parts.forEach(file.add);
  return file.end();
}

/** @param expectedBytes of content; more is taken too, at the price of a copy */
export async function ageWriter(recipients: readonly string[], expectedBytes: number): Promise<AgeWriter> {
  const { header, fileKey } = await sealedHeader(recipients);
  const nonce = randomBytes(NONCE_BYTES);
  const key = payloadKey(fileKey, nonce);
  fileKey.fill(0);
  const chunksOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / CHUNK_BYTES));
  const roomFor = (bytes: number): number => header.length + NONCE_BYTES + bytes + chunksOf(bytes) * TAG_BYTES;
  let out = Buffer.from(new ArrayBuffer(roomFor(expectedBytes)));
  let at = header.copy(out);
  at += nonce.copy(out, at);
  let [size, chunks] = [0, 0];
  // the last chunk is marked as such: a full one waits until there is more
  const waiting = Buffer.alloc(CHUNK_BYTES);
  let waits = 0;
  const seal = (chunk: Uint8Array, last: boolean): void => {
    if (at + chunk.byteLength + TAG_BYTES > out.length) {
      const grown = Buffer.from(new ArrayBuffer(Math.max(out.length * 2, at + chunk.byteLength + TAG_BYTES)));
      out.copy(grown, 0, 0, at);
      out = grown;
    }
    const cipher = createCipheriv('chacha20-poly1305', key, chunkNonce(chunks, last), TAG);
    at += cipher.update(chunk).copy(out, at);
    cipher.final();
    at += cipher.getAuthTag().copy(out, at);
    chunks += 1;
  };
  return {
    add: (bytes) => {
      size += bytes.byteLength;
      for (let from = 0; from < bytes.byteLength;) {
        if (waits === CHUNK_BYTES) {
          seal(waiting, false);
          waits = 0;
        }
        // whole chunks with more behind them need not wait
        if (waits === 0 && bytes.byteLength - from > CHUNK_BYTES) {
          seal(bytes.subarray(from, from + CHUNK_BYTES), false);
          from += CHUNK_BYTES;
          continue;
        }
        const piece = bytes.subarray(from, from + CHUNK_BYTES - waits);
        waiting.set(piece, waits);
        waits += piece.byteLength;
        from += piece.byteLength;
      }
    },
    size: () => size,
    end: () => {
      seal(waiting.subarray(0, waits), true);
      waiting.fill(0);
      key.fill(0);
      return out.subarray(0, at);
    },
  };
}

/** @throws BACKUPS_RECIPIENT_MALFORMED, BACKUPS_RECIPIENT_MISSING */
async function sealedHeader(recipients: readonly string[]): Promise<{ header: Buffer; fileKey: Uint8Array }> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  const taken: Uint8Array[] = [];
  for (const recipient of recipients) {
    if (!isHybrid(recipient)) throw backupsFailure('RECIPIENT_MALFORMED');
    encrypter.addRecipient(recipient);
  }
  if (recipients.length === 0) throw backupsFailure('RECIPIENT_MISSING');
  // adds nothing to the header: it is handed the file key
  encrypter.addRecipient({
    wrapFileKey: (fileKey) => {
      taken.push(Uint8Array.from(fileKey));
      return [];
    },
  });
  const header = headerOf(Buffer.from(await encrypter.encrypt(new Uint8Array())));
  return { header, fileKey: taken[0] as Uint8Array };
}

/**
 * Whole or nothing: not a byte is given away before the last tag was compared.
 * @throws BACKUPS_KEY_WRONG when no identity opens the header, BACKUPS_OBJECT_DAMAGED for everything else. Compare the hash
 *   of the object first: a damaged header looks like a wrong key
 */
export async function openAge(sealed: Buffer, identities: readonly string[]): Promise<Buffer> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  let fileKey: Uint8Array;
  let header: Buffer;
  try {
    header = headerOf(sealed);
    fileKey = await decrypter.decryptHeader(header);
  } catch (cause) {
    if (/no identity matched/.test((cause as Error).message)) throw backupsFailure('KEY_WRONG', { cause });
    throw backupsFailure('OBJECT_DAMAGED', { detail: 'the header of an object is damaged', cause });
  }
  const nonceEnd = header.length + NONCE_BYTES;
  const payload = sealed.subarray(nonceEnd);
  const chunks = Math.ceil(payload.length / (CHUNK_BYTES + TAG_BYTES));
  const size = payload.length - chunks * TAG_BYTES;
  if (chunks === 0 || size < 0) throw backupsFailure('OBJECT_DAMAGED', { detail: 'an object is cut off' });
  const key = payloadKey(fileKey, sealed.subarray(header.length, nonceEnd));
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  try {
    for (let n = 0; n < chunks; n += 1) {
      const chunk = payload.subarray(n * (CHUNK_BYTES + TAG_BYTES), (n + 1) * (CHUNK_BYTES + TAG_BYTES));
      const end = chunk.length - TAG_BYTES;
      const last = n === chunks - 1;
      // an empty chunk may only be the only one
      if (end < 0 || (end === 0 && chunks > 1)) throw new Error('a chunk is too short');
      const decipher = createDecipheriv('chacha20-poly1305', key, chunkNonce(n, last), TAG);
      decipher.setAuthTag(chunk.subarray(end));
      at += decipher.update(chunk.subarray(0, end)).copy(out, at);
      decipher.final();
    }
  } catch (cause) {
    out.fill(0);
    throw backupsFailure('OBJECT_DAMAGED', { detail: 'a sealed object does not authenticate', cause });
  } finally {
    key.fill(0);
    fileKey.fill(0);
  }
  return out;
}

export const isHybrid = (recipient: string): boolean => /^age1pq1[02-9ac-hj-np-z]{1900,2000}$/.test(recipient);

function headerOf(file: Buffer): Buffer {
  const end = file.indexOf(HEADER_END);
  const stop = end + HEADER_END.length + MAC_LETTERS + 1;
  if (end < 0 || end > 65_536 || file[stop - 1] !== 0x0a) throw new Error('there is no header');
  return file.subarray(0, stop);
}

const payloadKey = (fileKey: Uint8Array, nonce: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32));

function chunkNonce(n: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(n, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}
