import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sizeText } from './size.ts';

test('what is not empty is never said to be nothing', () => {
  assert.deepEqual([0, 900, 1024, 20_000, 3_000_000].map(sizeText), ['0 B', '900 B', '1.0 KiB', '19.5 KiB', '2.9 MiB']);
});
