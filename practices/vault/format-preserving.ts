/**
 * Tokens that look like the value: digits stay digits, letters stay letters of their case, the rest stays.
 *
 * They are random, not encrypted: only the stored pair leads back, so they can be shredded. Whether a token is taken
 * already is for the caller to check, and to draw again. Format: docs/formats/tokens.md §3.
 */
import { randomInt } from 'node:crypto';

import { sealingFailure } from './sealing-failures.ts';

export type FormatOptions = Readonly<{
  /** `card`: 12 to 19 digits, the token passes Luhn's check as the value would */
  kind?: 'text' | 'card';
  /** `ends` keeps a card's first 6 and last 4 digits (PCI DSS 3.4.1 allows showing them) */
  keep?: 'nothing' | 'ends';
}>;
/** Uniform in 0 to `below` - 1. */
export type RandomBelow = (below: number) => number;

const DIGITS = '0123456789';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = UPPER.toLowerCase();
const FEWEST_TOKENS = 10_000;

/**
 * @returns text of the same length in code points, never the value itself
 * @throws SEALING_TOKEN_SOURCE: fewer than 10,000 tokens possible, or no card number
 */
export function formatToken(
  value: string,
  { kind = 'text', keep = 'nothing' }: FormatOptions = {},
  below: RandomBelow = randomInt,
): string {
  const draw = kind === 'card' ? cardDraw(value, keep) : textDraw(value);
  for (;;) {
    const token = draw(below);
    if (token !== value) return token;
  }
}

/** Luhn's check digit rule, ISO/IEC 7812-1 annex B. Anything but digits is skipped. */
export function passesLuhn(text: string): boolean {
  const digits = [...text].filter((letter) => DIGITS.includes(letter)).map(Number);
  return digits.length > 0 && luhnSum(digits) === 0;
}

function textDraw(value: string): (below: RandomBelow) => string {
  const letters = [...value];
  const alphabets = letters.map(alphabetOf);
  const possible = alphabets.reduce((product, alphabet) => product * (alphabet?.length ?? 1), 1);
  if (possible < FEWEST_TOKENS) throw sealingFailure('TOKEN_SOURCE');
  return (below) =>
    letters
      .map((letter, n) => {
        const alphabet = alphabets[n];
        return alphabet ? alphabet[below(alphabet.length)] : letter;
      })
      .join('');
}

/** Letters of other scripts become Latin ones of the same case, so that nothing of them stays. */
function alphabetOf(letter: string): string | null {
  if (/\p{Nd}/u.test(letter)) return DIGITS;
  if (/\p{Lu}|\p{Lt}/u.test(letter)) return UPPER;
  return /[\p{L}\p{M}\p{Nl}\p{No}]/u.test(letter) ? LOWER : null;
}

function cardDraw(value: string, keep: 'nothing' | 'ends'): (below: RandomBelow) => string {
  const letters = [...value];
  const places = letters.flatMap((letter, n) => (DIGITS.includes(letter) ? [n] : []));
  const digits = places.map((n) => Number(letters[n]));
  const [first, end] = keep === 'ends' ? [6, digits.length - 4] : [0, digits.length];
  // one of the drawn digits is decided by the check, so it does not count as drawn
  const possible = 10 ** (end - first - 1);
  if (!/^[0-9 -]+$/.test(value) || digits.length < 12 || digits.length > 19 || possible < FEWEST_TOKENS)
    throw sealingFailure('TOKEN_SOURCE');
  return (below) => {
    const drawn = digits.map((digit, n) => (n >= first && n < end ? below(10) : digit));
    drawn[end - 1] = balancingDigit(drawn, end - 1);
    const token = [...letters];
    places.forEach((place, n) => (token[place] = String(drawn[n])));
    return token.join('');
  };
}

function luhnSum(digits: readonly number[]): number {
  const parity = digits.length % 2;
  return digits.reduce((sum, digit, n) => sum + (n % 2 === parity ? luhnDouble(digit) : digit), 0) % 10;
}
const luhnDouble = (digit: number): number => (digit < 5 ? digit * 2 : digit * 2 - 9);

/** Doubling permutes the digits, so exactly one digit at any place makes the sum right. */
function balancingDigit(digits: readonly number[], at: number): number {
  const right = [...DIGITS].map(Number).find((digit) => luhnSum(digits.with(at, digit)) === 0);
  return right as number;
}
