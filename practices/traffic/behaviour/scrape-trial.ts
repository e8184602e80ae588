/**
 * Lets somebody work for months with a scrape mixed in, and asks judgeSlowScrape as detect/scrape.ts does, with exact counts.
 * For tests and the benchmark.
 */
import { HOUR } from './clock.ts';
import { dayOf, touchesOf, type Company, type Touch, type Worker } from './company.ts';
import { createRandom } from './random.ts';
import { judgeSlowScrape, type SlowScrapeFinding, type SlowScrapeQuestion } from './slow-scrape.ts';

/** What the store's table of touches knows of one actor and purpose: customers by day, and by hour. */
export type Ledger = { days: Set<number>[]; hours: Set<number>[] };

const unionOf = (sets: readonly (ReadonlySet<number> | undefined)[]): Set<number> => {
  const all = new Set<number>();
  for (const set of sets) for (const each of set ?? []) all.add(each);
  return all;
};
const used = (values: readonly number[]): number[] => values.filter((value) => value > 0);
const more = (from: ReadonlySet<number>, than: ReadonlySet<number>): number => {
  let count = 0;
  for (const each of from) if (!than.has(each)) count += 1;
  return count;
};

/** What does not change while a day goes on. */
type Past = Readonly<{
  baseline: SlowScrapeQuestion['baseline'];
  week: ReadonlySet<number>;
  month: ReadonlySet<number>;
  familiar: ReadonlySet<number>;
  newWeeks: readonly number[] | null;
}>;

function pastOf({ days }: Ledger, day: number): Past {
  const windows = (length: number): number[] => {
    const found: number[] = [];
    for (let end = day; end - length >= 0; end -= length) found.unshift(unionOf(days.slice(end - length, end)).size);
    return used(found);
  };
  const before = (end: number): Set<number> => unionOf(days.slice(Math.max(0, end - 67), Math.max(0, end - 7)));
  const newIn = (end: number): number => more(unionOf(days.slice(end - 7, end)), before(end));
  return {
    // hours are watched as they go by, in the stream
    baseline: { hour: [], day: used(days.slice(0, day).map((set) => set.size)), week: windows(7), month: windows(30) },
    week: unionOf(days.slice(Math.max(0, day - 6), day)),
    month: unionOf(days.slice(Math.max(0, day - 29), day)),
    familiar: before(day + 1),
    newWeeks: day < 60 + 7 * 3 ? null : [4, 3, 2, 1].map((weeks) => newIn(day + 1 - 7 * weeks)),
  };
}

/** As the store asks on `day`, of which the hours up to `hour` are there. */
export function questionOf(
  company: Company,
  { actor, purpose }: Worker,
  ledger: Ledger,
  day: number,
  hour = 23,
  past = pastOf(ledger, day),
): SlowScrapeQuestion {
  const today = unionOf(ledger.hours.slice(day * 24, day * 24 + hour + 1));
  return {
    actor,
    purpose,
    customersTotal: company.customers,
    distinctByWindow: {
      hour: 0,
      day: today.size,
      week: past.week.size + more(today, past.week),
      month: past.month.size + more(today, past.month),
    },
    baseline: past.baseline,
    peers: { hour: [], day: [], week: [], month: [] },
    ...(past.newWeeks === null
      ? {}
      : { unfamiliar: { week: more(unionOf([past.week, today]), past.familiar), baseline: past.newWeeks } }),
  };
}

/** A sixth as often as the server does: it asks once a minute. */
const ASKED_MINUTES = 10;
const SLOTS = 60 / ASKED_MINUTES;

export type Scrape = Readonly<{
  from: number;
  days: number;
  when: 'night' | 'office';
  order: 'random' | 'ids';
  ask?: 'day';
}>;

/** `left`: of all customers, what the scrape had taken by then. */
export type Found = Readonly<{ day: number; left: number; finding: SlowScrapeFinding }>;

/** Lets a worker work for `days` days, with a scrape mixed in; asks every ten minutes of the scrape (or each day), and each day before it. */
export function workThrough(company: Company, worker: Worker, days: number, scrape?: Scrape): Found[] {
  const random = createRandom(98 + company.seed);
  const ledger: Ledger = { days: [], hours: [] };
  const taken = new Set<number>();
  const found: Found[] = [];
  const total = 0.05 * company.customers;
  for (let day = 0; day < days; day += 1) {
    const scraped = scrape !== undefined && day >= scrape.from && day < scrape.from + scrape.days ? scrape : undefined;
    const slots = scraped === undefined || scraped.ask === 'day' ? 1 : SLOTS;
    const [opens, closes] = scraped?.when === 'night' ? [0, 5] : [9, 17];
    const work = touchesOf(company, worker, day).toSorted((a, b) => a.time - b.time);
    const past = pastOf(ledger, day);
    let worked = 0;
    for (let slot = 0; slot < 24 * slots; slot += 1) {
      const hour = Math.floor(slot / slots);
      const customers = (ledger.hours[day * 24 + hour] ??= new Set());
      const until = dayOf(day) + ((slot + 1) * HOUR) / slots;
      for (; worked < work.length && (work[worked] as Touch).time < until; worked += 1)
        customers.add((work[worked] as Touch).customer);
      if (scraped !== undefined) {
        const part = Math.min(1, Math.max(0, ((slot + 1) / slots - opens) / (closes - opens)));
        const upTo = Math.floor((total * (day - scraped.from + part)) / scraped.days);
        while (taken.size < upTo) {
          const customer = scraped.order === 'ids' ? taken.size : random.whole(0, company.customers);
          taken.add(customer);
          customers.add(customer);
        }
      }
      if ((scraped === undefined || scraped.ask === 'day') && hour < 23) continue;
      const finding = judgeSlowScrape(questionOf(company, worker, ledger, day, hour, past));
      if (finding !== null) found.push({ day, left: taken.size / company.customers, finding });
      if (scraped !== undefined && finding !== null) return found;
    }
    ledger.days.push(unionOf(ledger.hours.slice(day * 24)));
  }
  return found;
}
