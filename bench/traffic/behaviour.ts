/** Behavioural detections: how fast, how soon a slow scrape is noticed, and how quiet a month of honest days is. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import {
  attacksOf,
  createBehaviours,
  createCompany,
  dayOf,
  inOrder,
  openCountries,
  quietDay,
  workThrough,
  type TrafficEvent,
} from '#practices/traffic';

import { spreadOf } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';

/** What the design asks of Sigma rules and behaviours together, on one core. */
const GOAL_EVENTS = 100_000;
const WARM_UP_DAYS = 21;
const ALERTS_A_DAY = 1;
const NOTICED_BEFORE = 0.01;
const DAY_MS = 86_400_000;

const hosts = { hosts: ['84.0.0.1', '10.0.0.5'], known: ['203.0.113.50'] };

function speed({ sizes, progress }: Bench): { rates: number[]; heldMost: number } {
  const company = createCompany(1, { customers: 20_000 });
  const days = sizes.name === 'full' ? 20 : 2;
  const events = Array.from({ length: days }, (_, day) => quietDay(company, day, { scale: 2 })).flat();
  const { feed, held } = createBehaviours({ countryOf: openCountries(), reconcile: hosts });
  const rates: number[] = [];
  for (let round = -1; round < sizes.rounds; round += 1) {
    progress(`events a second: round ${round + 2} of ${sizes.rounds + 1}`);
    // the same days again, later: time runs on
    const later = events.map((event) => movedBy(event, (round + 1) * days * DAY_MS));
    const began = process.threadCpuUsage();
    for (const event of later) feed(event);
    const { user, system } = process.threadCpuUsage(began);
    if (round >= 0) rates.push(later.length / (Math.max(1, user + system) / 1e6));
  }
  return { rates, heldMost: held().most };
}

const movedBy = (event: TrafficEvent, ms: number): TrafficEvent => ({
  ...event,
  time: event.time + ms,
  metadata: { ...event.metadata, logged_time: event.metadata.logged_time + ms },
});

/** Of all customers, what had left when each of the scrapes was noticed; 5 % where it was not. */
function scrapes({ sizes, progress }: Bench): number[] {
  const company = createCompany(1);
  const spans = sizes.name === 'full' ? [3, 7, 14, 28, 56, 84] : [3, 14];
  const left: number[] = [];
  for (const days of spans)
    for (const when of ['night', 'office'] as const)
      for (const order of ['random', 'ids'] as const) {
        progress(`a scrape of ${days} days, ${when}, ${order}`);
        const worker = company.workers[days % 20];
        if (worker === undefined) continue;
        const found = workThrough(company, worker, 40 + days, { from: 40, days, when, order });
        left.push(found.find(({ day }) => day >= 40)?.left ?? 0.05);
      }
  return left;
}

function month({ sizes, progress }: Bench): { quiet: number[]; noticed: number; attacks: number; flood: number } {
  const company = createCompany(1, { customers: 20_000 });
  const behaviours = createBehaviours({ countryOf: openCountries(), reconcile: hosts });
  for (let day = 0; day < WARM_UP_DAYS; day += 1) quietDay(company, day).forEach(behaviours.feed);
  const learned = behaviours.baselines();
  const quiet: number[] = [];
  const days = sizes.name === 'tiny' ? 5 : 30;
  for (let day = WARM_UP_DAYS; day < WARM_UP_DAYS + days; day += 1) {
    progress(`honest day ${day + 1 - WARM_UP_DAYS} of ${days}`);
    quiet.push(quietDay(company, day).flatMap(behaviours.feed).length);
  }
  const attacked = createBehaviours({ countryOf: openCountries(), reconcile: hosts });
  attacked.learn(learned);
  const attacks = attacksOf();
  const from = dayOf(WARM_UP_DAYS) + 9 * 3_600_000;
  const events = [...quietDay(company, WARM_UP_DAYS), ...attacks.flatMap((attack) => attack.events(from))];
  const after = quietDay(company, WARM_UP_DAYS + 1);
  const said = new Set([...inOrder(events), ...after].flatMap(attacked.feed).map(({ rule }) => rule));
  return {
    quiet,
    attacks: attacks.length,
    noticed: attacks.filter(({ rule }) => said.has(rule)).length,
    flood: floodMib(sizes.name === 'full' ? 1_000_000 : 20_000),
  };
}

/** What the heap holds more, garbage collected, when so many strangers have come, each with a name and an address of its own. */
function floodMib(strangers: number): number {
  const { feed } = createBehaviours();
  const [template] = attacksOf().flatMap(({ rule, events }) =>
    rule === 'behaviour.brute-force' ? events(dayOf(0)) : [],
  );
  if (template === undefined) return Number.NaN;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < strangers; i += 1)
    feed({
      ...template,
      time: template.time + i * 20,
      metadata: { ...template.metadata, uid: `flood-${i}`, logged_time: template.time + i * 20 },
      actor: { user: { uid: `stranger-${i}` } },
      src_endpoint: { ip: `${i % 223}.${(i >> 8) % 256}.${(i >> 16) % 256}.${i % 251}` },
    });
  collect();
  const grown = (process.memoryUsage().heapUsed - before) / 2 ** 20;
  // held on to until now
  feed({ ...template });
  return grown;
}

async function measure(bench: Bench): Promise<Measured> {
  const { rates, heldMost } = speed(bench);
  const left = scrapes(bench);
  const { quiet, noticed, attacks, flood } = month(bench);
  return Promise.resolve({
    sides: [{ name: 'all behaviours, one core', unit: 'events/s', spread: spreadOf(rates) }],
    figures: [
      {
        name: 'of all customers had left when the last of the slow scrapes was noticed',
        value: 100 * Math.max(...left),
        unit: '%',
      },
      { name: `alerts of ${quiet.length} honest days`, value: quiet.reduce((sum, day) => sum + day, 0), unit: '' },
      { name: 'alerts of the worst honest day', value: Math.max(...quiet), unit: '' },
      { name: `attacks noticed of ${attacks}`, value: noticed, unit: '' },
      { name: 'heap that a flood of strangers takes', value: flood, unit: 'MiB' },
      { name: 'keys held at most', value: heldMost, unit: '' },
    ],
    goals: [
      goal('events/s of 100,000 on one core, without Sigma', spreadOf(rates.map((rate) => rate / GOAL_EVENTS)), {
        atLeast: 1,
      }),
      goal(
        'left when a slow scrape of 5 % was noticed, of 1 %',
        spreadOf(left.map((share) => share / NOTICED_BEFORE)),
        { atMost: 1 },
      ),
      goal(
        'alerts of an honest day, of one a day',
        spreadOf([quiet.reduce((sum, day) => sum + day, 0) / quiet.length / ALERTS_A_DAY]),
        { atMost: 1 },
      ),
      goal('attacks noticed, of all', spreadOf([noticed / attacks]), { atLeast: 1 }),
    ],
  });
}

export const behaviour: Row = {
  name: 'behaviour',
  title: 'Behavioural detections',
  how: [
    'Speed: twenty days of a made-up company (practices/traffic/behaviour/simulate.ts), again and again with time running on, on the clock of one thread’s CPU; countries are looked up.',
    'Slow scrape: 5 % of 100,000 customers by the key of somebody in support who looks up 25 to 55 a day, spread over 3 to 84 days, at night or in working hours, at random or by ids; asked every hour with exact counts.',
    `Quiet: ${WARM_UP_DAYS} days to learn, then 30 honest days. Attacks: one of each kind mixed into a day.`,
  ],
  measure,
};
