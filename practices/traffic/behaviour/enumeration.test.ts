import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import type { TrafficEvent } from '../event.ts';
import { enumerationWatch } from './enumeration.ts';
import { createMaker } from './made-events.ts';

const T = Date.UTC(2026, 0, 5);
const { request, web } = createMaker();
const times = (n: number, make: (i: number) => TrafficEvent): TrafficEvent[] =>
  Array.from({ length: n }, (_, i) => make(i));

function saw(events: readonly TrafficEvent[]): Alert[] {
  const watch = enumerationWatch({ most: 1000 });
  const said: Alert[] = [];
  for (const event of events) watch.feed(event, event.time, (alert) => said.push(alert));
  return said;
}

test('one order after the other that is not there is said, once', () => {
  const [alert, ...more] = saw(
    times(100, (i) =>
      web({ time: T + i * 1000, address: '9.9.9.9', path: `/orders/${1000 + i}`, code: i % 10 === 0 ? 200 : 404 }),
    ),
  );

  assert.deepEqual(more, []);
  assert.match(alert?.reason ?? '', /9\.9\.9\.9 asked for 30 different paths of one shape that are not there/);
});

test('another address of a /64 of IPv6 for each path is still one who asks', () => {
  const [alert, ...more] = saw(
    times(60, (i) =>
      web({ time: T + i * 1000, address: `2001:db8:1:2::${i}`, path: `/orders/${1000 + i}`, code: 404 }),
    ),
  );

  assert.deepEqual(more, []);
  assert.match(alert?.reason ?? '', /^2001:db8:1:2::\/64 asked for 30 different paths/);
});

test('a name that stands in a path is in no alert', () => {
  const [alert] = saw(
    times(40, (i) =>
      web({ time: T + i * 1000, address: '9.9.9.9', path: `/of/anna@example.org/orders/${1000 + i}`, code: 404 }),
    ),
  );

  assert.equal(alert?.severity, 'medium');
  assert.ok(!JSON.stringify(alert).includes('anna'));
});

test('slowly, one in eight minutes, it is said within a day', () => {
  assert.equal(
    saw(times(170, (i) => web({ time: T + i * 480_000, address: '9.9.9.9', path: `/orders/${1000 + i}`, code: 404 })))
      .length,
    1,
  );
});

test('a key that asks the system for customers that are not there is named', () => {
  const [alert] = saw(times(40, (i) => request({ time: T + i * 1000, actor: 'key_x', address: '9.9.9.9', code: 404 })));

  assert.deepEqual(alert?.entity, { key: 'key_x', actor: 'key_x', address: '9.9.9.9' });
  assert.equal(alert?.severity, 'high');
});

test('a list of which a tenth is gone, a dead link reloaded, and a scanner with its known paths are not meant', () => {
  const list = times(1000, (i) =>
    request({ time: T + i * 500, actor: 'key_x', address: '9.9.9.9', code: i % 10 === 0 ? 404 : 200 }),
  );
  const reloads = times(200, (i) => web({ time: T + i * 1000, address: '9.9.9.8', path: '/orders/77', code: 404 }));
  const words = times(200, (i) =>
    web({
      time: T + i * 1000,
      address: '9.9.9.7',
      path: `/wp-${'abcdefghij'[i % 10]}${'klmnopqrst'[i % 7]}.php`,
      code: 404,
    }),
  );

  for (const events of [list, reloads, words]) assert.deepEqual(saw(events), []);
});

test('a path of a megabyte is one key of a few hundred characters', () => {
  const watch = enumerationWatch({ most: 100 });
  for (let i = 0; i < 300; i += 1)
    watch.feed(web({ time: T, address: `${i}`, path: `/${'a1/'.repeat(300_000)}`, code: 404 }), T, () => undefined);
  assert.ok(watch.held().keys <= 100);
});
