/** Rows that are loaded without indexes, and read back: what is there in the end is what was there before, or nothing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { transact, type Db } from '#platform/db';
import { isFailure } from '#platform/failure';
import { freshDatabase, type FreshDatabase } from '#platform/testing';

import type { TableDetails } from '../manifest.ts';
import { rowSums } from '../sealing/row-sums.ts';
import { createSealer } from '../sealing/sealer.ts';
import { compareTables } from './compare.ts';
import { copyOut } from './copy-out.ts';
import { importTable } from './import.ts';

const ROWS = 3000;
const COLUMNS = ['id', 'owner', 'place', 'note'];
const sealer = createSealer(1);

let fresh: FreshDatabase;
let db: Db;
before(async () => {
  fresh = await freshDatabase();
  ({ db } = fresh);
  await db.unsafe(`
    create schema platform; create schema shop;
    create table platform.migrations (schema text, number integer, name text, sha256 text);
    insert into platform.migrations values ('shop', 1, '0001-shop.sql', '');
    create table shop.many (
      id bigint primary key with (fillfactor = 70), owner uuid not null, place integer unique deferrable initially deferred, note text,
      unique (owner, id) include (place)
    );
    create index many_note on shop.many (lower(note) desc nulls last) where note is not null;
    create index many_hash on shop.many using hash (owner);
    create index many_told on shop.many (place, note);
    comment on index shop.many_told is 'said by somebody';
    create table shop.seen (id bigint primary key, owner uuid not null, place integer, note text);
    create unique index seen_owner on shop.seen (owner);
    alter table shop.seen replica identity using index seen_owner;
    create table shop.refers (id bigint references shop.seen);
    create function shop.refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
    create trigger keeps before truncate on shop.many execute function shop.refuse();
    -- as the log is: nobody empties it, not even a replica
    create table shop.forever (id bigint primary key, owner uuid not null, place integer, note text);
    create trigger keeps before truncate on shop.forever execute function shop.refuse();
    alter table shop.forever enable always trigger keeps`);
});
after(async () => {
  await sealer.close();
  await fresh.close();
});

const owner = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const rowOf = (n: number): string => `${n}\t${owner(n)}\t${n}\t${n % 3 === 0 ? '\\N' : `a\\tb\\\\${n}`}\n`;
const TEXT = Buffer.from(Array.from({ length: ROWS }, (_, n) => rowOf(n)).join(''));

const detailsOf = (table: string): TableDetails => {
  const sums = rowSums();
  return { table, columns: COLUMNS, rows: sums.add(TEXT), bytes: TEXT.length, sum: sums.value(), objects: [] };
};
/** In pieces that end anywhere. */
async function* pieces(): AsyncGenerator<Buffer> {
  for (let at = 0; at < TEXT.length; at += 10_007) yield TEXT.subarray(at, at + 10_007);
}
const compare = (...tables: string[]) =>
  compareTables(db, tables.map(detailsOf), { sum: sealer.sum, onTable: () => {}, partPages: 2 });

/** Everything that PostgreSQL has noted of a table's indexes and constraints, as it stands. */
async function shapeOf(table: string): Promise<unknown> {
  const indexes = await db`
    select pg_get_indexdef(indexrelid) as sql, indisprimary, indisunique, indimmediate, indisreplident, indisvalid, indisready,
      obj_description(indexrelid, 'pg_class') as said
    from pg_index where indrelid = ${table}::text::regclass order by 1`;
  const constraints = await db`
    select conname, contype, pg_get_constraintdef(oid) as sql, condeferrable, condeferred, convalidated, conindid::regclass::text as by
    from pg_constraint where conrelid = ${table}::text::regclass or confrelid = ${table}::text::regclass order by 1`;
  const columns = await db`
    select attname, attnotnull from pg_attribute where attrelid = ${table}::text::regclass and attnum > 0 order by attnum`;
  return structuredClone({ indexes, constraints, columns });
}

const count = async (table: string): Promise<number> => (await db.unsafe(`select from ${table}`)).length;

test('cut off before or after its indexes are made again, a table is empty and has all of them', async () => {
  const before = await shapeOf('shop.many');
  for (const at of ['loaded shop.many', 'indexed shop.many']) {
    const told: string[] = [];
    const killed = new Error(at);
    await assert.rejects(
      importTable(db, detailsOf('shop.many'), pieces, (where) => {
        told.push(where);
        if (where === at) throw killed;
      }),
      (thrown) => thrown === killed,
    );
    assert.equal(told.at(-1), at);
    assert.equal(await count('shop.many'), 0, at);
    assert.deepEqual(await shapeOf('shop.many'), before, at);
  }
});

