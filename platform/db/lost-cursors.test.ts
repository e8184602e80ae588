/** Sessions that are lost while their rows are read piece by piece. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { freshDatabase } from '#platform/testing';

import { addressOf, openDb, transact } from './index.ts';

async function pool(t: TestContext) {
  const { db, url } = await freshDatabase(t, { connections: 1, applicationName: 'lost' });
  const admin = openDb(addressOf(url, 'postgres'), { connections: 1 });
  t.after(() => admin.end());
  const name = new URL(url).pathname.slice(1);
  const end = async (): Promise<void> => {
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name} and application_name = 'lost'`;
    await sleep(100);
  };
  return { db, url, end };
}

for (const how of ['stops', 'throws'] as const)
  test(`ended while rows of a cursor are worked on, and the work ${how}: the process goes on, and the next is answered`, async (t) => {
    const { db, end } = await pool(t);
    const worked = Promise.withResolvers<void>();
    const lost = transact(db, async (tx) => {
      try {
        for await (const _ of tx`select * from generate_series(1, 1000)`.cursor(64)) {
          await end();
          if (how === 'throws') throw new Error('the store is away');
          break;
        }
      } finally {
        worked.resolve();
      }
    });
    await assert.rejects(lost, { code: 'CONNECTION_CLOSED' });
    await worked.promise;
    await sleep(50);
    assert.deepEqual([...(await db`select 1 as n`)], [{ n: 1 }]);
  });

test('ended while rows of a cursor are worked on: what is left is not taken for nothing', async (t) => {
  const { db, end } = await pool(t);
  const told = Promise.withResolvers<unknown>();
  const lost = transact(db, async (tx) => {
    let rows = 0;
    try {
      for await (const page of tx`select * from generate_series(1, 1000)`.cursor(64)) {
        rows += page.length;
        await end();
      }
      told.resolve(`no more than ${rows} rows`);
    } catch (thrown) {
      told.resolve((thrown as { code?: unknown }).code);
      throw thrown;
    }
  });
  await assert.rejects(lost, { code: 'CONNECTION_CLOSED' });
  assert.equal(await told.promise, 'CONNECTION_CLOSED');
});

test('who still works on rows of a lost cursor, and stops, takes none from the next one on that connection', async (t) => {
  const { db, end } = await pool(t);
  const [slow, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const lost = transact(db, async (tx) => {
    try {
      for await (const _ of tx`select * from generate_series(1, 1000)`.cursor(64)) {
        await end();
        await slow.promise;
        break;
      }
    } finally {
      gone.resolve();
    }
  });
  await assert.rejects(lost, { code: 'CONNECTION_CLOSED' });
  const rows = await transact(db, async (tx) => {
    let found = 0;
    for await (const page of tx`select * from generate_series(1, 1000)`.cursor(64)) {
      found += page.length;
      if (found > 64) continue;
      slow.resolve();
      await gone.promise;
      await sleep(100);
    }
    return found;
  });
  assert.equal(rows, 1000);
});
