/**
 * Phone numbers: a shape found by our own scan, then libphonenumber's opinion on a candidate of at most 40 characters.
 * Sources: ITU-T E.164, E.123; libphonenumber's metadata by way of libphonenumber-js
 */
import { isValidPhoneNumber, type CountryCode } from 'libphonenumber-js/min';

import type { Reason } from '../finding.ts';
import { isDigit, isSign } from './characters.ts';
import { isEven, type DigitRun } from './digit-run.ts';
import { contextFor, put, thingBefore, type Page } from './page.ts';

const VALID: Reason = { says: 'libphonenumber holds it for valid', adds: 0.3 };
const IN_A_ROW: Reason = { says: 'more digits stand before it', adds: -0.25 };
const SURE = 0.8;
const EXTENSION: Reason = { says: 'an extension follows', adds: 0.2 };

/** Looks at the longest groups that can be one number. @returns whether a candidate was put down */
export function phoneIn(page: Page, token: number, run: DigitRun): boolean {
  const { text } = page;
  const row = text.charCodeAt(run.start - 1) === 32 && isDigit(text.charCodeAt(run.start - 2)) ? IN_A_ROW : null;
  for (let last = run.sizes.length - 1; last >= 0; last -= 1) {
    const digits = run.digits[last] as string;
    if (digits.length < 7 || (!run.closed[last] && !extensionAt(text, run.ends[last] as number))) continue;
    if (digits.length > (run.plus ? 15 : 14)) continue;
    const shape = phoneShape(run, last, digits);
    if (shape === null) continue;
    const near = contextFor(page, token, tokenBefore(page, token, run.ends[last] as number), 'phone');
    const end = extensionAt(text, run.ends[last] as number) ?? (run.ends[last] as number);
    const extension = end > (run.ends[last] as number) ? EXTENSION : null;
    const thing = run.plus || near !== null ? null : thingBefore(page, token);
    const hope =
      shape.adds + (row?.adds ?? 0) + (near?.adds ?? 0) + (extension?.adds ?? 0) + VALID.adds + (thing?.adds ?? 0);
    if (hope < page.least) continue;
    const written = text.slice(run.start, run.ends[last]);
    // asked where the answer decides: it takes as long as reading 10 KB of text
    const without = hope - VALID.adds;
    const open = run.plus ? without < SURE : without < Math.max(page.least, 0.5);
    const valid = open && isValid(written, digits, run.plus, page.phoneCountries) ? VALID : null;
    const before = page.found.length;
    put(page, 'phone', run.start, end, [shape, valid, extension, near, thing, row]);
    if (page.found.length > before) return true;
  }
  return false;
}

/** Digits that numbers of a country have with their trunk prefix: fewer need be asked about. */
const DIGITS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  US: [10, 11], ES: [9, 9], GB: [10, 11], DE: [7, 12], FR: [10, 10], IT: [8, 11], NL: [10, 10], AU: [10, 10], IN: [11, 11],
}; // prettier-ignore

function isValid(written: string, digits: string, plus: boolean, countries: readonly string[]): boolean {
  if (plus) return isValidPhoneNumber(written);
  if (digits.startsWith('00')) return isValidPhoneNumber(`+${digits.slice(2)}`);
  const trunk = digits.startsWith('0');
  for (const country of countries) {
    const [least, most] = DIGITS[country] ?? [7, 13];
    const plain = country === 'US' || country === 'ES';
    if (DIGITS[country] !== undefined && plain === trunk && country !== 'IT') continue;
    if (digits.length >= least && digits.length <= most && isValidPhoneNumber(digits, country as CountryCode))
      return true;
  }
  return false;
}

