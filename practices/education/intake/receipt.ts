/**
 * Numbers that a reporter comes back by: 128 bits that nobody guesses, and two characters that tell a slip of the pen. It is
 * written `ABCD-EFGH-…`, seven times four characters of Crockford's base32; only its SHA-256 is kept.
 *
 * The check is the number itself modulo 1,021, the largest prime below 32²: one character that is wrong, or two neighbours
 * that changed places, never leave it the same.
 */
import { hash } from 'node:crypto';

import { fromBase32, toBase32 } from '#platform/ids';

export const RECEIPT_BYTES = 16;
const CHARACTERS = 26;
const PRIME = 1021n;
const ALIASES: Readonly<Record<string, string>> = { o: '0', i: '1', l: '1' };

function checkOf(digits: string): string {
  let sum = 0n;
  for (const each of digits) sum = (sum * 32n + BigInt('0123456789abcdefghjkmnpqrstvwxyz'.indexOf(each))) % PRIME;
  // ten bits, in two characters
  return toBase32(Uint8Array.from([Number(sum >> 2n), Number((sum & 3n) << 6n)])).slice(0, 2);
}

/** @param bytes 16 */
export function receiptText(bytes: Uint8Array): string {
  const digits = toBase32(bytes);
  return ((digits + checkOf(digits)).toUpperCase().match(/.{4}/g) as string[]).join('-');
}

/** As people write it: in small letters, with spaces, with an O for a zero. @returns null for what is no such number */
export function readReceipt(text: string): Uint8Array | null {
  if (text.length > 100) return null;
  const plain = text.toLowerCase().replaceAll(/[^0-9a-z]/g, '').replaceAll(/[oil]/g, (each) => ALIASES[each] as string); // prettier-ignore
  const digits = plain.slice(0, CHARACTERS);
  const bytes = fromBase32(digits, RECEIPT_BYTES);
  return bytes === null || plain !== digits + checkOf(digits) ? null : bytes;
}

export const receiptHash = (bytes: Uint8Array): Buffer => hash('sha256', bytes, 'buffer');
