/**
 * A subject's key ring: all of one person's keys in one row, wrapped together, so that deleting that row shreds them.
 *
 * ring blob    = format (1 B) ‖ commitment (32) ‖ nonce ‖ ciphertext ‖ tag (16); format 0x01: AES-256-GCM, nonce of 12 B;
 *                format 0x02: XChaCha20-Poly1305, nonce of 24 B
 * ciphertext of: count × (class (1) ‖ suite (1) ‖ version (4) ‖ made on day (2) ‖ key (32))
 * wrap key ‖ commitment = HMAC-SHA-512(epoch KEK, "strongroom/ring/1", installation, layer, subject, epoch, nonce): one
 * call gives a key used for one wrap (so SP 800-38D's 2^32 never meets the KEK) and a commitment to it (so one blob opens
 * under one key; neither cipher alone promises that). Keys are random and never derived: a derived key cannot be destroyed.
 *
 * INVARIANT: the two layers of class special stand on different ciphers all the way up. The ring with the AES keys of
 * suite 17 is wrapped with AES, the ring with its XChaCha20 keys with XChaCha20: who breaks one cipher opens one layer.
 * Source: docs/formats/key-ring.md; NIST SP 800-108r1 §4.1, SP 800-38D; docs/adr/0007-one-key-ring-per-subject.md
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';

import sodium from 'sodium-native';

import { equal, lengthPrefixed, macs, type RandomPool } from '#platform/crypto';
import { uuidBytes, type SubjectId, type Uuid } from '#platform/ids';

import { vaultFailure } from './failures.ts';
import { AES_GCM, TWO_LAYERS, XCHACHA, type FieldSuite } from './suites.ts';

const NONCE_BYTES = { [AES_GCM]: 12, [XCHACHA]: 24 } as const;
const FORMATS: Readonly<Record<number, FieldSuite>> = { 1: AES_GCM, 2: XCHACHA };
const COMMITMENT_BYTES = 32;
/** Format and commitment: what tells one wrap from every other. */
export const RING_MARK_BYTES = 1 + COMMITMENT_BYTES;
const TAG_BYTES = 16;
export const KEY_BYTES = 32;
const ENTRY_BYTES = 8 + KEY_BYTES;
const GCM = { authTagLength: TAG_BYTES } as const;

const macOf = macs('sha512');

/** One key as it lies in a ring. */
export type RingEntry = Readonly<{ classNo: number; suite: number; version: number; madeOnDay: number; key: Buffer }>;

/** `first` holds every key; `second` the inner keys of class special, under another root. */
export type RingLayer = 'first' | 'second';
export type RingPlace = Readonly<{ installation: Uuid; subjectId: SubjectId; layer: RingLayer; epoch: number }>;
/** What a wrap draws on: nonces, and the cipher of rings that do not stand in two layers. */
export type Wrapping = Readonly<{ nonces: RandomPool; suite: FieldSuite }>;

/** @returns 32 bytes of key, 32 of commitment */
function wrapKeys(kek: KeyObject, place: RingPlace, nonce: Uint8Array): Buffer {
  const epoch = Buffer.alloc(4);
  epoch.writeUInt32BE(place.epoch);
  const label = ['strongroom/ring/1', uuidBytes(place.installation), place.layer, uuidBytes(place.subjectId), epoch];
  return macOf(kek)(lengthPrefixed(...label, nonce));
}

function cipherOf(layer: RingLayer, plain: Buffer, otherwise: FieldSuite): FieldSuite {
  if (layer === 'second') return XCHACHA;
  for (let at = 1; at < plain.length; at += ENTRY_BYTES) if (plain[at] === TWO_LAYERS) return AES_GCM;
  return otherwise;
}

/** @param entries at least one */
export function wrapRing(kek: KeyObject, place: RingPlace, entries: readonly RingEntry[], wrapping: Wrapping): Buffer {
  const plain = Buffer.alloc(entries.length * ENTRY_BYTES);
  entries.forEach((entry, i) => {
    const at = i * ENTRY_BYTES;
    plain[at] = entry.classNo;
    plain[at + 1] = entry.suite;
    plain.writeUInt32BE(entry.version, at + 2);
    plain.writeUInt16BE(entry.madeOnDay, at + 6);
    entry.key.copy(plain, at + 8);
  });
  return wrap({ kek, place }, plain, wrapping);
}

