/**
 * Tokens as text: random ones that name a stored value, pairwise ones that name a person to one receiver.
 *
 * Tokens that keep the form of the value are in format-preserving.ts, reversible ones in ff1.ts.
 * Format: docs/formats/tokens.md.
 */
import { randomBytes, type KeyObject } from 'node:crypto';

import { hmacSha256, lengthPrefixed } from '#platform/crypto';
import { fromBase32, toBase32 } from '#platform/ids';

const RANDOM_BYTES = 20;
const RANDOM_LETTERS = 32;
const LOOKUP_BYTES = 16;
/** The largest prime that two letters of base 32 can hold the remainders of. */
const MODULUS = 1021;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

export type ParsedToken = Readonly<{ ok: true } | { ok: false; because: 'not-a-token' | 'mistyped' }>;

/** `tok_` ‖ 32 letters (160 random bits) ‖ 2 letters of checksum: 38 characters. */
export function newToken(random: (sizeBytes: number) => Uint8Array = randomBytes): string {
  const letters = toBase32(random(RANDOM_BYTES));
  return `tok_${letters}${checksum(letters)}`;
}

/**
 * Tells a mistyped token from one that may exist. Any one wrong letter, and any two letters exchanged, are noticed;
 * other faults but one in 1,021.
 */
export function parseToken(text: string): ParsedToken {
  if (
    !/^tok_[0-9a-hjkmnp-tv-z]{34}$/.test(text) ||
    fromBase32(text.slice(4, 4 + RANDOM_LETTERS), RANDOM_BYTES) === null
  ) {
    return { ok: false, because: 'not-a-token' };
  }
  const letters = text.slice(4, 4 + RANDOM_LETTERS);
  return text.slice(4 + RANDOM_LETTERS) === checksum(letters) ? { ok: true } : { ok: false, because: 'mistyped' };
}

/**
 * What is stored instead of the token, so that a stolen table gives no tokens.
 * @param key the tenant's token key, 32 bytes
 * @returns 16 bytes
 */
export function tokenLookup(key: KeyObject, token: string): Buffer {
  return hmacSha256(key, lengthPrefixed('strongroom/token/lookup/1', token)).subarray(0, LOOKUP_BYTES);
}

/**
 * The same value gives the same token to one audience, and unrelated ones to two: receivers cannot join their tables.
 * It cannot be turned back without the value, but who holds the key can test guesses: destroy the key with the purpose.
 * @returns `pid_` ‖ 26 letters (128 bits)
 */
export function pairwiseToken(key: KeyObject, audience: string, value: Uint8Array | string): string {
  const mac = hmacSha256(key, lengthPrefixed('strongroom/token/pairwise/1', audience, value));
  return `pid_${toBase32(mac.subarray(0, 16))}`;
}

/** The letters as one number in base 32, modulo 1,021. */
function checksum(letters: string): string {
  let sum = 0;
  for (const letter of letters) sum = (sum * 32 + ALPHABET.indexOf(letter)) % MODULUS;
  return `${ALPHABET[sum >> 5]}${ALPHABET[sum & 31]}`;
}
