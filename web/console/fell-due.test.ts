import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fellDueBefore } from './fell-due.ts';

test('months that are over count, this one and those that come do not', () => {
  const counts = { '2025-12': 1, '2026-10': 2, '2026-11': 4, '2027-01': 8 };
  assert.equal(fellDueBefore(new Date('2026-11-01T00:00:00Z'), counts), 3);
  assert.equal(fellDueBefore(new Date('2026-10-31T23:59:59.999Z'), counts), 1, 'in the time that the months are of');
  assert.equal(fellDueBefore(new Date('2024-01-01T00:00:00Z'), counts), 0);
});
