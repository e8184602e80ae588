/** The layout over several nodes: every table has its place, every key allows it, and the command does what the file says. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

import { childEnvironment } from '#platform/config';
import { distribute, distributionOf, migrate, openDb, readLayout, type Db, type Layout } from '#platform/db';
import { freshDatabase } from '#platform/testing';

import { MIGRATIONS } from './migrations.ts';
import { installStandIn, standInCalls } from './testing-citus.ts';

const TEXT = readFileSync('deploy/database/citus.sql', 'utf8');
const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

/**
 * Tables that hold something of each customer, and stay on one node all the same. They are what limits the layout; the reason
 * stands in citus.sql, and a new one has to be added here by somebody who thought about it.
 */
const ON_ONE_NODE = new Set([
  // refused by Citus for their triggers, or written with one that is
  'privacy.consent_events', 'privacy.consent_chains', 'privacy.consent_expiries', 'collection.erasures',
  // kept for days
  'traffic.touches', 'privacy.batches',
  // of those customers that something goes on with, or that are made up
  'privacy.requests', 'privacy.copy_links', 'privacy.sessions', 'privacy.sign_ins', 'privacy.lifts', 'traffic.case_subjects', 'traffic.honey', 'collection.holds', 'collection.retention_items',
  'backups.canaries', 'assurance.canaries', 'education.exercise_customers', 'education.scope_subjects',
]); // prettier-ignore

async function migrated(t: Parameters<typeof freshDatabase>[0]): Promise<{ db: Db; url: string }> {
  const fresh = await freshDatabase(t);
  await migrate(fresh.db, MIGRATIONS);
  return fresh;
}

type Key = { table: string; name: string; columns: string[] };
const keysOf = (db: Db): Promise<Key[]> => db<Key[]>`
  select i.indrelid::regclass::text as table, i.indexrelid::regclass::text as name,
    array(select a.attname::text from pg_attribute a where a.attrelid = i.indrelid and a.attnum = any (i.indkey[0:i.indnkeyatts - 1])) as columns
  from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
  where (i.indisunique or i.indisexclusion) and n.nspname not like 'pg_%' and n.nspname <> 'information_schema'`; // prettier-ignore

/** What Citus would refuse, from the catalogue of PostgreSQL. */
async function layoutFaults(db: Db, { steps, local }: Layout): Promise<string[]> {
  const tables = (await db<{ name: string }[]>`
    select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not like 'pg_%' and n.nspname <> 'information_schema'`).map(({ name }) => name); // prettier-ignore
  const named = [...steps.map(({ table }) => table), ...local.keys()];
  const faults = [
    ...tables.flatMap((name) => (named.includes(name) ? [] : [`${name} has no place`])),
    ...named.flatMap((name) => (tables.includes(name) ? [] : [`${name} is no table`])),
  ];
  const by = new Map(steps.map((step) => [step.table, step]));
  for (const { table, name, columns } of await keysOf(db)) {
    const column = by.get(table)?.column;
    if (column !== undefined && column !== null && !columns.includes(column))
      faults.push(`${name} does not contain ${column}`);
  }
  const group = (table: string): string | null => {
    const step = by.get(table);
    return step === undefined || step.column === null ? null : step.with === 'none' ? table : step.with;
  };
  type Foreign = { name: string; from: string; to: string; columns: string[] };
  const foreign = await db<Foreign[]>`
    select conname as name, conrelid::regclass::text as from, confrelid::regclass::text as to,
      array(select a.attname::text from pg_attribute a where a.attrelid = conrelid and a.attnum = any (conkey)) as columns
    from pg_constraint where contype = 'f'`;
  for (const { name, from, to, columns } of foreign) {
    const [child, parent] = [by.get(from), by.get(to)];
    if (child === undefined && typeof parent?.column === 'string')
      faults.push(`${name}: ${from} is on one node, ${to} is spread`);
    if (typeof child?.column !== 'string') continue;
    const together = group(from) === group(to) && columns.includes(child.column);
    if (!together && !(parent !== undefined && parent.column === null)) faults.push(`${name}: ${from} and ${to} do not lie together`); // prettier-ignore
  }
  const triggers = await db<{ table: string; name: string }[]>`
    select tgrelid::regclass::text as table, tgname as name from pg_trigger where not tgisinternal`;
  for (const { table, name } of triggers) if (by.has(table)) faults.push(`${table} has the trigger ${name}`);
  const ofCustomers = await db<{ table: string }[]>`
    select distinct a.attrelid::regclass::text as table from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relkind in ('r', 'p') and not c.relispartition and a.attname in ('subject_id', 'holder', 'pseudonym', 'pseudonyms', 'subject_mac', 'subjects')
      and c.relnamespace::regnamespace::text not like 'pg_%'`; // prettier-ignore
  for (const { table } of ofCustomers)
    if (local.has(table) && !ON_ONE_NODE.has(table) && !NOT_OF_CUSTOMERS.has(table)) faults.push(`${table} holds something of customers, on one node`); // prettier-ignore
  return faults;
}
/** A column of that name that is no customer. */
const NOT_OF_CUSTOMERS = new Set(['audit.publisher', 'access.federated', 'access.workloads', 'access.grants', 'access.holder_usage', 'access.review_items', 'traffic.cursor', 'traffic.minutes', 'traffic.blocks', 'traffic.baselines', 'access.reviews']); // prettier-ignore

