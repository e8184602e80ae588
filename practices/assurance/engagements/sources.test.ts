import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fromSources, isSource } from './sources.ts';

test('a source is an address, or a network that is not half of the world', () => {
  for (const good of ['192.0.2.7', '192.0.2.0/28', '2001:db8::1', '2001:db8::/48']) assert.ok(isSource(good), good);
  for (const bad of [
    '',
    'tester.example',
    '192.0.2',
    '192.0.2.0/33',
    '0.0.0.0/0',
    '192.0.2.0/2/8',
    '192.0.2.7/x',
    '::/0',
    '::ffff:0:0/96',
    '::ffff:10.0.0.0/100',
  ])
    assert.ok(!isSource(bad), bad);
});

test('a case is of a test where its address is one of its sources, and of nobody else’s', () => {
  const sources = ['192.0.2.0/28', '198.51.100.7', '2001:db8::/48'];
  for (const about of ['address 192.0.2.9', 'address 198.51.100.7', 'address 2001:db8::7'])
    assert.ok(fromSources(about, sources), about);
  for (const about of ['address 192.0.2.16', 'address 198.51.100.70', 'key key_1', ''])
    assert.ok(!fromSources(about, sources), about);
});
