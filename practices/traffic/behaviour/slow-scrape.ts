/**
 * Whether an actor has touched more different customers than it has reason to, over hours, days, weeks or a month. Pure:
 * the exact counts come from the store's table of touches, once an hour or so for each actor and purpose.
 *
 * Three measures, any of which is enough:
 * 1. *window*: a window's count against the same actor's earlier windows (median, MAD, never less than Poisson scatter);
 *    weeks and months scatter at least as their days do. Without own windows: its peers'; without peers: a floor.
 * 2. *drift*: the last thirty active days against the days before them: what rises slowly enough for each window to look
 *    like the one before it.
 * 3. *reach*: without any own baseline a quarter of a percent of all customers is the floor.
 * 4. *unfamiliar*: customers that this actor has not touched under this purpose in the 60 days before: what shows a scrape in
 *    the key of a batch job, whose own customers are many but the same each night.
 *
 * Who spreads a scrape over purposes is seen when it is also asked for all purposes of an actor together, as the purpose
 * `any`; over actors, only by each one's own excess.
 *
 * What it cannot see, by nature: a scrape smaller than the honest scatter of the key it hides in, as a shop's back end that
 * touches 3,000 ± 300 customers a day; and one by a key that touches every customer under the same purpose anyway (by these counts; its times and bytes may tell).
 * False-positive budget: one finding a month for each hundred actors, beside one for each new batch job (no baseline yet).
 */
import { limitOf, medianOf, scatterOf, usualOf } from './usual.ts';

export const WINDOWS = ['hour', 'day', 'week', 'month'] as const;
export type Window = (typeof WINDOWS)[number];

export type SlowScrapeQuestion = Readonly<{
  actor: string;
  purpose: string;
  /** Different customers touched in the window that ends now: the last 60 minutes, 24 hours, 7 days, 30 days. */
  distinctByWindow: Readonly<Record<Window, number>>;
  /** Customers that there are. */
  customersTotal: number;
  /**
   * The same actor's and purpose's counts in whole windows before, newest last, that do not overlap one another nor the
   * window they are compared with. Windows without a touch are left out. At most 168 hours, 90 days, 12 weeks, 6 months
   * are looked at. Windows that a finding was about and that people confirmed to be an attack should be left out.
   */
  baseline: Readonly<Record<Window, readonly number[]>>;
  /** One count for each other actor with this purpose: its median window. */
  peers: Readonly<Record<Window, readonly number[]>>;
  /** Of the last 7 days, and of whole weeks before; left out where the store does not know 60 days yet. */
  unfamiliar?: Readonly<{ week: number; baseline: readonly number[] }>;
}>;

export type SlowScrapeFinding = Readonly<{
  actor: string;
  purpose: string;
  window: Window;
  measure: 'window' | 'drift' | 'reach' | 'unfamiliar';
  basis: 'own' | 'peers' | 'floor';
  value: number;
  usual: number;
  limit: number;
  /** Of all customers, what is beyond the usual. */
  excessShare: number;
  severity: 'medium' | 'high' | 'critical';
  reason: string;
}>;

const MOST: Readonly<Record<Window, number>> = { hour: 168, day: 90, week: 12, month: 6 };
/** Windows before the own ones count. Four whole days tell a week's scatter when there is no week yet. */
const WARM: Readonly<Record<Window, number>> = { hour: 8, day: 5, week: 3, month: 2 };
const DAYS: Readonly<Record<Window, number>> = { hour: 1 / 24, day: 1, week: 7, month: 30 };
const SIGMAS: Readonly<Record<Window, number>> = { hour: 8, day: 6, week: 5, month: 5 };
const RATIO: Readonly<Record<Window, number>> = { hour: 3, day: 1.5, week: 1.25, month: 1.2 };
/** Times the largest one before: a nightly batch or a busy Monday in a key that does little else is no scrape. */
const PEAK: Readonly<Record<Window, number>> = { hour: 1.5, day: 1.2, week: 0, month: 0 };
/** Of all customers: an excess below it is no scrape yet; and never fewer than LEAST customers. */
const EXCESS = 0.001;
const LEAST = 20;
const FLOOR = 0.0025;
const FLOOR_LEAST = 50;

export function judgeSlowScrape(question: SlowScrapeQuestion): SlowScrapeFinding | null {
  const { customersTotal, distinctByWindow } = question;
  const least = Math.max(LEAST, EXCESS * customersTotal);
  const findings = [
    ...WINDOWS.map((window) => overWindow(question, window)),
    driftOf(question, 2 * least),
    unfamiliarOf(question),
  ].filter((found) => found !== null && found.value - found.usual >= least && found.value > found.limit);
  // the one that stands out most tells it best
  const [first] = findings.toSorted((a, b) => excess(b) - excess(a));
  if (first === undefined || first === null) return null;
  const share = customersTotal === 0 ? 1 : excess(first) / customersTotal;
  const peersToo = limitByPeers(question, first.window);
  const asPeers = peersToo !== null && distinctByWindow[first.window] <= peersToo;
  const severity = share >= 0.005 && !asPeers ? 'critical' : share >= 0.002 && !asPeers ? 'high' : 'medium';
  return {
    actor: question.actor,
    purpose: question.purpose,
    ...first,
    excessShare: share,
    severity,
    reason: wordsOf(question, first, share, peersToo),
  };
}

