/**
 * Suite 2: one message, committing. For what leaves the system, where an attacker may choose keys.
 *
 * Plain AES-GCM lets one ciphertext open under two keys; here the 32-byte commitment names the one key, and the
 * additional data with it. A 24-byte salt makes a key per message, so the nonce can be fixed.
 * Source: RFC 5869 (expansion); SP 800-38D (AES-256-GCM); Bellare and Hoang, "Efficient Schemes for Committing
 * Authenticated Encryption", 2022 (the goal, CMT-4). Format: docs/formats/sealed-export.md §4.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes, type KeyObject } from 'node:crypto';

import { equal, hmacExpand, lengthPrefixed } from '#platform/crypto';

import { sealingFailure } from './sealing-failures.ts';

const SALT_BYTES = 24;
const COMMITMENT_BYTES = 32;
const TAG_BYTES = 16;
export const COMMITTED_OVERHEAD_BYTES = SALT_BYTES + COMMITMENT_BYTES + TAG_BYTES;
const NONCE = new Uint8Array(12);

/** @returns salt (24 B) ‖ commitment (32 B) ‖ ciphertext (plain.length) ‖ tag (16 B) */
export function sealCommitted(key: KeyObject, plain: Uint8Array, aad: Uint8Array): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const { messageKey, commitment } = derive(key, salt, aad);
  const cipher = createCipheriv('aes-256-gcm', messageKey, NONCE, { authTagLength: TAG_BYTES });
  return Buffer.concat([salt, commitment, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws SEALING_COMMITTED_REFUSED */
export function openCommitted(key: KeyObject, sealed: Uint8Array, aad: Uint8Array): Buffer {
  if (sealed.length < COMMITTED_OVERHEAD_BYTES) throw sealingFailure('COMMITTED_REFUSED');
  const body = SALT_BYTES + COMMITMENT_BYTES;
  const end = sealed.length - TAG_BYTES;
  const { messageKey, commitment } = derive(key, sealed.subarray(0, SALT_BYTES), aad);
  if (!equal(commitment, sealed.subarray(SALT_BYTES, body))) throw sealingFailure('COMMITTED_REFUSED');
  const decipher = createDecipheriv('aes-256-gcm', messageKey, NONCE, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(body, end));
  try {
    decipher.final();
  } catch (cause) {
    throw sealingFailure('COMMITTED_REFUSED', { cause });
  }
  return plain;
}

/** The additional data goes into the key by its hash, so that the commitment covers it too. */
function derive(key: KeyObject, salt: Uint8Array, aad: Uint8Array): { messageKey: Buffer; commitment: Buffer } {
  const label = lengthPrefixed('strongroom/suite-2', salt, createHash('sha256').update(aad).digest());
  const both = hmacExpand(key, label, 64);
  return { messageKey: both.subarray(0, 32), commitment: both.subarray(32) };
}
