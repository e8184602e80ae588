/**
 * Seals one field, and opens it again.
 *
 * box = format (1 B, 0x01) ‖ suite (1) ‖ key version (4, big-endian) ‖ nonce (12; suite 3: 24) ‖ ciphertext ‖ tag (16).
 * Suite 17 holds in its AES-256-GCM ciphertext: nonce (24) ‖ XChaCha20-Poly1305 ciphertext ‖ tag (16), under a key of
 * another root. Additional data name installation, collection, subject, record, field, suite and key version, so that a
 * box opens nowhere but in the cell it was made for.
 * Source: docs/formats/sealed-field.md; NIST SP 800-38D; draft-irtf-cfrg-xchacha-03
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

import sodium from 'sodium-native';

import { lengthPrefixed, type RandomPool } from '#platform/crypto';
import { uuidBytes, type RecordId, type Uuid } from '#platform/ids';

import { vaultFailure } from './failures.ts';
import { MAX_FIELD_BYTES, readValue, valueBytes, writeValue } from './field-value.ts';
import { AES_GCM, mayOpen, TWO_LAYERS, XCHACHA } from './suites.ts';
import type { DataKey, FieldValue } from './types.ts';

const FORMAT = 1;
const HEADER_BYTES = 6;
const NONCE_BYTES = 12;
const LONG_NONCE_BYTES = 24;
const TAG_BYTES = 16;
const INNER_BYTES = LONG_NONCE_BYTES + TAG_BYTES;
const AAD_LABEL = 'strongroom/field/1';
const GCM = { authTagLength: TAG_BYTES } as const;

export type RecordPlace = Readonly<{ installation: Uuid; collection: string; record: RecordId }>;

export type FieldCipher = Readonly<{
  /** Bytes that `seal` will write for this value. */
  sizeOf: (value: FieldValue, key: DataKey, padded: boolean) => number;
  /** Names the record that the following calls are about. */
  bind: (place: RecordPlace) => void;
  /** Writes the box of one field at `at`. @returns its size @throws VAULT_FIELD_TOO_LARGE */
  seal: (target: Buffer, at: number, field: string, value: FieldValue, key: DataKey, padded: boolean) => number;
  /** @throws VAULT_BOX_REFUSED, VAULT_FORMAT_UNKNOWN, VAULT_SUITE_FORBIDDEN */
  open: (box: Buffer, field: string, key: DataKey) => FieldValue;
}>;

/** The key version a box names. @throws VAULT_FORMAT_UNKNOWN */
export function boxHeader(box: Buffer): { suite: number; keyVersion: number } {
  if (box.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES + 1 || box[0] !== FORMAT)
    throw vaultFailure('FORMAT_UNKNOWN');
  return { suite: box[1] as number, keyVersion: box.readUInt32BE(2) };
}

/**
 * Views of the first bytes of scratch space, kept by their size: making one costs as much as sealing a short value.
 * @returns the first `size` bytes
 */
function viewsOf(scratch: Buffer): (size: number) => Buffer {
  const kept: Buffer[] = [];
  return (size) => (size < KEPT_VIEWS ? (kept[size] ??= scratch.subarray(0, size)) : scratch.subarray(0, size));
}
const KEPT_VIEWS = 2048;

