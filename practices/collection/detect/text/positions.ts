/** Positions on earth: two decimals that fit latitude and longitude (ISO 6709), degrees with minutes and seconds. */
import { isDigit, isSign } from './characters.ts';
import { contextFor, put, type Page } from './page.ts';
import { tokenBefore } from './phones.ts';

type Decimal = Readonly<{ value: number; places: number; end: number }>;

export function positionAt(page: Page, token: number): void {
  const { text, tokens } = page;
  if (!page.wants('geo-position')) return;
  const at = tokens.start[token] as number;
  const start = text.charCodeAt(at - 1) === 45 ? at - 1 : at;
  if (isSign(text.charCodeAt(start - 1))) return;
  const latitude = decimalAt(text, start);
  if (latitude === null || latitude.places < 3 || Math.abs(latitude.value) > 90) return;
  let next = latitude.end;
  let comma = 0;
  while (next - latitude.end < 4) {
    const unit = text.charCodeAt(next);
    if (unit === 44 || unit === 59) comma += 1;
    else if (unit !== 32) break;
    next += 1;
  }
  if (next === latitude.end || comma > 1) return;
  const longitude = decimalAt(text, next);
  if (longitude === null || longitude.places < 3 || Math.abs(longitude.value) > 180 || isSign(text.charCodeAt(longitude.end))) return; // prettier-ignore
  const fine = Math.min(latitude.places, longitude.places);
  put(page, 'geo-position', start, longitude.end, [
    { says: 'two decimals that fit latitude and longitude', adds: 0.35 },
    { says: `they have ${fine} decimal places or more`, adds: fine >= 5 ? 0.25 : fine === 4 ? 0.2 : 0 },
    contextFor(page, token, tokenBefore(page, token, longitude.end), 'geo', 0.35),
  ]);
}

function decimalAt(text: string, from: number): Decimal | null {
  let at = text.charCodeAt(from) === 45 || text.charCodeAt(from) === 43 ? from + 1 : from;
  const whole = at;
  while (at - whole < 4 && isDigit(text.charCodeAt(at))) at += 1;
  if (at === whole || at - whole > 3 || text.charCodeAt(at) !== 46) return null;
  const point = at;
  at += 1;
  while (at - point < 18 && isDigit(text.charCodeAt(at))) at += 1;
  return { value: Number(text.slice(from, at)), places: at - point - 1, end: at };
}

/** At a degree sign: 52°31'12"N 13°24'18"E, the first half is enough. */
export function degreesAt(page: Page, token: number, at: number): void {
  const { text } = page;
  let start = at;
  while (at - start < 8 && (isDigit(text.charCodeAt(start - 1)) || text.charCodeAt(start - 1) === 46)) start -= 1;
  if (start === at || isSign(text.charCodeAt(start - 1))) return;
  let end = at + 1;
  let minutes = false;
  while (end - at < 24) {
    const unit = text.charCodeAt(end);
    if (unit === 39 || unit === 0x2032 || unit === 0x2019) minutes = true;
    else if (!isDigit(unit) && ![46, 32, 34, 0x2033, 0x201d].includes(unit)) break;
    end += 1;
  }
  if (!'NSEWO'.includes(text.charAt(end)) || end >= text.length || isSign(text.charCodeAt(end + 1))) return;
  put(page, 'geo-position', start, end + 1, [
    { says: 'degrees with a direction of the compass', adds: minutes ? 0.75 : 0.5 },
    contextFor(page, token, token, 'geo', 0.2),
  ]);
}
