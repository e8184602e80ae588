import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createDistinct, hashOf } from './distinct.ts';

test('few are counted exactly, however often each comes', () => {
  const distinct = createDistinct();

  for (let round = 0; round < 3; round += 1)
    for (let i = 0; i < 64; i += 1) assert.equal(distinct.add(hashOf(`id-${i}`)), round === 0);

  assert.equal(distinct.count(), 64);
});

test('many are counted within three times the published standard error', () => {
  for (const precision of [8, 10, 12] as const) {
    const allowed = (3 * 1.04) / Math.sqrt(2 ** precision);
    for (const [prefix, n] of [
      ['a', 100],
      ['b', 1000],
      ['c', 10_000],
      ['d', 200_000],
    ] as const) {
      const distinct = createDistinct(precision);
      for (let i = 0; i < n; i += 1) distinct.add(hashOf(`${prefix}${i}`));
      const off = Math.abs(distinct.count() - n) / n;
      assert.ok(off <= allowed, `2^${precision}, ${n}: ${off.toFixed(3)} > ${allowed.toFixed(3)}`);
    }
  }
});

test('over many sets the error is the published one', () => {
  const sets = 100;
  let squares = 0;
  for (let set = 0; set < sets; set += 1) {
    const distinct = createDistinct(10);
    for (let i = 0; i < 5000; i += 1) distinct.add(hashOf(`${set}/${i}`));
    squares += (distinct.count() / 5000 - 1) ** 2;
  }
  assert.ok(Math.sqrt(squares / sets) < (1.25 * 1.04) / Math.sqrt(1024), String(Math.sqrt(squares / sets)));
});
