/**
 * What the tagger sees of a token: its word, shape, ending, lexicon bits, its neighbours, and the tag before.
 * Each feature is a number below 2^16, so that weights are flat arrays.
 */
import type { WordTable } from '../words/word-table.ts';
import { BREAK, CAPITALS, INITIAL, SIGN, TITLE, WORD, type Tokens } from '../text/tokens.ts';
import { LEXICON } from './lexicon.ts';

export const BUCKETS = 1 << 16;
export const FEATURES = 22;

/** Tags. */
export const OUTSIDE = 0;
export const BEGIN = 1;
export const INSIDE = 2;

/** What is looked up once for each token, before tags are decided. */
export type Sight = {
  /** Lexicon bits, shape and kind in one number. */
  readonly look: Int32Array;
  /** Hash of the last three letters. */
  readonly ending: Int32Array;
  /** Share of words on this line that begin with a capital: 0 none, 1 some, 2 most. */
  readonly capitals: Uint8Array;
};

export function roomForSight(size: number): Sight {
  return { look: new Int32Array(size), ending: new Int32Array(size), capitals: new Uint8Array(size) };
}

/** @param blind for training: tokens whose name bits are hidden, so that the tagger learns to do without them */
export function look(
  text: string,
  tokens: Tokens,
  lexicon: WordTable,
  fold: Uint16Array,
  sight: Sight,
  blind?: ReadonlySet<number>,
): void {
  let [lineFrom, words, big] = [0, 0, 0];
  const endLine = (to: number): void => {
    const share = big === 0 ? 0 : big * 10 >= words * 6 && words > 3 ? 2 : 1;
    for (let i = lineFrom; i < to; i += 1) sight.capitals[i] = share;
    [lineFrom, words, big] = [to, 0, 0];
  };
  for (let i = 0; i < tokens.count; i += 1) {
    const kind = tokens.kind[i] as number;
    let bits = 0;
    if (kind === WORD) {
      bits = lexicon.bitsOf(tokens.hash[i] as number) & 63;
      if (blind?.has(i) === true) bits &= ~(LEXICON.given | LEXICON.family | LEXICON.place);
      words += 1;
      if (tokens.shape[i] !== 0) big += 1;
      const end = tokens.end[i] as number;
      let hash = 17;
      for (let at = Math.max(tokens.start[i] as number, end - 3); at < end; at += 1)
        hash = Math.imul(hash ^ (fold[text.charCodeAt(at)] as number), 16_777_619);
      sight.ending[i] = hash;
      if (isGlued(text, tokens, i)) bits |= GLUED;
    } else sight.ending[i] = kind;
    sight.look[i] = (bits & (GLUED - 1)) | ((tokens.shape[i] as number) << 6) | (kind << 9) | (bits & GLUED);
    if (kind === BREAK) endLine(i + 1);
  }
  endLine(tokens.count);
}

const GLUED = 1 << 14;

/** Part of an address, a path or an identifier, which has words but no names: `www.Example.org`, `Jo@`, `user_Smith`. */
function isGlued(text: string, tokens: Tokens, i: number): boolean {
  const [start, end] = [tokens.start[i] as number, tokens.end[i] as number];
  const [before, after] = [text.charCodeAt(start - 1), text.charCodeAt(end)];
  if (after === 64 || after === 95 || before === 64 || before === 95 || before === 61 || before === 92) return true;
  if (before === 47 && text.charCodeAt(start - 2) === 47) return true;
  if (tokens.shape[i] === INITIAL) return false;
  const letter = (unit: number): boolean => unit >= 65 && (unit | 32) <= 122;
  if (after === 46 && letter(text.charCodeAt(end + 1))) return true;
  return before === 46 && letter(text.charCodeAt(start - 2)) && letter(text.charCodeAt(start - 3));
}

/** Whether a token can be of a name at all: what is neither capital nor in the lists is none. */
export function isNameLike(tokens: Tokens, sight: Sight, i: number): boolean {
  if (tokens.kind[i] !== WORD || ((sight.look[i] as number) & GLUED) !== 0) return false;
  const shape = tokens.shape[i] as number;
  if (shape === TITLE || shape === INITIAL || shape === CAPITALS || shape === 4) return true;
  return ((sight.look[i] as number) & (LEXICON.given | LEXICON.family)) !== 0;
}

/** What may go on with a name: a hyphen, an apostrophe, the point of an initial; a word that is in no list. */
export function goesOn(tokens: Tokens, sight: Sight, i: number): boolean {
  if (tokens.kind[i] === WORD) return ((sight.look[i] as number) & (63 | GLUED)) === 0;
  if (tokens.kind[i] !== SIGN) return false;
  const unit = tokens.hash[i] as number;
  if (unit === 45 && tokens.start[i] !== tokens.end[i - 1]) return false; // a dash between words
  return unit === 45 || unit === 39 || unit === 0x2019 || unit === 46;
}

const mix = (kind: number, a: number, b: number): number => {
  let hash = Math.imul(a ^ Math.imul(kind + 1, -1_640_531_535), -2_048_144_789) ^ Math.imul(b, -1_028_477_379);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 668_265_263);
  return (hash ^ (hash >>> 13)) & (BUCKETS - 1);
};

/** Fills `out` with the features of token i. */
export function featuresAt(
  tokens: Tokens,
  sight: Sight,
  i: number,
  tagBefore: number,
  tagBefore2: number,
  out: Int32Array,
): void {
  const { hash, count } = tokens;
  const at = (from: Int32Array, where: number): number => (where >= 0 && where < count ? (from[where] as number) : -7);
  const [word, here] = [hash[i] as number, sight.look[i] as number];
  const [w1, w2, x1, x2] = [at(hash, i - 1), at(hash, i - 2), at(hash, i + 1), at(hash, i + 2)];
  const [l1, l2, r1, r2] = [at(sight.look, i - 1), at(sight.look, i - 2), at(sight.look, i + 1), at(sight.look, i + 2)];
  const capitals = sight.capitals[i] as number;
  out[0] = mix(0, word, 0);
  out[1] = mix(1, here, capitals);
  out[2] = mix(2, sight.ending[i] as number, here >> 6);
  out[3] = mix(3, w1, 0);
  out[4] = mix(4, x1, 0);
  out[5] = mix(5, w2, 0);
  out[6] = mix(6, x2, 0);
  out[7] = mix(7, l1, here);
  out[8] = mix(8, r1, here);
  out[9] = mix(9, tagBefore, here);
  out[10] = mix(10, tagBefore * 3 + tagBefore2, l1);
  out[11] = mix(11, w1, here);
  out[12] = mix(12, x1, here);
  out[13] = mix(13, w1, w2);
  out[14] = mix(14, tagBefore, r1);
  out[15] = mix(15, l1, r1);
  out[16] = mix(16, l2, l1 ^ (here << 8));
  out[17] = mix(17, r2, r1 ^ (here << 8));
  out[18] = mix(18, tagBefore, word);
  out[19] = mix(19, x1, x2);
  out[20] = mix(20, capitals, (here & 63) | (i === 0 || l1 >> 9 === BREAK ? 64 : 0));
  out[21] = mix(21, 0, 0);
}
