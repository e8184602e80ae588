/** A session that the server ended: whoever comes next on that connection is answered, and is told nothing of what ended before. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { freshDatabase } from '#platform/testing';

import { addressOf, openDb, transact, type Db } from './index.ts';

const SLOW: Record<string, (db: Db) => PromiseLike<unknown>> = {
  'a statement': (db) => db`select pg_sleep(25)`,
  'a statement with parameters': (db) => db`select pg_sleep(${25}::int)`,
  'a transaction': (db) => transact(db, (tx) => tx`select pg_sleep(25)`),
};
const NEXT: Record<string, (db: Db) => PromiseLike<readonly object[]>> = {
  statement: (db) => db`select 1 as n`,
  'statement with parameters': (db) => db`select ${1}::int as n`,
  'simple statement': (db) => db.unsafe('select 1 as n'),
  array: async (db) => (await db<{ n: number[] }[]>`select array[1] as n`).map(({ n: [n] }) => ({ n })),
  transaction: (db) => transact(db, (tx) => tx`select ${1}::int as n`),
};

/** A pool of one connection, and somebody else who ends what sleeps on it, as an operator does. */
async function onlyOne(t: TestContext) {
  const { db, url } = await freshDatabase(t, { connections: 1, applicationName: 'lost' });
  const admin = openDb(addressOf(url, 'postgres'), { connections: 1 });
  t.after(() => admin.end());
  const name = new URL(url).pathname.slice(1);
  const lose = async (slow: (db: Db) => PromiseLike<unknown>): Promise<void> => {
    const lost = assert.rejects(async () => await slow(db), ({ code }: { code: string }) => /^(57P01|CONNECTION_CLOSED)$/.test(code)); // prettier-ignore
    const end = async (): Promise<number> =>
      (
        await admin`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = ${name} and application_name = 'lost' and wait_event = 'PgSleep'`
      ).count;
    while ((await end()) === 0) await sleep(10);
    await lost;
  };
  return { db, admin, name, lose };
}
/** Anew as long as the ended session itself took what was asked: it is no longer asked once its socket has closed. */
async function answered(next: () => PromiseLike<readonly object[]>): Promise<object[]> {
  for (;;)
    try {
      return (await next()).map((row) => ({ ...row }));
    } catch (thrown) {
      if (!/^(CONNECTION_CLOSED|ECONNRESET|EPIPE)$/.test(String((thrown as { code?: unknown }).code))) throw thrown;
      await sleep(1);
    }
}

for (const [was, slow] of Object.entries(SLOW))
  for (const [what, next] of Object.entries(NEXT))
    test(`ended in ${was}: the next ${what} on its connection is answered`, async (t) => {
      const { db, lose } = await onlyOne(t);
      await lose(slow);
      assert.deepEqual(await answered(() => next(db)), [{ n: 1 }]);
      await lose(slow);
      assert.deepEqual(await answered(() => next(db)), [{ n: 1 }], 'and each time');
    });

for (const [was, slow] of Object.entries(SLOW))
  test(`ended in ${was}, and a new session is refused: that is said of it, and once it is let in it is answered`, async (t) => {
    const { db, admin, name, lose } = await onlyOne(t);
    await db`select 1`;
    const letIn = (yes: boolean) => admin`alter database ${admin(name)} allow_connections ${admin.unsafe(String(yes))}`;
    await lose(async () => {
      const asked = slow(db);
      await letIn(false);
      return await asked;
    });
    for (const next of Object.values(NEXT))
      await assert.rejects(
        answered(() => next(db)),
        { code: '55000' },
      );
    await letIn(true);
    assert.deepEqual(await answered(() => db`select 1 as n`), [{ n: 1 }]);
  });
