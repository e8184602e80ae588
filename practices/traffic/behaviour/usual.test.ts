import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createRandom } from './random.ts';
import { ewma, limitOf, medianOf, remember, scatterOf, usualOf } from './usual.ts';

test('median and MAD are those of the book', () => {
  assert.equal(medianOf([]), 0);
  assert.equal(medianOf([7]), 7);
  assert.equal(medianOf([4, 1, 3, 2]), 2.5);
  assert.deepEqual(usualOf([1, 1, 2, 2, 4, 6, 9]), { median: 2, mad: 1, values: 7 });
});

test('a third of the values made huge does not move what is usual by much', () => {
  const honest = Array.from({ length: 40 }, (_, i) => 40 + (i % 7));

  const poisoned = usualOf([...honest, ...Array.from({ length: 20 }, () => 1e9)]);

  assert.ok(poisoned.median <= 46 && limitOf(poisoned, 5, 1.5) < 100);
});

test('equal values still have the scatter of counting', () => {
  assert.equal(scatterOf(usualOf([100, 100, 100])), 10);
  assert.equal(scatterOf(usualOf([])), 1);
});

test('of a normal distribution the scatter is its standard deviation, within a tenth', () => {
  const random = createRandom(1);
  const values = Array.from({ length: 2000 }, () => random.about(10_000, 700));

  const scatter = scatterOf(usualOf(values));

  assert.ok(scatter > 630 && scatter < 770, String(scatter));
});

test('a ring holds the last ones', () => {
  const ring: number[] = [];
  for (let i = 0; i < 100; i += 1) remember(ring, i, 5);
  assert.deepEqual(ring, [95, 96, 97, 98, 99]);
});

test('the EWMA begins with the first value and forgets half in seven', () => {
  let held: number | undefined;
  held = ewma(held, 100);
  assert.equal(held, 100);
  for (let i = 0; i < 7; i += 1) held = ewma(held, 0);
  assert.ok(held < 50 && held > 45);
});
