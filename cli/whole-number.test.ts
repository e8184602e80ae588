import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Usage } from './connection.ts';
import { wholeNumber } from './whole-number.ts';

test('a number is digits, within what is said of it', () => {
  assert.deepEqual([wholeNumber('--n', '0'), wholeNumber('--n', '90', 1, 90)], [0, 90]);
  for (const text of ['', ' 7', '-1', '+1', '1.5', '1e3', '0x10', '١', 'NaN', 'Infinity', '9'.repeat(16)])
    assert.throws(() => wholeNumber('--n', text), new Usage('--n is a whole number'), text);
  assert.throws(() => wholeNumber('--n', '91', 1, 90), new Usage('--n is a whole number from 1 to 90'));
});
