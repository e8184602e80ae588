import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import { DAY, HOUR } from './clock.ts';
import { createMaker } from './made-events.ts';
import { offHoursWatch } from './off-hours.ts';

/** A Monday. */
const T = Date.UTC(2026, 0, 5);
const { request } = createMaker();

function create() {
  const watch = offHoursWatch({ most: 100 });
  const active = (day: number, hour: number, n = 8): Alert[] => {
    const said: Alert[] = [];
    for (let i = 0; i < n; i += 1) {
      const time = T + day * DAY + hour * HOUR + i * 1000;
      watch.feed(request({ time, actor: 'person_a', address: '84.0.0.1' }), time, (alert) => said.push(alert));
    }
    return said;
  };
  const weeks = (n: number, from = 8, to = 17) => {
    for (let day = 0; day < n * 7; day += 1)
      if (day % 7 < 5) for (let hour = from; hour < to; hour += 1) active(day, hour);
  };
  return { watch, active, weeks };
}

test("a night that is nobody's working time is said once", () => {
  const { active, weeks } = create();
  weeks(3);

  const said = [...active(21, 3), ...active(21, 4)];

  assert.deepEqual(
    said.map(({ severity }) => severity),
    ['low'],
  );
  assert.match(
    said[0]?.reason ?? '',
    /person_a made 5 requests in the hour from 2026-01-26T03:00Z, when it was active on no working day of 15 known days before/,
  );
});

test('a Sunday is no Monday', () => {
  const { active, weeks } = create();
  weeks(3);

  assert.equal(active(27, 10).length, 1);
});

test('an hour later than ever, a single look at night, and the first days are quiet', () => {
  const { active, weeks } = create();
  assert.deepEqual(active(0, 3), []);
  weeks(3);

  assert.deepEqual([...active(21, 17), ...active(22, 2, 4)], []);
});

test('a service that works around the clock has no unusual hour', () => {
  const { active, weeks } = create();
  weeks(3, 0, 24);
  for (const day of [5, 6, 12, 13]) for (let hour = 0; hour < 24; hour += 1) active(day, hour);

  for (let hour = 0; hour < 24; hour += 1) assert.deepEqual([...active(21, hour), ...active(27, hour)], []);
});

test('habits can be kept', () => {
  const { watch, weeks } = create();
  weeks(3);
  const next = create();
  next.watch.learn?.(JSON.parse(JSON.stringify(watch.learned?.())));
  next.watch.learn?.([['x', 1, [1]], null]);

  assert.deepEqual(next.active(21, 10), []);
  assert.equal(next.active(22, 3).length, 1);
});

test('a night that is given again at each restart is still one night', () => {
  const { watch, active, weeks } = create();
  weeks(3);
  active(21, 3);
  let kept = JSON.stringify(watch.learned?.());
  for (let restart = 0; restart < 3; restart += 1) {
    const next = create();
    next.watch.learn?.(JSON.parse(kept));
    next.active(21, 3);
    kept = JSON.stringify(next.watch.learned?.());
  }

  const last = create();
  last.watch.learn?.(JSON.parse(kept));

  assert.equal(last.active(22, 3).length, 1);
});
