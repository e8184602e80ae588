/**
 * Payment cards: whose number it would be by its first digits and its length.
 * Sources: ISO/IEC 7812-1; the networks' published ranges (Visa, Mastercard, American Express, Discover/Diners, JCB,
 * UnionPay, Maestro, Mir, RuPay, Verve, UATP)
 */
import { luhn } from './checksums.ts';

type Range = readonly [issuer: string, low: number, high: number, lengths: readonly number[]];

/** By the first four digits; narrower ranges first. */
const RANGES: readonly Range[] = [
  ['amex', 3400, 3499, [15]],
  ['amex', 3700, 3799, [15]],
  ['diners', 3000, 3059, [14, 16]],
  ['diners', 3095, 3095, [14, 16]],
  ['jcb', 3528, 3589, [15, 16, 17, 18, 19]],
  ['jcb', 3088, 3094, [15, 16]],
  ['jcb', 3096, 3102, [15, 16]],
  ['jcb', 1800, 1800, [15]],
  ['jcb', 2131, 2131, [15]],
  ['diners', 3600, 3699, [14, 15, 16, 17, 18, 19]],
  ['diners', 3800, 3999, [14, 16]],
  ['mir', 2200, 2204, [16, 17, 18, 19]],
  ['mastercard', 2221, 2720, [16]],
  ['visa', 4000, 4999, [13, 16, 19]],
  ['mastercard', 5100, 5599, [16]],
  ['verve', 5060, 5061, [16, 19]],
  ['rupay', 5080, 5089, [16]],
  ['discover', 6011, 6011, [16, 17, 18, 19]],
  ['discover', 6440, 6599, [16, 17, 18, 19]],
  ['unionpay', 6200, 6299, [16, 17, 18, 19]],
  ['unionpay', 8100, 8171, [16, 17, 18, 19]],
  ['verve', 6500, 6500, [16, 19]],
  ['maestro', 5000, 5099, [12, 13, 14, 15, 16, 17, 18, 19]],
  ['maestro', 5600, 5899, [12, 13, 14, 15, 16, 17, 18, 19]],
  ['maestro', 6000, 6999, [12, 13, 14, 15, 16, 17, 18, 19]],
  ['troy', 9792, 9792, [16]],
  ['uatp', 1000, 1999, [15]],
];

/** @returns the issuer; null when no issuer has such numbers, or the check digit is wrong */
export function cardIssuer(digits: string): string | null {
  if (digits.length < 12 || digits.length > 19) return null;
  const head = Number(digits.slice(0, 4));
  for (const [issuer, low, high, lengths] of RANGES)
    if (head >= low && head <= high && lengths.includes(digits.length)) return luhn(digits) ? issuer : null;
  return null;
}

/** Issuers whose ranges are so wide that a number of another kind falls into them easily. */
export const isWideIssuer = (issuer: string, length: number): boolean =>
  issuer === 'maestro' || issuer === 'uatp' || length < 14;
