/** Retention on a whole system: what is due goes and nothing else, a hold keeps it, and what went is accounted for. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import { parseSubjectId, type SubjectId } from '#platform/ids';

import { composeSystem, type System } from './compose.ts';
import { MIGRATIONS } from './migrations.ts';
import { whatIsDueGoes } from './retention-due.tests.ts';
import { holdsKeep } from './retention-holds.tests.ts';
import { fieldsNobodyReads } from './retention-fields.tests.ts';
import { whatIsTrusted } from './retention-trusted.tests.ts';

const CATALOG = `schema: strongroom/catalog/1
purposes:
  service: {title: Serving, legalBasis: contract}
  service.support: {title: Helping}
  marketing: {title: Telling, legalBasis: legitimate-interest}
  legal: {title: The law, legalBasis: legal-obligation, art9: legal-claims}
events: {account.closed: the account was closed, case.closed: a case was closed}
collections:
  customer:
    title: Customers
    owner: sales
    externalId: {name: customer_id}
    retention: {after: account.closed, for: P2Y}
    attachments: {class: sensitive, purposes: [service.support]}
    fields:
      name: {type: name, class: personal, purposes: [service.support], required: true, search: [exact, prefix]}
      email:
        {type: email, class: personal, search: {exact: {unique: true}}, purposes: [service.support, {id: marketing, retention: {after: consent.withdrawn, for: P0D, action: stop-use}}]}
      born_on: {type: date, class: sensitive, search: month, retention: {after: case.closed, for: P1M, action: coarsen}, purposes: [service.support]}
      iban: {type: iban, class: sensitive, floor: {after: account.closed, for: P10Y, law: HGB 257}, purposes: [service.support]}
      note: {type: text, class: special, purposes: [service.support], art9: legal-claims, retention: {after: case.closed, for: P30D}}
`;

const ORDERS = `  orders:
    title: Orders
    owner: sales
    externalId: {name: order_id}
    retention: {after: account.closed, for: P2Y}
    fields:
      what: {type: text, class: internal, purposes: [service.support]}
`;

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let system: System;
let url: string;
const clock = { offset: 0 };
const keys = new Map<string, string>();

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-retention-'));
  await writeFile(join(home, 'catalog.yaml'), CATALOG + ORDERS);
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  system = await start();
  url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  keys.set('admin', (await readFile(join(home, 'admin.key'), 'utf8')).trim());
  for (const name of ['application', 'dpo', 'dpo2', 'security', 'support', 'auditor'])
    keys.set(
      name,
      (await call('admin', 'POST', '/v1/access/keys', { name, role: name.replace('2', '') })).body.key as string,
    );
  await settled();
});
after(async () => {
  await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

const start = (): Promise<System> =>
  composeSystem(
    readConfig({ STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent', STRONGROOM_CATALOG: join(home, 'catalog.yaml') }),
    createLog('silent'),
    () => new Date(Date.now() + clock.offset),
  ); // prettier-ignore

export type Body = Record<string, unknown>;
async function call(as: string, method: string, path: string, body?: unknown, purpose = 'service.support') {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${keys.get(as)}`,
      'strongroom-purpose': purpose,
      ...(method === 'PATCH' ? { 'if-match': '"1"' } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (response.status === 204 ? {} : await response.json()) as Body };
}

/** Done planning and running whatever is under way. */
async function settled(): Promise<void> {
  for (let tries = 0; tries < 2400; tries += 1) {
    await system.retention.engine.work(() => false);
    const [run] = await system.retention.engine.list();
    if (run === undefined || !['planning', 'approved', 'running'].includes(run.state)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail('the run does not end');
}

export type Run = Body & {
  id: string;
  state: string;
  planHash: string;
  plan: { subjects: number; records: number; held: number; counts: Record<string, number> };
  needed: number;
  done: Record<string, number>;
};

async function planned(): Promise<Run> {
  await settled();
  const made = await call('dpo', 'POST', '/v1/collection/retention/runs');
  assert.equal(made.status, 201, JSON.stringify(made.body));
  await settled();
  return (await call('dpo', 'GET', `/v1/collection/retention/runs/${made.body.id as string}`)).body as Run;
}

async function done(run: Run, approvers = ['security']): Promise<Run> {
  for (const who of approvers) {
    const answer = await call(who, 'POST', `/v1/collection/retention/runs/${run.id}/approve`, {
      planHash: run.planHash,
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  }
  await settled();
  return (await call('dpo', 'GET', `/v1/collection/retention/runs/${run.id}`)).body as Run;
}

const FIELDS = {
  name: 'Zelda Quux',
  email: 'zelda@example.org',
  born_on: '1985-04-17',
  iban: 'DE89370400440532013000',
  note: 'needs large print',
};
let made = 0;
async function customer(fields: Body = {}): Promise<{ id: string; subjectId: string }> {
  made += 1;
  const body = {
    collection: 'customer',
    subject: { externalId: `c-${made}` },
    fields: { ...FIELDS, email: `zelda${made}@example.org`, ...fields },
  };
  const answer = await call('application', 'POST', '/v1/vault/records', body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body as { id: string; subjectId: string };
}
const tell = async (subject: string, event: string, at = '2020-01-31T12:00:00Z', more: Body = {}) =>
  (
    (
      await call('application', 'POST', '/v1/collection/events', {
        events: [{ subject: { id: subject }, event, at, ...more }],
      })
    ).body.results as Body[]
  )[0];
const read = async (id: string, as = 'application', purpose = 'service.support') =>
  (await call(as, 'GET', `/v1/vault/records/${id}`, undefined, purpose)).body.fields as Record<
    string,
    { state: string; value?: unknown }
  >;
const idOf = (subject: string): SubjectId => parseSubjectId(subject) as SubjectId;

test('events are recorded once, for subjects that are there, and only declared ones', async () => {
  const { subjectId } = await customer();
  const events = [
    { subject: { id: subjectId }, event: 'account.closed', at: '2026-01-01T00:00:00Z' },
    {
      subject: { collection: 'customer', externalId: `c-${made}` },
      event: 'account.closed',
      at: '2026-01-01T01:00:00+01:00',
    },
    { subject: { id: subjectId }, event: 'record.created' },
    { subject: { id: subjectId }, event: 'no.such' },
    { subject: { id: 'sub_00000000000000000000000000' }, event: 'account.closed' },
    { subject: { id: subjectId }, event: 'account.closed', at: '2099-01-01T00:00:00Z' },
  ];

  const first = (await call('application', 'POST', '/v1/collection/events', { events })).body.results as {
    status: string;
    problem?: { field: string };
  }[];
  const again = (await call('application', 'POST', '/v1/collection/events', { events })).body.results as {
    status: string;
  }[];
  const refused = await call('support', 'POST', '/v1/collection/events', { events });

  assert.deepEqual(first.map((each) => each.problem?.field ?? each.status), ['recorded', 'known', 'event', 'event', 'subject', 'at']); // prettier-ignore
  assert.deepEqual(again.slice(0, 2).map(({ status }) => status), ['known', 'known']); // prettier-ignore
  assert.equal(refused.status, 403);
  assert.equal((await fresh.db`select from collection.subject_events where subject_id = ${idOf(subjectId)}`).length, 1);
});

test('an event of a subject that is erased before it is kept is of nobody, and leaves no trace', async () => {
  const { subjectId } = await customer();
  const { retention } = system.vault;
  const { living } = retention;
  retention.living = async (ids) => {
    retention.living = living;
    const there = await living(ids);
    assert.equal((await call('dpo', 'DELETE', `/v1/vault/subjects/${subjectId}`)).status, 200);
    return there;
  };

  const told = (await tell(subjectId, 'account.closed')) as Body & { problem?: Body };

  assert.deepEqual([told.status, told.problem?.field], ['rejected', 'subject']);
  assert.equal((await fresh.db`select from collection.subject_events where subject_id = ${idOf(subjectId)}`).length, 0);
});

/** What the parts are handed, as it is when they ask. */
const running = () => ({
  fresh,
  system,
  url,
  clock,
  keys,
  start,
  call,
  settled,
  planned,
  done,
  FIELDS,
  customer,
  tell,
  read,
  idOf,
});
export type Running = ReturnType<typeof running>;

whatIsDueGoes(running);
holdsKeep(running);
fieldsNobodyReads(running);
whatIsTrusted(running);
