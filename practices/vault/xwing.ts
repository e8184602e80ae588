/**
 * X-Wing: a key encapsulation that holds while either ML-KEM-768 or X25519 holds.
 *
 * Used only where keys travel (intake, exports, backup recipients); AES-256 at rest needs no post-quantum help.
 * A secret key is its 32-byte seed; everything else is expanded from it.
 * Source: draft-connolly-cfrg-xwing-kem-08 §5; FIPS 203 (ML-KEM-768); RFC 7748 (X25519).
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  diffieHellman,
  encapsulate,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

import { sealingFailure } from './sealing-failures.ts';

export const XWING_SEED_BYTES = 32;
export const XWING_PUBLIC_BYTES = 1216;
export const XWING_ENCAPSULATED_BYTES = 1120;
const MLKEM_PUBLIC_BYTES = 1184;
const MLKEM_CIPHERTEXT_BYTES = 1088;

export type XwingPublicKey = Readonly<{
  /** ML-KEM-768 encapsulation key (1,184 B) ‖ X25519 point (32 B) */
  bytes: Uint8Array;
  mlkem: KeyObject;
  x25519: KeyObject;
}>;
export type XwingSecretKey = Readonly<{ publicKey: XwingPublicKey; mlkem: KeyObject; x25519: KeyObject }>;

/** The draft's label, six bytes of ASCII art: a wing. */
const LABEL = Buffer.from('5c2e2f2f5e5c', 'hex');

// DER around raw keys: Node imports ML-KEM only as DER, PEM or JWK in 24.7, and raw only later
const MLKEM_SPKI = Buffer.from('308204b2300b0609608648016503040402038204a100', 'hex');
const MLKEM_PKCS8_SEED = Buffer.from('3054020100300b060960864801650304040204428040', 'hex');
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex');
const X25519_PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

const publicFromDer = (prefix: Uint8Array, raw: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([prefix, raw]), format: 'der', type: 'spki' });
const secretFromDer = (prefix: Uint8Array, raw: Uint8Array): KeyObject => {
  const key = Buffer.concat([prefix, raw]);
  const made = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  key.fill(0);
  return made;
};
const rawPublic = (key: KeyObject, prefix: Uint8Array): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(prefix.length);

/**
 * @param bytes 1,216
 * @throws SEALING_KEY_INVALID: another length, or ML-KEM coefficients out of range (FIPS 203 §7.2)
 */
export function xwingPublicKey(bytes: Uint8Array): XwingPublicKey {
  if (bytes.length !== XWING_PUBLIC_BYTES) {
    throw sealingFailure('KEY_INVALID', { detail: `an X-Wing public key has 1,216 bytes, this has ${bytes.length}` });
  }
  const copy = Uint8Array.from(bytes);
  try {
    return {
      bytes: copy,
      mlkem: publicFromDer(MLKEM_SPKI, copy.subarray(0, MLKEM_PUBLIC_BYTES)),
      x25519: publicFromDer(X25519_SPKI, copy.subarray(MLKEM_PUBLIC_BYTES)),
    };
  } catch (cause) {
    throw sealingFailure('KEY_INVALID', { cause });
  }
}

/**
 * The key pair of a seed; the same seed gives the same pair everywhere.
 * @param seed 32 uniformly random bytes; the caller keeps and wipes them
 * @throws SEALING_KEY_INVALID
 */
export function xwingFromSeed(seed: Uint8Array): XwingSecretKey {
  if (seed.length !== XWING_SEED_BYTES) {
    throw sealingFailure('KEY_INVALID', { detail: `an X-Wing seed has 32 bytes, this has ${seed.length}` });
  }
  const expanded = createHash('shake256', { outputLength: 96 }).update(seed).digest();
  const mlkem = secretFromDer(MLKEM_PKCS8_SEED, expanded.subarray(0, 64));
  const x25519 = secretFromDer(X25519_PKCS8, expanded.subarray(64));
  expanded.fill(0);

  const bytes = Buffer.concat([rawPublic(mlkem, MLKEM_SPKI), rawPublic(x25519, X25519_SPKI)]);
  return { publicKey: xwingPublicKey(bytes), mlkem, x25519 };
}

/** A fresh seed, 32 bytes. It is the secret key: wrap it before it is stored. */
export function newXwingSeed(): Buffer {
  return randomBytes(XWING_SEED_BYTES);
}

/**
 * @returns a 32-byte secret, and the 1,120 bytes that carry it to the holder of the secret key
 * @throws SEALING_KEY_INVALID when the X25519 point has low order
 */
export function xwingEncapsulate(to: XwingPublicKey): { sharedSecret: Buffer; encapsulated: Buffer } {
  const pq = encapsulate(to.mlkem);
  const ephemeral = generateKeyPairSync('x25519');
  const point = rawPublic(ephemeral.privateKey, X25519_SPKI);
  const sharedSecret = combine(
    pq.sharedKey,
    agree(ephemeral.privateKey, to.x25519),
    point,
    to.bytes.subarray(MLKEM_PUBLIC_BYTES),
  );
  return { sharedSecret, encapsulated: Buffer.concat([pq.ciphertext, point]) };
}

/**
 * @param encapsulated 1,120 bytes. A changed one gives another secret rather than an error (implicit rejection,
 *   FIPS 203 §6.3): what was sealed under the secret then fails to open.
 * @returns 32 bytes
 * @throws SEALING_KEY_INVALID: another length, or an X25519 point of low order
 */
export function xwingDecapsulate(key: XwingSecretKey, encapsulated: Uint8Array): Buffer {
  if (encapsulated.length !== XWING_ENCAPSULATED_BYTES) {
    throw sealingFailure('KEY_INVALID', {
      detail: `an encapsulated key has 1,120 bytes, this has ${encapsulated.length}`,
    });
  }
  const point = encapsulated.subarray(MLKEM_CIPHERTEXT_BYTES);
  const pq = decapsulate(key.mlkem, Buffer.from(encapsulated.subarray(0, MLKEM_CIPHERTEXT_BYTES)));
  const classic = agree(key.x25519, publicFromDer(X25519_SPKI, point));
  return combine(pq, classic, point, key.publicKey.bytes.subarray(MLKEM_PUBLIC_BYTES));
}

/** X25519. OpenSSL refuses an all-zero result; the draft allows that check, and we keep it. */
function agree(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  try {
    return diffieHellman({ privateKey, publicKey });
  } catch (cause) {
    throw sealingFailure('KEY_INVALID', { detail: 'this X25519 point has low order', cause });
  }
}

/** SHA3-256 of both secrets, bound to the X25519 half; ML-KEM binds its own (draft §5.3). */
function combine(pq: Uint8Array, classic: Uint8Array, point: Uint8Array, recipient: Uint8Array): Buffer {
  return createHash('sha3-256').update(pq).update(classic).update(point).update(recipient).update(LABEL).digest();
}
