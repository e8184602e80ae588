/** As long as nobody is let in: those who wait are told, and are not tried one after another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { freshDatabase } from '#platform/testing';

import { openDb } from './index.ts';
import { between } from './testing-between.ts';

const SILENT = { connectTimeoutMs: 1000 };
const ofEach = async (asked: readonly PromiseLike<unknown>[]): Promise<unknown[]> =>
  (await Promise.allSettled(asked)).map((one) =>
    one.status === 'fulfilled' ? 'answered' : (one.reason as { code?: unknown }).code,
  );

test('many ask a database that does not answer: all are told within a few attempts, and are answered once it does', async (t) => {
  const { url } = await freshDatabase(t);
  let [attempts, isOpen] = [0, false];
  const way = await between(t, url, (_, { passOn }) => {
    attempts += 1;
    if (isOpen) passOn();
  });
  const db = openDb(way, { connections: 2, ...SILENT });
  t.after(() => db.end());
  const told = await ofEach(Array.from({ length: 100 }, () => db`select 1`));
  assert.deepEqual(new Set(told), new Set(['CONNECTION_CLOSED', 'CONNECT_TIMEOUT']));
  // all came at once: two attempts for the first two, two for the next, and then all have waited as long as one takes
  assert.ok(attempts <= 6, `${attempts} attempts`);
  isOpen = true;
  assert.deepEqual([...new Set(await ofEach(Array.from({ length: 100 }, () => db`select 1`)))], ['answered']);
});

test('where a session serves, nobody is told that none does, however long they have waited for it', async (t) => {
  const { url } = await freshDatabase(t);
  let attempts = 0;
  const way = await between(t, url, (_, { passOn }) => {
    if ((attempts += 1) === 1) passOn();
  });
  const db = openDb(way, { connections: 2, ...SILENT });
  t.after(() => db.end());
  await db`select 1`;
  const slow = db`select pg_sleep(${2.5}::float8)`.execute();
  const waiting = await ofEach(Array.from({ length: 30 }, (_, n) => db`select ${n}::int`));
  await slow;
  // each attempt took one along, which is told that it failed
  assert.ok(waiting.filter((one) => one === 'answered').length >= 25, waiting.join(' '));
});

test('whoever waits for a session that served and is lost is served by the next one', async (t) => {
  const { url } = await freshDatabase(t);
  const db = openDb(url, { connections: 1, ...SILENT });
  const admin = openDb(url, { connections: 1 });
  t.after(() => Promise.all([db.end(), admin.end()]));
  const [session] = await db<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const slow = assert.rejects(async () => await db`select pg_sleep(${25}::int)`, { code: /57P01|CONNECTION_CLOSED/ });
  const waiting = ofEach(Array.from({ length: 5 }, (_, n) => db`select ${n}::int`));
  await sleep(1500);
  await admin`select pg_terminate_backend(${session?.pid ?? 0})`;
  await slow;
  assert.deepEqual([...new Set(await waiting)], ['answered']);
});
