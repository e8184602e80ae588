import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import { bruteForceWatch } from './brute-force.ts';
import { createMaker } from './made-events.ts';

const T = Date.UTC(2026, 0, 5, 9);

function tried(
  tries: readonly (readonly [account: string, address: string, worked: boolean])[],
  stepMs = 10_000,
): Alert[] {
  const { logIn } = createMaker();
  const watch = bruteForceWatch({ most: 1000 });
  const said: Alert[] = [];
  for (const [i, [account, address, worked]] of tries.entries()) {
    const time = T + i * stepMs;
    watch.feed(logIn({ time, account, address, worked }), time, (alert) => said.push(alert));
  }
  return said;
}
const times = <Item>(n: number, make: (i: number) => Item): Item[] => Array.from({ length: n }, (_, i) => make(i));

test('ten failures at one account are said, from however many addresses; the log-in that works after them is critical', () => {
  const said = tried([
    ...times(12, (i) => ['ada', `9.0.0.${i}`, false] as const),
    ['ada', '9.0.0.11', true],
    ['ada', '9.0.0.11', true],
  ]);

  assert.deepEqual(
    said.map(({ rule, severity }) => [rule, severity]),
    [
      ['behaviour.brute-force', 'medium'],
      ['behaviour.log-in-after-failures', 'critical'],
    ],
  );
  assert.match(said[0]?.reason ?? '', /10 log-ins of ada failed since 2026-01-05T09:00Z, from 10 addresses/);
  assert.equal(said[1]?.entity.address, '9.0.0.11');
  assert.equal(said[1]?.measure?.value, 12);
});

test('a name of two hundred characters is in no uid: the store takes 200 bytes of it, and the audit log keeps it for ever', () => {
  const [alert] = tried(times(12, (i) => ['é'.repeat(1000), `9.0.0.${i}`, false] as const));

  assert.ok(alert !== undefined && Buffer.byteLength(alert.uid) <= 200 && !alert.uid.includes('é'));
});

test('who has forgotten a password and gets in at the ninth try is left alone', () => {
  assert.deepEqual(tried([...times(8, () => ['ada', '9.0.0.1', false] as const), ['ada', '9.0.0.1', true]]), []);
});

test('failures that come one in two minutes are not ten within ten', () => {
  assert.deepEqual(
    tried(
      times(40, () => ['ada', '9.0.0.1', false] as const),
      120_000,
    ),
    [],
  );
});

test('many accounts that fail from one address are said, and worse when one worked', () => {
  const none = tried(times(20, (i) => [`user${i}`, '9.0.0.1', false] as const));
  const some = tried(times(20, (i) => [`user${i}`, '9.0.0.1', i === 3] as const));

  assert.deepEqual(
    none.map(({ rule, severity }) => [rule, severity]),
    [['behaviour.credential-stuffing', 'medium']],
  );
  assert.equal(some[0]?.severity, 'high');
  assert.match(some[0]?.reason ?? '', /From 9\.0\.0\.1 15 different accounts failed .*1 of 16 log-ins worked/);
});

test('an office behind one address, of whom every fourth log-in fails, is left alone', () => {
  assert.deepEqual(tried(times(200, (i) => [`user${i}`, '9.0.0.1', i % 4 !== 0] as const)), []);
});

test('the owner who logs in while somebody else guesses is told as a doubt, and does not hide the guessing', () => {
  const said = tried([
    ...times(12, () => ['ada', '9.0.0.1', false] as const),
    ['ada', '84.0.0.1', true],
    ...times(5, () => ['ada', '9.0.0.1', false] as const),
    ['ada', '84.0.0.1', true],
  ]);

  assert.deepEqual(
    said.map(({ rule, severity }) => [rule, severity]),
    [
      ['behaviour.brute-force', 'medium'],
      ['behaviour.log-in-after-failures', 'medium'],
    ],
  );
});

test('a subscriber of IPv6 who takes another address of their /64 for each try is one, also when it worked', () => {
  const address = (i: number): string => `2001:db8:1:2::${(i + 1).toString(16)}`;
  const many = tried(times(20, (i) => [`user${i}`, address(i), false] as const));
  const one = tried([...times(12, (i) => ['ada', address(i), false] as const), ['ada', address(99), true]]);

  assert.deepEqual(
    many.map(({ rule }) => rule),
    ['behaviour.credential-stuffing'],
  );
  assert.match(many[0]?.reason ?? '', /^From 2001:db8:1:2::\/64 15 different accounts/);
  assert.equal(many[0]?.entity.address, address(14));
  assert.equal(one.at(-1)?.severity, 'critical');
});
