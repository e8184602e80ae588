/**
 * Who was forgotten stays forgotten: erased at every moment of a backup (before, within and behind snapshot, key object and
 * segment), restored to every point. One source; each restore goes into a copy of an empty migrated database.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { readConfig } from '#platform/config';
import { addressOf, migrate, openDb, type Db } from '#platform/db';
import { isFailure } from '#platform/failure';
import { parseSubjectId, type SubjectId } from '#platform/ids';
import { createLog } from '#platform/log';
import { freshDatabase, readAll } from '#platform/testing';
import { makeIdentity, openTarget, type Backups } from '#practices/backups';

import { composeSystem, type System } from './compose.ts';
import { MIGRATIONS } from './migrations.ts';
import { openBackups } from './open-backups.ts';
import { partsGone } from './replay-parts.ts';
import { restoreInto, type RestoreAsk } from './restore-system.ts';

const WHO = { kind: 'system', id: 'test' } as const;
const log = createLog('silent');
const identity = await makeIdentity();

type Person = Readonly<{
  name: string;
  record: string;
  subjectId: SubjectId;
  publicId: string;
  email: string;
  file: string;
  sealed: Buffer;
  since: Date;
}>;

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let admin: Db;
let folder: string;
let source: System;
let backups: Backups;
const people = new Map<string, Person>();
/** Whom to erase when a run comes to this point for the n-th time. */
const within = new Map<string, readonly string[]>();
const seen = new Map<string, number>();
const keys = new Map<string, string>();
/** Who was, and at which moment. */
const erased = new Map<string, string>();
let copies = 0;
const nameOf = (n: number): string => `strongroom_matrix_${process.pid}_${n}`;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sr-matrix-'));
  fresh = await freshDatabase();
  admin = openDb(addressOf(fresh.url, 'postgres'), { connections: 1 });
  await admin.unsafe(`create database ${nameOf(0)} template template0`);
  const empty = openDb(addressOf(fresh.url, nameOf(0)), { connections: 1 });
  await migrate(empty, MIGRATIONS);
  await empty.end({ timeout: 1 });
  const config = configOf('home', fresh.url);
  // nothing goes on by itself: what is read and when is what is tested
  source = await composeSystem(config, log, () => new Date(), 'quarantine');
  const { db, audit, foundation, retention } = source;
  backups = openBackups(config, foundation, {
    db, audit, log, clock: () => new Date(), address: fresh.url,
    partsSince: (from, limit) => partsGone(retention, from, limit),
    stop: async (at) => {
      const point = `${at} ${(seen.get(at) ?? 0) + 1}`;
      seen.set(at, (seen.get(at) ?? 0) + 1);
      for (const name of within.get(point) ?? []) await erase(name, point);
    },
  }); // prettier-ignore
});
after(async () => {
  await backups.close();
  await source.close();
  for (let n = copies; n >= 0; n -= 1) await admin.unsafe(`drop database if exists ${nameOf(n)} with (force)`);
  await admin.end({ timeout: 1 });
  await fresh.close();
  await rm(folder, { recursive: true, force: true });
});

const configOf = (home: string, url: string) =>
  readConfig({
    STRONGROOM_HOME: join(folder, home),
    DATABASE_URL: url,
    STRONGROOM_LOG: 'silent',
    STRONGROOM_BACKUPS_HOURS: '0',
  });

