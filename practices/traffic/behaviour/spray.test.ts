import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import { DAY } from './clock.ts';
import { createMaker } from './made-events.ts';
import { sprayWatch } from './spray.ts';

const T = Date.UTC(2026, 0, 5);
const { logIn } = createMaker();

/** A day on which so many accounts fail once, of which all but `lonely` get in afterwards. */
function day(
  watch: ReturnType<typeof sprayWatch>,
  at: number,
  accounts: number,
  lonely: number,
  name = 'user',
): Alert[] {
  const said: Alert[] = [];
  for (let i = 0; i < accounts; i += 1) {
    const time = T + at * DAY + (i * DAY) / (accounts + 1);
    const attempt = { time, account: `${name}${i}`, address: `${1 + (i % 200)}.2.3.4` };
    const say = (alert: Alert) => void said.push(alert);
    watch.feed(logIn({ ...attempt, worked: false }), time, say);
    if (i >= lonely) watch.feed(logIn({ ...attempt, worked: true }), time + 1, say);
  }
  return said;
}

test('accounts that fail once each from two hundred addresses over a day are said when they are beyond the usual', () => {
  const watch = sprayWatch({ most: 10_000 });
  for (let at = 0; at < 10; at += 1) assert.deepEqual(day(watch, at, 100, 15 + (at % 3)), []);

  const [alert, ...more] = day(watch, 10, 300, 300, 'sprayed');

  assert.deepEqual(more, []);
  assert.match(alert?.reason ?? '', /failed one to 3 times since 2026-01-15T00:00Z .*by its last 10 days/);
  assert.ok((alert?.measure?.value ?? 0) < 50, 'long before all are tried');
});

test('a spray that goes on does not become usual in a week', () => {
  const watch = sprayWatch({ most: 10_000 });
  for (let at = 0; at < 10; at += 1) day(watch, at, 100, 15 + (at % 3));

  const said = Array.from({ length: 20 }, (_, i) => day(watch, 10 + i, 300, 300, 'sprayed').length);

  assert.ok(said.filter((n) => n === 1).length >= 15, String(said));
});

test('a Monday on which twice as many forget their passwords is quiet', () => {
  const watch = sprayWatch({ most: 10_000 });
  for (let at = 0; at < 10; at += 1) day(watch, at, 300, 60 + (at % 5));

  assert.deepEqual(day(watch, 10, 600, 120), []);
});

test('a large site without a baseline is told so', () => {
  const [alert] = day(sprayWatch({ most: 10_000 }), 0, 100, 100);

  assert.equal(alert?.severity, 'medium');
  assert.match(alert?.reason ?? '', /a floor, as there is no baseline yet/);
});

test('what it has learned can be kept', () => {
  const watch = sprayWatch({ most: 10_000 });
  for (let at = 0; at < 10; at += 1) day(watch, at, 300, 60);
  const next = sprayWatch({ most: 10_000 });
  next.learn?.(JSON.parse(JSON.stringify(watch.learned?.())));
  next.learn?.([['x'], 7]);

  assert.deepEqual(day(next, 12, 200, 70), []);
});
