/** Exports for analysis on two whole servers: what leaves, what is refused, what is written meanwhile, what is paid. */
import assert from 'node:assert/strict';
import { writeFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { readConfig } from '#platform/config';
import { openDb, type Db } from '#platform/db';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import { createExports, type Exports } from '#practices/collection';
import { maskValue } from '#practices/vault';

import { composeSystem, type System } from './compose.ts';
import { callsTo, type Answer, type Json } from './testing.ts';
import { MIGRATIONS } from './migrations.ts';
import { groupsAreLarge } from './exports-groups.tests.ts';
import { whatWaitsIsSealed } from './exports-waiting.tests.ts';
import { countsAreOfPeople } from './exports-counts.tests.ts';

const CATALOG = `schema: strongroom/catalog/1
purposes:
  service: {title: Serving, legalBasis: contract}
  analytics: {title: Learning, legalBasis: legitimate-interest}
  health: {title: Research, legalBasis: consent, art9: research-archive}
recipients: {university: {title: The university, country: DE}}
collections:
  patient:
    title: Patients
    owner: research
    externalId: {name: patient_id}
    retention: {after: record.created, for: P2Y}
    fields:
      name: {type: name, class: personal, purposes: [service, analytics], required: true}
      email: {type: email, class: personal, purposes: [service, analytics], recipients: [university]}
      born: {type: date, class: personal, purposes: [analytics], recipients: [university]}
      area: {type: postcode, class: personal, purposes: [analytics], recipients: [university]}
      income: {type: integer, class: internal, purposes: [analytics]}
      illness: {type: choice, class: personal, values: [flu, asthma, none], purposes: [analytics], recipients: [university]}
`;
const PEOPLE = 60;
const ILLNESSES = ['flu', 'asthma', 'none'] as const;
/** 58 live in two areas and were born in two years; two are alone where they are. */
const person = (n: number) => ({
  name: `Zzname ${n}`,
  email: `zzmail${n}@example.org`,
  born: n < 58 ? `${1980 + (n % 2)}-0${1 + (n % 9)}-11` : `19${20 + n}-01-01`,
  area: n < 58 ? `7613${n % 2}` : '99999',
  income: 1000 * n,
  illness: ILLNESSES[n % 3] as string,
});

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let systems: System[];
let call: ReturnType<typeof callsTo>;
const keys = new Map<string, string>();
const subjects: string[] = [];

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-exports-'));
  await writeFile(join(home, 'catalog.yaml'), CATALOG);
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const config = readConfig({ STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent' });
  systems = [await composeSystem(config, createLog('silent'))];
  systems.push(await composeSystem(config, createLog('silent')));
  call = callsTo(await Promise.all(systems.map(({ http }) => http.listen({ host: '127.0.0.1', port: 0 }))));
  keys.set('admin', (await readFile(join(home, 'admin.key'), 'utf8')).trim());
  for (const name of ['application', 'dpo', 'dpo2', 'analyst', 'auditor'])
    keys.set(name, (await as('admin', 'POST', '/v1/access/keys', { name, role: name.replace('2', '') })).body['key']);
  const people = Array.from({ length: PEOPLE }, (_, n) => ({ fields: person(n) }));
  const { body } = await call('POST', '/v1/vault/records/batch', { key: keys.get('application') as string, body: { collection: 'patient', records: people } }); // prettier-ignore
  for (const { subjectId } of body['results'] as { subjectId: string }[]) subjects.push(subjectId);
  // a second record of the first person, elsewhere
  await call('POST', '/v1/vault/records', { key: keys.get('application') as string, body: { collection: 'patient', subject: { id: subjects[0] }, fields: { ...person(1), income: 7 } } }); // prettier-ignore
});
after(async () => {
  for (const system of systems) await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

const as = (role: string, method: string, path: string, body?: object, server = 0): Promise<Answer> =>
  call(method, path, { key: keys.get(role) as string, server, ...(body === undefined ? {} : { body }) });
const EXPORTS = '/v1/collection/exports';
const records = (name: string, fields: object, more: object = {}) => ({
  name, kind: 'records', collection: 'patient', purpose: 'analytics', recipient: { name: 'desk', where: 'inside' }, fields, ...more,
}); // prettier-ignore
/** Proposed by one, approved by another. */
async function approved(profile: object): Promise<string> {
  const proposed = await as('dpo', 'POST', `${EXPORTS}/profiles`, profile);
  assert.equal(proposed.status, 201, JSON.stringify(proposed.body));
  const { id, hash } = proposed.body as { id: string; hash: string };
  const { status, body } = await as('dpo2', 'POST', `${EXPORTS}/profiles/${id}/approve`, { hash });
  assert.equal(status, 200, JSON.stringify(body));
  return id;
}
/** @returns the lines that left, or the answer that refused */
async function run(
  id: string,
  role = 'dpo',
  server = 0,
): Promise<Readonly<{ lines: Json[]; text: string; run: string }>> {
  const response = await fetch(`${call === undefined ? '' : urlOf(server)}${EXPORTS}/profiles/${id}/run`, { method: 'POST', headers: { authorization: `Bearer ${keys.get(role)}` } }); // prettier-ignore
  const text = await response.text();
  if (response.status !== 200) throw Object.assign(new Error(text), JSON.parse(text) as object);
  const lines = text.split('\n').filter((line) => line !== '');
  return { lines: lines.map((line) => JSON.parse(line) as Json), text, run: String(response.headers.get('strongroom-export')) }; // prettier-ignore
}
const urlOf = (server: number): string => {
  const address = (systems[server] as System).http.server.address() as { port: number };
  return `http://127.0.0.1:${address.port}`;
};
const logged = async (action: string): Promise<Json[]> => {
  const { audit } = systems[0] as System;
  const entries = await audit.read(0, await audit.size());
  return entries.map(({ bytes }) => JSON.parse(bytes.toString()) as Json).filter((entry) => entry['action'] === action);
};

const reportOf = async (id: string): Promise<Json> =>
  ((await as('auditor', 'GET', `${EXPORTS}/runs`)).body['runs'] as Json[]).find((each) => each['id'] === id) as Json;

const RESEARCH = {
  '@subject': { as: 'pseudonym' },
  born: { as: 'coarsen', role: 'quasi', steps: ['month', 'year', 'decade'] },
  area: { as: 'clear', role: 'quasi', steps: ['prefix:3'] },
  illness: { as: 'clear', role: 'sensitive' },
};

test('a profile is approved by another, exactly as it was proposed; before that, and once retired, nothing leaves by it', async () => {
  const { body: proposed } = await as(
    'dpo',
    'POST',
    `${EXPORTS}/profiles`,
    records('first', { illness: { as: 'mask' } }),
  );
  const approve = (role: string, hash: string): Promise<Answer> =>
    as(role, 'POST', `${EXPORTS}/profiles/${proposed['id']}/approve`, { hash });

  await assert.rejects(run(proposed['id']), { code: 'COLLECTION_EXPORT_PROFILE_STATE' });
  assert.equal((await approve('dpo', proposed['hash'])).body['code'], 'COLLECTION_SAME_PERSON');
  assert.equal((await approve('dpo2', 'f'.repeat(64))).body['code'], 'COLLECTION_EXPORT_PROFILE_STATE');
  assert.equal((await approve('analyst', proposed['hash'])).status, 403);
  assert.equal((await approve('dpo2', proposed['hash'])).body['state'], 'approved');
  assert.equal((await run(proposed['id'], 'dpo', 1)).lines.length, PEOPLE + 1);

  const again = await approved(records('first', { illness: { as: 'clear' } }));
  await assert.rejects(
    run(proposed['id']),
    { code: 'COLLECTION_EXPORT_PROFILE_STATE' },
    'the one before it is retired',
  );
  await as('dpo', 'POST', `${EXPORTS}/profiles/${again}/retire`);
  await assert.rejects(run(again), { code: 'COLLECTION_EXPORT_PROFILE_STATE' });
  const wrong = await as('dpo', 'POST', `${EXPORTS}/profiles`, records('outside', { income: { as: 'clear' } }, { recipient: { name: 'university', where: 'outside' } })); // prettier-ignore
  assert.equal(wrong.body['code'], 'COLLECTION_EXPORT_PROFILE_INVALID');
});

/** Exports of the first server, with a spool that the test can look into. */
function withOpenSpool(): Readonly<{ exports: Exports; spool: () => Db }> {
  const { vault, audit, identity, clock, collection } = systems[0] as System;
  const opened: Db[] = [];
  const exports = createExports({
    db: fresh.db, audit, clock, catalog: collection.catalog.current, vault, mask: maskValue, arePeople: identity.people.areThere, pseudonymKey: Buffer.alloc(32, 9),
    openSpool: () => {
      const db = openDb(fresh.url, { connections: 1 });
      opened.push(db);
      return db;
    },
  }); // prettier-ignore
  return { exports, spool: () => opened.at(-1) as Db };
}
const asking = async (role = 'dpo') => {
  const actor = await (systems[0] as System).access.authenticate(keys.get(role));
  return { actor, requestId: 'test', renew: () => Promise.resolve(actor), stopped: () => false };
};

/** What the parts are handed, as it is when they ask. */
const running = () => ({
  PEOPLE,
  person,
  fresh,
  home,
  systems,
  call,
  keys,
  subjects,
  as,
  EXPORTS,
  records,
  approved,
  run,
  urlOf,
  logged,
  reportOf,
  RESEARCH,
  withOpenSpool,
  asking,
});
export type Running = ReturnType<typeof running>;

groupsAreLarge(running);
whatWaitsIsSealed(running);
countsAreOfPeople(running);
