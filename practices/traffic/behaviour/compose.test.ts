import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import type { TrafficEvent } from '../event.ts';
import { DAY, HOUR, LATE_MS, MINUTE } from './clock.ts';
import { BEHAVIOURS, createBehaviours } from './compose.ts';
import { createMaker } from './made-events.ts';
import { createRandom } from './random.ts';

const T = Date.UTC(2026, 0, 5, 9);
const guesses = (time: number, n = 12): TrafficEvent[] => {
  const { logIn } = createMaker(`g${time}-`);
  return Array.from({ length: n }, (_, i) =>
    logIn({ time: time + i * 1000, account: 'ada', address: '9.9.9.9', worked: false }),
  );
};
const rulesOf = (alerts: readonly Alert[]): string[] => alerts.map(({ rule }) => rule);
const cameIn = (event: TrafficEvent, logged_time: number): TrafficEvent => ({
  ...event,
  metadata: { ...event.metadata, logged_time },
});

test('whatever speaks without a rule in Sigma is in the list of them', () => {
  const folder = new URL('../', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const said = files.filter((name) => !name.endsWith('compose.ts')).flatMap((name) => readFileSync(new URL(name, folder), 'utf8').match(/(?<=')behaviour\.[a-z-]+(?=')/g) ?? []);

  assert.deepEqual([...BEHAVIOURS], [...new Set([...said, 'behaviour.overflow'])].toSorted());
}); // prettier-ignore

test('the same events give the same alerts, and a behaviour that is off says nothing', () => {
  const once = () => guesses(T).flatMap(createBehaviours().feed);

  assert.deepEqual(rulesOf(once()), ['behaviour.brute-force']);
  assert.deepEqual(once(), once());
  assert.deepEqual(guesses(T).flatMap(createBehaviours({ bruteForce: 'off' }).feed), []);
  assert.deepEqual(guesses(T).flatMap(createBehaviours({ bruteForce: { failures: 13 } }).feed), []);
});

test('events out of order within five minutes say what they say in order', () => {
  const random = createRandom(3);
  const shuffled = guesses(T, 30)
    .toSorted(() => random.unit() - 0.5)
    .map((event) => cameIn(event, T + MINUTE));

  assert.deepEqual(rulesOf(shuffled.flatMap(createBehaviours().feed)), ['behaviour.brute-force']);
});

test('a clock a year ahead, and back again, neither blinds nor rings', () => {
  const { feed, clock } = createBehaviours();
  const ahead = guesses(T + 365 * DAY, 3).flatMap(feed);

  const after = guesses(T + HOUR, 40).flatMap(feed);
  const later = guesses(T + 2 * HOUR, 12).flatMap(feed);

  assert.deepEqual(ahead, []);
  assert.deepEqual(rulesOf(after).filter((rule) => rule === 'behaviour.brute-force').length >= 1, true);
  assert.deepEqual(rulesOf(later), ['behaviour.brute-force']);
  assert.equal(clock().steps, 1);
});

test('times that a hostile log makes up are judged when they came in', () => {
  const { feed, clock } = createBehaviours();
  const times = [Number.NaN, Infinity, -Infinity, -8e15, 1e300, T + 50 * DAY, T + LATE_MS + 1];
  const events = guesses(T, 18).map((event, i) =>
    cameIn({ ...event, time: times[i % times.length] as number }, T + i * 1000),
  );

  const said = events.flatMap(feed);

  assert.deepEqual(rulesOf(said), ['behaviour.brute-force']);
  assert.ok(clock().disbelieved >= 6);
});

test('60,000 keys leave no more than the most, counted and said', () => {
  const behaviours = createBehaviours({ most: 2000 });
  const { logIn } = createMaker('f');
  const said: Alert[] = [];
  for (let i = 0; i < 60_000; i += 1) {
    const event = logIn({ time: T + i * 100, account: `a${i}`, address: `b${i}`, worked: false });
    for (const alert of behaviours.feed(event)) said.push(alert);
  }

  const { keys, most, dropped } = behaviours.held();
  assert.ok(keys <= most && most < 60_000, `${keys} of ${most}`);
  assert.ok(dropped > 80_000);
  assert.ok(
    said.some(
      ({ rule, reason }) => rule === 'behaviour.overflow' && /behaviour\.brute-force forgot \d+ keys/.test(reason),
    ),
  );
  assert.ok(said.length < 40, `${said.length} alerts`);
});

test('what was learned survives a restart as JSON, and strange JSON harms nothing', () => {
  const { request } = createMaker();
  const work = (feed: (event: TrafficEvent) => readonly Alert[], hour: number, customers: number): readonly Alert[] =>
    feed(request({ time: T + hour * HOUR, actor: 'key_a', address: '10.0.0.1', subjects: customers }));
  const before = createBehaviours();
  for (let hour = 0; hour < 30; hour += 1) work(before.feed, hour, hour < 1 ? 50 : 400);

  const after = createBehaviours();
  after.learn(JSON.parse(JSON.stringify(before.baselines())));
  for (const strange of [null, 7, 'x', [], { rules: null }, { rules: { 'behaviour.customers-per-hour': { a: 1 } } }])
    after.learn(strange);

  assert.deepEqual(work(after.feed, 31, 400), []);
  assert.equal(work(after.feed, 31, 2000)[0]?.rule, 'behaviour.customers-per-hour');
});
