/** Sessions that are lost: what was asked of one is answered with an error, and whoever comes next is served and told nothing of it. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { freshDatabase } from '#platform/testing';

import { mended } from './driver.ts';
import { addressOf, openDb, transact, type Db } from './index.ts';
import { MENDS } from './mends.ts';
import { between } from './testing-between.ts';

const LOST = /^(57P01|CONNECTION_CLOSED|ECONNRESET|EPIPE)$/;
const isLoss = (thrown: unknown): boolean => LOST.test(String((thrown as { code?: unknown }).code));

const SLOW: Record<string, (db: Db) => PromiseLike<unknown>> = {
  'a statement': (db) => db`select pg_sleep(25)`,
  'a statement with parameters': (db) => db`select pg_sleep(${25}::int)`,
  'a transaction': (db) => transact(db, (tx) => tx`select pg_sleep(25)`),
  'a transaction that goes on': (db) => transact(db, (tx) => tx`select pg_sleep(25)`.catch(() => tx`select 1`)),
  'a transaction with statements in line': (db) =>
    transact(db, (tx) => Promise.all([tx`select pg_sleep(${25}::int)`, tx`select ${1}::int`, tx`select ${'x'}::text`])),
};
const NEXT: Record<string, (db: Db) => PromiseLike<readonly object[]>> = {
  statement: (db) => db`select 1 as n`,
  'statement with parameters': (db) => db`select ${1}::int as n`,
  'simple statement': (db) => db.unsafe('select 1 as n'),
  array: async (db) => (await db<{ n: number[] }[]>`select array[1] as n`).map(({ n: [n] }) => ({ n })),
  transaction: (db) => transact(db, (tx) => tx`select ${1}::int as n`),
};

/** A pool, and somebody else who ends sessions of it, as an operator does. */
async function pool(t: TestContext, connections: number) {
  const { db, url } = await freshDatabase(t, { connections, applicationName: 'lost' });
  const admin = openDb(addressOf(url, 'postgres'), { connections: 1 });
  t.after(() => admin.end());
  const name = new URL(url).pathname.slice(1);
  /** @returns how many */
  const end = async (waitingFor: string | null): Promise<number> => (await admin`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = ${name} and application_name = 'lost' and (${waitingFor}::text is null or wait_event = ${waitingFor})`).count; // prettier-ignore
  const lose = async (slow: (db: Db) => PromiseLike<unknown>): Promise<void> => {
    const lost = assert.rejects(async () => await slow(db), isLoss);
    while ((await end('PgSleep')) === 0) await sleep(10);
    await lost;
  };
  return { db, url, admin, name, end, lose };
}
/** Anew as long as the ended session itself took what was asked: it is no longer asked once its socket has closed. */
async function answered(next: () => PromiseLike<readonly object[]>): Promise<object[]> {
  for (let tries = 1; ; tries += 1)
    try {
      return (await next()).map((row) => ({ ...row }));
    } catch (thrown) {
      if (tries > 5000 || !isLoss(thrown) || (thrown as { code?: unknown }).code === '57P01') throw thrown;
      await sleep(1);
    }
}

