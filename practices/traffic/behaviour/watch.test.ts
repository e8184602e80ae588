import assert from 'node:assert/strict';
import { test } from 'node:test';

import { brief, isOutside, networkOf } from './watch.ts';

test('private, shared, loopback, link-local and multicast addresses are not outside', () => {
  for (const inside of [
    '10.1.2.3',
    '127.0.0.1',
    '0.0.0.0',
    '172.16.0.1',
    '172.31.9.9',
    '192.168.1.1',
    '169.254.1.1',
    '100.64.0.1',
    '100.127.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    'fc00::1',
    '::ffff:10.0.0.1',
  ])
    assert.equal(isOutside(inside), false, inside);
  for (const outside of [
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '192.167.1.1',
    '192.169.1.1',
    '169.253.1.1',
    '100.63.0.1',
    '100.128.0.1',
    '2001:db8::1',
    '::ffff:8.8.8.8',
    '1.1.1.1',
  ])
    assert.equal(isOutside(outside), true, outside);
});

test('a network is a /24, or a /48 of IPv6', () => {
  assert.equal(networkOf('84.1.2.3'), '84.1.2.0/24');
  assert.equal(networkOf('2001:db8:7:1::5'), '2001:db8:7::/48');
  assert.equal(networkOf('2001:db8::5'), '2001:db8:0::/48');
});

test('a name that is too long is cut', () => {
  assert.equal(brief('x'.repeat(1_000_000)).length, 200);
  assert.equal(brief('short'), 'short');
  assert.equal(brief(undefined), undefined);
});
