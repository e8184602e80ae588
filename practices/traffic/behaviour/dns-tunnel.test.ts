import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import { DAY, MINUTE } from './clock.ts';
import { dnsTunnelWatch, entropyOf } from './dns-tunnel.ts';
import { createMaker } from './made-events.ts';
import { createRandom } from './random.ts';

const T = Date.UTC(2026, 0, 5);
const random = createRandom(1);
const chunk = (length: number, alphabet = 'abcdefghijklmnopqrstuvwxyz234567'): string =>
  Array.from({ length }, () => alphabet[random.whole(0, alphabet.length)]).join('');

function asked(names: readonly string[], stepMs = 1000, known: string[] = []): Alert[] {
  const { dns } = createMaker();
  const watch = dnsTunnelWatch({ most: 1000, known });
  const said: Alert[] = [];
  for (const [i, hostname] of names.entries()) {
    const time = T + i * stepMs;
    watch.feed(dns({ time, from: '10.0.0.5', hostname, type: 'TXT' }), time, (alert) => said.push(alert));
  }
  return said;
}
const times = (n: number, make: (i: number) => string): string[] => Array.from({ length: n }, (_, i) => make(i));

test('base32 in names is said before two and a half kilobytes have left, in one piece or dripping through a day', () => {
  for (const stepMs of [100, 15 * MINUTE]) {
    const [alert, ...more] = asked(
      times(90, () => `${chunk(50)}.${chunk(20)}.t.evil.example`),
      stepMs,
    );

    assert.deepEqual(more, []);
    assert.ok((alert?.measure?.value ?? 1e9) < 4000);
    assert.match(
      alert?.reason ?? '',
      /10\.0\.0\.5 has looked up \d+ different names below evil\.example .* may have left/,
    );
  }
});

test('hex of 32 characters counts too, and co.uk is no registered domain', () => {
  const [alert] = asked(times(200, () => `${chunk(32, '0123456789abcdef')}.evil.co.uk`));

  assert.equal(alert?.key, 'from=10.0.0.5,domain=evil.co.uk');
});

test('what is dressed as a UUID is counted', () => {
  const hex = (length: number) => chunk(length, '0123456789abcdef');

  assert.equal(asked(times(200, () => `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}.evil.example`)).length, 1);
});

test('a content network with a strange name each for many sites, words, reverse look-ups and one name again and again are quiet', () => {
  assert.deepEqual(asked(times(39, () => `d${chunk(13)}.cdn.cloudfront.example`)), []);
  assert.deepEqual(asked(times(300, (i) => `static-assets-${i % 20}.images.shop.example`)), []);
  assert.deepEqual(asked(times(300, (i) => `${i % 256}.2.0.192.in-addr.arpa`)), []);
  assert.deepEqual(asked(times(300, (i) => `${'north-west-'.repeat(3)}${i}.machines.example`)), []);
  assert.deepEqual(asked(times(300, (i) => `ip-10-0-${i % 256}-${i % 7}.eu-central-1.compute.cloud.example`)), []);
  assert.deepEqual(asked(times(300, (i) => `${'a'.repeat(30)}${i}.filler.example`)), []);
  const one = chunk(40);
  assert.deepEqual(asked(times(500, () => `${one}.example.com`)), []);
  assert.deepEqual(
    asked(
      times(100, () => `${chunk(50)}.av.example`),
      1000,
      ['av.example'],
    ),
    [],
  );
  assert.deepEqual(
    asked(
      times(100, () => `${chunk(50)}.av.example`),
      DAY / 20,
    ),
    [],
  );
});

test("entropy is Shannon's", () => {
  assert.equal(entropyOf('aaaa'), 0);
  assert.equal(entropyOf('abcd'), 2);
});
