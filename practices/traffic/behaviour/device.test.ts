import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import { DAY } from './clock.ts';
import { deviceWatch, familyOf } from './device.ts';
import { createMaker } from './made-events.ts';

const T = Date.UTC(2026, 0, 5, 9);
const chrome = (version: number, system = 'Windows NT 10.0; Win64; x64') =>
  `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`;
const { request } = createMaker();
type Seen = Readonly<{ address?: string; agent?: string; ja4?: string }>;

function create() {
  const watch = deviceWatch({ most: 100 });
  const said: Alert[] = [];
  const see = (day: number, actor: string, seen: Seen, n = 1): Alert[] => {
    const from = said.length;
    for (let i = 0; i < n; i += 1) {
      const time = T + day * DAY + i * 1000;
      watch.feed(
        request({
          time,
          actor,
          address: '84.0.0.1',
          agent: chrome(143),
          ja4: 't13d1516h2_8daaf6152771_d8a2da3f94cd',
          ...seen,
        }),
        time,
        (alert) => said.push(alert),
      );
    }
    return said.slice(from);
  };
  const work = (actor: string, seen: Seen = {}) => {
    for (let day = 0; day < 6; day += 1) see(day, actor, seen, 20);
  };
  return { watch, see, work };
}

test('days that are given again after a restart are no days more', () => {
  const { watch, see } = create();
  for (const day of [0, 1]) see(day, 'person_a', {}, 60);
  for (let restart = 0; restart < 5; restart += 1) for (const day of [0, 1]) see(day, 'person_a', {}, 60);

  assert.deepEqual(see(1, 'person_a', { agent: 'curl/8.5.0' }), []);
  const known = (watch.learned?.() ?? []) as { days: number }[];
  assert.equal(known[0]?.days, 2);
});

test('another browser from another network is said with what is new', () => {
  const { see, work } = create();
  work('person_a');

  const [alert, ...more] = see(6, 'person_a', { agent: 'curl/8.5.0', address: '9.9.9.9' }, 5);

  assert.deepEqual(more, []);
  assert.equal(alert?.severity, 'medium');
  assert.match(
    alert?.reason ?? '',
    /person_a came at .* with curl and the network 9\.9\.9\.0\/24, not seen before in 6 days and 120 requests/,
  );
});

test('a hello that its browser version never had is another device in its clothes', () => {
  const { see, work } = create();
  work('person_a');

  assert.match(
    see(6, 'person_a', { ja4: 't13d190900_9dc949149365_97f8aa674fd9' })[0]?.reason ?? '',
    /Chrome on Windows with another TLS hello/,
  );
});

test('an update of the browser, a train, and the first days are quiet', () => {
  const { see, work } = create();
  assert.deepEqual(see(0, 'person_a', { agent: chrome(143) }), []);
  assert.deepEqual(see(0, 'person_a', { agent: 'curl/8.5.0' }), []);
  work('person_a');

  assert.deepEqual(see(7, 'person_a', { agent: chrome(144), ja4: 't13d1517h2_8daaf6152771_b0da82dd1658' }), []);
  assert.deepEqual(see(8, 'person_a', { agent: chrome(144), address: '2.3.4.5' }), []);
});

test('a key that comes from another network is said', () => {
  const { see, work } = create();
  work('key_a', { agent: 'node' });

  assert.deepEqual(see(7, 'key_a', { agent: 'node', address: '84.0.0.77' }), [], 'a machine beside it');
  assert.equal(see(7, 'key_a', { agent: 'node', address: '9.9.9.9' })[0]?.title, 'A key is used from a new network');
});

test('what is known can be kept', () => {
  const { watch, work } = create();
  work('person_a');
  const next = create();
  next.watch.learn?.(JSON.parse(JSON.stringify(watch.learned?.())));
  next.watch.learn?.([null, { actor: 'x' }, { actor: 'y', devices: [null], networks: [1] }]);

  assert.deepEqual(next.see(7, 'person_a', {}), []);
  assert.equal(next.see(7, 'person_a', { agent: 'curl/8.5.0' }).length, 1);
});

test('families are told apart', () => {
  assert.deepEqual(familyOf(chrome(143, 'X11; Linux x86_64')), { name: 'Chrome on Linux', version: '143' });
  assert.deepEqual(familyOf(`${chrome(143)} Edg/143.0.1`), { name: 'Edg on Windows', version: '143' });
  assert.deepEqual(
    familyOf(
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15',
    ),
    { name: 'Safari on Mac OS X', version: '19' },
  );
  assert.deepEqual(familyOf(''), { name: 'no user agent', version: '' });
});
