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

test('after the open ones come answers whose mail is held, across a page and by a cursor that stands among them', async (t) => {
  const { db, close } = await freshDatabase();
  t.after(close);
  await migrate(db, [{ schema: 'privacy', folder: new URL('../sql/', import.meta.url) }]);
  const id = (n: number) => `00000000-0000-7000-8000-00000000000${n}`;
  // 1 to 3 are open; 4 to 8 answered by a mail, of which that of 6 has left
  for (let n = 1; n <= 8; n += 1)
    await db`
      insert into privacy.requests (request_id, subject_id, kind, regime, state, received_at, due_at, closed_at, mail_id)
      values (${id(n)}, gen_random_uuid(), 'review', 'eu-gdpr', ${n > 3 ? 'refused' : 'received'}, now(), ${new Date()}::timestamptz + ${n}::int * interval '1 minute', ${n > 3 ? new Date() : null}, ${n > 3 ? id(n) : null})`;
  const shut = async (rows: readonly { request_id: string; mail_id: string | null }[]) => await Promise.resolve(rows.map(({ request_id, mail_id }) => ({
    id: request_id, mail: mail_id === null ? null : mail_id === id(6) ? 'sent' : 'held',
  }))); // prettier-ignore
  const queue = createQueue({ db, clock: () => new Date(), desk: { shut } as unknown as Desk });
  const page = async (cursor?: string) => {
    const { requests, next } = await queue({ which: 'open', limit: 2, only: null, isShown: () => Promise.resolve(() => true), cursor });
    return { ids: requests.map((each) => Number(each.id.at(-1))), next };
  };
  const first = await page();
  const second = await page(first.next ?? '');
  const third = await page(second.next ?? '');
  const fourth = await page(third.next ?? '');
  assert.deepEqual([first, second, third, fourth].map(({ ids }) => ids), [[1, 2], [3, 8], [7, 5], [4]]);
  assert.deepEqual([first, second, third, fourth].map(({ next }) => next?.split('.')[0]), ['open', 'late', 'late', undefined]);
  // one that is gone meanwhile is passed by, and a cursor of another list is none
  await db`delete from privacy.requests where request_id = ${id(7)}`;
  assert.deepEqual((await page(second.next ?? '')).ids, [5, 4]);
  await assert.rejects(queue({ which: 'closed', limit: 2, only: null, isShown: () => Promise.resolve(() => true), cursor: second.next ?? '' }), { code: 'PRIVACY_CURSOR_INVALID' });
}); // prettier-ignore