test('a piece that fails, or a row that PostgreSQL does not take, leaves nothing of a table', async () => {
  const before = await shapeOf('shop.many');
  const damaged = async function* damaged(): AsyncGenerator<Buffer> {
    yield TEXT.subarray(0, 50_000);
    throw new Error('damaged');
  };
  await assert.rejects(importTable(db, detailsOf('shop.many'), damaged), /damaged/);
  const doubled = async function* doubled(): AsyncGenerator<Buffer> {
    yield TEXT;
    yield Buffer.from(rowOf(7));
  };
  await assert.rejects(
    importTable(db, detailsOf('shop.many'), doubled),
    /could not create unique index/,
    'an index made later sees it too',
  );
  assert.equal(await count('shop.many'), 0);
  assert.deepEqual(await shapeOf('shop.many'), before);
});

test('loaded, every index and constraint is there as it was, and the rows are those that were backed up', async () => {
  for (const table of ['shop.many', 'shop.seen', 'shop.forever']) {
    const before = await shapeOf(table);
    await importTable(db, detailsOf(table), pieces);
    assert.deepEqual(await shapeOf(table), before, table);
    assert.equal(await count(table), ROWS);
  }
  await compare('shop.many', 'shop.seen', 'shop.forever');
  await assert.rejects(db`insert into shop.many values (1, ${owner(9999)}, 9999)`, /many_pkey/);
  await assert.rejects(db`insert into shop.many values (9999, ${owner(9999)}, 5)`, /many_place_key/);
});

test('wherever the last rows end in what PostgreSQL sends, its answer is read; and reading may be given up', async () => {
  await db.unsafe(`
    create view shop.bursts as select n, case n when 3 then repeat('x', 70000 + current_setting('shop.more')::integer) else repeat('x', 900) end as text
    from generate_series(1, 3) n`);
  const part = { shape: { table: 'shop.bursts', columns: ['n', 'text'], pages: null, bytes: 0 }, fromPage: null, toPage: null, bytes: 0 }; // prettier-ignore
  await transact(db, async (tx) => {
    // the blocks that it sends are of 8 KiB: its last words, of some 20 bytes, are cut at every place
    for (let more = 0; more < 8200; more += 12) {
      await tx`select set_config('shop.more', ${String(more)}, true)`;
      let bytes = 0;
      const take = async (text: Buffer<ArrayBuffer>): Promise<ArrayBuffer> => {
        bytes += text.length;
        // the last row waits behind the driver meanwhile
        await new Promise((resolve) => setImmediate(resolve));
        return text.buffer;
      };
      await copyOut(tx, part, take, 1000);
      assert.equal(bytes, 71_800 + more + 9);
    }
    // also with the last of the rows, which in the second case are the first as well
    for (const chunkBytes of [1000, 2 ** 20, 1000]) {
      const given = copyOut(tx, part, () => Promise.reject(new Error('given up')), chunkBytes);
      await assert.rejects(given, /given up/);
      assert.equal((await tx`select 1 as n`)[0]?.['n'], 1);
    }
  });
});

test('a row that changed, went or came since it was loaded is found by reading back, in whichever part it lies', async () => {
  const refused = (thrown: unknown) =>
    isFailure(thrown, 'BACKUPS_CONTENT_DIFFERS') && (thrown as Error).message.includes('shop.many');
  for (const change of [
    `update shop.many set note = note || ' ' where id = 1`,
    `update shop.many set place = null where id = ${ROWS - 1}`,
    `delete from shop.many where id = ${ROWS / 2}`,
    `insert into shop.many values (${ROWS}, '${owner(ROWS)}', ${ROWS}, '')`,
    // lost and doubled: the count is as it was
    `with one as (delete from shop.many where id = 10 returning *) insert into shop.many select ${ROWS}, owner, place, note from one`,
  ]) {
    await db.unsafe(change);
    await assert.rejects(compare('shop.many', 'shop.seen'), refused, change);
    await transact(db, async (tx) => {
      await tx`set local session_replication_role = 'replica'`;
      await tx`truncate shop.many`;
    });
    await importTable(db, detailsOf('shop.many'), pieces);
    await compare('shop.many', 'shop.seen');
  }
});