for (const [was, slow] of Object.entries(SLOW)) {
  for (const [what, next] of Object.entries(NEXT))
    test(`ended in ${was}: the next ${what} on its connection is answered`, async (t) => {
      const { db, lose } = await pool(t, 1);
      await lose(slow);
      assert.deepEqual(await answered(() => next(db)), [{ n: 1 }]);
      await lose(slow);
      assert.deepEqual(await answered(() => next(db)), [{ n: 1 }], 'and each time');
    });

  test(`ended in ${was}, and a new session is refused: that is said of it, and once it is let in it is answered`, async (t) => {
    const { db, admin, name, lose } = await pool(t, 1);
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
}

test('what waits for its turn in a transaction that is lost does not wait for ever', async (t) => {
  const { db, lose } = await pool(t, 1);
  const settled = Promise.withResolvers<unknown>();
  await lose((of) =>
    transact(of, async (tx) => {
      const asked = [tx`select pg_sleep(${25}::int)`, ...Array.from({ length: 200 }, (_, n) => tx`select ${n}::int`)];
      settled.resolve(Promise.allSettled(asked).then((all) => all.map(({ status }) => status)));
      await settled.promise;
    }),
  );
  assert.deepEqual(new Set((await settled.promise) as string[]), new Set(['rejected']));
  assert.deepEqual(await answered(() => db`select 1 as n`), [{ n: 1 }]);
});

test('all sessions ended again and again under load: everything asked is settled, what was said to be done is done, by halves nothing, and all connections serve', async (t) => {
  const { db, end } = await pool(t, 6);
  await db`create table halves (id int not null)`;
  const told = { done: [] as number[], lost: 0 };
  const run = { next: 0, isOver: false };
  const doings = [
    (id: number) => transact(db, async (tx) => {
      await Promise.all([tx`insert into halves values (${id})`, tx`select pg_sleep(0.002)`, tx`insert into halves values (${id})`]);
      return true;
    }),
    async (id: number) => (await db`select pg_sleep(${(id % 5) / 1000}::float8)`, false),
    async () => (await db`select 1`, false),
  ]; // prettier-ignore
  const worker = async (n: number): Promise<void> => {
    while (!run.isOver) {
      const id = (run.next += 1);
      try {
        if (await doings[n % doings.length]?.(id)) told.done.push(id);
      } catch (thrown) {
        assert.ok(isLoss(thrown), String(thrown));
        told.lost += 1;
        // some ask again at once, while other sessions of theirs are about to end as well
        if (n % 2 === 0) await sleep(1);
      }
    }
  };
  const workers = Promise.all(Array.from({ length: 9 }, (_, n) => worker(n)));
  // on a busy machine some rounds meet nobody who asks
  const isEnough = (): boolean => told.lost > 40 && told.done.length > 0;
  for (let round = 0; round < 40 || (round < 1000 && !isEnough()); round += 1) {
    await sleep(5 + (round % 7) * 5);
    await end(null);
  }
  run.isOver = true;
  await workers;
  assert.ok(isEnough(), JSON.stringify([told.lost, told.done.length]));

  const all = () => Promise.all(Array.from({ length: 6 }, () => db<{ pid: number }[]>`select pg_backend_pid() as pid, pg_sleep(0.1)`)); // prettier-ignore
  const settled = await answered(async () => (await all()).flat());
  assert.equal(new Set(settled.map((row) => (row as { pid: number }).pid)).size, 6);
  const rows = await db<{ id: number; n: number }[]>`select id, count(*)::int as n from halves group by id`;
  assert.deepEqual([...new Set(rows.map(({ n }) => n))], [2]);
  const kept = new Set(rows.map(({ id }) => id));
  assert.deepEqual(told.done.filter((id) => !kept.has(id)), []);
}); // prettier-ignore

test('ended politely before it began: that is said, not waited out, and not asked again without end', async (t) => {
  const { url } = await freshDatabase(t);
  let [met, isOpen] = [0, false];
  const way = await between(t, url, (client, { passOn }) => {
    met += 1;
    if (isOpen) passOn();
    else client.once('data', () => client.end());
  });
  const db = openDb(way, { connections: 2 });
  t.after(() => db.end());
  for (const next of Object.values(NEXT)) await assert.rejects(async () => await next(db), { code: 'CONNECTION_CLOSED' });
  const refused = await Promise.allSettled(Array.from({ length: 9 }, () => db`select 1`));
  assert.deepEqual(new Set(refused.map(({ status }) => status)), new Set(['rejected']));
  assert.ok(met <= Object.keys(NEXT).length + 9, `${met} connections`);
  isOpen = true;
  assert.deepEqual(await answered(() => db`select 1 as n`), [{ n: 1 }]);
}); // prettier-ignore

test('ended while it learns the types of arrays: the process goes on, and the next session knows them', async (t) => {
  const { url } = await freshDatabase(t);
  let met = 0;
  const way = await between(t, url, (client, { passOn }) => {
    met += 1;
    const far = passOn();
    const isFirst = met === 1;
    client.on('data', (piece: Buffer) => {
      if (isFirst && piece.includes('pg_catalog.pg_type')) far.destroy();
    });
  });
  const db = openDb(way, { connections: 1 });
  t.after(() => db.end());
  await assert.rejects(async () => await db`select array[1, 2] as n`, isLoss);
  assert.deepEqual(await answered(() => db`select array[1, 2] as n`), [{ n: [1, 2] }]);
});

test('the types of arrays are refused in time: the process goes on, and a session that does not know them serves nobody', async (t) => {
  const { url } = await freshDatabase(t);
  const admin = openDb(url, { connections: 1 });
  t.after(() => admin.end());
  const way = await between(t, url, (_, { passOn }) => void passOn());
  await admin`begin`;
  await admin`lock table pg_catalog.pg_type in access exclusive mode`;
  const db = openDb(way, { connections: 1, statementTimeoutMs: 200 });
  t.after(() => db.end());
  await assert.rejects(async () => await db`select array[1, 2] as n`);
  await admin`rollback`;
  assert.deepEqual(await answered(() => db`select array[1, 2] as n`), [{ n: [1, 2] }]);
});

test('another version of the driver is not mended by guess', () => {
  const [first] = MENDS;
  assert.throws(() => mended('another text', MENDS), /look at platform\/db\/mends\.ts/);
  assert.throws(() => mended(`${first?.from}${first?.from}`, [first as never]), /look at/);
});
