import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import { DAY, HOUR, MINUTE } from './clock.ts';
import { createGap } from './countries.ts';
import { createMaker } from './made-events.ts';
import { travelWatch } from './travel.ts';

const T = Date.UTC(2026, 0, 5, 9);
const countries: Record<string, string> = {
  '84.0.0.1': 'DE',
  '84.0.0.2': 'DE',
  '90.0.0.1': 'FR',
  '1.0.0.1': 'AU',
};

function seen(places: readonly (readonly [minutes: number, address: string, code?: number])[]): Alert[] {
  const { request } = createMaker();
  const watch = travelWatch({
    most: 100,
    countryOf: (address) => countries[address],
    gap: createGap(),
  });
  const said: Alert[] = [];
  for (const [minutes, address, code = 200] of places) {
    const time = T + minutes * MINUTE;
    watch.feed(request({ time, actor: 'person_a', address, code }), time, (alert) => said.push(alert));
  }
  return said;
}

test('Germany and Australia within two hours is said, with the doubt', () => {
  const [alert, ...more] = seen([
    [0, '84.0.0.1'],
    [120, '1.0.0.1'],
    [121, '84.0.0.1'],
    [122, '1.0.0.1'],
  ]);

  assert.deepEqual(more, []);
  assert.equal(alert?.severity, 'medium');
  assert.match(
    alert?.reason ?? '',
    /84\.0\.0\.1 \(DE\) and 120 minutes later from 1\.0\.0\.1 \(AU\) .* A VPN, a relay, a mobile network or anycast looks the same\.$/,
  );
  assert.equal(alert?.events.length, 2);
});

test('a neighbour country, a flight, another address at home, and a failed try from far are quiet', () => {
  assert.deepEqual(
    seen([
      [0, '84.0.0.1'],
      [5, '90.0.0.1'],
      [9, '84.0.0.2'],
      [(22 * HOUR) / MINUTE, '1.0.0.1'],
    ]),
    [],
  );
  assert.deepEqual(
    seen([
      [0, '84.0.0.1'],
      [5, '1.0.0.1', 401],
      [6, '10.0.0.1'],
      [7, '84.0.0.1'],
    ]),
    [],
  );
});

test('a log-in that failed from far says nothing, one that worked does', () => {
  for (const worked of [false, true]) {
    const { logIn } = createMaker();
    const watch = travelWatch({
      most: 100,
      countryOf: (address) => countries[address],
      gap: createGap(),
    });
    const said: Alert[] = [];
    for (const [i, address] of ['84.0.0.1', '1.0.0.1'].entries()) {
      const event = logIn({
        time: T + i * MINUTE,
        account: 'person_a',
        address,
        worked: i === 0 || worked,
      });
      watch.feed(event, event.time, (alert) => said.push(alert));
    }
    assert.equal(said.length, worked ? 1 : 0);
  }
});

test('a VPN that is switched on every day is told lower after three days', () => {
  const days = Array.from({ length: 6 }, (_, day) => (day * DAY) / MINUTE + day);

  const said = seen(
    days.flatMap(
      (at) =>
        [
          [at, '84.0.0.1'],
          [at + 10, '1.0.0.1'],
        ] as const,
    ),
  );

  assert.deepEqual(
    said.map(({ severity }) => severity),
    ['medium', 'medium', 'medium', 'low', 'low', 'low'],
  );
});