type Measured = Pick<SlowScrapeFinding, 'window' | 'measure' | 'basis' | 'value' | 'usual' | 'limit'>;
const excess = (found: Measured | null): number => (found === null ? 0 : found.value - found.usual);

function overWindow(question: SlowScrapeQuestion, window: Window): Measured | null {
  const value = question.distinctByWindow[window];
  const own = ownLimit(question, window);
  if (own !== null) return { window, measure: 'window', basis: 'own', value, ...own };
  const peers = question.peers[window];
  const limit = limitByPeers(question, window);
  if (limit !== null) return { window, measure: 'window', basis: 'peers', value, usual: medianOf(peers), limit };
  // a key that has days of its own is judged by them; its first week is not held against it
  if (window !== 'day' && question.baseline.day.length >= WARM.day) return null;
  const floor = Math.max(FLOOR_LEAST, FLOOR * question.customersTotal);
  return { window, measure: 'reach', basis: 'floor', value, usual: 0, limit: floor };
}

function ownLimit(
  { baseline, customersTotal }: SlowScrapeQuestion,
  window: Window,
): Readonly<{ usual: number; limit: number }> | null {
  const values = baseline[window].slice(-MOST[window]);
  const days = usualOf(baseline.day.slice(-MOST.day));
  if (values.length < WARM[window]) {
    // no week yet: what so many days can add up to, were all of them active and no customer came twice
    if (DAYS[window] < 7 || days.values < WARM.day || customersTotal === 0) return null;
    const usual = days.median * DAYS[window];
    return { usual, limit: usual + SIGMAS[window] * scatterOf(days) * Math.sqrt(DAYS[window]) };
  }
  const own = usualOf(values);
  const scatter = Math.max(scatterOf(own), DAYS[window] > 1 ? asOfDays(days, own.median) : 0);
  return {
    usual: own.median,
    limit: Math.max(
      own.median + SIGMAS[window] * scatter,
      own.median * RATIO[window],
      PEAK[window] * Math.max(...values),
    ),
  };
}

/** How a week scatters when its days do by themselves. Only as many days as the week's count is worth. */
function asOfDays(days: ReturnType<typeof usualOf>, median: number): number {
  if (days.median === 0) return 0;
  return scatterOf(days) * Math.sqrt(Math.max(1, median / days.median));
}

function limitByPeers({ peers }: SlowScrapeQuestion, window: Window): number | null {
  const values = peers[window];
  return values.length < 3 ? null : limitOf(usualOf(values), 6, 2);
}

function driftOf({ baseline }: SlowScrapeQuestion, least: number): Measured | null {
  const days = baseline.day.slice(-MOST.day);
  const recent = days.slice(-30);
  const before = days.slice(0, -30);
  if (before.length < 10) return null;
  const usual = usualOf(before);
  const expected = usual.median * recent.length;
  const limit = Math.max(expected * 1.5, expected + 5 * scatterOf(usual) * Math.sqrt(recent.length), expected + least);
  const value = recent.reduce((sum, day) => sum + day, 0);
  return { window: 'month', measure: 'drift', basis: 'own', value, usual: expected, limit };
}

function unfamiliarOf({ unfamiliar }: SlowScrapeQuestion): Measured | null {
  if (unfamiliar === undefined || unfamiliar.baseline.length < WARM.week) return null;
  const usual = usualOf(unfamiliar.baseline.slice(-MOST.week));
  const limit = limitOf(usual, 6, 1.5);
  return { window: 'week', measure: 'unfamiliar', basis: 'own', value: unfamiliar.week, usual: usual.median, limit };
}

const SPAN: Readonly<Record<Window, string>> = {
  hour: 'the last hour',
  day: 'the last 24 hours',
  week: 'the last 7 days',
  month: 'the last 30 days',
};

function wordsOf(
  { actor, purpose, baseline, peers }: SlowScrapeQuestion,
  { window, measure, basis, value, usual, limit }: Measured,
  share: number,
  peersLimit: number | null,
): string {
  const by = {
    own:
      measure === 'drift'
        ? 'its days before those'
        : `its own ${baseline[window].length || baseline.day.length} earlier windows`,
    peers: `${peers[window].length} others with this purpose, as it has no baseline of its own yet`,
    floor: 'a floor, as neither it nor anybody with this purpose has a baseline yet',
  }[basis];
  const rising =
    measure === 'unfamiliar'
      ? `has touched ${n(value)} customers in ${SPAN.week} that it had not touched in the 60 days before`
      : measure === 'drift'
        ? `has touched ${n(value)} customers, day by day, in its last 30 active days`
        : `has touched ${n(value)} different customers in ${SPAN[window]}`;
  const among =
    peersLimit === null || basis === 'peers'
      ? ''
      : ` Others with this purpose would be unusual above ${n(peersLimit)}.`;
  return (
    `${actor} ${rising} under ${purpose}; usual is ${n(usual)}, unusual above ${n(limit)} (${by}). ` +
    `What is beyond the usual is ${(share * 100).toFixed(2)} % of all customers.${among}`
  );
}

const n = (value: number): string => Math.round(value).toLocaleString('en');
