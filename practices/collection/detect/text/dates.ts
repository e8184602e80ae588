/** Days of birth: a day, with a word for birth near it. A day by itself is nobody's. */
import { isDay } from '../checksums.ts';
import type { Reason } from '../finding.ts';
import type { DigitRun } from './digit-run.ts';
import { contextFor, put, type Page } from './page.ts';
import { tokenBefore } from './phones.ts';
import { NUMBER, SIGN } from './tokens.ts';

const DAY: Reason = { says: 'is a day in the calendar, of the last 120 years', adds: 0.2 };
const [FIRST_YEAR, LAST_YEAR] = [1905, 2030];

/** Numeric: 1985-03-12, 12.03.1985, 3/12/1985, 12.03.85, 19850312. */
export function birthDateIn(page: Page, token: number, run: DigitRun): void {
  if (!page.wants('birth-date')) return;
  const last = Math.min(2, run.sizes.length - 1);
  if (last === 1 || (!run.closed[last] && last !== 2)) return;
  const digits = run.digits[last] as string;
  const joint = run.between[0];
  if (last === 2 && (run.between[1] !== joint || (joint !== '-' && joint !== '.' && joint !== '/' && joint !== '. ')))
    return;
  if (!isWrittenDay(digits, run.sizes.slice(0, last + 1))) return;
  put(page, 'birth-date', run.start, run.ends[last] as number, [DAY, birthNear(page, token, run.ends[last] as number)]);
}

const birthNear = (page: Page, token: number, end: number): Reason | null =>
  contextFor(page, token, tokenBefore(page, token, end), 'birth', 0.65);

const isYear = (year: number): boolean => year >= FIRST_YEAR && year <= LAST_YEAR;

export function isWrittenDay(digits: string, sizes: readonly number[]): boolean {
  const form = sizes.join();
  const part = (from: number, size: number): number => Number(digits.slice(from, from + size));
  if (form === '8') return isYear(part(0, 4)) && isDay(part(4, 2), part(6, 2), part(0, 4));
  const [a, b, c] = sizes;
  if (a === undefined || b === undefined || c === undefined || b > 2) return false;
  const middle = part(a, b);
  if (a === 4 && c <= 2) return isYear(part(0, 4)) && isDay(middle, part(a + b, c), part(0, 4));
  if (a > 2 || (c !== 4 && c !== 2)) return false;
  const year = c === 4 ? part(a + b, 4) : 1900 + part(a + b, 2);
  return isYear(year) && (isDay(middle, part(0, a), year) || isDay(part(0, a), middle, year));
}

/** With the month in words: at the name of a month, `12 March 1985`, `March 12, 1985`, `12 de marzo de 1985`. */
export function birthMonthAt(page: Page, token: number): void {
  if (!page.wants('birth-date')) return;
  const { tokens, months, text } = page;
  const month = months.bitsOf(tokens.hash[token] as number);
  if (month === 0) return;
  const number = (at: number): number =>
    tokens.kind[at] === NUMBER && (tokens.end[at] as number) - (tokens.start[at] as number) <= 4
      ? Number(text.slice(tokens.start[at], tokens.end[at]))
      : -1;
  /** Over signs, and words of two letters such as `de`. */
  const step = (at: number, by: 1 | -1): number => {
    let next = at + by;
    for (let i = 0; i < 2 && next >= 0 && next < tokens.count; i += 1) {
      const small = tokens.kind[next] === SIGN || (tokens.end[next] as number) - (tokens.start[next] as number) === 2;
      if (tokens.kind[next] === NUMBER || !small) break;
      next += by;
    }
    return next >= 0 && next < tokens.count ? next : -1;
  };
  const [before, after] = [step(token, -1), step(token, 1)];
  if (before >= 0 && after >= 0 && isDay(month, number(before)) && isYear(number(after))) {
    put(page, 'birth-date', tokens.start[before] as number, tokens.end[after] as number, [DAY, birthNear(page, before, tokens.end[after] as number)]); // prettier-ignore
    return;
  }
  if (after < 0 || !isDay(month, number(after))) return;
  let year = step(after, 1);
  // `12th`, `1st`: letters glued to the day make it a mixture, so only plain days come here
  if (year >= 0 && !isYear(number(year))) year = -1;
  if (year >= 0) put(page, 'birth-date', tokens.start[token] as number, tokens.end[year] as number, [DAY, birthNear(page, token, tokens.end[year] as number)]); // prettier-ignore
}
