/**
 * Who was forgotten stays forgotten: erased at every moment of a backup (before, within and behind snapshot, key object and
 * segment), restored to every point. One source; each restore goes into a copy of an empty migrated database.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';

import { readConfig } from '#platform/config';
import { addressOf, migrate, openDb, type Db } from '#platform/db';
import type { SubjectId } from '#platform/ids';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import { makeIdentity, openTarget, type Backups } from '#practices/backups';

import { composeSystem, type System } from './compose.ts';
import { MIGRATIONS } from './migrations.ts';
import { openBackups } from './open-backups.ts';
import { partsGone } from './replay-parts.ts';
import { restoreInto, type RestoreAsk } from './restore-system.ts';
import { erasedAtEveryPoint } from './erasure-matrix-points.tests.ts';
import { epochsKeepBackups } from './erasure-matrix-epochs.tests.ts';

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

export type Point = Readonly<{ of: string; at: Date | null; points: 'snapshot' | 'segments' }>;

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

/** Of the test before, whose backups are restored to again. */
const points: Point[] = [];

/** What the parts are handed, as it is when they ask. */
const running = () => ({
  WHO,
  identity,
  admin,
  source,
  backups,
  people,
  within,
  seen,
  erased,
  ask,
  keyOf,
  fileHeaders,
  erase,
  now,
  restoreTo,
  points,
});
export type Running = ReturnType<typeof running>;

erasedAtEveryPoint(running);
epochsKeepBackups(running);
