/** Days of a place: where they end, through changes of its time. Days are texts such as `2026-03-29`. */
export type Zone = Readonly<{
  dayOf: (at: Date) => string;
  /** The last moment of it is just before. */
  endOf: (day: string) => Date;
  addDays: (day: string, count: number) => string;
  /** The corresponding day, or the last one of a month that has none. */
  addMonths: (day: string, count: number) => string;
  isWeekend: (day: string) => boolean;
}>;

const DAY_MS = 86_400_000;

/** @param name of the IANA database, such as `Europe/Berlin`. @throws RangeError when there is none of that name */
export function createZone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name, calendar: 'iso8601', hourCycle: 'h23', era: 'short',
    year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  }); // prettier-ignore
  /** The clock on the wall, as if it were one of UTC. */
  const wall = (at: number): number => {
    const part = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const of = (type: Intl.DateTimeFormatPartTypes): number => part.get(type) ?? 0;
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  };
  const dayAt = (at: number): string => new Date(wall(at)).toISOString().slice(0, 10);
  const utc = (day: string): number => Date.parse(`${day}T00:00:00Z`);
  const text = (at: number): string => new Date(at).toISOString().slice(0, 10);

  return {
    dayOf: (at) => dayAt(at.getTime()),
    endOf: (day) => {
      const midnight = utc(day) + DAY_MS;
      const offsets = [-DAY_MS, 0, DAY_MS].map((away) => wall(midnight + away) - (midnight + away));
      // of two midnights, when the time goes back over one, the later; a day that a place leaves out ends as it begins
      const candidates = offsets.map((offset) => midnight - offset).filter((at) => dayAt(at - 1) <= day);
      return new Date(Math.max(...candidates));
    },
    addDays: (day, count) => text(utc(day) + count * DAY_MS),
    addMonths: (day, count) => {
      const from = new Date(utc(day));
      const [year, month] = [from.getUTCFullYear(), from.getUTCMonth() + count];
      const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
      return text(Date.UTC(year, month, Math.min(from.getUTCDate(), days)));
    },
    isWeekend: (day) => new Date(utc(day)).getUTCDay() % 6 === 0,
  };
}

/** As one types it into a form: to the minute, of UTC. */
export const timeText = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
