/** When people work, and a random minute of it. */
export type WorkingHours = readonly Readonly<{ days: ReadonlySet<number>; from: number; until: number }>[];

/** Monday to Friday, nine to five, in minutes of the day; days as of `Date.getDay`. */
export const OFFICE_HOURS: WorkingHours = [{ days: new Set([1, 2, 3, 4, 5]), from: 9 * 60, until: 17 * 60 }];

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MINUTE_MS = 60_000;
const TRIES = 300;

/** @param zone of the IANA database. @throws RangeError when there is none of that name */
export function worksAt(zone: string, hours: WorkingHours): (at: Date) => boolean {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }); // prettier-ignore
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const [day, minute] = [DAYS.indexOf(parts['weekday'] ?? ''), Number(parts['hour']) * 60 + Number(parts['minute'])];
    return hours.some(({ days, from, until }) => days.has(day) && minute >= from && minute < until);
  };
}

/**
 * One minute of those in which they work, each as likely as any other.
 * @param pick a random whole number below this one
 * @returns null when nobody works within these times
 */
export function randomMinute({ from, until, works, pick }: Readonly<{ from: Date; until: Date; works: (at: Date) => boolean; pick: (below: number) => number }>): Date | null {
  const first = Math.ceil(from.getTime() / MINUTE_MS);
  const count = Math.floor((until.getTime() - 1) / MINUTE_MS) - first + 1;
  if (count < 1) return null;
  const minute = (nth: number): Date => new Date((first + nth) * MINUTE_MS);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const at = minute(pick(count));
    if (works(at)) return at;
  }
  const all = Array.from({ length: count }, (_, nth) => minute(nth)).filter(works);
  return all.length === 0 ? null : (all[pick(all.length)] as Date);
} // prettier-ignore
