import assert from 'node:assert/strict';
import { test } from 'node:test';

import { drillDue, overdueDays } from './due.ts';

const now = new Date('2026-06-30T12:00:00Z');
const ago = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);
const none = { passedAt: null, triedAt: null, failed: 0, firstBackup: null };

test('a drill is due when there is something to restore, and one that failed is tried again ever later', () => {
  const due = (before: object, days = 7) => drillDue({ ...none, ...before }, days, now);

  assert.equal(due({}), false, 'no backup');
  assert.equal(due({ firstBackup: ago(0.5) }), false, 'just begun');
  assert.equal(due({ firstBackup: ago(2) }), true);
  assert.equal(due({ firstBackup: ago(2) }, 0), false, 'by hand only');
  assert.equal(due({ firstBackup: ago(900), passedAt: ago(24 * 6) }), false);
  assert.equal(due({ firstBackup: ago(900), passedAt: ago(24 * 8) }), true);
  assert.equal(due({ firstBackup: ago(900), passedAt: ago(24 * 8), triedAt: ago(5), failed: 1 }), false);
  assert.equal(due({ firstBackup: ago(900), passedAt: ago(24 * 8), triedAt: ago(7), failed: 1 }), true);
  assert.equal(due({ firstBackup: ago(900), triedAt: ago(13), failed: 2 }), true);
  assert.equal(due({ firstBackup: ago(900), triedAt: ago(24 * 7 - 1), failed: 30 }), false);
  assert.equal(due({ firstBackup: ago(900), triedAt: ago(24 * 7), failed: 30 }), true, 'never later than the next one');
});

test('that no restore was proven is an alarm after twice the time', () => {
  const overdue = (before: object, days = 7) => overdueDays({ ...none, ...before }, days, now);

  assert.equal(overdue({}), null);
  assert.equal(overdue({ firstBackup: ago(24 * 13) }), null);
  assert.equal(overdue({ firstBackup: ago(24 * 15) }), 15);
  assert.equal(overdue({ firstBackup: ago(24 * 90), passedAt: ago(24 * 3) }), null);
  assert.equal(overdue({ firstBackup: ago(24 * 90), passedAt: ago(24 * 59) }, 0), null);
  assert.equal(overdue({ firstBackup: ago(24 * 90), passedAt: ago(24 * 61) }, 0), 61);
});
