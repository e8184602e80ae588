import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { isFailure } from '#platform/failure';
import { freshDatabase, startTestServer, type TestServer } from '#platform/testing';

import { addressOf, openDb, type Db } from './connection.ts';
import { supportedMajor, checkVersion } from './connection.ts';
import { transact } from './transact.ts';

let server: TestServer | null = null;
before(async () => {
  if (process.env.DATABASE_URL || process.env.STRONGROOM_TEST_PG) return;
  server = await startTestServer();
  process.env.STRONGROOM_TEST_PG = server.url;
});
after(async () => {
  await server?.stop();
});

test('int8 is a bigint, bytea a Buffer, and a parameter of either comes back as it went', async (t) => {
  const { db } = await freshDatabase(t);
  const [big, bytes] = [9_223_372_036_854_775_807n, Buffer.from([0, 255, 10])];

  const [row] = await db<{ big: bigint; bytes: Buffer; many: bigint[] }[]>`
    select ${big}::int8 as big, ${bytes}::bytea as bytes, array[1, 2]::int8[] as many`;

  assert.equal(row?.big, big);
  assert.ok(Buffer.isBuffer(row.bytes) && row.bytes.equals(bytes));
  assert.deepEqual(row.many, [1n, 2n]);
});

test('a statement that runs too long is stopped, and the connection names the program', async (t) => {
  const { db } = await freshDatabase(t, { statementTimeoutMs: 2000, applicationName: 'strongroom-test' });

  const [row] = await db<{ name: string }[]>`select current_setting('application_name') as name`;

  assert.equal(row?.name, 'strongroom-test');
  await assert.rejects(async () => await db`select pg_sleep(5)`, { code: '57014' });
});

test('no more connections are opened than asked for', async (t) => {
  const { db } = await freshDatabase(t, { connections: 2 });
  await Promise.all(Array.from({ length: 8 }, () => db`select pg_sleep(0.02)`));

  const [row] = await db<{ n: bigint }[]>`
    select count(*) as n from pg_stat_activity where datname = current_database() and backend_type = 'client backend'`;

  assert.equal(row?.n, 2n);
});

test('the address of a database keeps everything but the name', () => {
  assert.equal(addressOf('postgres://u:p@h:1/a?x=1', 'b c'), 'postgres://u:p@h:1/b%20c?x=1');
});

test('PostgreSQL 15 to 18 is accepted, older and newer is refused', async (t) => {
  assert.equal(supportedMajor(150_000), 15);
  assert.equal(supportedMajor(180_004), 18);
  assert.throws(() => supportedMajor(140_012), { code: 'DB_VERSION' });
  assert.throws(() => supportedMajor(190_000), { code: 'DB_VERSION' });
  const { db } = await freshDatabase(t);
  assert.ok((await checkVersion(db)) >= 15);
});

test('a database that does not answer is a failure with a hint, not a stack of the driver', async () => {
  const db = openDb('postgres://u:p@127.0.0.1:1/x', { connectTimeoutMs: 1000 });

  await assert.rejects(checkVersion(db), { code: 'DB_UNREACHABLE' });

  await db.end();
});

async function counter(db: Db): Promise<void> {
  await db`create table counter (id int primary key, n int not null)`;
  await db`insert into counter values (1, 0), (2, 0)`;
}

test('transactions that collide are tried again until each has counted once', async (t) => {
  const { db } = await freshDatabase(t, { connections: 6 });
  await counter(db);
  let [runs, reads] = [0, 0];
  const allRead = Promise.withResolvers<void>();

  await Promise.all(
    Array.from({ length: 6 }, () =>
      transact(
        db,
        async (tx) => {
          runs += 1;
          const [row] = await tx<{ n: number }[]>`select n from counter where id = 1`;
          if ((reads += 1) === 6) allRead.resolve();
          await allRead.promise;
          await tx`update counter set n = ${(row?.n ?? 0) + 1} where id = 1`;
        },
        { isolation: 'serializable', attempts: 50 },
      ),
    ),
  );

  const [row] = await db<{ n: number }[]>`select n from counter where id = 1`;
  assert.equal(row?.n, 6);
  assert.ok(runs > 6, 'nothing collided: the test proves nothing');
});

test('a deadlock is tried again', async (t) => {
  const { db } = await freshDatabase(t);
  await counter(db);
  let runs = 0;
  // neither asks for its second row before both have their first: that is the deadlock, whatever the machine's pace
  let bothHold = (): void => {};
  const held = new Promise<void>((resolve) => (bothHold = resolve));
  const both = async (first: number, second: number): Promise<void> =>
    await transact(db, async (tx) => {
      runs += 1;
      await tx`set local deadlock_timeout = '20ms'`;
      await tx`update counter set n = n + 1 where id = ${first}`;
      if (runs >= 2) bothHold();
      await held;
      await tx`update counter set n = n + 1 where id = ${second}`;
    });

  await Promise.all([both(1, 2), both(2, 1)]);

  assert.deepEqual(
    (await db<{ n: number }[]>`select n from counter order by id`).map(({ n }) => n),
    [2, 2],
  );
  assert.ok(runs > 2, 'no deadlock came about: the test proves nothing');
});

