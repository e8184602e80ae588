/** What a page of the queue reads: as much as it shows, and more only where some of it may not be shown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { migrate } from '#platform/db';
import { freshDatabase } from '#platform/testing';

import type { Desk } from './desk.ts';
import { createQueue } from './queue.ts';

test('a page reads one more than it shows, whatever waits; what may not be shown is passed by in few steps', async (t) => {
  const { db, close } = await freshDatabase();
  t.after(close);
  await migrate(db, [{ schema: 'privacy', folder: new URL('../sql/', import.meta.url) }]);
  for (const closed of [false, true])
    await db`
      insert into privacy.requests (request_id, subject_id, kind, regime, state, received_at, due_at, closed_at)
      select gen_random_uuid(), gen_random_uuid(), 'review', 'eu-gdpr', ${closed ? 'refused' : 'received'}, now(), ${new Date()}::timestamptz + n * interval '1 minute', ${closed ? new Date() : null}
      from generate_series(1, 600) n`;
  const read: number[] = [];
  const desk = { shut: async (rows: readonly unknown[]) => await Promise.resolve(rows.map(() => ({}))) } as unknown as Desk;
  const queue = createQueue({ db, clock: () => new Date(), desk });
  const page = async (which: 'open' | 'closed', limit: number, shownAfter: number) => {
    read.length = 0;
    let before = 0;
    const { requests, next } = await queue({ which, limit, only: null, isShown: async (subjects) => {
      read.push(subjects.length);
      const hidden = new Set(subjects.filter((_, at) => before + at < shownAfter));
      before += subjects.length;
      return await Promise.resolve((subject) => !hidden.has(subject));
    } });
    return [requests.length, next !== null];
  };
  for (const which of ['open', 'closed'] as const) {
    assert.deepEqual([await page(which, 2, 0), read], [[2, true], [3]]);
    assert.deepEqual([await page(which, 500, 0), read], [[500, true], [501]]);
    assert.deepEqual([await page(which, 2, 550), read], [[2, true], [3, 12, 48, 192, 345]]);
  }
  // beside those that are open, of what was answered those whose mail has not left: none here
  assert.deepEqual(await page('open', 500, 599), [1, false]);
}); // prettier-ignore
