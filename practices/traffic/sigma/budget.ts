/**
 * How many alerts an hour a rule gives one by one. What is beyond is told together, again when it has doubled: a flood of
 * attackers blinds no rule, and nobody can hide behind a flood.
 *
 * Suspended, with a notice, is only a rule that matches what is ordinary: half or more of all that it was ever shown, of
 * what neither failed nor was already found to be bad, and beyond its budget in several hours of our own clock. So guessed
 * passwords and probes suspend nothing, and no flood does that begins after as many other events.
 */
const HOUR_MS = 3_600_000;
/** Events can lie about their time, and old logs are read fast: by our own clock so many times the budget is bearable. */
const BY_OUR_CLOCK = 10;
/** Hours of our clock in which it must have been beyond its budget; and events that it must have been shown. */
const HOURS_BEYOND = 3;
const SHOWN_LEAST = 1000;

export type Spent = {
  eventHour: number;
  inEventHour: number;
  ourHour: number;
  inOurHour: number;
  /** Of this hour: at which number it is told again. */
  nextBreadth: number;
  /** Hours of our clock in which it was beyond; the last one of them. */
  hoursBeyond: number;
  lastBeyond: number;
  /** Events that are beyond and not told yet, the newest. */
  untold: string[];
};

export const nothingSpent = (): Spent => ({
  eventHour: Number.NaN,
  inEventHour: 0,
  ourHour: Number.NaN,
  inOurHour: 0,
  nextBreadth: 0,
  hoursBeyond: 0,
  lastBeyond: Number.NaN,
  untold: [],
});

/** `one`: say this one. `many`: say that there are so many. `held`: say nothing now. `ordinary`: it matches what is ordinary. */
export type Verdict =
  | Readonly<{ say: 'one' | 'held' }>
  | Readonly<{ say: 'many'; keys: number; hour: number; events: readonly string[] }>
  | Readonly<{ say: 'ordinary'; keys: number; share: number }>;

const ONE: Verdict = { say: 'one' };
const HELD: Verdict = { say: 'held' };
const MOST_UNTOLD = 100;

export type Spending = Readonly<{
  eventTime: number;
  ourTime: number;
  budget: number;
  /** Events that this alert stands on. */
  events: readonly string[];
  /** Of all events that the rule was ever shown, how much matched. */
  shareOf: () => Readonly<{ share: number; shown: number }>;
}>;

/** Counts one alert. */
export function spend(spent: Spent, { eventTime, ourTime, budget, events, shareOf }: Spending): Verdict {
  const [eventHour, ourHour] = [Math.floor(eventTime / HOUR_MS), Math.floor(ourTime / HOUR_MS)];
  if (spent.ourHour !== ourHour) [spent.ourHour, spent.inOurHour, spent.nextBreadth] = [ourHour, 0, 0];
  if (spent.eventHour !== eventHour) {
    [spent.eventHour, spent.inEventHour] = [eventHour, 0];
    // by our clock it is beyond: hours that events claim begin nothing anew
    if (spent.inOurHour < budget * BY_OUR_CLOCK) spent.nextBreadth = 0;
  }
  spent.inEventHour += 1;
  spent.inOurHour += 1;
  const isBeyondOurs = spent.inOurHour > budget * BY_OUR_CLOCK;
  if (spent.inEventHour <= budget && !isBeyondOurs) return ONE;
  spent.untold.push(...events);
  if (spent.untold.length > MOST_UNTOLD) spent.untold.splice(0, spent.untold.length - MOST_UNTOLD);
  if (spent.lastBeyond !== ourHour) [spent.lastBeyond, spent.hoursBeyond] = [ourHour, spent.hoursBeyond + 1];
  const keys = isBeyondOurs ? spent.inOurHour : spent.inEventHour;
  if (spent.hoursBeyond >= HOURS_BEYOND) {
    const { share, shown } = shareOf();
    if (shown >= SHOWN_LEAST && share >= 0.5) return { say: 'ordinary', keys, share };
  }
  if (keys < spent.nextBreadth) return HELD;
  const many: Verdict = { say: 'many', keys, hour: isBeyondOurs ? ourHour : eventHour, events: spent.untold };
  spent.nextBreadth = keys * 2;
  spent.untold = [];
  return many;
}
