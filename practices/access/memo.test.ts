import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { createMemo } from './memo.ts';

test('what is remembered is what a plain map of whole paths remembers, as long as it has room', () => {
  const path = fc.array(fc.constantFrom('a', 'b', 'a b', '', '-'), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.tuple(path, fc.boolean()), { maxLength: 60 }), (steps) => {
      const memo = createMemo<{ n: number }>(1000);
      const twin = new Map<string, { n: number }>();
      steps.forEach(([words, keep], n) => {
        const key = JSON.stringify(words);
        if (keep) {
          memo.keep(words, { n });
          twin.set(key, { n });
        }
        assert.deepEqual(memo.get(words), twin.get(key));
        assert.equal(memo.size(), twin.size);
      });
    }),
  );
});

test('it never holds more than it may, and goes on after it was full', () => {
  const memo = createMemo<{ n: number }>(10);
  for (let n = 0; n < 100; n += 1) {
    memo.keep(['a', String(n), 'z'], { n });
    assert.ok(memo.size() <= 10);
    assert.deepEqual(memo.get(['a', String(n), 'z']), { n });
  }

  memo.clear();

  assert.equal(memo.get(['a', '99', 'z']), undefined);
  assert.equal(memo.size(), 0);
});
