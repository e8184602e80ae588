import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createKeyed } from './keyed.ts';

test('a million keys leave no more than the most, and those forgotten are counted', () => {
  const keyed = createKeyed<number>(1000);

  for (let i = 0; i < 1_000_000; i += 1) {
    keyed.set(`k${i}`, i);
    keyed.get('k0');
  }

  const { keys, most, dropped } = keyed.held();
  assert.ok(keys <= most && most === 1000);
  assert.equal(keys + dropped, 1_000_000);
  assert.equal(keyed.get('k0'), 0, 'what is asked for all the time stays');
  assert.equal(keyed.get('k999999'), 999_999);
  assert.equal(keyed.get('k1'), undefined);
  assert.equal(new Set([...keyed.entries()].map(([key]) => key)).size, keyed.held().keys);
});