test('every table has one place, and no key, foreign key or trigger stands against it; what is planted is found', async (t) => {
  const { db } = await migrated(t);
  const layout = readLayout(TEXT);
  assert.deepEqual(await layoutFaults(db, layout), []);
  for (const name of ON_ONE_NODE) assert.ok(layout.local.has(name), `${name} is not on one node any more`);

  await db`create table vault.later (subject_id uuid primary key)`;
  assert.deepEqual(await layoutFaults(db, layout), ['vault.later has no place']);
  await db`drop table vault.later`;
  await db`create unique index records_number on vault.records (record_no)`;
  await db`alter table vault.restrictions add constraint of_person foreign key (subject_id) references vault.keyrings`;
  await db`alter table vault.records add constraint of_token foreign key (record_no) references education.changes (n)`;
  await db`create trigger kept before delete on vault.chunks for each row execute function audit.refuse()`;
  await db`create table privacy.opinions (subject_id uuid)`;
  const later = readLayout(`${TEXT}-- local: a plant\n--   privacy.opinions\n`);
  assert.deepEqual((await layoutFaults(db, later)).toSorted(), [
    'of_token: vault.records and education.changes do not lie together',
    'privacy.opinions holds something of customers, on one node',
    'vault.chunks has the trigger kept',
    'vault.records_number does not contain subject_id',
  ]);
});

test('a layout that cannot be read whole is refused', () => {
  for (const [was, becomes] of [
    ["select truncate_local_data_after_distributing_table('vault.keyrings');\n", ''],
    ["'vault.stopped_uses', 'subject_id'", "'vault.records', 'subject_id'"],
    ['--   mail.outbox mail.sender', '--   mail.outbox vault.records'],
    ["select create_reference_table('vault.epochs');", 'drop table vault.epochs;'],
  ] as const) {
    assert.ok(TEXT.includes(was));
    assert.throws(() => readLayout(TEXT.replace(was, becomes)), /citus\.sql/, becomes);
  }
});