test('after the last try the collision is a failure, and another error is not tried again', async (t) => {
  const { db } = await freshDatabase(t);
  let runs = 0;
  const raise = (code: string) =>
    transact(
      db,
      async (tx) => {
        runs += 1;
        await tx.unsafe(`do $$ begin raise exception using errcode = '${code}'; end $$`);
      },
      { attempts: 3, random: () => 0 },
    );

  await assert.rejects(raise('40001'), (thrown) => isFailure(thrown, 'DB_CONTENTION'));
  assert.equal(runs, 3);

  await assert.rejects(raise('23505'), { code: '23505' });
  assert.equal(runs, 4);
});

test('a transaction gives back what its work returned, also a list', async (t) => {
  const { db } = await freshDatabase(t);
  assert.deepEqual(await transact(db, async () => await Promise.resolve([1, 2])), [1, 2]);
  assert.equal(await transact(db, async () => await Promise.resolve(undefined)), undefined);
});

/** Ends all connections of a pool as PostgreSQL does when an operator asks, or as a crash does: without a word. */
async function endConnections(url: string, application: string): Promise<void> {
  const admin = openDb(url, { connections: 1 });
  await admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${application} and datname = current_database()`;
  await admin.end();
}

test('what a transaction still does after its connection was lost does not reach the next one on that connection', async (t) => {
  const { db, url } = await freshDatabase(t, { connections: 1, applicationName: 'lost' });
  await db`create table rows (who text not null)`;
  const straggler = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<unknown>();
  const first = transact(db, async (tx) => {
    await tx`insert into rows values ('first')`;
    await straggler.promise;
    await tx`insert into rows values ('straggler')`.catch((thrown: unknown) => ended.resolve(thrown));
    ended.resolve('it was carried out');
  }).catch((thrown: unknown) => ended.resolve(thrown));

  await endConnections(url, 'lost');
  const next = transact(db, async (tx) => {
    await tx`insert into rows values ('next')`;
    straggler.resolve();
    await second.promise;
    await tx`insert into rows values ('next again')`;
  });
  const refused = await ended.promise;
  await Promise.race([first, new Promise((resolve) => setTimeout(resolve, 100))]);
  second.resolve();
  await next;

  assert.match(String((refused as { code?: string }).code), /^CONNECTION_/);
  assert.deepEqual(
    (await db<{ who: string }[]>`select who from rows order by who`).map(({ who }) => who),
    ['next', 'next again'],
  );
});

test('a transaction whose connection is lost fails, whatever it was doing, and the pool goes on', async (t) => {
  const { db, url } = await freshDatabase(t, { connections: 3, applicationName: 'lost' });
  await counter(db);
  const cut = Promise.withResolvers<void>();
  const doings: ((tx: Parameters<Parameters<typeof transact>[1]>[0]) => Promise<unknown>)[] = [
    (tx) => tx`select pg_sleep(25)`,
    (tx) => Promise.all([tx`select pg_sleep(25)`, tx`select 1`, tx`update counter set n = 9`]),
    () => cut.promise,
  ];

  let begun = 0;
  const all = Promise.allSettled(
    doings.map((doing) =>
      transact(db, async (tx) => {
        await tx`update counter set n = n + 1 where id = 3`;
        begun += 1;
        await doing(tx);
      }),
    ),
  );
  while (begun < doings.length) await new Promise((resolve) => setTimeout(resolve, 5));
  await endConnections(url, 'lost');
  setTimeout(cut.resolve, 400);
  const outcomes = await all;
  await new Promise((resolve) => setTimeout(resolve, 500));

  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  // the driver may tell of each loss once more, to who comes next on that connection, without carrying anything out
  const more = await Promise.allSettled(
    Array.from({ length: 9 }, () => transact(db, async (tx) => await tx`update counter set n = n + 1 where id = 1`)),
  );
  const done = more.filter(({ status }) => status === 'fulfilled').length;
  assert.ok(done >= 6, `${done} of 9 done`);
  assert.equal((await db<{ n: number }[]>`select n from counter where id = 1`)[0]?.n, done);
});

test('another connection that is lost inside a transaction does not keep it from being rolled back', async (t) => {
  const { db, url } = await freshDatabase(t, { connections: 1 });
  const other = openDb(url, { connections: 1, applicationName: 'lost' });
  t.after(() => other.end({ timeout: 1 }));
  await counter(db);

  const failed = transact(db, async (tx) => {
    await tx`update counter set n = 5 where id = 1`;
    await other`select 1`;
    const sleeping = other`select pg_sleep(25)`;
    setTimeout(() => void endConnections(url, 'lost').catch(() => undefined), 100);
    await sleeping;
  });

  await assert.rejects(failed, (thrown: { code?: string }) => /^(57P01|CONNECTION_)/.test(thrown.code ?? ''));
  assert.equal((await db<{ n: number }[]>`select n from counter where id = 1`)[0]?.n, 0);
});

test('a read-only transaction writes nothing', async (t) => {
  const { db } = await freshDatabase(t);
  await assert.rejects(
    transact(db, async (tx) => await tx`create table x ()`, { access: 'read only' }),
    { code: '25006' },
  );
});
