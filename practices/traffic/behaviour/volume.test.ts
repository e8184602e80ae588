import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import { DAY, HOUR } from './clock.ts';
import { createMaker } from './made-events.ts';
import { volumeWatch } from './volume.ts';

const T = Date.UTC(2026, 0, 5);
const { flow, request } = createMaker();

function create() {
  const watch = volumeWatch({ most: 100 });
  const send = (day: number, hour: number, out: number): Alert[] => {
    const said: Alert[] = [];
    const time = T + day * DAY + hour * HOUR;
    watch.feed(flow({ time, from: '10.0.0.5', to: '203.0.113.9', port: 443, out }), time, (alert) => said.push(alert));
    return said;
  };
  const night = (day: number): Alert[] => [
    ...send(day, 2, 4e9),
    ...Array.from({ length: 21 }, (_, i) => send(day, 3 + i, 2e6)).flat(),
  ];
  return { watch, send, night };
}

test('a machine that sends a hundred times what it does is said for the hour and for the day', () => {
  const { send } = create();
  for (let day = 0; day < 7; day += 1)
    for (let hour = 0; hour < 24; hour += 1) assert.deepEqual(send(day, hour, 2e6), []);

  const said = send(7, 3, 900e6);

  assert.deepEqual(
    said.map(({ severity, key }) => [severity, key]),
    [
      ['high', 'host=10.0.0.5,span=hour'],
      ['medium', 'host=10.0.0.5,span=day'],
    ],
  );
  assert.match(
    said[0]?.reason ?? '',
    /10\.0\.0\.5 sent outside 900 MB in the hour from 2026-01-12T03:00Z; usual is 2\.0 MB/,
  );
});

test('the same again spread over a day, each hour below the limit, is said for the day', () => {
  const { send } = create();
  for (let day = 0; day < 7; day += 1) for (let hour = 0; hour < 24; hour += 1) send(day, hour, 2e6);

  const said = Array.from({ length: 24 }, (_, hour) => send(7, hour, 60e6)).flat();

  assert.deepEqual(
    said.map(({ key }) => key),
    ['host=10.0.0.5,span=day'],
  );
});

test('a backup each night is told on the first two nights, and then quiet for a month', () => {
  const { night } = create();
  const nights = Array.from({ length: 35 }, (_, day) => night(day).length);

  // for its hour and for its day
  assert.deepEqual(nights.slice(0, 2), [2, 1], String(nights));
  assert.deepEqual(
    nights.slice(2).filter((n) => n > 0),
    [],
  );
});

test('an actor who is answered far more than ever is named', () => {
  const { watch } = create();
  const said: Alert[] = [];
  for (let hour = 0; hour < 40; hour += 1) {
    const time = T + hour * HOUR;
    const event = request({ time, actor: 'key_a', address: '10.0.0.7', bytes: hour === 39 ? 300e6 : 1e6 });
    watch.feed(event, time, (alert) => said.push(alert));
  }

  assert.deepEqual(
    said.map(({ entity }) => entity.key),
    ['key_a'],
  );
  assert.match(said[0]?.reason ?? '', /key_a was answered 300 MB/);
});