test('without the extension nothing happens; with it each table is spread once, in the order of the file; cut off, it goes on', async (t) => {
  const { db, url } = await migrated(t);
  const layout = readLayout(TEXT);
  await assert.rejects(distribute(db, layout, () => undefined), { code: 'DB_NO_CITUS' });
  await installStandIn(db);

  // one key that cannot be: what came before it stays done
  await db`create unique index once on vault.chunks (seq) where last`;
  const told: string[] = [];
  await assert.rejects(distribute(db, layout, (table) => told.push(table)), /vault\.once does not contain subject_id/);
  assert.equal(told.at(-1), 'vault.attachments');
  await db`drop index vault.once`;
  const server = openDb(url, { applicationName: 'strongroom/0.1.0+test', connections: 1 });
  await server`select 1`;
  await assert.rejects(distribute(db, layout, () => undefined), { code: 'DB_SERVERS_AT_WORK' });
  await server.end();

  const command = (...args: string[]) => spawnSync(process.execPath, [MAIN, 'db', 'distribute', ...args], { env: childEnvironment({ DATABASE_URL: url }), encoding: 'utf8' }); // prettier-ignore
  const dry = command('--dry-run');
  assert.match(dry.stdout, /^select create_distributed_table\('vault\.chunks', 'subject_id', colocate_with => 'vault\.keyrings'\);\n/);
  assert.equal((await distributionOf(db, layout)).done.length, told.length, 'a dry run does nothing');
  const ran = command('--json');
  assert.equal(ran.status, 0, ran.stderr);
  const said = JSON.parse(ran.stdout) as { done: string[]; left: string[]; ran: string[] };
  assert.deepEqual([...said.done, ...said.ran], layout.steps.map(({ table }) => table));
  assert.deepEqual(said.left, []);
  const wanted = layout.steps.flatMap(({ table, column, with: beside }) => [column === null ? `reference ${table}` : `distributed ${table} by ${column} with ${beside}`, `let go ${table}`]);
  assert.deepEqual(await standInCalls(db), wanted);

  assert.match(command().stdout, /^0 tables spread, \d+ were already/);
  assert.equal(command('--dry-run').stdout, '');
  assert.deepEqual(await standInCalls(db), wanted, 'again is nothing');
  await db`update citus_stand_in.tables set distribution_column = 'record_no' where table_name = 'vault.records'::regclass`;
  const other = command();
  assert.equal(other.status, 1);
  assert.match(other.stderr, /vault\.records is distributed by record_no.*\n.*DB_SPREAD_OTHERWISE/);
}); // prettier-ignore

test('rows that a cut-off run left on the coordinator are let go, and shown before', async (t) => {
  const { db, url } = await migrated(t);
  const layout = readLayout(TEXT);
  await installStandIn(db);
  // as psql leaves it: the first statement of the file, and then nothing
  await db`insert into vault.keyrings (subject_id, epoch, ring, seals) values (gen_random_uuid(), 1, '\\x00', 0)`;
  await db.unsafe(layout.steps[0]?.statements[0] as string);
  const letGo = "select truncate_local_data_after_distributing_table('vault.keyrings');";
  const found = await distributionOf(db, layout);
  assert.deepEqual([found.done, found.left[0]?.table, found.left[0]?.statements], [[], 'vault.keyrings', [letGo]]);
  const dry = spawnSync(process.execPath, [MAIN, 'db', 'distribute', '--dry-run'], { env: childEnvironment({ DATABASE_URL: url }), encoding: 'utf8' }); // prettier-ignore
  assert.ok(dry.stdout.startsWith(letGo), dry.stderr);
  await distribute(db, layout, () => undefined);
  assert.deepEqual((await standInCalls(db)).slice(0, 3), [
    'distributed vault.keyrings by subject_id with none',
    'let go vault.keyrings',
    'distributed vault.records by subject_id with vault.keyrings',
  ]);
});

test('servers at work are seen by a role that may see nothing else of them', async (t) => {
  const { db, url } = await migrated(t);
  await installStandIn(db);
  const role = `plain_${process.pid}`;
  await db.unsafe(`create role ${role}; grant select on public.citus_tables to ${role}`);
  const plain = openDb(url, { connections: 1 });
  const server = openDb(url, { applicationName: 'strongroom/0.1.0+test', connections: 1 });
  await server`select 1`;
  try {
    await plain.unsafe(`set role ${role}`);
    await assert.rejects(
      distribute(plain, readLayout(TEXT), () => undefined),
      { code: 'DB_SERVERS_AT_WORK' },
    );
    assert.deepEqual(await standInCalls(db), []);
  } finally {
    await Promise.all([plain.end(), server.end()]);
    await db.unsafe(`drop owned by ${role}; drop role ${role}`);
  }
});

test('the command teaches; a wrong word is usage, and an embedded database is no cluster', () => {
  const command = (...args: string[]) => spawnSync(process.execPath, [MAIN, 'db', ...args], { env: childEnvironment({ STRONGROOM_HOME: '/nowhere' }), encoding: 'utf8' }); // prettier-ignore
  assert.match(command('--help').stdout, /--dry-run/);
  for (const wrong of [[], ['undistribute'], ['distribute', '--now'], ['distribute', 'it']]) assert.equal(command(...wrong).status, 2, wrong.join()); // prettier-ignore
  assert.match(command('distribute').stderr, /CONFIG_MALFORMED/);
  assert.equal(command('distribute', '--dry-run').stdout.split('\n').filter((line) => line.startsWith('select create_')).length, readLayout(TEXT).steps.length); // prettier-ignore
});
