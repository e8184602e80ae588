import assert from 'node:assert/strict';
import { test } from 'node:test';

import { placeOf, timeTicks } from './time-axis.ts';

const HOUR = 3600;
const NOON = Date.parse('2026-11-27T12:00:00') / 1000;
const ticks = (count: number, step: number): string[] =>
  timeTicks(null, Array.from({ length: count }, (_, n) => NOON + n * step), 0, 0, step); // prettier-ignore
const text = (at: number, form: Intl.DateTimeFormatOptions): string =>
  new Date(at * 1000).toLocaleString(undefined, form);

test('hours are those of the clock beside the drawing, with the day where it begins', () => {
  const found = ticks(5, 6 * HOUR);
  const hour = (n: number): string => text(NOON + n * 6 * HOUR, { hour: 'numeric', minute: '2-digit' });
  const day = (n: number): string => text(NOON + n * 6 * HOUR, { month: 'numeric', day: 'numeric' });

  assert.deepEqual(found, [`${hour(0)}\n${day(0)}`, hour(1), `${hour(2)}\n${day(2)}`, hour(3), hour(4)]);
});

test('days have their year where it begins, months are named, years stand alone', () => {
  assert.deepEqual(
    ticks(3, 24 * HOUR).map((each) => each.split('\n').length),
    [2, 1, 1],
  );
  assert.match(ticks(2, 31 * 24 * HOUR)[1] ?? '', /^\p{L}+/u);
  assert.deepEqual(ticks(2, 366 * 24 * HOUR), ['2026', '2027']);
});

test('a day that was counted elsewhere stands on the same day of the calendar, west and east of there', (t) => {
  const { TZ } = process.env;
  t.after(() => (TZ === undefined ? delete process.env.TZ : (process.env.TZ = TZ)));
  for (const zone of ['America/Lima', 'UTC', 'Pacific/Kiritimati']) {
    process.env.TZ = zone;
    const places = ['2026-11-30', '2026-12-01', '2026-12'].map((day) => new Date(placeOf(day) * 1000));
    assert.deepEqual(
      places.map((at) => [at.getMonth() + 1, at.getDate()]),
      [
        [11, 30],
        [12, 1],
        [12, 1],
      ],
      zone,
    );
  }
});
