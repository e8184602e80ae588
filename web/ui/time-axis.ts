/** What stands below a drawing over time: hours and days as the reader's own clock and calendar have them, like all text beside it. */
const DAY = 86_400;

const inForm = (at: number, form: Intl.DateTimeFormatOptions): string =>
  new Date(at * 1000).toLocaleString(undefined, form);

/**
 * For an axis of uPlot: seconds since 1970 in, a text for each out. The day stands under the first hour of each day, the year
 * under the first day of each year.
 */
export function timeTicks(
  _plot: unknown,
  at: readonly number[],
  _axis?: number,
  _space?: number,
  step = (at[1] ?? 0) - (at[0] ?? 0),
): string[] {
  const [small, large]: [Intl.DateTimeFormatOptions, Intl.DateTimeFormatOptions] =
    step < 60
      ? [
          { hour: 'numeric', minute: '2-digit', second: '2-digit' },
          { month: 'numeric', day: 'numeric' },
        ]
      : step < DAY
        ? [
            { hour: 'numeric', minute: '2-digit' },
            { month: 'numeric', day: 'numeric' },
          ]
        : step < 28 * DAY
          ? [{ month: 'numeric', day: 'numeric' }, { year: 'numeric' }]
          : step < 360 * DAY
            ? [{ month: 'short' }, { year: 'numeric' }]
            : [{ year: 'numeric' }, {}];
  let before = '';
  return at.map((each) => {
    const around = Object.keys(large).length === 0 ? '' : inForm(each, large);
    const text = around === before ? inForm(each, small) : `${inForm(each, small)}\n${around}`;
    before = around;
    return text;
  });
}
