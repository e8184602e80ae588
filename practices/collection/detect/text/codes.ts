/** Numbers with letters in them, and numbers that only a check or a word near them tells: IBAN, national, passport, plate. */
import { mrzDigit } from '../checksums.ts';
import type { Reason } from '../finding.ts';
import { ibanChecks, type IbanLengths } from '../ibans.ts';
import { isWrittenAs, LONGEST, passing, SHORTEST } from '../national/packs.ts';
import type { NationalRule } from '../national/rule.ts';
import { isAsciiLetter, isDigit, isSign } from './characters.ts';
import { contextFor, near, put, thingBefore, type Page } from './page.ts';
import { tokenBefore } from './phones.ts';
import { CAPITALS, INITIAL, MIXED, NUMBER, WORD } from './tokens.ts';
import { CONTEXT } from '../words/context-words.ts';

const MAX_PARTS = 7;

/** At a number, a mixture, or a short word in capitals: every way to go on from here, of at most 18 signs. */
export function nationalAt(page: Page, token: number): void {
  const { text, tokens } = page;
  const start = tokens.start[token] as number;
  if (isGlued(text, start)) return;
  let [signs, digits] = ['', 0];
  for (let part = 0, at = token; part < MAX_PARTS && at < tokens.count; part += 1) {
    const kind = tokens.kind[at] as number;
    const [from, end] = [tokens.start[at] as number, tokens.end[at] as number];
    if (kind > MIXED || signs.length + end - from > LONGEST || (kind === WORD && end - from > 6)) return;
    if (kind === WORD && part > 0 && tokens.shape[at] !== CAPITALS && tokens.shape[at] !== INITIAL && digits === 0)
      return;
    signs += text.slice(from, end).toUpperCase();
    if (kind !== WORD) digits += 1;
    if (digits > 0 && signs.length >= SHORTEST && !isGluedAfter(text, end)) {
      const bracket = text.charCodeAt(from - 1) === 40 && text.charCodeAt(end) === 41;
      for (const rule of passing(page.packs, signs)) putNational(page, token, at, rule, start, bracket ? end + 1 : end);
    }
    // to the next part over one separator
    const unit = text.charCodeAt(end);
    const next = tokens.start[at + 1] ?? -1;
    if (unit === 32 || unit === 0xa0) at += next === end + 1 ? 1 : tokens.count;
    else if ([45, 46, 47, 40, 43].includes(unit) && tokens.start[at + 2] === end + 1) at += 2;
    else return;
  }
}

function putNational(page: Page, token: number, last: number, rule: NationalRule, start: number, end: number): void {
  const plain = last === token;
  const written = !plain && isWrittenAs(rule, page.text, start, end) && !isPartOfRow(page.text, start, end);
  if (!plain && !written) return;
  const check: Reason =
    rule.chance <= 0.0001
      ? { says: `passes the check of ${rule.country} ${rule.scheme}, as one in 10,000 others`, adds: 0.75 }
      : rule.chance <= 0.002
        ? { says: `passes the check of ${rule.country} ${rule.scheme}, as one in 500 others`, adds: 0.55 }
        : rule.chance <= 0.01
          ? { says: `passes the check of ${rule.country} ${rule.scheme}, as one in 100 others`, adds: 0.42 }
          : rule.chance <= 0.05
            ? { says: `passes the check of ${rule.country} ${rule.scheme}, as one in 20 others`, adds: 0.3 }
            : rule.chance <= 0.1
              ? { says: `passes the check of ${rule.country} ${rule.scheme}, as one in 10 others`, adds: 0.2 }
              : { says: `may be a ${rule.country} ${rule.scheme}, which has no check digit`, adds: 0.1 };
  const letters = rule.form.includes('A') ? { says: 'letters stand where that number has them', adds: 0.2 } : null;
  const form = written ? { says: 'is written as that number is', adds: rule.writtenAdds ?? 0.2 } : null;
  const context = contextFor(page, token, last, 'national', 0.4);
  put(page, 'national-id', start, end,
    [check, letters, form, context, context === null ? thingBefore(page, token) : null],
    `${rule.country.toLowerCase()}:${rule.scheme}`); // prettier-ignore
}

/** Groups between spaces that go on with more of them, such as of a card. */
function isPartOfRow(text: string, start: number, end: number): boolean {
  const row = (space: number, digit: number): boolean =>
    text.charCodeAt(space) === 32 && isDigit(text.charCodeAt(digit));
  const spaced = text.slice(start, end).includes(' ');
  return spaced && (row(start - 1, start - 2) || row(end, end + 1));
}

/** A letter, a digit, or a separator with one of these stands right before. */
function isGlued(text: string, start: number): boolean {
  const before = text.charCodeAt(start - 1);
  if (isSign(before) || before === 95) return true;
  return [45, 46, 47, 43, 58, 44].includes(before) && isDigit(text.charCodeAt(start - 2));
}

function isGluedAfter(text: string, end: number): boolean {
  const after = text.charCodeAt(end);
  if (isSign(after) || after === 95 || after === 64) return true;
  return [45, 46, 47, 44].includes(after) && isDigit(text.charCodeAt(end + 1));
}

