import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  inNetworks,
  isExact,
  isNetwork,
  nameOf,
  neighbourhood,
  plainAddress,
  readNetwork,
  type Network,
} from './index.ts';

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
    [['::ffff:192.0.2.0/120'], '192.0.2.9', true],
    [['::ffff:192.0.2.0/120'], '192.0.3.9', false],
    [['::/0'], '192.0.2.1', false],
    [['2001:db8::/33'], '2001:db8:7fff::1', true],
    [['2001:db8::/33'], '2001:db8:8000::1', false],
    [['192.0.2.0/24'], '192.0.2.9:4711', true],
    [['2001:db8::/32'], '[2001:DB8::9]:443', true],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['192.0.2.0/24'], '192.0.2.9, 10.0.0.1', false],
    [['0.0.0.0/0'], '', false],
    [[], '192.0.2.1', false],
  ] as const)
    assert.equal(inNetworks(networks, address), inside, `${address} in ${networks.join()}`);
});

test('what is no network is not taken for one', () => {
  for (const text of [
    '192.0.2.0/33',
    '192.0.2/24',
    '::/129',
    'example.org',
    '',
    '192.0.2.0/',
    '1.2.3.4/-1',
    '::ffff:1.2.3.4/95',
    '[::1]',
    '010.0.0.1',
  ])
    assert.equal(isNetwork(text), false, text);
  for (const text of ['192.0.2.0/24', '::/0', '2001:db8::1']) assert.equal(isNetwork(text), true, text);
});

test('a network with bits behind its prefix is told apart', () => {
  for (const [text, exact] of [
    ['10.0.0.0/8', true],
    ['10.0.0.5/8', false],
    ['10.0.0.5', true],
    ['0.0.0.0/0', true],
    ['2001:db8::/33', true],
    ['2001:db8:8000::/32', false],
  ] as const)
    assert.equal(isExact(readNetwork(text) as Network), exact, text);
});

test('an address has one spelling, and an IPv6 subscriber one neighbourhood', () => {
  assert.deepEqual(['::ffff:192.0.2.9', '::FFFF:c000:209', '192.0.2.9:80'].map(plainAddress), [
    '192.0.2.9',
    '192.0.2.9',
    '192.0.2.9',
  ]);
  assert.equal(plainAddress('2001:DB8:0:0::1'), '2001:db8::1');
  assert.equal(plainAddress('unknown'), null);
  assert.equal(neighbourhood('2001:db8:1:2:3:4:5:6'), neighbourhood('2001:db8:1:2:ffff::1'));
  assert.notEqual(neighbourhood('2001:db8:1:2::1'), neighbourhood('2001:db8:1:3::1'));
  assert.equal(neighbourhood('::ffff:192.0.2.9'), '192.0.2.9');
});

test('of networks with names the narrowest one counts, in whatever order they stand', () => {
  const named = [
    ['office', '10.0.0.0/8'],
    ['vpn', '10.8.0.0/16'],
    ['office', '2001:db8::/32'],
    ['internet', '10.8.7.7'],
  ].map(([name, text]) => ({ name: name as string, network: readNetwork(text as string) as Network }));
  for (const each of [named, named.toReversed()])
    assert.deepEqual(
      ['10.1.1.1', '::ffff:10.8.0.1', '10.8.7.7', '192.0.2.1', '2001:db8::5', 'nonsense'].map((at) => nameOf(each, at)),
      ['office', 'vpn', 'internet', null, 'office', null],
    );
});
