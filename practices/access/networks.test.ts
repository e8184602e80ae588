import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inNetworks, isNetwork } from './networks.ts';

test('an address is in a network or it is not', () => {
  for (const [networks, address, inside] of [
    [['192.0.2.0/24'], '192.0.2.255', true],
    [['192.0.2.0/24'], '192.0.3.0', false],
    [['192.0.2.7'], '192.0.2.7', true],
    [['192.0.2.7'], '192.0.2.8', false],
    [['192.0.2.0/24'], '::ffff:192.0.2.9', true],
    [['2001:db8::/32'], '2001:db8:1::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['192.0.2.0/24', '10.0.0.0/8'], '10.1.2.3', true],
    [['0.0.0.0/0'], '203.0.113.1', true],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [['192.0.2.0/24'], 'nonsense', false],
    [['nonsense'], '192.0.2.1', false],
    [[], '192.0.2.1', false],
  ] as const)
    assert.equal(inNetworks(networks, address), inside, `${address} in ${networks.join()}`);
});

test('what is no network is not taken for one', () => {
  for (const text of ['192.0.2.0/33', '192.0.2/24', '::/129', 'example.org', '', '192.0.2.0/', '1.2.3.4/-1'])
    assert.equal(isNetwork(text), false, text);
  for (const text of ['192.0.2.0/24', '::/0', '2001:db8::1']) assert.equal(isNetwork(text), true, text);
});
