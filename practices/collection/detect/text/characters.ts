/** What each UTF-16 code unit is, and what it counts as when words are compared: one table look-up each. */

export const OTHER = 0;
export const SPACE = 1;
export const LINE = 2;
export const DIGIT = 3;
export const LOWER = 4;
export const UPPER = 5;
/** A letter without case, such as of Hebrew or Chinese. */
export const UNCASED = 6;

export type Characters = Readonly<{
  kind: Uint8Array;
  /** Small letter without accents: É and é count as e. */
  fold: Uint16Array;
}>;

export function createCharacters(): Characters {
  const kind = new Uint8Array(65_536);
  const fold = new Uint16Array(65_536);
  for (let unit = 0; unit < 65_536; unit += 1) fold[unit] = unit;
  for (let unit = 0; unit < 0xd800; unit += 1) {
    const letter = String.fromCharCode(unit);
    const small = letter.toLowerCase();
    if (small !== letter && small.length === 1) {
      kind[unit] = UPPER;
      fold[unit] = plain(small);
    } else if (/\p{Ll}/u.test(letter)) {
      kind[unit] = LOWER;
      fold[unit] = plain(letter);
    } else if (/[\p{L}\p{M}]/u.test(letter)) kind[unit] = UNCASED;
    else if (unit >= 48 && unit <= 57) kind[unit] = DIGIT;
    else if (unit === 10 || unit === 13 || unit === 0x2028 || unit === 0x2029) kind[unit] = LINE;
    else if (/\s/.test(letter)) kind[unit] = SPACE;
  }
  return { kind, fold };
}

function plain(small: string): number {
  const unit = small.normalize('NFD').charCodeAt(0);
  return unit < 0xd800 ? unit : small.charCodeAt(0);
}

export const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;
export const isAsciiLetter = (unit: number): boolean => (unit | 32) >= 97 && (unit | 32) <= 122;
export const isHex = (unit: number): boolean => isDigit(unit) || ((unit | 32) >= 97 && (unit | 32) <= 102);
/** Letters and digits; NaN, which stands beyond the ends of a text, is neither. */
export const isSign = (unit: number): boolean => isDigit(unit) || isAsciiLetter(unit) || unit >= 0xc0;
