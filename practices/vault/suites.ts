/**
 * The registry of cipher suites: what may seal, what may only open, until when, and a proof at each start that the
 * machine computes them right.
 *
 * A suite's number is stored in each box, so a number is never given away twice.
 * Source: docs/formats/sealed-field.md; SP 800-131A (state of algorithms), SP 800-57pt1r5 §5.6 (strength in bits).
 */
import { createCipheriv, createSecretKey } from 'node:crypto';

import sodium from 'sodium-native';

import { vaultFailure } from './failures.ts';

export type SuiteState =
  | Readonly<{ is: 'current' }>
  | Readonly<{ is: 'legacy'; until: Date }>
  | Readonly<{ is: 'reserved' }>
  | Readonly<{ is: 'forbidden' }>;

export type Suite = Readonly<{
  id: number;
  name: string;
  /** Primitives in the order in which they are applied. */
  algorithms: readonly string[];
  strengthBits: number;
  /** Strength against a quantum computer, as NIST's category 1 to 5; 0 = none. */
  quantumCategory: number;
  use: 'field' | 'leaves the system' | 'field, two layers';
  state: SuiteState;
  source: string;
}>;

export const AES_GCM = 1;
export const COMMITTING = 2;
export const XCHACHA = 3;
export const TWO_LAYERS = 17;
/** What one layer may be sealed with. */
export type FieldSuite = typeof AES_GCM | typeof XCHACHA;

const current: SuiteState = { is: 'current' };
const reserved: SuiteState = { is: 'reserved' };

export const SUITES: readonly Suite[] = [
  { id: AES_GCM, name: 'aes-256-gcm', algorithms: ['AES-256-GCM'], strengthBits: 256, quantumCategory: 5, use: 'field', state: current, source: 'NIST SP 800-38D' },
  { id: COMMITTING, name: 'hmac-aes-256-gcm', algorithms: ['HMAC-SHA-256', 'AES-256-GCM'], strengthBits: 256, quantumCategory: 5, use: 'leaves the system', state: current, source: 'RFC 5869, NIST SP 800-38D' },
  { id: XCHACHA, name: 'xchacha20-poly1305', algorithms: ['XChaCha20-Poly1305'], strengthBits: 256, quantumCategory: 5, use: 'field', state: current, source: 'draft-irtf-cfrg-xchacha-03, RFC 8439' },
  { id: TWO_LAYERS, name: 'xchacha20-poly1305 in aes-256-gcm', algorithms: ['XChaCha20-Poly1305', 'AES-256-GCM'], strengthBits: 256, quantumCategory: 5, use: 'field, two layers', state: current, source: 'docs/formats/sealed-field.md §4' },
  { id: 4, name: 'aes-256-gcm-siv', algorithms: ['AES-256-GCM-SIV'], strengthBits: 256, quantumCategory: 5, use: 'field', state: reserved, source: 'RFC 8452' },
  { id: 5, name: 'xaes-256-gcm', algorithms: ['XAES-256-GCM'], strengthBits: 256, quantumCategory: 5, use: 'field', state: reserved, source: 'C2SP XAES-256-GCM' },
  { id: 6, name: 'wgcm-256', algorithms: ['wGCM'], strengthBits: 256, quantumCategory: 5, use: 'field', state: reserved, source: 'NIST SP 800-38D r1, second pre-draft' },
]; // prettier-ignore

export function findSuite(id: number, suites: readonly Suite[] = SUITES): Suite | undefined {
  return suites.find((suite) => suite.id === id);
}

/** May this suite open what it sealed? A legacy one may, until its deadline; a forbidden or reserved one never. */
export function mayOpen(id: number, clock: () => Date, suites: readonly Suite[] = SUITES): boolean {
  const state = findSuite(id, suites)?.state;
  return state?.is === 'current' || (state?.is === 'legacy' && clock() < state.until);
}

/**
 * Known-answer tests, run before the vault opens.
 * Source: GCM specification (McGrew, Viega), test case 16; draft-irtf-cfrg-xchacha-03 §A.3.1
 * @throws VAULT_SUITE_BROKEN
 */
export function proveSuites(): void {
  const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
  const gcm = createCipheriv(
    'aes-256-gcm',
    createSecretKey(bytes('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308')),
    bytes('cafebabefacedbaddecaf888'),
  );
  gcm.setAAD(bytes('feedfacedeadbeeffeedfacedeadbeefabaddad2'));
  gcm.update(
    bytes(
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    ),
  );
  gcm.final();
  if (!gcm.getAuthTag().equals(bytes('76fc6ece0f4e1768cddf8853bb2d551b'))) {
    throw vaultFailure('SUITE_BROKEN', { detail: 'AES-256-GCM failed its known-answer test' });
  }

  const plain = Buffer.from(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  );
  const sealed = Buffer.alloc(plain.length + 16);
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    sealed,
    plain,
    bytes('50515253c0c1c2c3c4c5c6c7'),
    null,
    bytes('404142434445464748494a4b4c4d4e4f5051525354555657'),
    bytes('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'),
  );
  if (!sealed.subarray(-16).equals(bytes('c0875924c1c7987947deafd8780acf49'))) {
    throw vaultFailure('SUITE_BROKEN', { detail: 'XChaCha20-Poly1305 failed its known-answer test' });
  }
}
