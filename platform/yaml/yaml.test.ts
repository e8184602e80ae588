import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocument } from 'yaml';

import { offsetAt } from './index.ts';

test('a path leads to its key or item; one that ends early to the nearest entry around it', () => {
  const text = 'a:\n  b: 1\nlist:\n  - x\n  - {y: 2}\nsame: &s\n  z: 3\nagain: *s\n';
  const at = (...path: (string | number)[]) => text.slice(offsetAt(parseDocument(text), path) ?? 0).split(/[\n:}]/)[0];
  assert.deepEqual([at('a', 'b'), at('list', 0), at('list', 1, 'y')], ['b', 'x', 'y']);
  assert.deepEqual([at('a', 'none'), at('list', 9), at('again', 'z'), at('none')], ['a', 'list', 'again', 'a']);
  assert.equal(offsetAt(parseDocument(''), ['a']), null);
});
