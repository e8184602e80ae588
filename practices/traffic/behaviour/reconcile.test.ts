import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import { HOUR, MINUTE } from './clock.ts';
import { createMaker } from './made-events.ts';
import { reconcileWatch } from './reconcile.ts';

const T = Date.UTC(2026, 0, 5);
const { flow, request } = createMaker();

function create() {
  const watch = reconcileWatch({ most: 10, hosts: ['84.0.0.1', '10.0.0.1'] });
  const said: Alert[] = [];
  /** An hour in which customers fetch so much through the API, and so much leaves besides. */
  const hour = (at: number, answered: number, besides: number, how: 'sent' | 'fetched' = 'sent'): Alert[] => {
    const from = said.length;
    for (let i = 0; i < 20; i += 1) {
      const time = T + at * HOUR + i * 2 * MINUTE;
      const say = (alert: Alert) => void said.push(alert);
      watch.feed(request({ time, actor: 'key_a', address: '9.9.9.9', bytes: answered / 20 }), time, say);
      watch.feed(
        flow({ time, from: '9.9.9.9', to: '84.0.0.1', port: 443, back: (answered / 20) * 1.1 + 2000 }),
        time,
        say,
      );
      const other =
        how === 'sent'
          ? flow({ time, from: '10.0.0.1', to: '203.0.113.9', port: 443, out: besides / 20 })
          : flow({ time, from: '203.0.113.9', to: '84.0.0.1', port: 5432, back: besides / 20 });
      watch.feed(other, time, say);
    }
    return said.slice(from);
  };
  return { watch, hour };
}

test('a gigabyte that leaves beside the API is said after the hour, sent or fetched', () => {
  for (const how of ['sent', 'fetched'] as const) {
    const { hour } = create();
    for (let at = 0; at < 10; at += 1) assert.deepEqual(hour(at, 300e6, 5e6), []);

    assert.deepEqual(hour(10, 300e6, 1e9, how), []);
    const [alert, ...more] = hour(11, 300e6, 5e6);

    assert.deepEqual(more, []);
    assert.equal(alert?.severity, 'high');
    assert.match(
      alert?.reason ?? '',
      /In the hour from 2026-01-05T10:00Z 1330 MB left 84\.0\.0\.1, 10\.0\.0\.1 towards outside; 20 logged requests answered 300 MB/,
    );
  }
});

test('a gigabyte that was asked for through the API is explained', () => {
  const { hour } = create();

  for (const at of Array.from({ length: 20 }, (_, i) => i))
    assert.deepEqual(hour(at, at % 7 === 0 ? 1e9 : 1e6, 5e6), []);
});

test('without machines named nothing is judged', () => {
  const watch = reconcileWatch({ most: 10 });
  watch.feed(flow({ time: T, from: '10.0.0.1', to: '203.0.113.9', port: 443, out: 1e12 }), T, () => assert.fail());
  watch.feed(flow({ time: T + 3 * HOUR, from: '10.0.0.1', to: '203.0.113.9', port: 443, out: 1 }), T + 3 * HOUR, () =>
    assert.fail(),
  );
  assert.equal(watch.held().keys, 0);
});
