/** The shipped rules over ordinary days, alone and with all behaviours, beside reading the same events from JSON: what comes before them in any case. */
import { loadavg } from 'node:os';

import {
  createBehaviours,
  createCompany,
  createSigma,
  openCountries,
  quietDay,
  readRules,
  shippedRules,
  type TrafficEvent,
} from '#practices/traffic';

import { ratioOf, spreadOf, takeTurns, type Did } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';

const [OURS, BOTH, PARSE] = [
  'strongroom, shipped rules',
  'strongroom, shipped rules and all behaviours',
  'JSON.parse of the same events',
] as const;
/** What the design asks of Sigma rules and behaviours together, on one core. */
const A_SECOND = 100_000;
const DAY_MS = 86_400_000;

async function measure({ sizes, progress }: Bench): Promise<Measured> {
  const company = createCompany(1, { customers: 20_000 });
  const days = sizes.name === 'full' ? 10 : sizes.name === 'quick' ? 2 : 1;
  const events = Array.from({ length: days }, (_, day) =>
    quietDay(company, day, { scale: sizes.name === 'tiny' ? 1 : 2 }),
  ).flat();
  const lines = events.map((event) => JSON.stringify(event));
  const { rules } = readRules(shippedRules());
  const [sigma, other] = [createSigma({ rules, most: 50_000 }), createSigma({ rules, most: 50_000 })];
  const hosts = { hosts: ['84.0.0.1', '10.0.0.5'], known: ['203.0.113.50'] };
  const behaviours = createBehaviours({ countryOf: openCountries(), reconcile: hosts });
  let [turn, alerts, bothTurn, said] = [0, 0, 0, 0];
  const rates = await takeTurns(
    [
      {
        name: OURS,
        // the same days again, later: time runs on
        work: () => {
          const later = events.map((event) => movedBy(event, turn * days * DAY_MS));
          turn += 1;
          return onCore(events.length, () => {
            for (const event of later) alerts += sigma.feed(event).length;
          });
        },
      },
      {
        name: BOTH,
        work: () => {
          const later = events.map((event) => movedBy(event, bothTurn * days * DAY_MS));
          bothTurn += 1;
          return onCore(events.length, () => {
            for (const event of later) said += other.feed(event).length + behaviours.feed(event).length;
          });
        },
      },
      {
        name: PARSE,
        work: () =>
          onCore(events.length, () => {
            for (const line of lines) JSON.parse(line);
          }),
      },
    ],
    { rounds: sizes.rounds, warmups: 2, onRound: (round, of) => progress(`round ${round} of ${of}`) },
  );
  return {
    sides: [
      { name: OURS, unit: 'events/s', spread: spreadOf(rates[OURS]) },
      { name: BOTH, unit: 'events/s', spread: spreadOf(rates[BOTH]) },
      { name: PARSE, unit: 'events/s', spread: spreadOf(rates[PARSE]) },
    ],
    goals: [
      goal('of JSON.parse of the same events', ratioOf(rates[OURS], rates[PARSE]), { atLeast: 0.4 }),
      goal(
        'rules and behaviours together, of 100,000 events a second on one core',
        spreadOf(rates[BOTH].map((rate) => rate / A_SECOND)),
        {
          atLeast: 1,
        },
      ),
    ],
    figures: [
      { name: 'rules and parts of rules', value: rules.length, unit: '' },
      { name: 'alerts in a day, of the rules', value: alerts / (turn * days), unit: '' },
      { name: 'alerts in a day, of both', value: said / (bothTurn * days), unit: '' },
      { name: 'others waited for a processor meanwhile', value: loadavg()[0] ?? 0, unit: 'tasks (load of a minute)' },
      { name: 'keys held', value: sigma.held().keys, unit: `of ${sigma.held().most}` },
    ],
  };
}

const movedBy = (event: TrafficEvent, ms: number): TrafficEvent => ({
  ...event,
  time: event.time + ms,
  metadata: { ...event.metadata, logged_time: event.metadata.logged_time + ms },
});

/** Time of this thread's core: what is asked is what one core does, whoever else uses the machine. */
function onCore(operations: number, work: () => void): Did {
  const began = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(began);
  return { operations, seconds: Math.max(1, user + system) / 1e6 };
}

export const sigma: Row = {
  name: 'sigma',
  title: 'Sigma rules over ordinary days',
  how: [
    'All shipped rules at once over honest days of a made-up company (practices/traffic/behaviour/simulate.ts): own requests, web log, flows, names and logons; correlations hold up to 50,000 keys.',
    'All sides on the clock of one thread’s own CPU time; a busy machine makes it slower all the same, as threads share cores and caches.',
  ],
  measure,
};