type Sent = Readonly<{
  key: string;
  body?: object | Buffer;
  purpose?: string;
  headers?: Readonly<Record<string, string>>;
}>;
async function ask(system: System, method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, sent: Sent) {
  const { key, body, purpose = 'service.support', headers = {} } = sent;
  const isFile = Buffer.isBuffer(body);
  const answer = await fetch(`${await urlOf(system)}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      'strongroom-purpose': purpose,
      ...(body === undefined || isFile ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isFile ? new Uint8Array(body) : JSON.stringify(body) }),
  });
  const raw = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, raw, text: String(raw) };
}

const urls = new Map<System, Promise<string>>();
function urlOf(system: System): Promise<string> {
  const known = urls.get(system) ?? system.http.listen({ host: '127.0.0.1', port: 0 });
  urls.set(system, known);
  return known;
}

async function keyOf(role: string): Promise<string> {
  const known = keys.get(role);
  if (known !== undefined) return known;
  const key = (await readFile(join(folder, 'home', 'admin.key'), 'utf8')).trim();
  const made = await ask(source, 'POST', '/v1/access/keys', { key, body: { name: role, role, expiresInDays: 1 } });
  keys.set(role, (JSON.parse(made.text) as { key: string }).key);
  return keyOf(role);
}

const fileHeaders = { 'content-type': 'application/pdf', 'strongroom-name': 'passport.pdf' };

async function create(name: string): Promise<void> {
  const key = await keyOf('application');
  const email = `${name.replaceAll(/\W/g, '')}@matrix.example`;
  const body = { collection: 'customer', fields: { last_name: name, email } };
  const made = await ask(source, 'POST', '/v1/vault/records', { key, body });
  assert.equal(made.status, 201, made.text);
  const { id, subjectId } = JSON.parse(made.text) as { id: string; subjectId: string };
  const file = `passport of ${name}`;
  const put = { key, body: Buffer.from(file), headers: fileHeaders };
  const stored = await ask(source, 'PUT', `/v1/vault/records/${id}/attachments/named`, put);
  assert.equal(stored.status, 201, stored.text);
  const headers = { 'strongroom-reason': encodeURIComponent(`asked by ${name}`) };
  assert.equal((await ask(source, 'GET', `/v1/vault/records/${id}`, { key, headers })).status, 200);
  await source.audit.integrate();
  const size = await source.audit.size();
  const [entry] = await source.audit.read(size - 1, size);
  const { personal } = JSON.parse(String(entry?.bytes)) as { personal: { sealed: string } };
  const [row] = await source.db<{ at: Date }[]>`select clock_timestamp() as at`;
  people.set(name, {
    name, record: id, email, file, publicId: subjectId,
    subjectId: parseSubjectId(subjectId) as SubjectId, sealed: Buffer.from(personal.sealed, 'base64url'), since: row?.at as Date,
  }); // prettier-ignore
}

async function erase(name: string, at: string): Promise<void> {
  const person = people.get(name) as Person;
  const done = await ask(source, 'DELETE', `/v1/vault/subjects/${person.publicId}`, {
    key: await keyOf('dpo'),
    purpose: 'legal.request',
  });
  assert.equal(done.status, 200, `${name}: ${done.text}`);
  erased.set(name, at);
}

const now = async (): Promise<Date> => {
  const [row] = await source.db<{ at: Date }[]>`select clock_timestamp() as at`;
  return row?.at as Date;
};

const TABLES = ['keyrings', 'records', 'lookups', 'unique_lookups', 'tokens', 'attachments', 'chunks', 'restrictions']; // prettier-ignore

/** Everything that may still tell of somebody, of a system that was restored. */
async function leftOf(system: System, person: Person): Promise<string[]> {
  const key = await keyOf('application');
  const { subjectId, record, email, file, name } = person;
  const left: string[] = [];
  const seeIf = (is: boolean, what: string): void => void (is && left.push(what));
  const got = await ask(system, 'GET', `/v1/vault/records/${record}`, { key });
  seeIf(got.status !== 404, `record ${got.status}`);
  const attached = await ask(system, 'GET', `/v1/vault/records/${record}/attachments/named`, { key, headers: fileHeaders }); // prettier-ignore
  seeIf(attached.status !== 404 || attached.raw.includes(file), `attachment ${attached.status}`);
  const found = await ask(system, 'POST', '/v1/vault/records/search', { key, body: { collection: 'customer', where: { email } } }); // prettier-ignore
  seeIf(found.status !== 200 || found.text.includes(name) || found.text.includes(record), `search ${found.status}`);
  seeIf((await system.vault.openFor(subjectId, 'audit-personal', [person.sealed])) !== null, 'detail in the log');
  const [row] = await system.db<{ n: number }[]>`
    select (${TABLES.map((table) => system.db`(select count(*) from ${system.db(`vault.${table}`)} where subject_id = ${subjectId})`).reduce((sum, next) => system.db`${sum} + ${next}`)})::int as n`;
  seeIf(row?.n !== 0, `${row?.n} rows`);
  return left;
}

async function isWhole(system: System, person: Person): Promise<boolean> {
  const key = await keyOf('application');
  const { subjectId, record, email, file, name } = person;
  const got = await ask(system, 'GET', `/v1/vault/records/${record}`, { key });
  const attached = await ask(system, 'GET', `/v1/vault/records/${record}/attachments/named`, { key, headers: fileHeaders }); // prettier-ignore
  const found = await ask(system, 'POST', '/v1/vault/records/search', { key, body: { collection: 'customer', where: { email } } }); // prettier-ignore
  const [detail] = (await system.vault.openFor(subjectId, 'audit-personal', [person.sealed])) ?? [];
  return (
    got.text.includes(name) &&
    attached.raw.equals(Buffer.from(file)) &&
    found.text.includes(record) &&
    String(detail).includes(`asked by ${name}`)
  );
}

type Point = Readonly<{ of: string; at: Date | null; points: 'snapshot' | 'segments' }>;

async function restoreTo({ of, at, points }: Point, begin: (() => never) | null = null): Promise<void> {
  copies += 1;
  const n = copies;
  await admin.unsafe(`create database ${nameOf(n)} template ${nameOf(0)}`);
  const url = addressOf(fresh.url, nameOf(n)) as string;
  const address = `directory:${folder}/home-backups`;
  const store = await openTarget(address);
  const config = configOf(`restored-${n}`, url);
  const asked: RestoreAsk = {
    stores: { data: store, key: store, ledger: store }, addresses: { data: address, key: address },
    trusted: (await backups.standing()).signer as string, fingerprint: identity.fingerprint, identity: identity.identity,
    at, points, ledgerHours: 24,
  }; // prettier-ignore
  const db = openDb(url, { connections: 4, statementTimeoutMs: 0, idleInTransactionMs: 0 });
  const start = async () => begin?.() ?? { db, stop: () => db.end({ timeout: 5 }) };
  const { attestation } = await restoreInto(config, log, asked, { onStep: () => {} }, { start, url });
  assert.ok(attestation.passed, `${of}: ${JSON.stringify(attestation)}`);
  const restored = await composeSystem(config, log, () => new Date(), 'quarantine');
  try {
    const faults = [...people.values()].map(async (person) => {
      const moment = erased.get(person.name);
      if (moment !== undefined) return (await leftOf(restored, person)).map((left) => `${person.name}, erased at ${moment}: ${left}`); // prettier-ignore
      const expected = person.since.toISOString() <= attestation.restoredTo;
      return !expected || (await isWhole(restored, person)) ? [] : [`${person.name}, who lives: not whole`];
    });
    assert.deepEqual((await Promise.all(faults)).flat(), [], `restored to ${of}`);
  } finally {
    await restored.close();
    await admin.unsafe(`drop database ${nameOf(n)} with (force)`);
  }
}

/** Points of a run, in the order that they come: of the data's (1) and of the keys' within it (2). */
const IN_FIRST = ['snapshot 1', 'objects 1', 'snapshot 2', 'objects 2', 'details 1', 'signed 1', 'put manifest 1', 'details 2', 'signed 2', 'put manifest 2'] as const; // prettier-ignore
const IN_SEGMENT = ['changes read', 'segment put', 'segment signed', 'segment put manifest', 'read noted', 'slot advanced'] as const; // prettier-ignore
const IN_SECOND = ['snapshot 3', 'snapshot 4', 'objects 4', 'signed 4'] as const;

/** Of the test before, whose backups are restored to again. */
const points: Point[] = [];

test('erased before, within and behind every snapshot, key object and segment: unreadable after a restore to every point', async (t) => {
  const [{ wal_level: level } = { wal_level: '' }] = await admin<{ wal_level: string }[]>`show wal_level`;
  if (level !== 'logical') return t.skip(`this PostgreSQL has wal_level = ${level}`);
  await backups.trust(WHO, identity.recipient, 'offline');
  for (const name of ['living', 'before all', 'between', 'behind all', 'within the ledger']) await create(name);
  for (const at of [...IN_FIRST, ...IN_SEGMENT, ...IN_SECOND]) await create(`old ${at}`);
  await erase('before all', 'before all');

  for (const at of IN_FIRST) within.set(at, [`old ${at}`]);
  await readAll(backups.readChanges);
  const first = await (await backups.begin('data', WHO)).done;
  assert.notEqual(first.timeline, null, 'segments go on from it');
  points.push({ of: 'the first snapshot', at: first.finished_at, points: 'snapshot' });

  // each segment brings a new one, and takes one of old and one of the segment before
  for (const [n, at] of IN_SEGMENT.entries()) {
    await create(`living ${at}`);
    await create(`new ${at}`);
    const before = IN_SEGMENT[n - 1];
    const point = `${at} ${(seen.get(at) ?? 0) + 1}`;
    within.set(point, [`old ${at}`, ...(before === undefined ? [] : [`new ${before}`])]);
    const between = await now();
    if (n === 2) {
      await erase('between', 'between two segments');
      points.push({ of: 'a time between two segments', at: between, points: 'segments' });
    }
    await readAll(backups.readChanges);
    const [segment] = await backups.segments(1);
    if (n % 2 === 1) points.push({ of: `the end of the segment of ${at}`, at: segment?.last_at as Date, points: 'segments' }); // prettier-ignore
  }
  for (const at of IN_SECOND) within.set(at, [`old ${at}`]);
  const second = await (await backups.begin('data', WHO)).done;
  points.push({ of: 'the second snapshot', at: second.finished_at, points: 'snapshot' });
  await create('living at the end');
  await create('new at the end');
  await readAll(backups.readChanges);
  await erase('new at the end', 'behind the last segment');
  await backups.sendLedger();
  // of these only the ledger tells: no segment, no key object
  await erase('behind all', 'behind the last segment');
  await backups.sendLedger();
  points.push({ of: 'the end', at: null, points: 'segments' });

  const never = [...people.keys()].filter((name) => !name.includes('living') && !erased.has(name));
  assert.deepEqual(never, ['within the ledger', 'new slot advanced'], 'each moment came');
  for (const name of never) await erase(name, 'behind the last segment');
  await backups.sendLedger();
  for (const point of points) {
    const began = performance.now();
    await restoreTo(point);
    t.diagnostic(`${point.of}: ${Math.round(performance.now() - began)} ms`);
  }
});

test('a new epoch of keys keeps every backup; new keys of everybody end those of before, which is said before anything is restored', async (t) => {
  if (points.length === 0) return t.skip('there are no change segments here');
  const key = await keyOf('custodian');
  const rotate = async (what: string): Promise<void> => {
    const begun = await ask(source, 'POST', '/v1/vault/rotations', { key, body: { what } });
    assert.equal(begun.status, 202, begun.text);
    await source.vault.runWorks(() => false);
  };
  const [first] = points as [Point];
  await rotate('epoch');
  await readAll(backups.readChanges);
  await (
    await backups.begin('key', WHO)
  ).done;
  await restoreTo({ ...first, of: 'the first snapshot, keys under a new epoch' });

  const before = await now();
  await rotate('keys');
  await readAll(backups.readChanges);
  await backups.sendLedger();
  assert.ok(
    (await backups.standing()).nags.some((nag) => nag.includes('all keys were renewed after the newest backup')),
  );
  const noDatabase = (): never => assert.fail('a database was made');
  for (const point of [
    first,
    { of: 'just before', at: before, points: 'segments' },
    { of: 'a snapshot', at: null, points: 'snapshot' },
  ] as const)
    await assert.rejects(
      restoreTo(point, noDatabase),
      (thrown) => isFailure(thrown, 'BACKUPS_KEYS_RENEWED') && /restore to .* or later/.test(thrown.hint ?? ''),
      point.of,
    );
  await restoreTo({ of: 'the end, with all changes', at: null, points: 'segments' });
  await (
    await backups.begin('data', WHO)
  ).done;
  await restoreTo({ of: 'a snapshot of afterwards', at: null, points: 'snapshot' });
  assert.ok(!(await backups.standing()).nags.some((nag) => nag.includes('renewed')));
});
