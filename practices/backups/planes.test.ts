import assert from 'node:assert/strict';
import { test } from 'node:test';

import { migrate } from '#platform/db';
import { isFailure } from '#platform/failure';
import { freshDatabase } from '#platform/testing';

import { PLANES } from './planes.ts';
import { allTables, tablesOf } from './store/catalogue.ts';
import { EVERY_MIGRATION } from './testing-database.ts';

test('every table is in a plane, none is declared that is not there, and one that is new stops every backup', async (t) => {
  const { db } = await freshDatabase(t);
  await migrate(db, EVERY_MIGRATION);

  const there = (await allTables(db)).map(({ table }) => table);
  assert.deepEqual(
    there.filter((table) => !PLANES.has(table)),
    [],
    'say in practices/backups/planes.ts what becomes of these tables in a backup',
  );
  assert.deepEqual(
    [...PLANES.keys()].filter((table) => !there.includes(table)),
    [],
    'practices/backups/planes.ts names tables that do not exist',
  );
  const sequences = await db`select from pg_sequences where schemaname in (select schema from platform.migrations)`;
  assert.equal(sequences.length, 0, 'a sequence is not backed up: use a UUIDv7');

  const data = await tablesOf(db, 'data');
  const columns = data.flatMap(({ table, columns: names }) => names.map((name) => `${table}.${name}`));
  assert.ok(!columns.includes('vault.records.lookups'), 'blind indexes stay behind');
  assert.ok(
    !data.some(({ table }) => ['vault.keyrings', 'vault.epochs', 'vault.identities', 'vault.lookups'].includes(table)),
  );

  await db`create table vault.forgotten (key bytea)`;
  await assert.rejects(tablesOf(db, 'data'), (thrown) => isFailure(thrown, 'BACKUPS_TABLE_UNDECLARED'));
});
