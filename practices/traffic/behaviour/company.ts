/**
 * Who works at a company that is made up: staff with hours, services, batch jobs; and which customers each of them touches on
 * a day. For tests and the benchmark: the same seed gives the same company, day by day.
 */
import { DAY, HOUR } from './clock.ts';
import { createRandom, type Random } from './random.ts';

/** Monday. */
export const FIRST_DAY = Date.UTC(2026, 0, 5);

export type Worker = Readonly<{
  actor: string;
  role: string;
  purpose: string;
  /** Customers on one working day, and how that scatters. */
  mean: number;
  deviation: number;
  /** `office`: its own hours on five days; `always`: day and night; `night`: at two; `monthly`: each customer on a day of its own. */
  when: 'office' | 'always' | 'night' | 'monthly';
  from: number;
  /** Always the same customers: the first so many. 0: any. */
  ownSet: number;
  address: string;
  agent: string;
}>;

export type Touch = Readonly<{ time: number; worker: Worker; customer: number }>;

export const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0',
] as const;

export type Company = Readonly<{ seed: number; customers: number; workers: readonly Worker[] }>;

export function createCompany(seed = 1, { customers = 100_000, staff = 20 } = {}): Company {
  const random = createRandom(seed);
  const workers: Worker[] = [];
  for (let i = 0; i < staff; i += 1)
    workers.push({
      actor: `person_staff${i}`,
      role: 'support',
      purpose: 'support',
      mean: random.whole(25, 55),
      deviation: random.whole(5, 12),
      when: 'office',
      from: random.whole(6, 10),
      ownSet: 0,
      address: `84.132.7.${10 + i}`,
      agent: AGENTS[i % AGENTS.length] as string,
    });
  const service = { role: 'service', from: 0, ownSet: 0, agent: 'node' };
  workers.push(
    {
      ...service,
      actor: 'key_batch',
      purpose: 'scoring',
      mean: 0.3 * customers,
      deviation: 0,
      when: 'night',
      ownSet: 0.3 * customers,
      address: '10.0.0.11',
    },
    {
      ...service,
      actor: 'key_billing',
      purpose: 'billing',
      mean: customers / 30,
      deviation: 0,
      when: 'monthly',
      address: '10.0.0.12',
    },
    {
      ...service,
      actor: 'key_shop',
      purpose: 'account',
      mean: 300,
      deviation: 30,
      when: 'always',
      address: '10.0.0.13',
    },
  );
  return { seed, customers, workers };
}

export const dayOf = (day: number): number => FIRST_DAY + day * DAY;

/** What one worker touches on one day: customers and times, in no order. */
export function touchesOf({ seed, customers }: Company, worker: Worker, day: number): Touch[] {
  const random = createRandom(
    seed * 7919 + day * 104_729 + [...worker.actor].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7),
  );
  const start = dayOf(day);
  const free = worker.when === 'office' && (day % 7 >= 5 || random.chance(0.06));
  if (free) return [];
  const touch = (time: number, customer: number): Touch => ({ time, worker, customer });
  if (worker.when === 'monthly')
    return Array.from({ length: Math.ceil((customers - (day % 30)) / 30) }, (_, i) =>
      touch(start + 3 * HOUR + random.whole(0, HOUR), (day % 30) + i * 30),
    );
  if (worker.when === 'night')
    return Array.from({ length: worker.ownSet }, (_, i) => touch(start + 2 * HOUR + random.whole(0, HOUR), i));
  return Array.from({ length: random.about(worker.mean, worker.deviation) }, () =>
    touch(start + timeWithin(worker, random), random.whole(0, customers)),
  );
}

function timeWithin({ when, from }: Worker, random: Random): number {
  return when === 'office' ? from * HOUR + random.whole(0, 8.5 * HOUR) : random.whole(0, DAY);
}
