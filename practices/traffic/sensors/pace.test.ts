import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createPace, lengthWords, type Pace } from './pace.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Monday. */
const T = Date.UTC(2026, 0, 5);

/** Looks once a minute, lets events come where `comes` says so. @returns hours after `from` at which it was silent */
function watch(pace: Pace, [from, to]: readonly [from: number, to: number], comes: (hour: number) => boolean): number[] {
  const silent = new Set<number>();
  for (let at = from; at < to; at += MINUTE) {
    if (comes(Math.floor((at - T) / HOUR))) pace.seen(at);
    if (pace.look(at) !== null) silent.add(Math.floor((at - from) / HOUR));
  }
  return [...silent];
} // prettier-ignore
const always = () => true;
const never = () => false;
const isOffice = (hour: number): boolean => Math.floor(hour / 24) % 7 < 5 && hour % 24 >= 8 && hour % 24 < 18;

test('a feed that brings something each minute and then nothing is named after an hour', () => {
  const pace = createPace(null, T);

  assert.deepEqual(watch(pace, [T, T + 2 * DAY], always), []);
  assert.deepEqual(watch(pace, [T + 2 * DAY, T + 2 * DAY + 3 * HOUR], never), [0, 1, 2].slice(1));
  const silence = pace.look(T + 2 * DAY + 3 * HOUR);
  assert.equal(silence?.eventAtMs, T + 2 * DAY - MINUTE);
  assert.ok((silence?.usualMs ?? HOUR) <= MINUTE);

  pace.seen(T + 2 * DAY + 3 * HOUR);
  assert.equal(pace.look(T + 2 * DAY + 3 * HOUR + 30 * MINUTE), null, 'it speaks again');
});

test('nights, weekends and a holiday of three days are no silence; a week is one', () => {
  const pace = createPace(null, T);

  assert.deepEqual(watch(pace, [T, T + 21 * DAY], isOffice), []);
  assert.deepEqual(watch(pace, [T + 21 * DAY, T + 24 * DAY], never), [], 'a holiday after a weekend');
  const silent = watch(pace, [T + 24 * DAY, T + 30 * DAY], never);
  assert.ok(silent.length > 0 && silent[0] !== undefined && silent[0] < 4 * 24, String(silent[0]));
});

test('the first weekend of a feed that sleeps at night is no silence', () => {
  for (const startDay of [0, 2, 4]) {
    const from = T + startDay * DAY;
    assert.deepEqual(watch(createPace(null, from), [from, from + 12 * DAY], isOffice), [], `day ${startDay}`);
  }
});

test('what speaks rarely by nature, and what never spoke, is never named', () => {
  const rare = createPace(null, T);
  assert.deepEqual(watch(rare, [T, T + 30 * DAY], (hour) => hour % 47 === 0), []);
  const atOnce = createPace(null, T);
  for (let i = 0; i < 1000; i += 1) atOnce.seen(T + i * 100);
  assert.deepEqual(watch(atOnce, [T + HOUR, T + 10 * DAY], never), [], 'a log that was read from its beginning');
  assert.deepEqual(watch(createPace(null, T), [T, T + 10 * DAY], never), []);
}); // prettier-ignore

test('time that nobody watched is no silence: a server that stood, a machine that slept, a clock that stepped', () => {
  const pace = createPace(null, T);
  watch(pace, [T, T + 2 * DAY], always);

  assert.equal(pace.look(T + 9 * DAY), null, 'slept');
  assert.equal(pace.look(T - 9 * DAY), null, 'stepped back');
  const restarted = createPace(JSON.parse(JSON.stringify(pace.state())), T + 20 * DAY);
  assert.equal(restarted.look(T + 20 * DAY + 1000), null);
  assert.deepEqual(watch(restarted, [T + 20 * DAY, T + 20 * DAY + 2 * HOUR], never), [1], 'and goes on from where it was');
}); // prettier-ignore

test('a failure that was named does not make the next one go unnoticed', () => {
  const pace = createPace(null, T);
  watch(pace, [T, T + 2 * DAY], always);
  watch(pace, [T + 2 * DAY, T + 3 * DAY], never);
  watch(pace, [T + 3 * DAY, T + 4 * DAY], always);

  const silent = watch(pace, [T + 4 * DAY, T + 5 * DAY], never);

  assert.ok(silent.includes(2), String(silent));
});

test('what is kept is small, and what is of another shape is as if it were new', () => {
  const pace = createPace(null, T);
  watch(pace, [T, T + 40 * DAY], (hour) => hour % 3 === 0);
  assert.ok(JSON.stringify(pace.state()).length < 600);
  for (const strange of [7, 'x', [], { watchedMs: -1 }, { watchedMs: 1, quietMs: 1, arrivals: 1, longest: [['x', 1], 5] }, { longest: {} }])
    assert.equal(createPace(strange, T).look(T), null);
  assert.deepEqual([lengthWords(90 * MINUTE), lengthWords(5 * HOUR), lengthWords(3 * DAY)], ['90 minutes', '5 hours', '3 days']);
}); // prettier-ignore