/** @throws VAULT_FORMAT_UNKNOWN, VAULT_KEY_REFUSED */
export function unwrapRing(kek: KeyObject, place: RingPlace, blob: Buffer): RingEntry[] {
  const plain = unwrap({ kek, place }, blob);
  const entries: RingEntry[] = [];
  for (let at = 0; at < plain.length; at += ENTRY_BYTES) {
    entries.push({
      classNo: plain[at] as number,
      suite: plain[at + 1] as number,
      version: plain.readUInt32BE(at + 2),
      madeOnDay: plain.readUInt16BE(at + 6),
      key: Buffer.from(plain.subarray(at + 8, at + ENTRY_BYTES)),
    });
  }
  plain.fill(0);
  return entries;
}

/** An epoch key with the place of a ring under it. */
export type RingHome = Readonly<{ kek: KeyObject; place: RingPlace }>;

/**
 * The same keys under another epoch. No key is made ready for use on the way, which is most of what opening a ring costs.
 * @throws VAULT_FORMAT_UNKNOWN, VAULT_KEY_REFUSED
 */
export function moveRing(from: RingHome, to: RingHome, blob: Buffer, wrapping: Wrapping): Buffer {
  return wrap(to, unwrap(from, blob), wrapping);
}

/** @param plain is wiped */
function wrap({ kek, place }: RingHome, plain: Buffer, { nonces, suite: otherwise }: Wrapping): Buffer {
  const suite = cipherOf(place.layer, plain, otherwise);
  const headBytes = RING_MARK_BYTES + NONCE_BYTES[suite];
  const blob = Buffer.alloc(headBytes + plain.length + TAG_BYTES);
  blob[0] = suite === AES_GCM ? 1 : 2;
  nonces.fill(blob, RING_MARK_BYTES, NONCE_BYTES[suite]);
  const nonce = blob.subarray(RING_MARK_BYTES, headBytes);
  const keys = wrapKeys(kek, place, nonce);
  keys.copy(blob, 1, 32);
  const bound = blob.subarray(0, RING_MARK_BYTES);
  if (suite === AES_GCM) {
    const cipher = createCipheriv('aes-256-gcm', createSecretKey(keys.subarray(0, 32)), nonce, GCM);
    cipher.setAAD(bound);
    cipher.update(plain).copy(blob, headBytes);
    cipher.final();
    cipher.getAuthTag().copy(blob, blob.length - TAG_BYTES);
  } else {
    const key = keys.subarray(0, 32);
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(blob.subarray(headBytes), plain, bound, null, nonce, key);
  }
  keys.fill(0);
  plain.fill(0);
  return blob;
}

/** @returns entry after entry; the caller wipes it */
function unwrap({ kek, place }: RingHome, blob: Buffer): Buffer {
  const suite = FORMATS[blob[0] ?? 0];
  const headBytes = suite === undefined ? 0 : RING_MARK_BYTES + NONCE_BYTES[suite];
  const size = blob.length - headBytes - TAG_BYTES;
  if (suite === undefined || size < ENTRY_BYTES || size % ENTRY_BYTES !== 0) {
    throw vaultFailure('FORMAT_UNKNOWN', { detail: 'a stored key ring has an unknown format' });
  }
  const nonce = blob.subarray(RING_MARK_BYTES, headBytes);
  const keys = wrapKeys(kek, place, nonce);
  const bound = blob.subarray(0, RING_MARK_BYTES);
  try {
    if (!equal(keys.subarray(32), bound.subarray(1))) throw vaultFailure('KEY_REFUSED');
    const key = keys.subarray(0, 32);
    const sealed = blob.subarray(headBytes);
    return suite === AES_GCM ? openGcm(key, nonce, bound, sealed) : openXChaCha(key, nonce, bound, sealed);
  } finally {
    keys.fill(0);
  }
}

/** @throws VAULT_KEY_REFUSED */
function openGcm(key: Buffer, nonce: Buffer, bound: Buffer, sealed: Buffer): Buffer {
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), nonce, GCM);
  decipher.setAAD(bound);
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch (cause) {
    plain.fill(0);
    throw vaultFailure('KEY_REFUSED', { cause });
  }
  return plain;
}

/** @throws VAULT_KEY_REFUSED */
function openXChaCha(key: Buffer, nonce: Buffer, bound: Buffer, sealed: Buffer): Buffer {
  const plain = Buffer.alloc(sealed.length - TAG_BYTES);
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plain, null, sealed, bound, nonce, key);
  } catch (cause) {
    throw vaultFailure('KEY_REFUSED', { cause });
  }
  return plain;
}
