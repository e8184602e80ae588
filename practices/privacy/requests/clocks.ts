/**
 * How long there is for an answer, by law: data, each row with where it comes from. Where no primary source was read, a
 * row or a part of it says `confidence: low`; of rows that contradict each other, the shortest wins. What stands nowhere in a
 * row is not allowed: a clock stands still, and a no is appealed, only where a law says so.
 */
export type Period = Readonly<{ months: number } | { days: number } | { workingDays: number }>;
/** `scope`: which of much data is meant; `identity`: who asks. */
export type Pause = 'scope' | 'identity';
export type Appeal = Readonly<{
  respond: Period;
  extend: Period | null;
  source: string;
  confidence: 'primary' | 'low';
}>;
export type Clock = Readonly<{
  /** For which question the clock stands still until it is answered, and by which law. */
  pauses: Readonly<Partial<Record<Pause, string>>>;
  /** Null: a no is not appealed here, but complained about. */
  appeal: Appeal | null;
  /** Who takes complaints; null: the data protection authority where somebody lives, works, or where it happened. */
  complainTo: string | null;
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
  regime, zones, respond, extend, source, rollsOver: false, confidence: 'primary', pauses: {}, appeal: null, complainTo: null, ...more,
}); // prettier-ignore

/** "A reasonable period" is all that the laws say. */
export const APPEAL_WITHIN_DAYS = 90;
const attorney = (state: string): string => `the Attorney General of ${state}`;

export const CLOCKS: readonly Clock[] = [
  clock('eu-gdpr', [-4, 4], { months: 1 }, { months: 2 }, 'Regulation (EU) 2016/679 art. 12(3); calendar as in Regulation (EEC) 1182/71 art. 3', {
    pauses: { scope: 'recital 63, a large quantity of information; EDPB Guidelines 01/2022 v2.1, 5.3', identity: 'art. 12(6); EDPB Guidelines 01/2022 v2.1, 5.3' },
  }),
  clock('uk-gdpr', [0, 1], { months: 1 }, { months: 2 }, 'UK GDPR art. 12(3), 12A', {
    rollsOver: true, complainTo: 'the Information Commissioner',
    pauses: { scope: 'UK GDPR art. 12A, put in by the Data (Use and Access) Act 2025 s. 76; as in DPA 2018 s. 54(3C), (3D)', identity: 'UK GDPR art. 12(6), 12A; as in DPA 2018 s. 54(3)(b)' },
  }),
  // "the 45-day period will begin on the day that the business receives the request, regardless of time required to verify": §7021(b)
  clock('us-ca', [-8, -7], { days: 45 }, { days: 45 }, 'Cal. Civ. Code §1798.130(a)(2); 11 CCR §7021(b)', { complainTo: 'the California Privacy Protection Agency' }),
  clock('us-ca-opt-out', [-8, -7], { workingDays: 15 }, null, '11 CCR §7026(f)', { complainTo: 'the California Privacy Protection Agency' }),
  clock('us-va', [-5, -4], { days: 45 }, { days: 45 }, 'Va. Code §59.1-577(B)', {
    complainTo: attorney('Virginia'), appeal: { respond: { days: 60 }, extend: null, source: 'Va. Code §59.1-577(C): the period is not confirmed, it was read in tables and notices of others alone; (B)(2), which names the appeal, was read in the act’s own words', confidence: 'low' },
  }),
  clock('us-co', [-7, -6], { days: 45 }, { days: 45 }, 'C.R.S. §6-1-1306(2)', {
    complainTo: attorney('Colorado'), appeal: { respond: { days: 45 }, extend: { days: 60 }, source: 'C.R.S. §6-1-1306(3): not confirmed, it was read in tables of others alone, which agree on 45 and 60 days', confidence: 'low' },
  }),
  clock('us-ct', [-5, -4], { days: 45 }, { days: 45 }, 'Conn. Gen. Stat. §42-518(c)', {
    complainTo: attorney('Connecticut'), appeal: { respond: { days: 60 }, extend: null, source: 'Conn. Gen. Stat. §42-518(d); Public Act 22-15 §4(d)', confidence: 'primary' },
  }),
  clock('us-tx', [-7, -5], { days: 45 }, { days: 45 }, 'Tex. Bus. & Com. Code §541.052(b)', {
    complainTo: attorney('Texas'), appeal: { respond: { days: 60 }, extend: null, source: 'Tex. Bus. & Com. Code §541.053: the period is not confirmed, it was read in tables of others alone; §541.052(c), which names the appeal, was read in the act’s own words', confidence: 'low' },
  }),
  clock('br-lgpd', [-5, -2], { days: 15 }, null, 'Lei 13.709/2018 art. 19 II', { complainTo: 'the ANPD' }),
  clock('ca-pipeda', [-8, -2.5], { days: 30 }, { days: 30 }, 'PIPEDA s. 8(3), 8(4)', { complainTo: 'the Privacy Commissioner of Canada' }),
  clock('ca-qc', [-5, -3], { days: 30 }, null, 'CQLR c. P-39.1, s. 32', { complainTo: 'the Commission d’accès à l’information' }),
  clock('kr-pipa', [9, 9], { days: 10 }, null, 'tables of others; PIPA Enforcement Decree art. 41 was not read', { confidence: 'low', complainTo: 'the Personal Information Protection Commission' }),
]; // prettier-ignore
export const DEFAULT_REGIME = 'eu-gdpr';
/** The clock of an appeal, where there is one, counts from the day that it came in. */
export const appealClock = (of: Clock): Clock | null =>
  of.appeal === null ? null : { ...of, respond: of.appeal.respond, extend: of.appeal.extend };
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
 * @param stoodDays whole days that the clock stood still
 */
export function dueAt({ respond, extend, rollsOver, zones }: Clock, received: Date, extended = false, stoodDays = 0): Date {
  const [west, east] = zones;
  // it may still be the day before where it was sent
  const from = new Date(received.getTime() + Math.min(west, 0) * HOUR_MS);
  let at = added(from, respond);
  if (extended && extend !== null)
    at = 'months' in respond && 'months' in extend ? addMonths(from, respond.months + extend.months) : added(at, extend);
  // before a weekend moves it, which those days may have done away with
  at = new Date(at.getTime() + stoodDays * DAY_MS);
  const days = rollsOver && isWeekend(at) ? (at.getUTCDay() === 6 ? 2 : 1) : 0;
  at = new Date(at.getTime() + days * DAY_MS);
  const end = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), 23, 59, 59);
  return new Date(end - Math.max(east, 0) * HOUR_MS);
} // prettier-ignore
