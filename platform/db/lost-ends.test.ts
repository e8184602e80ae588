/** A pool that is ended while a session of it is lost: nobody waits for ever for its end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { freshDatabase } from '#platform/testing';

import { addressOf, openDb, transact, type Db } from './index.ts';

const DOINGS: Record<string, (db: Db) => Promise<unknown>> = {
  'a statement': async (db) => db`select pg_sleep(20)`,
  'a transaction': (db) => transact(db, (tx) => tx`select pg_sleep(20)`),
  'a COPY': (db) =>
    transact(db, async (tx) => {
      const rows = await tx.unsafe('copy (select pg_sleep(20)) to stdout').readable();
      await new Promise((_, reject) => {
        rows.on('error', reject).resume();
      });
    }),
};
for (const [what, doing] of Object.entries(DOINGS))
  test(`a pool is ended while ${what} is under way whose session is lost: it ends`, async (t) => {
    const { url } = await freshDatabase(t);
    const admin = openDb(addressOf(url, 'postgres'), { connections: 1 });
    t.after(() => admin.end({ timeout: 1 }));
    const db = openDb(url, { connections: 1, applicationName: 'lost' });
    const lost = assert.rejects(doing(db));
    const atWork = async (): Promise<boolean> => (await admin`select from pg_stat_activity where application_name = 'lost' and wait_event = 'PgSleep'`).length > 0; // prettier-ignore
    while (!(await atWork())) await sleep(10);
    const ended = db.end();
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lost' and datname = ${new URL(url).pathname.slice(1)}`;
    await lost;
    await ended;
  });
