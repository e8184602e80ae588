import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DAY, HOUR } from './clock.ts';
import { createTally, type Measure } from './tally.ts';

const measure: Measure = { bucketMs: HOUR, history: 48, warm: 5, floor: 50, sigmas: 6, ratio: 3, most: 100 };
const T = Date.UTC(2026, 0, 5);
const hours = (tally: ReturnType<typeof createTally>, from: number, n: number, amount: number) =>
  Array.from({ length: n }, (_, i) => tally.add('a', T + (from + i) * HOUR, amount, `u${i}`)).filter((o) => o !== null);

test('without a baseline a floor holds, and it says so', () => {
  const tally = createTally(measure);

  assert.equal(tally.add('a', T, 50, 'u1'), null);
  const over = tally.add('a', T + 1, 1, 'u2');

  assert.equal(over?.basis, 'floor');
  assert.deepEqual(over?.events, ['u1', 'u2']);
  assert.equal(tally.add('a', T + 2, 500, 'u3'), null, 'once for each hour');
});

test('what was told twice is no news before there is a baseline; twice as much is, and the first baseline is not made by it', () => {
  const tally = createTally({ ...measure, warm: 5 });
  const told = (hour: number, amount: number) => tally.add('a', T + hour * HOUR, amount, 'u')?.basis ?? null;

  assert.deepEqual(
    [300, 300, 300, 400, 900].map((amount, hour) => told(hour * 24, amount)),
    ['floor', 'floor', null, null, 'floor'],
  );
  assert.equal(told(5 * 24, 60), null, 'a peak like those before');
  assert.equal(told(6 * 24, 3000), 'own');
});

test('what is usual for its like holds until it has its own', () => {
  const tally = createTally(measure);

  assert.equal(
    tally.add('a', T, 200, 'u', () => 100),
    null,
  );
  assert.equal(tally.add('b', T, 301, 'u', () => 100)?.basis, 'peers');
});

test('the own usual holds when there is one, and what was said teaches up to the limit only', () => {
  const tally = createTally(measure);
  assert.deepEqual(hours(tally, 0, 10, 40), []);

  const [first, ...more] = hours(tally, 10, 20, 1000);

  assert.deepEqual(
    { ...first, events: 0, bucket: 0 },
    { bucket: 0, value: 1000, usual: 40, limit: 120, basis: 'own', known: 10, events: 0 },
  );
  assert.ok(more.length >= 8, 'ten hours of attack are not yet usual');
});

test('a peak that comes every night is known after it came', () => {
  const tally = createTally({ ...measure, peaks: 1.5 });
  const nights = Array.from({ length: 10 }, (_, day) => [
    ...hours(tally, day * 24, 1, 10_000),
    ...hours(tally, day * 24 + 1, 23, 10),
  ]);

  assert.ok(nights.slice(0, 9).flat().length <= 10);
  assert.deepEqual(
    nights
      .slice(9)
      .flat()
      .filter(({ value }) => value < 100),
    [],
  );
});

test('a clock that jumps and comes back costs one bucket, never the baseline', () => {
  const tally = createTally(measure);
  hours(tally, 0, 10, 40);

  assert.equal(tally.add('a', T + 365 * DAY, 40, 'u'), null);
  assert.deepEqual(hours(tally, 11, 5, 40), []);
  assert.equal(tally.add('a', T + 20 * HOUR, 1000, 'u')?.basis, 'own');
});

test('what comes five minutes late counts with the hour that is open', () => {
  const tally = createTally(measure);
  hours(tally, 0, 10, 40);

  tally.add('a', T + 11 * HOUR, 60, 'u');
  const over = tally.add('a', T + 11 * HOUR - 60_000, 100, 'late');

  assert.equal(over?.value, 160);
});

test('what was learned can be kept and given again; what is not ours is left out', () => {
  const tally = createTally(measure);
  hours(tally, 0, 10, 40);
  const kept = JSON.parse(JSON.stringify(tally.learned())) as unknown;

  const next = createTally(measure);
  next.learn(kept);
  next.learn([['x', 'y'], 3, null, ['z', [1, 'a', null]]]);
  next.learn('nothing');

  assert.equal(next.add('a', T + 11 * HOUR, 110, 'u'), null);
  assert.equal(next.add('a', T + 11 * HOUR, 11, 'u')?.basis, 'own');
});

test('hours that are given again after a restart teach nothing twice', () => {
  const tally = createTally(measure);
  hours(tally, 0, 10, 40);
  const next = createTally(measure);
  next.learn(JSON.parse(JSON.stringify(tally.learned())));

  hours(next, 0, 12, 40);

  assert.equal(next.learned()[0]?.[1].length, 11);
});
