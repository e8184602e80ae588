import assert from 'node:assert/strict';
import { test } from 'node:test';

import { migrate } from '#platform/db';
import { freshDatabase } from '#platform/testing';

import type { Alert } from '../alert.ts';
import { holdCursor } from '../store/blocks.ts';
import { createScrapeLook } from './scrape.ts';

test('a slow scrape is looked for also while events are taken in all the time: no flood hides it', async (t) => {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'traffic', folder: new URL('../sql/', import.meta.url) }]);
  await db`insert into traffic.touches (subject_id, day, actor, purpose, first_at, last_at)
    select gen_random_uuid(), (now() at time zone 'UTC')::date, 'key_thief', 'service.support', now(), now() from generate_series(1, 300)`;
  await db.begin((tx) => holdCursor(tx as never));
  const found: Alert[] = [];
  const looks = [0, 1].map(() =>
    createScrapeLook({
      db,
      clock: () => new Date(),
      countCustomers: () => Promise.resolve(10_000),
      onAlerts: (_tx, alerts) => void found.push(...alerts) as never,
    }),
  );
  const [held, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const taking = db.begin(async (tx) => {
    await holdCursor(tx as never);
    held.resolve();
    await release.promise;
  });
  await held.promise;
  const looked = Promise.all(looks.map(({ look }) => look()));
  for (;;) {
    const [waits] = await db<{ n: number }[]>`
      select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    const isOver = await Promise.race([looked.then(() => true), new Promise((resolve) => setTimeout(resolve, 20, false))]);
    if (isOver === true || (waits?.n ?? 0) > 0) break;
  }
  release.resolve();
  await Promise.all([taking, looked]);

  // of several servers one looks
  assert.deepEqual(found.map(({ entity }) => entity.key), ['key_thief']);
}); // prettier-ignore
