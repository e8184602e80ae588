import assert from 'node:assert/strict';
import { test } from 'node:test';

import { migrate } from '#platform/db';
import { freshDatabase } from '#platform/testing';

import { takeReview } from './review.ts';

const DAY_MS = 86_400_000;

test('fields are looked at once a day, and soon again after a clock that ran ahead by a year', async (t) => {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'collection', folder: new URL('../sql/', import.meta.url) }]);
  const now = Date.now();
  const takenIn = (days: number): Promise<boolean> =>
    takeReview(db, new Date(now + days * DAY_MS), new Date(now + (days - 1) * DAY_MS));

  const taken = [await takenIn(365), await takenIn(365.5), await takenIn(0), await takenIn(0.5), await takenIn(1)];
  assert.deepEqual(taken, [true, false, true, false, true]);
});
