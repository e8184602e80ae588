/**
 * The times that logs are written with → milliseconds since 1970. NaN: not a time.
 */
const MONTHS: Readonly<Record<string, number>> = Object.fromEntries(
  ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map((name, at) => [name, at]),
);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** `2026-11-26T13:00:00.123456+0000`, `…Z`, `…+01:00`, without a zone: UTC. Digits after the third are left out. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?:Z|([+-])(\d{2}):?(\d{2}))?$/;

export function isoTime(text: string): number {
  const found = text.length <= 40 ? ISO.exec(text) : null;
  if (found === null) return Number.NaN;
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHours = '0', zoneMinutes = '0'] = found;
  const at = utc(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const zone = zoneOf(Number(zoneHours), Number(zoneMinutes));
  return at + Number(fraction.slice(0, 3).padEnd(3, '0')) - (sign === '-' ? -zone : zone);
}

/** `26/Nov/2026:13:00:00 +0000`: 26 characters, always. */
export const CLF_TIME_LENGTH = 26;

export function clfTime(text: string): number {
  if (text.length !== CLF_TIME_LENGTH || text[2] !== '/' || text[6] !== '/' || text[11] !== ':') return Number.NaN;
  const month = MONTHS[text.slice(3, 6)];
  const sign = text[21];
  if (month === undefined || (sign !== '+' && sign !== '-')) return Number.NaN;
  const number = (from: number, to: number): number => digits(text, from, to);
  const zone = zoneOf(number(22, 24), number(24, 26));
  const at = utc(number(7, 11), month, number(0, 2), number(12, 14), number(15, 17), number(18, 20));
  return at - (sign === '-' ? -zone : zone);
}

/** The same, which knows the last one: a log has many lines of one second. */
export function createClfClock(): (text: string) => number {
  let last = '';
  let lastTime = Number.NaN;
  return (text) => {
    if (text === last) return lastTime;
    const time = clfTime(text);
    if (Number.isNaN(time)) return time;
    last = text;
    lastTime = time;
    return time;
  };
}

/**
 * `Nov 26 13:00:00`, `Nov  6 …` (RFC 3164 §4.1.2): has neither year nor zone. It is taken as UTC, of the year that brings it
 * nearest to `now`.
 */
export const BSD_TIME_LENGTH = 15;

export function bsdTime(text: string, now: number): number {
  const month = MONTHS[text.slice(0, 3)];
  if (text.length !== BSD_TIME_LENGTH || month === undefined || text[3] !== ' ') return Number.NaN;
  const day = text[4] === ' ' ? digits(text, 5, 6) : digits(text, 4, 6);
  const year = new Date(now).getUTCFullYear();
  const [hour, minute, second] = [digits(text, 7, 9), digits(text, 10, 12), digits(text, 13, 15)];
  const times = [year - 1, year, year + 1].map((each) => utc(each, month, day, hour, minute, second));
  let best = Number.NaN;
  for (const time of times) {
    // a clock that is a little ahead is one; a log of eleven months ago is not of next month
    if (time - now > 2 * DAY) continue;
    if (Number.isNaN(best) || Math.abs(time - now) < Math.abs(best - now)) best = time;
  }
  return best;
}

const zoneOf = (hours: number, minutes: number): number =>
  hours < 24 && minutes < 60 ? (hours * 60 + minutes) * MINUTE : Number.NaN;

function utc(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  if (!(month >= 0 && month < 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second <= 60))
    return Number.NaN;
  // Date.UTC takes 31 February for a day in March
  if (day > 28 && day > new Date(Date.UTC(2000 + (year % 400), month + 1, 0)).getUTCDate()) return Number.NaN;
  const at = Date.UTC(year, month, day, hour, minute, second);
  // Date.UTC takes 0 to 99 as 1900 to 1999
  return year < 100 ? new Date(at).setUTCFullYear(year) : at;
}

/** NaN when there is anything but digits. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
