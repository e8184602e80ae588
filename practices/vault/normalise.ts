/**
 * Values as they are compared in search: one spelling for what people mean as the same.
 *
 * A transform has a version. Its label is part of the index key's label, so a changed transform is another index, built
 * beside the old one, and never a silent mismatch.
 * Source: docs/formats/blind-index.md §2; Unicode UAX #15 (NFKC), UAX #31 §5 (NFKC_Casefold); RFC 5890 (IDNA); E.164
 */
import { domainToASCII } from 'node:url';

import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';

import type { FieldSpec, IdNormaliser, SearchKind } from '#practices/collection';

import type { FieldValue } from './types.ts';

export type Transform =
  | 'exact/1'
  | 'text/1'
  | 'name/1'
  | 'email/1'
  | 'phone/1'
  | 'code/1'
  | 'number/1'
  | 'date/1'
  | 'month/1'
  | 'prefix/1';

/** Shortest and longest prefix that is indexed, in code points. */
export const PREFIX_MIN = 2;
export const PREFIX_MAX = 8;
/** Words of one value that are indexed by prefix: more would make one long text a thousand rows. */
export const PREFIX_WORDS_MAX = 16;

/** Which transform an index of this field uses. */
export function transformFor(field: Pick<FieldSpec, 'type'>, kind: SearchKind): Transform {
  if (kind === 'prefix') return 'prefix/1';
  if (kind === 'month') return 'month/1';
  switch (field.type) {
    case 'email':
      return 'email/1';
    case 'phone':
      return 'phone/1';
    case 'date':
      return 'date/1';
    case 'number':
    case 'integer':
      return 'number/1';
    case 'card':
    case 'iban':
    case 'postcode':
      return 'code/1';
    case 'name':
    case 'address':
    case 'country':
      return 'name/1';
    case 'text':
      return 'text/1';
    case 'boolean':
    case 'choice':
    case 'json':
      break;
  }
  return 'exact/1';
}

/** Which transform a collection's external ids use. */
export function transformForId(normaliser: IdNormaliser): Exclude<Transform, 'prefix/1' | 'month/1'> {
  return `${normaliser}/1`;
}

/**
 * @param country ISO 3166-1 alpha-2, for phone numbers without a country code
 * @returns the one spelling, or null when nothing is left to compare; prefix/1 gives the words joined by a space
 */
export function normalise(transform: Transform, value: FieldValue, country: string | null = null): string | null {
  if (typeof value === 'object') return null;
  const text = String(value);
  switch (transform) {
    case 'exact/1':
      return text.normalize('NFC').trim() || null;
    case 'text/1':
      return fold(text) || null;
    case 'name/1':
    case 'prefix/1':
      return withoutDiacritics(fold(text)) || null;
    case 'email/1':
      return normaliseEmail(text);
    case 'phone/1':
      return normalisePhone(text, country);
    case 'code/1':
      return fold(text).replaceAll(/[^\p{L}\p{N}]/gu, '') || null;
    case 'number/1': {
      const number = typeof value === 'number' ? value : text.trim() === '' ? Number.NaN : Number(text);
      return Number.isFinite(number) ? String(number === 0 ? 0 : number) : null;
    }
    case 'date/1':
      return /^\d{4}-\d{2}-\d{2}$/.test(text.trim()) ? text.trim() : null;
    case 'month/1':
      break;
  }
  return /^\d{4}-\d{2}(?:-\d{2})?$/.test(text.trim()) ? text.trim().slice(0, 7) : null;
}

/** All prefixes of 2 to 8 code points of each word; words and prefixes once each. @param normalised by prefix/1 */
export function prefixesOf(normalised: string): string[] {
  const found = new Set<string>();
  for (const word of wordsOf(normalised).slice(0, PREFIX_WORDS_MAX)) {
    const letters = [...word];
    for (let size = PREFIX_MIN; size <= Math.min(PREFIX_MAX, letters.length); size += 1)
      found.add(letters.slice(0, size).join(''));
  }
  return [...found];
}

/** What to ask for: the longest indexed prefix of each word asked for; all must hit. Empty when the words are too short. */
export function prefixQuery(normalised: string): string[] {
  const found = wordsOf(normalised)
    .slice(0, PREFIX_WORDS_MAX)
    .map((word) => [...word].slice(0, PREFIX_MAX))
    .filter((letters) => letters.length >= PREFIX_MIN);
  return [...new Set(found.map((letters) => letters.join('')))];
}

function wordsOf(normalised: string): string[] {
  return normalised.split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => word !== '');
}

const PLAIN = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;

/** NFKC_Casefold, white space trimmed and collapsed. */
function fold(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  return (
    text
      .normalize('NFKC')
      .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
      // lower, upper, lower: ß and ss, the two small sigmas, ſ and s fall together as in Unicode's full case folding.
      // The first lower is for ẞ (U+1E9E), which is its own upper case and would end as ß where ß itself ends as ss.
      .toLowerCase()
      .toUpperCase()
      .toLowerCase()
      .replaceAll('ς', 'σ')
      .normalize('NFKC')
      .replaceAll(/\s+/g, ' ')
      .trim()
  );
}

function withoutDiacritics(text: string): string {
  if (PLAIN.test(text)) return text;
  // only marks on Latin, Greek and Cyrillic letters: in other scripts they are vowels
  return text
    .normalize('NFD')
    .replaceAll(/([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{Mn}+/gu, '$1')
    .normalize('NFC')
    .replaceAll('ø', 'o')
    .replaceAll('ł', 'l')
    .replaceAll('đ', 'd')
    .replaceAll('æ', 'ae')
    .replaceAll('œ', 'oe');
}

/** No tricks with dots or plus signs: whether they matter is the receiving server's rule, not ours. */
function normaliseEmail(text: string): string | null {
  const folded = fold(text);
  const at = folded.lastIndexOf('@');
  if (at < 0) return folded || null;
  const domain = folded.slice(at + 1);
  return `${folded.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

/** E.164 where the number is one; otherwise `raw:` and its digits, so that what was stored is found as it was stored. */
function normalisePhone(text: string, country: string | null): string | null {
  const plain = text.normalize('NFKC');
  const parsed = parsePhoneNumberFromString(plain, {
    ...(country === null ? {} : { defaultCountry: country as CountryCode }),
    extract: false,
  });
  if (parsed?.isPossible()) return parsed.ext === undefined ? parsed.number : `${parsed.number};ext=${parsed.ext}`;
  const digits = plain.replaceAll(/\D/g, '');
  return digits === '' ? null : `raw:${digits}`;
}
