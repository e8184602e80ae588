/**
 * HPKE, base mode, single shot: seals bytes for the holder of an X-Wing key.
 *
 * Suite: KEM 0x647a (X-Wing, MLKEM768-X25519), KDF 0x0001 (HKDF-SHA256), AEAD 0x0002 (AES-256-GCM).
 * Base mode says nothing about who sealed: authenticate the sender by other means where that matters.
 * Source: RFC 9180 §4, §5.1, §6.1; KEM id from draft-ietf-hpke-pq.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

import { hkdfExtract, hmacExpand } from '#platform/crypto';

import { sealingFailure } from './sealing-failures.ts';
import {
  XWING_ENCAPSULATED_BYTES,
  xwingDecapsulate,
  xwingEncapsulate,
  type XwingPublicKey,
  type XwingSecretKey,
} from './xwing.ts';

const TAG_BYTES = 16;
/** What HPKE adds: encapsulated key 1,120 B, tag 16 B. */
export const HPKE_OVERHEAD_BYTES = XWING_ENCAPSULATED_BYTES + TAG_BYTES;

export type HpkeContext = Readonly<{
  /** Bound into the key: what this sealing is for. */
  info: Uint8Array;
  /** Bound into the tag: what travels in clear beside it. */
  aad: Uint8Array;
}>;

const EMPTY = new Uint8Array(0);
const VERSION = Buffer.from('HPKE-v1', 'latin1');
const SUITE = Buffer.concat([Buffer.from('HPKE', 'latin1'), Buffer.from('647a00010002', 'hex')]);
const MODE_BASE = Uint8Array.of(0x00);

/** @returns encapsulated key (1,120 B) ‖ ciphertext (plain.length) ‖ tag (16 B) */
export function hpkeSeal(to: XwingPublicKey, plain: Uint8Array, context: HpkeContext): Buffer {
  const { sharedSecret, encapsulated } = xwingEncapsulate(to);
  const { key, nonce } = keySchedule(sharedSecret, context.info);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(context.aad, { plaintextLength: plain.length });
  return Buffer.concat([encapsulated, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/**
 * @param sealed as `hpkeSeal` returns it
 * @throws SEALING_HPKE_REFUSED: changed, cut, for another key, or with another info or aad. One failure for all.
 */
export function hpkeOpen(key: XwingSecretKey, sealed: Uint8Array, context: HpkeContext): Buffer {
  if (sealed.length < HPKE_OVERHEAD_BYTES) throw sealingFailure('HPKE_REFUSED');
  const end = sealed.length - TAG_BYTES;
  try {
    const sharedSecret = xwingDecapsulate(key, sealed.subarray(0, XWING_ENCAPSULATED_BYTES));
    const schedule = keySchedule(sharedSecret, context.info);
    const decipher = createDecipheriv('aes-256-gcm', schedule.key, schedule.nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(context.aad);
    decipher.setAuthTag(sealed.subarray(end));
    const plain = decipher.update(sealed.subarray(XWING_ENCAPSULATED_BYTES, end));
    decipher.final();
    return plain;
  } catch (cause) {
    throw sealingFailure('HPKE_REFUSED', { cause });
  }
}

/** RFC 9180 §5.1, without pre-shared key and exporter. One message per key, so the nonce is the base nonce. */
function keySchedule(sharedSecret: Uint8Array, info: Uint8Array): { key: Buffer; nonce: Buffer } {
  const context = Buffer.concat([
    MODE_BASE,
    labeledExtract(EMPTY, 'psk_id_hash', EMPTY),
    labeledExtract(EMPTY, 'info_hash', info),
  ]);
  const secret = labeledExtract(sharedSecret, 'secret', EMPTY);
  return {
    key: labeledExpand(secret, 'key', context, 32),
    nonce: labeledExpand(secret, 'base_nonce', context, 12),
  };
}

/** RFC 9180 §4. */
function labeledExtract(salt: Uint8Array, label: string, material: Uint8Array): Buffer {
  return hkdfExtract(salt, Buffer.concat([VERSION, SUITE, Buffer.from(label, 'latin1'), material]));
}

/** RFC 9180 §4. */
function labeledExpand(secret: Uint8Array, label: string, context: Uint8Array, sizeBytes: number): Buffer {
  const size = Uint8Array.of(sizeBytes >> 8, sizeBytes & 0xff);
  return hmacExpand(secret, Buffer.concat([size, VERSION, SUITE, Buffer.from(label, 'latin1'), context]), sizeBytes);
}
