/** "erase P2Y after account.closed" → "erase 2 years after account.closed": durations (ISO 8601) in words, wherever they stand. */
const UNITS: Readonly<Record<string, string>> = { Y: 'year', M: 'month', W: 'week', D: 'day' };

export const durationsInWords = (text: string): string =>
  text.replaceAll(/\bP((?:\d+[YMWD])+)\b/g, (_whole, parts: string) =>
    [...parts.matchAll(/(\d+)([YMWD])/g)].map(([, n, unit = '']) => `${n} ${UNITS[unit]}${n === '1' ? '' : 's'}`).join(' '),
  ); // prettier-ignore
