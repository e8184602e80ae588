import assert from 'node:assert/strict';
import { test } from 'node:test';

import { durationsInWords } from './duration.ts';

test('a duration is said in words, and everything around it stays', () => {
  assert.equal(durationsInWords('erase P2Y after account.closed → erase P1Y6M'), 'erase 2 years after account.closed → erase 1 year 6 months');
  assert.equal(durationsInWords('P30D'), '30 days');
  assert.equal(durationsInWords('P, PDF and XP2Y stay'), 'P, PDF and XP2Y stay');
}); // prettier-ignore
