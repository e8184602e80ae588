/** What is published to the slot, where the audit log has an owner of its own (platform/audit/owner.sql). */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { openDb } from '#platform/db';
import { freshDatabase } from '#platform/testing';

import { publish, type PublishedTable } from './slot.ts';

const table = (name: string, ...columns: readonly string[]): PublishedTable => ({
  table: `t.${name}`,
  columns: ['id', ...columns],
  narrow: false,
});

test('an upgrade that brings, changes and ends tables is published, though others are another role’s by now', async (t) => {
  const { db: admin, url, close } = await freshDatabase();
  const [app, owner] = ['app', 'log'].map((name) => `${name}_${randomBytes(4).toString('hex')}`) as [string, string];
  const [{ name }] = (await admin`select current_database() as name`) as unknown as [{ name: string }];
  await admin.unsafe(
    `create role ${app} login password 'test'; create role ${owner}; grant create on database "${name}" to ${app}`,
  );
  const asApp = new URL(url);
  [asApp.username, asApp.password] = [app, 'test'];
  const db = openDb(asApp.href, { connections: 2 });
  t.after(async () => {
    await db.end({ timeout: 5 });
    await admin.unsafe(`drop owned by ${app}, ${owner} cascade; drop role ${app}, ${owner}`);
    await close();
  });
  const there = async (of: string): Promise<string[]> =>
    (await db<{ told: string }[]>`
      select tablename || '(' || array_to_string(attnames, ',') || ')' as told from pg_publication_tables where pubname = ${of} order by 1`).map(({ told }) => told); // prettier-ignore
  await db.unsafe(
    'create schema t; create table t.entries (id int primary key); create table t.old (id int primary key); create table t.wide (id int primary key, one int)',
  );
  const first = [table('entries'), table('old'), { ...table('wide', 'one'), narrow: true }];
  assert.equal(await publish(db, { strongroom_data: first, strongroom_key: [table('entries')] }), true);
  await admin.unsafe(`alter table t.entries owner to ${owner}; revoke all on t.entries from ${app}`);

  await db.unsafe('create table t.fresh (id int primary key); alter table t.wide add column two int; drop table t.old');
  const next = {
    strongroom_data: [table('entries'), table('fresh'), { ...table('wide', 'one', 'two'), narrow: true }],
    strongroom_key: [table('entries')],
  };
  assert.equal(await publish(db, next), true);

  assert.deepEqual(await there('strongroom_data'), ['entries(id)', 'fresh(id)', 'wide(id,one,two)']);
  assert.deepEqual(await there('strongroom_key'), ['entries(id)']);
  assert.equal(await publish(db, next), false);
  assert.equal(await publish(db, { ...next, strongroom_data: [table('entries')] }), true);
  assert.deepEqual(await there('strongroom_data'), ['entries(id)']);
});
