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

/** @param pick a random whole number below this one. @returns null when nobody works within these times */
export type MinutePicker = (pick: (below: number) => number) => Date | null;
export type Times = Readonly<{ from: Date; until: Date; works: (at: Date) => boolean }>;

/** One minute of those in which they work, each as likely as any other. All of them are listed once, and only where they are few. */
export function minutesWithin({ from, until, works }: Times): MinutePicker {
  const first = Math.ceil(from.getTime() / MINUTE_MS);
  const count = Math.floor((until.getTime() - 1) / MINUTE_MS) - first + 1;
  const minute = (nth: number): Date => new Date((first + nth) * MINUTE_MS);
  let all: readonly Date[] | null = count < 1 ? [] : null;
  return (pick) => {
    const tries = all === null ? TRIES : 0;
    for (let nth = 0; nth < tries; nth += 1) {
      const at = minute(pick(count));
      if (works(at)) return at;
    }
    all ??= Array.from({ length: count }, (_, nth) => minute(nth)).filter(works);
    return all.length === 0 ? null : (all[pick(all.length)] as Date);
  };
} // prettier-ignore

/** For one. */
export const randomMinute = ({ pick, ...times }: Times & Readonly<{ pick: (below: number) => number }>): Date | null =>
  minutesWithin(times)(pick);
