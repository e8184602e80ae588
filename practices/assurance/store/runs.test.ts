import assert from 'node:assert/strict';
import { test } from 'node:test';

import { migrate } from '#platform/db';
import { uuidv7 } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import { lastRunAt, silentRuns } from './runs.ts';
import { newestScans } from './scans.ts';

test('a run that began while the clock ran ahead by a year does not go on, and holds up no other, until then', async (t) => {
  const fresh = await freshDatabase();
  t.after(() => fresh.close());
  const { db } = fresh;
  await migrate(db, [{ schema: 'assurance', folder: new URL('../sql/', import.meta.url) }]);
  const ahead = uuidv7();
  await db`
    insert into assurance.runs (run_id, asked_by, tests, state, started_at, beat_at, version, ord)
    values (${ahead}, 'ahead', '{}', 'running', now() + interval '1 year', now() + interval '1 year', 't', 1)`;

  assert.deepEqual((await silentRuns(db, 60)).map(({ run_id: id }) => id), [ahead]); // prettier-ignore
  assert.equal(await lastRunAt(db, 'ahead'), null);

  const [scanAhead, scan] = [uuidv7(), uuidv7()];
  await db`
    insert into assurance.scans (scan_id, scanner, state, asked_by, started_at)
    values (${scanAhead}, 'zap', 'done', 't', now() + interval '1 year'), (${scan}, 'zap', 'done', 't', now())`;
  assert.deepEqual((await newestScans(db)).map(({ scan_id: id }) => id), [scan]); // prettier-ignore
});
