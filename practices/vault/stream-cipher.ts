/**
 * STREAM: one key, many chunks, each sealed under its number and whether it is the last.
 *
 * So a stream that was cut, reordered, extended or mixed does not open. The nonce is counter (11 B) ‖ last flag (1 B).
 * INVARIANT: a key seals one stream only, or nonces would repeat; callers derive it with a fresh salt.
 * Source: Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance",
 * 2015, §7; AES-256-GCM, SP 800-38D.
 */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';

export const STREAM_TAG_BYTES = 16;
/** 2^32 chunks of 64 KiB are 256 TiB, far below what the 11-byte counter could name. */
export const MAX_STREAM_CHUNKS = 2 ** 32;

export type Place = Readonly<{ /** from 0 */ seq: number; last: boolean }>;

/** @returns ciphertext (plain.length) ‖ tag (16 B). @throws RangeError beyond 2^32 chunks */
export function sealStreamChunk(key: KeyObject, place: Place, plain: Uint8Array, aad: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(place), { authTagLength: STREAM_TAG_BYTES });
  cipher.setAAD(aad, { plaintextLength: plain.length });
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @returns the plaintext, or null when the box is not the one sealed for this place */
export function openStreamChunk(key: KeyObject, place: Place, box: Uint8Array, aad: Uint8Array): Buffer | null {
  const end = box.length - STREAM_TAG_BYTES;
  if (end < 0) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce(place), { authTagLength: STREAM_TAG_BYTES });
  decipher.setAAD(aad, { plaintextLength: end });
  decipher.setAuthTag(box.subarray(end));
  const plain = decipher.update(box.subarray(0, end));
  try {
    decipher.final();
    return plain;
  } catch {
    return null; // the only thing `final` refuses is the tag
  }
}

function nonce({ seq, last }: Place): Buffer {
  if (!Number.isInteger(seq) || seq < 0 || seq >= MAX_STREAM_CHUNKS) throw new RangeError(`no chunk has number ${seq}`);
  const bytes = Buffer.alloc(12);
  bytes.writeUIntBE(seq, 5, 6);
  bytes[11] = last ? 1 : 0;
  return bytes;
}
