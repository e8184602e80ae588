/** What stands below a drawing over time: hours and days as the reader's own clock and calendar have them, like all text beside it. */
const DAY = 86_400;

type Form = Intl.DateTimeFormatOptions;
const [CLOCK, DATE]: [Form, Form] = [
  { hour: 'numeric', minute: '2-digit' },
  { month: 'numeric', day: 'numeric' },
];
/** Below so many seconds from text to text: what each says, and what stands under it where that begins. */
const FORMS: readonly (readonly [below: number, small: Form, large: Form | null])[] = [
  [60, { ...CLOCK, second: '2-digit' }, DATE],
  [DAY, CLOCK, DATE],
  [28 * DAY, DATE, { year: 'numeric' }],
  [360 * DAY, { month: 'short' }, { year: 'numeric' }],
  [Number.POSITIVE_INFINITY, { year: 'numeric' }, null],
];

/** Where a day (2026-11-27) or a month (2026-11) stands that was counted elsewhere: that day of the reader's own calendar, in seconds since 1970. */
export const placeOf = (day: string): number => Date.parse(`${day.length === 7 ? `${day}-01` : day}T00:00`) / 1000;

/** For an axis of uPlot: seconds since 1970 in, a text for each out. */
export function timeTicks(
  _plot: unknown,
  at: readonly number[],
  _axis?: number,
  _space?: number,
  step = (at[1] ?? 0) - (at[0] ?? 0),
): string[] {
  const [, small, large] = FORMS.find(([below]) => step < below) ?? [0, DATE, null];
  let before = '';
  return at.map((each) => {
    const day = new Date(each * 1000);
    const text = day.toLocaleString(undefined, small);
    const under = large === null ? '' : day.toLocaleString(undefined, large);
    const begins = under !== before;
    before = under;
    return begins ? `${text}\n${under}` : text;
  });
}
