import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import type { TrafficEvent } from '../event.ts';
import { DAY, MINUTE } from './clock.ts';
import { createMaker } from './made-events.ts';
import { portScanWatch } from './port-scan.ts';

const T = Date.UTC(2026, 0, 5);
const { flow } = createMaker();
const times = (n: number, make: (i: number) => TrafficEvent): TrafficEvent[] =>
  Array.from({ length: n }, (_, i) => make(i));

function saw(events: readonly TrafficEvent[]): Alert[] {
  const watch = portScanWatch({ most: 1000 });
  const said: Alert[] = [];
  for (const event of events) watch.feed(event, event.time, (alert) => said.push(alert));
  return said;
}

test('ports of one host, one port of many hosts, and both so slowly that it takes half a day', () => {
  const down = saw(
    times(100, (i) => flow({ time: T + i * 100, from: '10.0.0.9', to: '10.0.0.1', port: 1 + i, worked: i === 22 })),
  );
  const across = saw(
    times(100, (i) =>
      flow({
        time: T + i * 100,
        from: '10.0.0.9',
        to: `10.0.1.${i}`,
        port: 22,
        worked: i % 20 === 0,
      }),
    ),
  );
  const slow = saw(
    times(100, (i) =>
      flow({
        time: T + i * 11 * MINUTE,
        from: '10.0.0.9',
        to: `10.0.${i % 10}.1`,
        port: 20 + i,
        worked: false,
      }),
    ),
  );

  for (const [said, words] of [
    [down, /down one host/],
    [across, /across hosts/],
    [slow, /both ways|down one host/],
  ] as const) {
    assert.deepEqual(
      said.map(({ severity }) => severity),
      ['high'],
    );
    assert.match(said[0]?.reason ?? '', words);
  }
});

test('the internet that scans is told once a day, low', () => {
  const scans = Array.from({ length: 20 }, (_, i) =>
    times(150, (port) =>
      flow({
        time: T + i * MINUTE + port,
        from: `9.9.9.${i}`,
        to: '84.0.0.1',
        port,
        worked: false,
      }),
    ),
  ).flat();

  assert.deepEqual(
    saw(scans).map(({ severity, key }) => [severity, key]),
    [['low', 'from=outside']],
  );
});

test('a monitor whose targets are down, a busy client, and background noise are quiet', () => {
  const monitor = times(2000, (i) =>
    flow({
      time: T + i * 30_000,
      from: '10.0.0.9',
      to: `10.0.0.${i % 20}`,
      port: 9100,
      worked: false,
    }),
  );
  const client = times(500, (i) =>
    flow({
      time: T + i * 1000,
      from: '10.0.0.8',
      to: `20.0.${i % 200}.1`,
      port: 443,
      worked: i % 3 !== 0,
    }),
  );
  const noise = times(300, (i) =>
    flow({
      time: T + (i * DAY) / 300,
      from: `9.9.${i % 40}.1`,
      to: '84.0.0.1',
      port: [22, 23, 80, 443, 3389][i % 5] as number,
      worked: false,
    }),
  );

  const few = times(90, (i) =>
    flow({ time: T + i * 100, from: '9.9.9.9', to: '84.0.0.1', port: 1 + i, worked: false }),
  );

  for (const events of [monitor, client, noise, few]) assert.deepEqual(saw(events), []);
});
