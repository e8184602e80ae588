import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import type { TrafficEvent } from '../event.ts';
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

/** Of a watch that is told of two machines by two feeds. */
function declared(known: readonly string[] = []) {
  const feeds = new Map([
    ['10.0.0.1', 'wire'],
    ['10.0.0.2', 'feed.other'],
  ]);
  const watch = reconcileWatch({ most: 10, hosts: [...feeds.keys()], feeds, known, to: 'everybody' });
  const said: Alert[] = [];
  return { feed: (event: TrafficEvent) => watch.feed(event, event.time, (alert) => void said.push(alert)), said };
}
/** Of a flow: when it was told, and how long it had lasted. */
const lasting = (event: TrafficEvent, ms: number, toldAfterMs = ms): TrafficEvent => ({
  ...event,
  duration: ms,
  metadata: { ...event.metadata, logged_time: event.time + toldAfterMs },
});
const far = (time: number) => request({ time, actor: 'key_a', address: '10.0.0.9', bytes: 100 });

test('where a feed is declared to see the machine, who is inside counts as who is outside; a machine of ours and a known place do not', () => {
  const cases: [name: string, flow: TrafficEvent, said: number][] = [
    ['fetched by a neighbour', flow({ time: T, from: '10.0.0.9', to: '10.0.0.1', port: 5432, back: 400e6 }), 1],
    ['sent to a neighbour', flow({ time: T, from: '10.0.0.1', to: '10.0.0.9', port: 22, out: 400e6 }), 1],
    ['to the other machine', flow({ time: T, from: '10.0.0.1', to: '10.0.0.2', port: 22, out: 400e6 }), 0],
    ['to the store of backups', flow({ time: T, from: '10.0.0.1', to: '192.0.2.77', port: 443, out: 400e6 }), 0],
    ['brought in', flow({ time: T, from: '10.0.0.9', to: '10.0.0.1', port: 443, out: 400e6 }), 0],
    ['seen by a feed that is not its own', flow({ time: T, from: '10.0.0.2', to: '10.0.0.9', port: 22, out: 400e6 }), 0],
  ];
  for (const [name, moved, count] of cases) {
    const { feed, said } = declared(['192.0.2.0/24']);
    feed(moved);
    feed(far(T + 2 * HOUR));
    assert.equal(said.length, count, name);
  }
}); // prettier-ignore

test('a long answer is explained, whichever side of the hour its flow is told on; as much again without a request is not', () => {
  const answered = (bytes: number, at: number, ms: number): TrafficEvent => {
    const event = request({ time: T + at, actor: 'key_a', address: '10.0.0.9', bytes });
    return { ...event, http_response: { code: 200, length: bytes, latency: ms } };
  };
  const left = (bytes: number, at: number, ms: number) =>
    lasting(flow({ time: T + at, from: '10.0.0.9', to: '10.0.0.1', port: 7700, back: bytes }), ms);
  for (const [name, events, count] of [
    ['the request ends before the hour, its flow after it', [answered(900e6, 50 * MINUTE, 9 * MINUTE), left(950e6, 50 * MINUTE, 12 * MINUTE)], 0],
    ['both end in the next hour', [answered(900e6, 50 * MINUTE, 20 * MINUTE), left(950e6, 50 * MINUTE, 22 * MINUTE)], 0],
    ['told in parts', [left(500e6, 50 * MINUTE, 5 * MINUTE), answered(900e6, 49 * MINUTE, 10 * MINUTE), left(450e6, 55 * MINUTE, 6 * MINUTE)], 0],
    ['a second flow, and no request', [answered(900e6, 50 * MINUTE, 9 * MINUTE), left(950e6, 50 * MINUTE, 12 * MINUTE), left(950e6, 50 * MINUTE, 12 * MINUTE)], 1],
    ['what was answered two hours ago explains nothing', [answered(900e6, 0, 1000), answered(10, 70 * MINUTE, 10), left(950e6, 130 * MINUTE, 10)], 1],
  ] as const) {
    const { feed, said } = declared();
    for (const event of events) feed(event);
    for (const at of [2, 3, 4, 5]) feed(far(T + at * HOUR));
    assert.equal(said.length, count, name);
  }
}); // prettier-ignore

test('a feed that comes too late, or claims any duration, makes no hour of its own', () => {
  const { feed, said } = declared();
  const old = flow({ time: T - 24 * HOUR, from: '10.0.0.1', to: '10.0.0.9', port: 22, out: 900e6 });

  feed(far(T));
  // a log that is read from its beginning: nothing of that day was heard of requests
  feed(lasting(old, 1000, 24 * HOUR));
  feed(lasting({ ...old, time: T }, 1e18, 1000));
  feed(far(T + 90 * MINUTE));

  assert.equal(said.length, 1, 'the second one ended when it was told');
  assert.match(said[0]?.reason ?? '', /In the hour from 2026-01-05T00:00Z 900 MB left 10\.0\.0\.1, 10\.0\.0\.2;/);
});
