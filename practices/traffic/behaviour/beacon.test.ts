import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import { beaconWatch, type BeaconOptions } from './beacon.ts';
import { MINUTE } from './clock.ts';
import { createMaker } from './made-events.ts';
import { createRandom } from './random.ts';

const T = Date.UTC(2026, 0, 5);

function called(
  n: number,
  next: (random: ReturnType<typeof createRandom>) => { ms: number; out: number },
  { from = ['10.0.0.5'], ...options }: Partial<BeaconOptions> & { from?: string[] } = {},
): Alert[] {
  const { flow } = createMaker();
  const random = createRandom(1);
  const watch = beaconWatch({ most: 1000, ...options });
  const said: Alert[] = [];
  let time = T;
  for (let i = 0; i < n; i += 1) {
    const { ms, out } = next(random);
    time += ms;
    for (const each of from)
      watch.feed(flow({ time, from: each, to: '203.0.113.9', port: 443, out }), time, (alert) => said.push(alert));
  }
  return said;
}

test('a call every five minutes with a jitter of 20 % is said once', () => {
  const [alert, ...more] = called(500, (random) => ({
    ms: 5 * MINUTE * (0.8 + 0.4 * random.unit()),
    out: 380 + random.whole(0, 20),
  }));

  assert.deepEqual(more, []);
  assert.match(
    alert?.reason ?? '',
    /10\.0\.0\.5 has called 203\.0\.113\.9, port 443, 24 times .* every (29\d|30\d|31\d|28\d|32\d) seconds/,
  );
});

test('a person who browses, though 500 times, has no rhythm', () => {
  assert.deepEqual(
    called(500, (random) => ({ ms: 5 * MINUTE * -Math.log(1 - random.unit()), out: 400 })),
    [],
  );
});

test('regular calls that send different amounts, calls of three machines, a known place, and a minute of pings are quiet', () => {
  const regular = () => ({ ms: 5 * MINUTE, out: 400 });

  assert.deepEqual(
    called(200, (random) => ({ ms: 5 * MINUTE, out: random.whole(200, 90_000) })),
    [],
  );
  assert.deepEqual(called(200, regular, { from: ['10.0.0.5', '10.0.0.6', '10.0.0.7'] }), []);
  assert.deepEqual(called(200, regular, { known: ['203.0.113.9'] }), []);
  assert.deepEqual(
    called(60, () => ({ ms: 1000, out: 64 })),
    [],
  );
});
