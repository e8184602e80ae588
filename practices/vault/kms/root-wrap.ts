/**
 * Wrapping under a root key held in memory: version 1 ‖ salt 32 ‖ nonce 12 ‖ ciphertext ‖ tag 16.
 *
 * The root never meets AES-GCM itself: each wrap has a subkey from a random salt, so the limit of 2^32 random nonces
 * per key (NIST SP 800-38D §8.3) is never approached.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { hmacSha256, lengthPrefixed } from '#platform/crypto';
import { kmsFailure } from './failures.ts';
import { MAX_WRAP_BYTES, type KmsContext } from './kms.ts';

const VERSION = 1;
const HEAD_BYTES = 45;
const TAG_BYTES = 16;
const LABEL = 'strongroom/kms/root-wrap/1';

/** Canonical context: entries sorted by name (UTF-16 order), name and value length-prefixed. */
export function contextBytes(context: KmsContext): Buffer {
  const names = Object.keys(context).toSorted();
  return lengthPrefixed(...names.flatMap((name) => [name, context[name] ?? '']));
}

/** @param bound key id and version, authenticated before the context */
export function rootWrap(root: Uint8Array, bytes: Uint8Array, bound: string, context: KmsContext): Buffer {
  if (bytes.byteLength === 0) throw kmsFailure('EMPTY');
  if (bytes.byteLength > MAX_WRAP_BYTES) throw kmsFailure('BLOB_TOO_LARGE');
  const head = Buffer.concat([Buffer.of(VERSION), randomBytes(32), randomBytes(12)]);
  const cipher = createCipheriv('aes-256-gcm', subkey(root, head), head.subarray(33));
  cipher.setAAD(lengthPrefixed(head, bound, contextBytes(context)));
  return Buffer.concat([head, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** @throws KMS_WRONG_CONTEXT for a blob that is damaged, foreign or bound to something else */
export function rootUnwrap(root: Uint8Array, blob: Uint8Array, bound: string, context: KmsContext): Buffer {
  const size = blob.byteLength - HEAD_BYTES - TAG_BYTES;
  if (blob[0] !== VERSION || size < 1 || size > MAX_WRAP_BYTES) throw kmsFailure('WRONG_CONTEXT');
  const head = blob.subarray(0, HEAD_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', subkey(root, head), head.subarray(33), { authTagLength: TAG_BYTES });
  decipher.setAAD(lengthPrefixed(head, bound, contextBytes(context)));
  decipher.setAuthTag(blob.subarray(HEAD_BYTES + size));
  const opened = decipher.update(blob.subarray(HEAD_BYTES, HEAD_BYTES + size));
  try {
    decipher.final();
  } catch {
    opened.fill(0);
    throw kmsFailure('WRONG_CONTEXT');
  }
  return opened;
}

function subkey(root: Uint8Array, head: Uint8Array): Buffer {
  return hmacSha256(root, lengthPrefixed(LABEL, head.subarray(1, 33)));
}
