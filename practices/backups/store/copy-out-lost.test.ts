/** The session is lost when all rows of a COPY are here, and are still being worked on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { addressOf, openDb, transact } from '#platform/db';
import { freshDatabase } from '#platform/testing';

import { copyOut } from './copy-out.ts';

test('lost while the last rows are worked on: the process goes on, and all rows were given', async (t) => {
  const { db, url } = await freshDatabase(t, { connections: 1, applicationName: 'lost' });
  const admin = openDb(addressOf(url, 'postgres'), { connections: 1 });
  t.after(() => admin.end({ timeout: 1 }));
  await db`create table t as select g as id, repeat('x', 100) as x from generate_series(1, 200) g`;
  const shape = { table: 'public.t', columns: ['id', 'x'], pages: null, bytes: 0 } as never;
  const copied = Promise.withResolvers<void>();
  let rows = 0;
  const lost = transact(db, async (tx) => {
    await copyOut(tx, { shape, fromPage: null, toPage: null, bytes: 0 }, async (text) => {
      if (rows === 0) {
        await admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lost' and datname = ${new URL(url).pathname.slice(1)}`;
        await sleep(200);
      }
      rows += text.toString().split('\n').length - 1;
      return undefined;
    }, 4096).then(copied.resolve, copied.reject);
  }); // prettier-ignore
  await assert.rejects(lost, { code: 'CONNECTION_CLOSED' });
  await copied.promise;
  assert.equal(rows, 200);
  assert.deepEqual([...(await db`select 1 as n`)], [{ n: 1 }]);
});
