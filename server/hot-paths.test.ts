/** No statement of a hot path asks all nodes: the statements are those that PostgreSQL was really sent, read on the wire. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { readConfig } from '#platform/config';
import { readLayout } from '#platform/db';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';

import { composeSystem, type System } from './compose.ts';
import { reachOf, type Reach } from './testing-shards.ts';
import { statementLog, type StatementLog } from './testing-statements.ts';
import { MIGRATIONS } from './migrations.ts';

const layout = readLayout(readFileSync('deploy/database/citus.sql', 'utf8'));

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let log: StatementLog;
let system: System;
let home: string;
let functions: Map<string, string>;
const keys: Record<string, string> = {};

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-hot-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  log = await statementLog(fresh.url);
  // nothing goes on by itself: what is heard is what was asked
  system = await composeSystem(readConfig({ STRONGROOM_HOME: home, DATABASE_URL: log.url, STRONGROOM_LOG: 'silent' }), createLog('silent'), () => new Date(), 'quarantine'); // prettier-ignore
  keys['admin'] = readFileSync(join(home, 'admin.key'), 'utf8').trim();
  for (const role of ['application', 'support', 'billing']) keys[role] = (await ask('POST', '/v1/access/keys', 'admin', { name: role, role })).json['key'] as string; // prettier-ignore
  functions = new Map((await fresh.db<{ name: string; body: string }[]>`
    select n.nspname || '.' || p.proname as name, p.prosrc as body from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('access', 'audit', 'vault', 'collection', 'privacy', 'traffic', 'education')`).map(({ name, body }) => [name, body])); // prettier-ignore
});
after(async () => {
  await system?.close();
  await log?.close();
  await fresh?.close();
  await rm(home, { recursive: true, force: true });
});

type Asked = Readonly<{ status: number; json: Record<string, unknown>; said: string[] }>;
async function ask(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  url: string,
  key: string,
  body?: object,
  more: Readonly<Record<string, string>> = {},
): Promise<Asked> {
  log.take();
  const answer = await system.http.inject({ method, url, headers: { 'authorization': `Bearer ${keys[key] ?? ''}`, 'strongroom-purpose': 'service.support', ...(body !== undefined && { 'content-type': 'application/json' }), ...more }, ...(body !== undefined && { payload: JSON.stringify(body) }) }); // prettier-ignore
  const json = answer.body === '' ? {} : (JSON.parse(answer.body) as Record<string, unknown>);
  assert.ok(answer.statusCode < 300, `${method} ${url}: ${answer.statusCode} ${answer.body}`);
  return { status: answer.statusCode, json, said: log.take().map((each) => each.replaceAll(/\s+/g, ' ').trim()) };
}

/** Statements by how many nodes they ask; those on tables of one node are not told. */
function spreadOf({ said }: Asked): Record<Exclude<Reach, 'home'>, string[]> {
  const found: Record<Reach, string[]> = { home: [], one: [], named: [], all: [], refused: [] };
  for (const statement of said) found[reachOf(statement, layout, functions)].push(statement);
  return { one: found.one, named: found.named, all: found.all, refused: found.refused };
}

/**
 * What asks all nodes all the same, and why. Whoever mends one takes it out here; whoever brings another one has to say why.
 */
