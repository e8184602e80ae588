/**
 * How long there is for an answer, by law: data, each row with where it comes from. Where no primary source was read, a
 * row says `confidence: low`; of rows that contradict each other, the shortest wins.
 */
export type Period = Readonly<{ months: number } | { days: number } | { workingDays: number }>;
export type Clock = Readonly<{
  regime: string;
  respond: Period;
  /** Once, told before `respond` is over; null: none. */
  extend: Period | null;
  /** A last day that is a Saturday or Sunday moves to Monday. */
  rollsOver: boolean;
  /** Hours from UTC of the most western and the most eastern place where it is law: days begin and end there. */
  zones: readonly [west: number, east: number];
  source: string;
  confidence: 'primary' | 'low';
}>;

const clock = (regime: string, zones: Clock['zones'], respond: Period, extend: Period | null, source: string, more: Partial<Clock> = {}): Clock => ({
  regime, zones, respond, extend, source, rollsOver: false, confidence: 'primary', ...more,
}); // prettier-ignore

export const CLOCKS: readonly Clock[] = [
  clock('eu-gdpr', [-4, 4], { months: 1 }, { months: 2 }, 'Regulation (EU) 2016/679 art. 12(3); calendar as in Regulation (EEC) 1182/71 art. 3'),
  clock('uk-gdpr', [0, 1], { months: 1 }, { months: 2 }, 'UK GDPR art. 12(3)', { rollsOver: true }),
  clock('us-ca', [-8, -7], { days: 45 }, { days: 45 }, 'Cal. Civ. Code §1798.130(a)(2); 11 CCR §7021(b)'),
  clock('us-ca-opt-out', [-8, -7], { workingDays: 15 }, null, '11 CCR §7026(f)'),
  clock('us-va', [-5, -4], { days: 45 }, { days: 45 }, 'Va. Code §59.1-577(B)'),
  clock('us-co', [-7, -6], { days: 45 }, { days: 45 }, 'C.R.S. §6-1-1306(2)'),
  clock('us-ct', [-5, -4], { days: 45 }, { days: 45 }, 'Conn. Gen. Stat. §42-518(c)'),
  clock('us-tx', [-7, -5], { days: 45 }, { days: 45 }, 'Tex. Bus. & Com. Code §541.052'),
  clock('br-lgpd', [-5, -2], { days: 15 }, null, 'Lei 13.709/2018 art. 19 II'),
  clock('ca-pipeda', [-8, -2.5], { days: 30 }, { days: 30 }, 'PIPEDA s. 8(3), 8(4)'),
  clock('ca-qc', [-5, -3], { days: 30 }, null, 'CQLR c. P-39.1, s. 32'),
  clock('kr-pipa', [9, 9], { days: 10 }, null, 'tables of others; PIPA Enforcement Decree art. 41 was not read', { confidence: 'low' }),
]; // prettier-ignore
export const DEFAULT_REGIME = 'eu-gdpr';
export const clockOf = (regime: string): Clock | null => CLOCKS.find((each) => each.regime === regime) ?? null;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const isWeekend = (at: Date): boolean => at.getUTCDay() % 6 === 0;

/** The corresponding date, or the last day of a month that has none. */
function addMonths(from: Date, months: number): Date {
  const first = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months, 1));
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  return new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), Math.min(from.getUTCDate(), days)));
}

function addWorkingDays(from: Date, count: number): Date {
  let at = from;
  for (let left = count; left > 0;) {
    at = new Date(at.getTime() + DAY_MS);
    if (!isWeekend(at)) left -= 1;
  }
  return at;
}

const added = (from: Date, period: Period): Date => {
  if ('months' in period) return addMonths(from, period.months);
  return 'days' in period ? new Date(from.getTime() + period.days * DAY_MS) : addWorkingDays(from, period.workingDays);
};

/**
 * The last moment of the last day: wherever the customer is, it is never late. Where they are is not known, nor are public
 * holidays: where these would move it, it is early.
 */
export function dueAt({ respond, extend, rollsOver, zones }: Clock, received: Date, extended = false): Date {
  const [west, east] = zones;
  // it may still be the day before where it was sent
  const from = new Date(received.getTime() + Math.min(west, 0) * HOUR_MS);
  let at = added(from, respond);
  if (extended && extend !== null)
    at = 'months' in respond && 'months' in extend ? addMonths(from, respond.months + extend.months) : added(at, extend);
  const days = rollsOver && isWeekend(at) ? (at.getUTCDay() === 6 ? 2 : 1) : 0;
  at = new Date(at.getTime() + days * DAY_MS);
  const end = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), 23, 59, 59);
  return new Date(end - Math.max(east, 0) * HOUR_MS);
} // prettier-ignore
