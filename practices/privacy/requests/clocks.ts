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
  source: string;
  confidence: 'primary' | 'low';
}>;

const clock = (regime: string, respond: Period, extend: Period | null, source: string, more: Partial<Clock> = {}): Clock => ({
  regime, respond, extend, source, rollsOver: false, confidence: 'primary', ...more,
}); // prettier-ignore

export const CLOCKS: readonly Clock[] = [
  clock('eu-gdpr', { months: 1 }, { months: 2 }, 'Regulation (EU) 2016/679 art. 12(3); calendar as in Regulation (EEC) 1182/71 art. 3'),
  clock('uk-gdpr', { months: 1 }, { months: 2 }, 'UK GDPR art. 12(3)', { rollsOver: true }),
  clock('us-ca', { days: 45 }, { days: 45 }, 'Cal. Civ. Code §1798.130(a)(2); 11 CCR §7021(b)'),
  clock('us-ca-opt-out', { workingDays: 15 }, null, '11 CCR §7026(f)'),
  clock('us-va', { days: 45 }, { days: 45 }, 'Va. Code §59.1-577(B)'),
  clock('us-co', { days: 45 }, { days: 45 }, 'C.R.S. §6-1-1306(2)'),
  clock('us-ct', { days: 45 }, { days: 45 }, 'Conn. Gen. Stat. §42-518(c)'),
  clock('us-tx', { days: 45 }, { days: 45 }, 'Tex. Bus. & Com. Code §541.052'),
  clock('br-lgpd', { days: 15 }, null, 'Lei 13.709/2018 art. 19 II'),
  clock('ca-pipeda', { days: 30 }, { days: 30 }, 'PIPEDA s. 8(3), 8(4)'),
  clock('ca-qc', { days: 30 }, null, 'CQLR c. P-39.1, s. 32'),
  clock('kr-pipa', { days: 10 }, null, 'tables of others; PIPA Enforcement Decree art. 41 was not read', { confidence: 'low' }),
]; // prettier-ignore
export const DEFAULT_REGIME = 'eu-gdpr';
export const clockOf = (regime: string): Clock | null => CLOCKS.find((each) => each.regime === regime) ?? null;

const DAY_MS = 86_400_000;
const isWeekend = (at: Date): boolean => at.getUTCDay() % 6 === 0;

/** The corresponding date, or the last day of a month that has none; at the end of that day, in UTC. */
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

/** The last moment of the last day. Public holidays are not known: where they would move it, it is early. */
export function dueAt({ respond, extend, rollsOver }: Clock, received: Date, extended = false): Date {
  let at = added(received, respond);
  if (extended && extend !== null)
    at = 'months' in respond && 'months' in extend ? addMonths(received, respond.months + extend.months) : added(at, extend);
  const days = rollsOver && isWeekend(at) ? (at.getUTCDay() === 6 ? 2 : 1) : 0;
  at = new Date(at.getTime() + days * DAY_MS);
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), 23, 59, 59));
} // prettier-ignore