const KNOWN: readonly (readonly [statement: RegExp, because: string])[] = [
  [/^select r\.subject_id.* from unnest\(\$1::uuid\[\], \$2::bigint\[\]\) as q /, 'a batch names many customers: their nodes are asked at once. `= any ($1)` on each table would keep the others out, and takes 20 times as long on one node with 1000'],
  [/^delete from "?vault"?\."?(unique_)?lookups"? where value in \(select decode/, 'an indexed value was changed: the old one is found by several values, each on a node of its own'],
  [/^delete from vault\.tokens where subject_id = \$1/, 'a value was changed, and it may have a token: tokens lie by their own value, and tokens_subject is asked on all nodes'],
  [/^with page as \( select subject_id, record_no from \( select subject_id, record_no from vault\.lookups/, 'a search finds by value, and then reads whom it found: one statement, so that both are of one moment'],
]; // prettier-ignore

const person = (n: number): Record<string, string> => ({
  last_name: `Somebody ${n}`,
  email: `somebody${n}@example.org`,
});

type Path = Readonly<{ name: string; known: readonly number[]; run: (ids: readonly string[]) => Promise<Asked> }>;
const PATHS: readonly Path[] = [
  { name: 'read', known: [], run: ([id]) => ask('GET', `/v1/vault/records/${id}?fields=last_name,email`, 'support') },
  { name: 'write', known: [], run: () => ask('POST', '/v1/vault/records', 'application', { collection: 'customer', fields: person(10) }, { 'idempotency-key': 'hot-paths-000010' }) },
  { name: 'change', known: [2], run: ([id]) => ask('PATCH', `/v1/vault/records/${id}`, 'application', { fields: { city: 'Lyon' } }, { 'if-match': '"1"' }) },
  { name: 'change of what is indexed', known: [1, 2], run: ([, id]) => ask('PATCH', `/v1/vault/records/${id}`, 'application', { fields: { last_name: 'Other' } }, { 'if-match': '"1"' }) },
  { name: 'batch of reads', known: [0], run: (ids) => ask('POST', '/v1/vault/records/read', 'support', { ids, fields: ['last_name'] }) },
  { name: 'batch of writes', known: [], run: () => ask('POST', '/v1/vault/records/batch', 'application', { collection: 'customer', records: [{ fields: person(11) }, { fields: person(12) }] }, { 'idempotency-key': 'hot-paths-000011' }) },
  { name: 'search', known: [3], run: () => ask('POST', '/v1/vault/records/search', 'support', { collection: 'customer', where: { email: 'somebody1@example.org' }, fields: ['last_name'] }) },
  { name: 'token made', known: [], run: ([id]) => ask('POST', '/v1/vault/tokens', 'application', { recordId: id, field: 'email', kind: 'random' }) },
  { name: 'decision', known: [], run: ([id]) => ask('POST', '/access/v1/evaluation', 'application', { subject: { type: 'key', id: 'x' }, action: { name: 'vault.read' }, resource: { type: 'record', id } }) },
]; // prettier-ignore

test('no statement of a hot path asks all nodes, but those that are known; each reads or writes the log on one', async (t) => {
  const ids: string[] = [];
  for (let n = 0; n < 3; n += 1) ids.push((await ask('POST', '/v1/vault/records', 'application', { collection: 'customer', fields: person(n) })).json['id'] as string); // prettier-ignore
  for (const { name, known, run } of PATHS) {
    const asked = await run(ids);
    const { one, named, all, refused } = spreadOf(asked);
    assert.deepEqual(refused, [], `${name}: Citus refuses it`);
    t.diagnostic(`${name}: ${asked.said.length} statements, ${one.length} ask one node, ${named.length} those that are named, ${all.length} all`);
    const which = all.map((statement) => KNOWN.findIndex(([is]) => is.test(statement)));
    assert.deepEqual(all.filter((_, at) => which[at] === -1), [], `${name} asks all nodes`);
    // one that was mended is known no more
    assert.deepEqual([...new Set(which)].toSorted((one, other) => one - other), known, `${name}: what is known`);
    if (name === 'read') assert.equal(one.length, 1);
    if (name === 'decision') assert.deepEqual([one, named], [[], []]);
    if (['read', 'write', 'change', 'batch of reads'].includes(name)) {
      const appends = asked.said.filter((statement) => statement.includes('insert into audit.entries'));
      assert.ok(appends.length > 0 && appends.every((statement) => reachOf(statement, layout, functions) === 'home'), `${name} is in the log`);
    }
  }
}); // prettier-ignore

test('key rings of several are locked by one statement, and where there is Citus, which refuses that, one by one', async (t) => {
  const subjects: string[] = [];
  for (let n = 20; n < 23; n += 1) subjects.push((await ask('POST', '/v1/vault/records', 'application', { collection: 'customer', fields: person(n) })).json['subjectId'] as string); // prettier-ignore
  const write = () => ask('POST', '/v1/vault/records/batch', 'application', { collection: 'customer', records: subjects.map((id) => ({ subject: { id }, fields: { last_name: 'More' } })) }); // prettier-ignore
  const locks = ({ said }: Asked) => said.filter((statement) => statement.endsWith('for no key update'));
  const together = await write();
  assert.deepEqual([locks(together).length, spreadOf(together).refused.length], [1, 1]);
  t.after(() => fresh.db`delete from pg_extension where extname = 'citus'`);
  await fresh.db`
    insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
    select 99999, 'citus', extowner, extnamespace, false, 'a stand-in' from pg_extension where extname = 'plpgsql'`;
  const apart = await write();
  assert.deepEqual([locks(apart).length, spreadOf(apart).refused.length], [3, 0]);
}); // prettier-ignore

test('the reader of statements takes for all nodes what is not bound, also behind a function', () => {
  const of = (sql: string, bodies: Record<string, string> = {}): Reach => reachOf(sql, layout, new Map(Object.entries(bodies)));
  assert.equal(of('select 1 from vault.records where subject_id = $1'), 'one');
  assert.equal(of('select 1 from vault.records r where r.subject_id = any ($1::uuid[])'), 'named');
  assert.equal(of('insert into vault.records (subject_id, box) values ($1, $2)'), 'named');
  assert.equal(of('select 1 from vault.keyrings k join vault.records r on r.subject_id = k.subject_id where k.subject_id = $1'), 'one');
  for (const [sql, bodies] of [
    ['select 1 from vault.records where record_no = $1'],
    ['select count(*) from vault.records'],
    ['select 1 from vault.records r, vault.keyrings k where r.subject_id = $1'],
    ['select 1 from vault.keyrings k join vault.records r on r.record_no = $2 where k.subject_id = $1'],
    ['select 1 from vault.keyrings k join vault.records r on r.subject_id = k.subject_id where k.subject_id > $1'],
    ['insert into vault.records (record_no) values ($1)'],
    ['delete from vault.tokens where subject_id = $1'],
    ['select 1 from vault.records r where r.other_subject_id = $1'],
    ['select vault.counted($1)', { 'vault.counted': 'select count(*) from vault.keyrings' }],
  ] as const)
    assert.equal(of(sql, bodies), 'all', sql);
  for (const sql of [
    'select 1 from vault.keyrings k where k.subject_id = any ($1::uuid[]) order by k.subject_id for no key update of k',
    'select 1 from vault.keyrings where epoch = $1 for share',
    "update vault.epochs e set state = 'destroyed' where not exists (select from vault.keyrings k where k.epoch = e.epoch)",
    'delete from vault.fields f using vault.records r where r.subject_id = $1',
  ])
    assert.equal(of(sql), 'refused', sql);
  assert.equal(of('select 1 from vault.keyrings where subject_id = $1 for no key update'), 'one');
  for (const sql of ['update vault.epochs set state = $1 where epoch = $2', 'select 1 from vault.epochs for update', 'select 1 from access.keys where hash = $1', 'select 1 from vault.epochs', 'update audit.head set size = size + 1'])
    assert.equal(of(sql), 'home', sql);
}); // prettier-ignore
