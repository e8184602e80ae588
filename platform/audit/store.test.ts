import assert from 'node:assert/strict';
import { test } from 'node:test';

import { migrate } from '#platform/db';
import { freshDatabase } from '#platform/testing';

import { keepCheckpoint } from './store.ts';

test('one checkpoint an hour is kept, and one of a clock that ran ahead by a year keeps no other from being kept', async (t) => {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'audit', folder: new URL('./sql/', import.meta.url) }]);
  const now = Date.now();
  const MINUTE = 60_000;
  for (const [size, minutes] of [
    [1, 365 * 24 * 60],
    [2, 0],
    [3, 59],
    [4, 61],
  ] as const)
    await keepCheckpoint(db, size, new Date(now + minutes * MINUTE), 'note');

  const kept = await db<{ size: number }[]>`select size::int from audit.checkpoints order by size`;
  assert.deepEqual(kept.map(({ size }) => size), [1, 2, 4]); // prettier-ignore
});
