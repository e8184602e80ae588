import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import fc from 'fast-check';

import { isFailure } from '#platform/failure';
import { uuidv7, type Uuid } from '#platform/ids';
import { freshDatabase, type FreshDatabase } from '#platform/testing';

import { copyIn, copyRows, type CopyRows } from './copy.ts';
import { transact } from './transact.ts';

let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase();
  await fresh.db`create schema bulk`;
  await fresh.db`create table bulk.rows (id uuid, small smallint, whole integer, big bigint, at timestamptz, bytes bytea)`;
  await fresh.db`create table bulk.once (n integer primary key)`;
  await fresh.db`create table bulk.late (n integer unique deferrable initially immediate)`;
});
after(() => fresh.close());

type Row = { id: Uuid; small: number; whole: number; big: bigint; at: Date; bytes: Buffer | null };
const COLUMNS = ['id', 'small', 'whole', 'big', 'at', 'bytes'];

const numbers = (values: readonly number[]): CopyRows => {
  const rows = copyRows(1);
  for (const value of values) {
    rows.row();
    rows.int32(value);
  }
  return rows;
};

test('what is copied in comes back as it went, more than was expected too', async () => {
  const row: fc.Arbitrary<Row> = fc.record(
    {
      id: fc.uuid().map((text) => text as Uuid),
      small: fc.integer({ min: -32_768, max: 32_767 }),
      whole: fc.maxSafeInteger().map((n) => n | 0),
      big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      at: fc.date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
      bytes: fc.option(fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes))),
    },
    { noNullPrototype: true },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 40 }), async (wanted) => {
      const rows = copyRows(COLUMNS.length, 16);
      for (const each of wanted) {
        rows.row();
        rows.uuid(each.id);
        rows.int16(each.small);
        rows.int32(each.whole);
        rows.int64(each.big);
        rows.timestamp(each.at);
        if (each.bytes === null) rows.nothing();
        else rows.bytes(each.bytes.subarray(0, 7), each.bytes.subarray(7));
      }
      await transact(fresh.db, async (tx) => {
        await copyIn(tx, { table: 'bulk.rows', columns: COLUMNS, rows });
        const found = await tx<Row[]>`select * from bulk.rows`;
        assert.deepEqual([...found], wanted);
        await tx`delete from bulk.rows`;
      });
    }),
    { numRuns: 40 },
  );
});

test('a row refused while it is read fails the copy with its own code, and the connection goes on', async () => {
  const attempt = transact(fresh.db, (tx) => copyIn(tx, { table: 'bulk.once', columns: ['n'], rows: numbers([1, 1]) }));

  await assert.rejects(
    attempt,
    (thrown: Error & { code?: string }) => thrown.code === '23505' || isFailure(thrown, 'DB_COPY'),
  );
  assert.deepEqual([...(await fresh.db`select n from bulk.once`)], []);
});

test('rows refused only after the last byte was sent do not hang: the copy fails', { timeout: 120_000 }, async () => {
  const attempt = transact(fresh.db, async (tx) => {
    await copyIn(tx, { table: 'bulk.late', columns: ['n'], rows: numbers([1, 2, 2]) });
  });

  await assert.rejects(
    attempt,
    (thrown: Error & { code?: string }) => thrown.code === '23505' || isFailure(thrown, 'DB_COPY'),
  );
});

test('a connection that is lost while rows go in fails the copy', { timeout: 120_000 }, async () => {
  const rows = copyRows(COLUMNS.length);
  for (let n = 0; n < 20_000; n += 1) {
    rows.row();
    rows.uuid(uuidv7());
    rows.int16(1);
    rows.int32(1);
    rows.int64(1);
    rows.timestamp(new Date());
    rows.bytes(randomBytes(200));
  }
  const attempt = transact(fresh.db, async (tx) => {
    const [self] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
    await Promise.all([
      copyIn(tx, { table: 'bulk.rows', columns: COLUMNS, rows }),
      fresh.db`select pg_terminate_backend(${(self as { pid: number }).pid})`,
    ]);
    await tx`select pg_sleep(5)`;
  });

  await assert.rejects(attempt);
});

test('several copies follow one another in one transaction', async () => {
  await transact(fresh.db, async (tx) => {
    for (let n = 0; n < 20; n += 1)
      await copyIn(tx, { table: 'bulk.once', columns: ['n'], rows: numbers([n * 2, n * 2 + 1]) });
  });

  assert.equal((await fresh.db`select n from bulk.once`).length, 40);
});
