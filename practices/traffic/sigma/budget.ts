/** How many alerts an hour a rule may give before it is suspended. */
const HOUR_MS = 3_600_000;
/** Events can lie about their time, and old logs are read fast: by our own clock so many times the budget is bearable. */
const BY_OUR_CLOCK = 10;

export type Spent = { eventHour: number; inEventHour: number; ourHour: number; inOurHour: number };

export const nothingSpent = (): Spent => ({ eventHour: Number.NaN, inEventHour: 0, ourHour: Number.NaN, inOurHour: 0 });

/** Counts one alert. @returns the number that is more than the budget, null where none is */
export function spend(
  spent: Spent,
  { eventTime, ourTime, budget }: Readonly<{ eventTime: number; ourTime: number; budget: number }>,
): number | null {
  const [eventHour, ourHour] = [Math.floor(eventTime / HOUR_MS), Math.floor(ourTime / HOUR_MS)];
  if (spent.eventHour !== eventHour) [spent.eventHour, spent.inEventHour] = [eventHour, 0];
  if (spent.ourHour !== ourHour) [spent.ourHour, spent.inOurHour] = [ourHour, 0];
  spent.inEventHour += 1;
  spent.inOurHour += 1;
  if (spent.inEventHour > budget) return spent.inEventHour;
  return spent.inOurHour > budget * BY_OUR_CLOCK ? spent.inOurHour : null;
}