/** At a mixture that begins with two letters and two digits. */
export function ibanAt(page: Page, token: number, lengths: IbanLengths): void {
  const { text, tokens } = page;
  const start = tokens.start[token] as number;
  if (!isAsciiLetter(text.charCodeAt(start)) || !isAsciiLetter(text.charCodeAt(start + 1))) return;
  if (!isDigit(text.charCodeAt(start + 2)) || !isDigit(text.charCodeAt(start + 3)) || isGlued(text, start)) return;
  const length = lengths.get(text.slice(start, start + 2).toUpperCase());
  if (length === undefined) return;
  let signs = '';
  let at = start;
  while (signs.length < length && at - start < 48) {
    const unit = text.charCodeAt(at);
    if (isDigit(unit) || isAsciiLetter(unit)) signs += text.charAt(at);
    else if ((unit !== 32 && unit !== 45 && unit !== 0xa0) || !isSign(text.charCodeAt(at + 1))) return;
    at += 1;
  }
  if (signs.length < length || isSign(text.charCodeAt(at)) || !ibanChecks(signs.toUpperCase())) return;
  put(page, 'iban', start, at, [
    { says: 'has the length of its country', adds: 0.2 },
    { says: 'passes the check modulo 97', adds: 0.72 },
    contextFor(page, token, tokenBefore(page, token, at), 'iban', 0.05),
  ], text.slice(start, start + 2).toLowerCase()); // prettier-ignore
}

/** The second line of a passport's machine readable zone (ICAO Doc 9303-4 §4.2.2): 44 signs, three check digits. */
export function passportZoneAt(page: Page, token: number): void {
  const { text, tokens } = page;
  const start = tokens.start[token] as number;
  if (start > 0 && (isSign(text.charCodeAt(start - 1)) || text.charCodeAt(start - 1) === 60)) return;
  for (let i = 0; i < 44; i += 1) {
    const unit = text.charCodeAt(start + i);
    if (!isDigit(unit) && unit !== 60 && !(unit >= 65 && unit <= 90)) return;
  }
  const zone = text.slice(start, start + 44);
  const checks = (from: number, to: number): boolean => mrzDigit(zone.slice(from, to)) === zone.charCodeAt(to) - 48;
  if (isSign(text.charCodeAt(start + 44)) || !checks(0, 9) || !checks(13, 19) || !checks(21, 27)) return;
  put(page, 'passport', start, start + 44, [{ says: 'three check digits of a machine readable zone are right', adds: 0.98 }], 'mrz'); // prettier-ignore
}

/** Six to nine signs, five of them digits, with a word for passport near; a plate likewise. */
export function documentAt(page: Page, token: number): void {
  const { text, tokens } = page;
  const [start, end] = [tokens.start[token] as number, tokens.end[token] as number];
  const kind = tokens.kind[token] as number;
  if (
    page.wants('passport') &&
    end - start >= 6 &&
    end - start <= 9 &&
    !isGlued(text, start) &&
    !isGluedAfter(text, end)
  ) {
    let digits = 0;
    for (let i = start; i < end; i += 1) if (isDigit(text.charCodeAt(i))) digits += 1;
    const context = digits >= 5 ? contextFor(page, token, token, 'passport', 0.45) : null;
    if (context !== null)
      put(page, 'passport', start, end, [{ says: `${kind === NUMBER ? 'digits' : 'letters and digits'} as many as in passport numbers`, adds: 0.25 }, context]); // prettier-ignore
  }
  if (page.wants('vehicle-plate') && end - start <= 8) plateAt(page, token);
}

/** Up to three short parts of capitals and digits, both among them. */
function plateAt(page: Page, token: number): void {
  const { text, tokens } = page;
  if (!near(page, token, -1, CONTEXT.plate, 4)) return;
  let [letters, digits, end] = [0, 0, -1];
  let at = token;
  for (let part = 0; part < 3 && at < tokens.count; part += 1) {
    const kind = tokens.kind[at] as number;
    const [from, to] = [tokens.start[at] as number, tokens.end[at] as number];
    if (kind === WORD ? to - from > 3 || (tokens.shape[at] !== CAPITALS && tokens.shape[at] !== INITIAL) : kind > MIXED)
      break;
    if (kind === MIXED && text.slice(from, to) !== text.slice(from, to).toUpperCase()) break;
    for (let i = from; i < to; i += 1) if (isDigit(text.charCodeAt(i))) digits += 1; else letters += 1; // prettier-ignore
    if (letters + digits > 9) break;
    if (letters > 0 && digits > 0) end = to;
    const unit = text.charCodeAt(to);
    if (unit === 32 && tokens.start[at + 1] === to + 1) at += 1;
    else if ((unit === 45 || unit === 0xb7) && tokens.start[at + 2] === to + 1) at += 2;
    else break;
  }
  const start = tokens.start[token] as number;
  if (end < 0 || letters + digits < 4 || isGlued(text, start)) return;
  put(page, 'vehicle-plate', start, end, [
    { says: 'capitals and digits as on plates', adds: 0.2 },
    contextFor(page, token, token, 'plate', 0.4),
  ]);
}
