/**
 * Lets somebody work for months with a scrape mixed in, and asks judgeSlowScrape as the store does, with exact counts: each
 * hour of the scrape. For tests and the benchmark.
 */
import { HOUR } from './clock.ts';
import { touchesOf, type Company, type Worker } from './company.ts';
import { createRandom } from './random.ts';
import { judgeSlowScrape, type SlowScrapeFinding, type SlowScrapeQuestion } from './slow-scrape.ts';

/** What the store's table of touches knows of one actor and purpose: customers by day, and by hour of the last days. */
export type Ledger = { days: Set<number>[]; hours: Set<number>[] };

const union = (sets: readonly (Set<number> | undefined)[]): number => {
  const all = new Set<number>();
  for (const set of sets) for (const each of set ?? []) all.add(each);
  return all.size;
};
const used = (values: readonly number[]): number[] => values.filter((value) => value > 0);

/** As the store asks after `hour` of `day`. */
export function questionOf(
  company: Company,
  { actor, purpose }: Worker,
  { days, hours }: Ledger,
  day: number,
  hour = 23,
): SlowScrapeQuestion {
  const today = hours.slice(day * 24, day * 24 + hour + 1);
  const windows = (length: number): number[] => {
    const found: number[] = [];
    for (let end = day; end - length >= 0; end -= length) found.unshift(union(days.slice(end - length, end)));
    return used(found);
  };
  return {
    actor,
    purpose,
    customersTotal: company.customers,
    distinctByWindow: {
      hour: today.at(-1)?.size ?? 0,
      day: union(today),
      week: union([...days.slice(Math.max(0, day - 6), day), ...today]),
      month: union([...days.slice(Math.max(0, day - 29), day), ...today]),
    },
    baseline: {
      hour: used(hours.slice(Math.max(0, day * 24 - 24 * 21), day * 24 + hour).map((set) => set.size)),
      day: used(days.slice(0, day).map((set) => set.size)),
      week: windows(7),
      month: windows(30),
    },
    peers: { hour: [], day: [], week: [], month: [] },
    ...(day < 60 + 7 * 3
      ? {}
      : { unfamiliar: unfamiliarOf([...days.slice(0, day), new Set(today.flatMap((set) => [...set]))]) }),
  };
}

function unfamiliarOf(days: readonly Set<number>[]) {
  const of = (end: number): number => {
    const before = new Set(days.slice(Math.max(0, end - 67), end - 7).flatMap((set) => [...set]));
    const week = new Set(days.slice(end - 7, end).flatMap((set) => [...set]));
    return [...week].filter((each) => !before.has(each)).length;
  };
  return { week: of(days.length), baseline: [4, 3, 2, 1].map((weeks) => of(days.length - 7 * weeks)) };
}

export type Scrape = Readonly<{
  from: number;
  days: number;
  when: 'night' | 'office';
  order: 'random' | 'ids';
  ask?: 'day';
}>;

/** `left`: of all customers, what the scrape had taken by then. */
export type Found = Readonly<{ day: number; left: number; finding: SlowScrapeFinding }>;

/** Lets a worker work for `days` days, with a scrape mixed in; asks each hour of the scrape (or day), and each day before it. */
export function workThrough(company: Company, worker: Worker, days: number, scrape?: Scrape): Found[] {
  const random = createRandom(99);
  const ledger: Ledger = { days: [], hours: [] };
  const taken = new Set<number>();
  const found: Found[] = [];
  const total = 0.05 * company.customers;
  for (let day = 0; day < days; day += 1) {
    const hours = Array.from({ length: 24 }, () => new Set<number>());
    for (const { time, customer } of touchesOf(company, worker, day))
      hours[Math.floor((time / HOUR) % 24)]?.add(customer);
    ledger.hours.push(...hours);
    const scraped = scrape !== undefined && day >= scrape.from && day < scrape.from + scrape.days ? scrape : undefined;
    const [opens, closes] = scraped?.when === 'night' ? [0, 5] : [9, 17];
    for (let hour = scraped === undefined ? 23 : 0; hour < 24; hour += 1) {
      if (scraped !== undefined) {
        const part = Math.min(1, Math.max(0, (hour + 1 - opens) / (closes - opens)));
        const upTo = Math.floor((total * (day - scraped.from + part)) / scraped.days);
        while (taken.size < upTo) {
          const customer = scraped.order === 'ids' ? taken.size : random.whole(0, company.customers);
          taken.add(customer);
          hours[hour]?.add(customer);
        }
      }
      if (scrape?.ask === 'day' && hour < 23) continue;
      const finding = judgeSlowScrape(questionOf(company, worker, ledger, day, hour));
      if (finding !== null) found.push({ day, left: taken.size / company.customers, finding });
      if (scraped !== undefined && finding !== null) return found;
    }
    ledger.days.push(new Set(hours.flatMap((set) => [...set])));
  }
  return found;
}
