import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createEventClock, LATE_MS } from './clock.ts';
import { eventOf } from '../event.ts';

const source = { log_name: 'nginx', product: 'nginx' };
const at = (time: number, logged = time, log_name = 'nginx') =>
  eventOf({ ...source, log_name }, { class: 'http', uid: 'u', time }, logged);
const T = Date.UTC(2026, 0, 5);
const YEAR = 365 * 86_400_000;

test('five minutes out of order are believed', () => {
  const clock = createEventClock();

  assert.deepEqual(
    [T, T - LATE_MS, T + 1000].map((time) => clock.timeOf(at(time, T))),
    [T, T - LATE_MS, T + 1000],
  );
});

test('a time a year ahead of our own clock is not believed, and what comes after it is judged as before', () => {
  const clock = createEventClock();
  clock.timeOf(at(T));

  assert.equal(clock.timeOf(at(T + YEAR, T)), T + LATE_MS);
  assert.equal(clock.timeOf(at(T + 1000, T + 1000)), T + 1000);
  assert.equal(clock.timeOf(at(Number.NaN, T + 2000)), T + 2000);
  assert.equal(clock.counts().disbelieved, 2);
});

test('a single old event is judged now; a clock that was set back is believed after twenty', () => {
  const clock = createEventClock();
  clock.timeOf(at(T + YEAR));

  const judged = Array.from({ length: 25 }, (_, i) => clock.timeOf(at(T + i * 1000)));

  assert.ok(judged.slice(0, 19).every((time) => time === T + YEAR));
  assert.deepEqual(
    judged.slice(19),
    [19, 20, 21, 22, 23, 24].map((i) => T + i * 1000),
  );
  assert.equal(clock.counts().steps, 1);
});

test('an old log that is read beside the live one has a time of its own', () => {
  const clock = createEventClock();

  assert.equal(clock.timeOf(at(T)), T);
  assert.equal(clock.timeOf(at(T - YEAR, T, 'old.log')), T - YEAR);
  assert.equal(clock.timeOf(at(T + 5)), T + 5);
});