/** How much the grouping by itself looks like a phone number; null when it looks like something else. */
export function phoneShape(run: DigitRun, last: number, digits: string): Reason | null {
  const { sizes, between, brackets, plus } = run;
  if (plus) return digits.startsWith('0') ? null : { says: 'it begins with + and a country code', adds: 0.6 };
  if (last === 0) {
    if (digits.length < 7 || digits.length > 11) return null;
    return digits.startsWith('0') ? { says: 'it has the length and the 0 of a phone number', adds: 0.3 } : LONE;
  }
  const joints = between.slice(0, last);
  if (isDate(sizes, last, digits) || (joints.some((joint) => joint === '/') && last > 1)) return null;
  const dots = joints.every((joint) => joint === '.');
  if (dots && last === 1) return null; // a decimal
  if (dots && last === 3 && sizes.slice(0, 4).every((size) => size <= 3)) return null; // an IPv4 address
  const groups = sizes.slice(0, last + 1);
  const home = groups[0] === 1 && digits.startsWith('1') ? groups.slice(1) : groups;
  if (home.join() === '3,3,4') {
    const at = groups.length - home.length;
    const [area, exchange] = [digits.charAt(at), digits.charAt(at + 3)];
    const adds = brackets || joints.some((joint) => joint.includes('-')) ? 0.6 : 0.4;
    return { says: 'it is grouped as in North America', adds: area < '2' || exchange < '2' ? adds - 0.1 : adds };
  }
  if (groups.join() === '3,2,4' && joints[0] === '-') return null; // a social security number
  if (brackets && (groups[0] as number) <= 5) return { says: 'it has an area code in brackets', adds: 0.5 };
  if (digits.startsWith('00') && digits.length >= 10)
    return { says: 'it begins with 00 and a country code', adds: 0.4 };
  if (
    groups.slice(1).every((size) => size === 3) &&
    (groups[0] as number) <= 3 &&
    isEven(run, last) &&
    (dots || groups.length < 3)
  )
    return digits.length === 9 ? THREES : null; // thousands
  if (groups.some((size, at) => size < 2 && at > 0)) return null;
  if (digits.startsWith('0') && digits.length >= 9 && digits.length <= 12)
    return { says: 'it begins with 0 and is grouped', adds: 0.45 };
  if (groups.join() === '3,4' && joints[0] === '-') return { says: 'it is grouped as a local number', adds: 0.3 };
  if (digits.length < 8 || digits.length > 13 || groups.length > 6) return null;
  return { says: 'it is grouped as phone numbers may be', adds: groups.length >= 3 ? 0.3 : 0.2 };
}

const THREES: Reason = { says: 'it is grouped in threes, as thousands are too', adds: 0.1 };
const LONE: Reason = { says: 'it has the length of a phone number', adds: 0.15 };

function isDate(sizes: readonly number[], last: number, digits: string): boolean {
  if (last < 2) return false;
  const [a, b, c] = sizes as [number, number, number];
  if (a === 4 && b <= 2 && c <= 2) return Number(digits.slice(4, 4 + b)) <= 12;
  return a <= 2 && b <= 2 && c === 4 && last === 2;
}

/** `x123`, `ext. 123` right behind: where it ends; null when there is none. */
function extensionAt(text: string, from: number): number | null {
  let at = from;
  while (at < from + 2 && text.charCodeAt(at) === 32) at += 1;
  const sign = text.charCodeAt(at) | 32;
  if (sign === 120) at += 1;
  else if (sign === 101 && text.slice(at, at + 3).toLowerCase() === 'ext') at += 3;
  else return null;
  while (at < from + 8 && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 46)) at += 1;
  const digits = at;
  while (at < digits + 7 && isDigit(text.charCodeAt(at))) at += 1;
  return at > digits && at < digits + 7 && !isSign(text.charCodeAt(at)) ? at : null;
}

/** The last token that begins before `end`. */
export function tokenBefore(page: Page, token: number, end: number): number {
  const { tokens } = page;
  let last = token;
  while (last + 1 < tokens.count && (tokens.start[last + 1] as number) < end) last += 1;
  return last;
}
