/**
 * A subject's key ring: all of one person's keys in one row, wrapped together, so that deleting that row shreds them.
 *
 * ring blob    = format (1 B, 0x01) ‖ commitment (32) ‖ nonce (12) ‖ ciphertext ‖ tag (16)
 * ciphertext of: count × (class (1) ‖ suite (1) ‖ version (4) ‖ made on day (2) ‖ key (32))
 * wrap key ‖ commitment = HMAC-SHA-512(epoch KEK, "strongroom/ring/1", installation, layer, subject, epoch, nonce): one
 * call gives a key used for one wrap (so SP 800-38D's 2^32 never meets the KEK) and a commitment to it (so one blob opens
 * under one key; GCM alone does not promise that). Keys are random and never derived: a derived key cannot be destroyed.
 * Source: docs/formats/key-ring.md; NIST SP 800-108r1 §4.1, SP 800-38D; docs/adr/0007-one-key-ring-per-subject.md
 */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

import { equal, lengthPrefixed, type RandomPool } from '#platform/crypto';
import { uuidBytes, type SubjectId, type Uuid } from '#platform/ids';

import { vaultFailure } from './failures.ts';

const FORMAT = 1;
const COMMITMENT_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Format, commitment and nonce. */
export const RING_HEAD_BYTES = 1 + COMMITMENT_BYTES + NONCE_BYTES;
export const KEY_BYTES = 32;
const ENTRY_BYTES = 8 + KEY_BYTES;
const GCM = { authTagLength: TAG_BYTES } as const;

/** One key as it lies in a ring. */
export type RingEntry = Readonly<{ classNo: number; suite: number; version: number; madeOnDay: number; key: Buffer }>;

/** `first` holds every key; `second` the inner keys of class special, under another root. */
export type RingLayer = 'first' | 'second';
export type RingPlace = Readonly<{ installation: Uuid; subjectId: SubjectId; layer: RingLayer; epoch: number }>;

function wrapKeys(kek: KeyObject, place: RingPlace, nonce: Uint8Array): { key: KeyObject; commitment: Buffer } {
  const epoch = Buffer.alloc(4);
  epoch.writeUInt32BE(place.epoch);
  const both = createHmac('sha512', kek)
    .update(
      lengthPrefixed(
        'strongroom/ring/1',
        uuidBytes(place.installation),
        place.layer,
        uuidBytes(place.subjectId),
        epoch,
        nonce,
      ),
    )
    .digest();
  return { key: createSecretKey(both.subarray(0, 32)), commitment: both.subarray(32) };
}

/** @param entries at least one */
export function wrapRing(kek: KeyObject, place: RingPlace, entries: readonly RingEntry[], nonces: RandomPool): Buffer {
  const plain = Buffer.alloc(entries.length * ENTRY_BYTES);
  entries.forEach((entry, i) => {
    const at = i * ENTRY_BYTES;
    plain[at] = entry.classNo;
    plain[at + 1] = entry.suite;
    plain.writeUInt32BE(entry.version, at + 2);
    plain.writeUInt16BE(entry.madeOnDay, at + 6);
    entry.key.copy(plain, at + 8);
  });
  return wrap({ kek, place }, plain, nonces);
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
export function moveRing(from: RingHome, to: RingHome, blob: Buffer, nonces: RandomPool): Buffer {
  return wrap(to, unwrap(from, blob), nonces);
}

/** @param plain is wiped */
function wrap({ kek, place }: RingHome, plain: Buffer, nonces: RandomPool): Buffer {
  const blob = Buffer.alloc(RING_HEAD_BYTES + plain.length + TAG_BYTES);
  blob[0] = FORMAT;
  const nonce = blob.subarray(1 + COMMITMENT_BYTES, RING_HEAD_BYTES);
  nonces.fill(nonce, 0, NONCE_BYTES);
  const { key, commitment } = wrapKeys(kek, place, nonce);
  commitment.copy(blob, 1);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, GCM);
  cipher.setAAD(blob.subarray(0, 1 + COMMITMENT_BYTES));
  cipher.update(plain).copy(blob, RING_HEAD_BYTES);
  cipher.final();
  cipher.getAuthTag().copy(blob, blob.length - TAG_BYTES);
  plain.fill(0);
  return blob;
}

/** @returns entry after entry; the caller wipes it */
function unwrap({ kek, place }: RingHome, blob: Buffer): Buffer {
  const size = blob.length - RING_HEAD_BYTES - TAG_BYTES;
  if (blob[0] !== FORMAT || size < ENTRY_BYTES || size % ENTRY_BYTES !== 0) {
    throw vaultFailure('FORMAT_UNKNOWN', { detail: 'a stored key ring has an unknown format' });
  }
  const nonce = blob.subarray(1 + COMMITMENT_BYTES, RING_HEAD_BYTES);
  const { key, commitment } = wrapKeys(kek, place, nonce);
  if (!equal(commitment, blob.subarray(1, 1 + COMMITMENT_BYTES))) throw vaultFailure('KEY_REFUSED');
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, GCM);
  decipher.setAAD(blob.subarray(0, 1 + COMMITMENT_BYTES));
  decipher.setAuthTag(blob.subarray(blob.length - TAG_BYTES));
  const plain = decipher.update(blob.subarray(RING_HEAD_BYTES, blob.length - TAG_BYTES));
  try {
    decipher.final();
  } catch (cause) {
    plain.fill(0);
    throw vaultFailure('KEY_REFUSED', { cause });
  }
  return plain;
}
