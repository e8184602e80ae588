/**
 * A part of a text as tokens: words, numbers, mixtures of both, and single signs; spaces lie between them.
 *
 * Each word has a 32-bit hash of its folded letters, by which dictionaries and context words know it.
 */
import { DIGIT, LINE, LOWER, OTHER, SPACE, UPPER, type Characters } from './characters.ts';

export const WORD = 1;
export const NUMBER = 2;
/** Letters and digits in one run. */
export const MIXED = 3;
export const SIGN = 4;
/** The end of a line. */
export const BREAK = 5;

/** Shapes of words. */
export const SMALL = 0;
export const TITLE = 1;
export const CAPITALS = 2;
/** A single capital letter, such as an initial. */
export const INITIAL = 3;
export const CAMEL = 4;

export type Tokens = {
  count: number;
  readonly kind: Uint8Array;
  readonly shape: Uint8Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly hash: Int32Array;
};

/** @param size of the longest part, in code units: there are never more tokens */
export function roomForTokens(size: number): Tokens {
  return {
    count: 0,
    kind: new Uint8Array(size),
    shape: new Uint8Array(size),
    start: new Int32Array(size),
    end: new Int32Array(size),
    hash: new Int32Array(size),
  };
}

const FNV_OFFSET = -2_128_831_035;
const FNV_PRIME = 16_777_619;

/** The hash that tokens have. */
export function hashOf(word: string, { fold }: Characters): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < word.length; i += 1) hash = Math.imul(hash ^ (fold[word.charCodeAt(i)] as number), FNV_PRIME);
  return hash;
}

/** Fills `tokens` with those of text[from, to); one pass. */
export function tokenise(text: string, from: number, to: number, { kind, fold }: Characters, tokens: Tokens): void {
  let count = 0;
  let at = from;
  while (at < to) {
    const unit = text.charCodeAt(at);
    const first = kind[unit] as number;
    if (first === SPACE) {
      at += 1;
      continue;
    }
    tokens.start[count] = at;
    if (first === OTHER || first === LINE) {
      tokens.kind[count] = first === LINE ? BREAK : SIGN;
      tokens.hash[count] = unit;
      tokens.shape[count] = SMALL;
      at += 1;
    } else {
      let hash = FNV_OFFSET;
      let [digits, capitals, size] = [0, 0, 0];
      for (let next = first, sign = unit; ;) {
        if (next === DIGIT) digits += 1;
        else if (next === UPPER) capitals += 1;
        hash = Math.imul(hash ^ (fold[sign] as number), FNV_PRIME);
        size += 1;
        at += 1;
        if (at >= to) break;
        sign = text.charCodeAt(at);
        next = kind[sign] as number;
        if (next < DIGIT) break;
      }
      tokens.kind[count] = digits === 0 ? WORD : digits === size ? NUMBER : MIXED;
      tokens.hash[count] = hash;
      tokens.shape[count] =
        capitals === 0
          ? SMALL
          : first === UPPER && capitals === 1
            ? size === 1
              ? INITIAL
              : TITLE
            : capitals === size
              ? CAPITALS
              : first === LOWER || capitals > 1
                ? CAMEL
                : TITLE;
    }
    tokens.end[count] = at;
    count += 1;
  }
  tokens.count = count;
}