/** One cipher per thread: it keeps scratch space between calls, so its calls must not interleave (none of them waits). */
export function createFieldCipher(needs: { nonces: RandomPool; clock: () => Date }): FieldCipher {
  const plain = Buffer.alloc(MAX_FIELD_BYTES + 2 * 16);
  const plainOf = viewsOf(plain);
  const aad = Buffer.alloc(1024);
  const aadOf = viewsOf(aad);
  const chacha = createXChaCha(MAX_FIELD_BYTES + 2 * 16);
  let placeBytes = 0;

  const bind = ({ installation, collection, record }: RecordPlace): void => {
    const number = Buffer.alloc(8);
    number.writeBigInt64BE(record.recordNo);
    placeBytes = lengthPrefixed(
      AAD_LABEL,
      uuidBytes(installation),
      collection,
      uuidBytes(record.subjectId),
      number,
    ).copy(aad);
  };

  /** … ‖ field ‖ suite ‖ key version, after what `bind` wrote. */
  const aadFor = (field: string, suite: number, keyVersion: number): Buffer => {
    const size = aad.write(field, placeBytes + 2);
    aad.writeUInt16BE(size, placeBytes);
    let at = placeBytes + 2 + size;
    aad.writeUInt16BE(1, at);
    aad[at + 2] = suite;
    aad.writeUInt16BE(4, at + 3);
    aad.writeUInt32BE(keyVersion, at + 5);
    at += 9;
    return aadOf(at);
  };

  const seal = (
    target: Buffer,
    at: number,
    field: string,
    value: FieldValue,
    key: DataKey,
    padded: boolean,
  ): number => {
    if (valueBytes(value, padded) > MAX_FIELD_BYTES)
      throw vaultFailure('FIELD_TOO_LARGE', { detail: `${field} is too long` });
    const size = writeValue(plain, value, padded);
    const { suite } = key;
    target[at] = FORMAT;
    target[at + 1] = suite;
    target.writeUInt32BE(key.version, at + 2);
    const bound = aadFor(field, suite, key.version);

    if (suite === XCHACHA) {
      const end = chacha.seal(target, at + HEADER_BYTES, plainOf(size), bound, key.chacha, needs.nonces);
      plain.fill(0, 0, size);
      return end - at;
    }
    const nonceAt = at + HEADER_BYTES;
    needs.nonces.fill(target, nonceAt, NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key.aes, target.subarray(nonceAt, nonceAt + NONCE_BYTES), GCM);
    cipher.setAAD(bound);
    let content = plainOf(size);
    if (suite === TWO_LAYERS) {
      content = Buffer.alloc(size + INNER_BYTES);
      chacha.seal(content, 0, plainOf(size), bound, key.chacha, needs.nonces);
    }
    const sealed = cipher.update(content);
    cipher.final();
    const bodyAt = nonceAt + NONCE_BYTES;
    sealed.copy(target, bodyAt);
    cipher.getAuthTag().copy(target, bodyAt + sealed.length);
    // short values only: the next seal overwrites the rest
    plain.fill(0, 0, size);
    return bodyAt + sealed.length + TAG_BYTES - at;
  };

  const open = (box: Buffer, field: string, key: DataKey): FieldValue => {
    const { suite, keyVersion } = boxHeader(box);
    if (!mayOpen(suite, needs.clock))
      throw vaultFailure('SUITE_FORBIDDEN', { detail: `${field} was sealed with suite ${suite}` });
    if (suite !== key.suite || keyVersion !== key.version) throw refused(field);
    const bound = aadFor(field, suite, keyVersion);
    // what one layer gives is read out of the scratch space at once, and wiped
    const outer = suite === XCHACHA ? null : openGcm(box, bound, key);
    const content =
      suite === XCHACHA
        ? chacha.open(box, HEADER_BYTES, bound, key.chacha, plainOf)
        : suite === TWO_LAYERS && outer !== null
          ? chacha.open(outer, 0, bound, key.chacha, plainOf)
          : outer;
    const value = content === null ? null : readValue(content);
    content?.fill(0);
    if (value === null) throw refused(field);
    return value;
  };

  return { sizeOf, bind, seal, open };
}

function sizeOf(value: FieldValue, key: DataKey, padded: boolean): number {
  const content = valueBytes(value, padded);
  if (key.suite === XCHACHA) return HEADER_BYTES + LONG_NONCE_BYTES + content + TAG_BYTES;
  return HEADER_BYTES + NONCE_BYTES + content + TAG_BYTES + (key.suite === TWO_LAYERS ? INNER_BYTES : 0);
}

const refused = (field: string): Error =>
  vaultFailure('BOX_REFUSED', { detail: `the box of ${field} does not open: it was changed, moved or swapped` });

function openGcm(box: Buffer, bound: Buffer, key: DataKey): Buffer | null {
  if (key.suite !== AES_GCM && key.suite !== TWO_LAYERS) return null;
  const bodyAt = HEADER_BYTES + NONCE_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key.aes, box.subarray(HEADER_BYTES, bodyAt), GCM);
  decipher.setAAD(bound);
  decipher.setAuthTag(box.subarray(box.length - TAG_BYTES));
  const content = decipher.update(box.subarray(bodyAt, box.length - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    // INVARIANT: what update() gave out is dropped here, unauthenticated content goes no further
    return null;
  }
  return content;
}

/** @param maxBytes of a value with its type and padding */
function createXChaCha(maxBytes: number) {
  const sealedOf = viewsOf(Buffer.alloc(maxBytes + TAG_BYTES));
  const nonce = Buffer.alloc(LONG_NONCE_BYTES);
  return {
    /** Writes nonce ‖ ciphertext ‖ tag. @returns the end */
    seal: (target: Buffer, at: number, content: Buffer, bound: Buffer, key: Buffer, nonces: RandomPool): number => {
      nonces.fill(nonce, 0, LONG_NONCE_BYTES);
      const sealed = sealedOf(content.length + TAG_BYTES);
      sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, content, bound, null, nonce, key);
      target.set(nonce, at);
      target.set(sealed, at + LONG_NONCE_BYTES);
      return at + LONG_NONCE_BYTES + sealed.length;
    },
    /** @param viewOf where the value goes @returns null when it does not open */
    open: (box: Buffer, at: number, bound: Buffer, key: Buffer, viewOf: (size: number) => Buffer): Buffer | null => {
      const bodyAt = at + LONG_NONCE_BYTES;
      const size = box.length - bodyAt - TAG_BYTES;
      if (size < 0 || size > maxBytes) return null;
      box.copy(nonce, 0, at, bodyAt);
      const sealed = sealedOf(size + TAG_BYTES);
      box.copy(sealed, 0, bodyAt);
      const content = viewOf(size);
      try {
        sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(content, null, sealed, bound, nonce, key);
      } catch {
        // INVARIANT: what was written before the tag was found wrong goes no further
        content.fill(0);
        return null;
      }
      return content;
    },
  };
}
