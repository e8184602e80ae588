/** Columns are added while statements run: each is answered with its own rows, and stores what it was given. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { freshDatabase, type FreshDatabase } from '#platform/testing';

import { openDb, type Db } from './connection.ts';
import { transact } from './transact.ts';

let fresh: FreshDatabase;
let db: Db;
before(async () => {
  fresh = await freshDatabase();
  // one connection, so that all follow each other on it
  db = openDb(fresh.url, { connections: 1 });
  await fresh.db`create table kept (id int primary key, word text not null, bytes bytea, json jsonb)`;
  await fresh.db`insert into kept select n, 'word ' || n from generate_series(1, 100) n`;
});
after(async () => {
  await db?.end();
  await fresh?.close();
});

const columnAdded = (name: string) => fresh.db.unsafe(`alter table kept add column ${name} text`);
const whole = (id: number) => db<{ id: number; word: string }[]>`select * from kept where id = ${id}`;
const other = (text: string) => db<{ text: string }[]>`select ${text}::text as text`;
const stored = (id: number, bytes: Buffer) => db<{ id: number }[]>`
  insert into kept (id, word, bytes, json) values (${id}, 'new', ${bytes}, ${db.json({ of: id })}) returning *`;

test('each of many statements on one connection is answered with its own rows', async () => {
  await Promise.all([whole(1), other('a'), stored(1000, Buffer.from('x'))]);
  for (let round = 1; round <= 20; round += 1) {
    await columnAdded(`answered_${round}`);
    const ids = Array.from({ length: 40 }, (_, n) => n + 1);
    await Promise.all(
      ids.map(async (id) => {
        // the first are sent together, the others one by one as answers come back
        if (id > 5) await other(`before ${id}`).then(([row]) => assert.equal(row?.text, `before ${id}`));
        const [rows, [said]] = await Promise.all([whole(id), other(`of ${id}`)]);
        assert.deepEqual(rows.map((row) => [row.id, row.word]), [[id, `word ${id}`]]); // prettier-ignore
        assert.ok(`answered_${round}` in (rows[0] ?? {}), 'with the new column');
        assert.equal(said?.text, `of ${id}`);
      }),
    );
  }
});

test('what is written while a column is added is what was given', async () => {
  for (let round = 1; round <= 5; round += 1) {
    await stored(2000 + round, Buffer.from('before'));
    await columnAdded(`written_${round}`);
    const bytes = Buffer.from([0, round, 92, 255]);
    assert.equal((await stored(3000 + round, bytes))[0]?.id, 3000 + round);
    const [row] = await fresh.db<{ bytes: Buffer; json: unknown }[]>`
      select bytes, json from kept where id = ${3000 + round}`;
    assert.deepEqual(row, { bytes, json: { of: 3000 + round } });
  }
});

test('a transaction begins again; rows taken one by one and as arrays come too', async () => {
  const inOne = (id: number) =>
    transact(db, async (tx) => {
      await tx`update kept set word = word where id = ${id}`;
      return [...(await tx<{ id: number }[]>`select * from kept where id = ${id}`)].map((row) => row.id);
    });
  const oneByOne = async (id: number) => {
    const ids: unknown[] = [];
    await whole(id).forEach((row) => ids.push(row['id']));
    return ids;
  };
  assert.deepEqual([await inOne(7), await oneByOne(8)], [[7], [8]]);
  await columnAdded('begun');
  assert.deepEqual(await Promise.all([inOne(7), inOne(9), oneByOne(8)]), [[7], [9], [8]]);
  await columnAdded('taken');
  assert.equal((await whole(10).values())[0]?.[1], 'word 10');
});

test('an error of the statement itself is told as it is', async () => {
  await stored(4000, Buffer.from('x'));
  await columnAdded('told');
  await assert.rejects(stored(4000, Buffer.from('x')), { code: '23505' });
  await assert.rejects(stored(4000, Buffer.from('x')), { code: '23505' });
});
