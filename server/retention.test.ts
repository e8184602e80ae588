/** Retention on a whole system: what is due goes and nothing else, a hold keeps it, and what went is accounted for. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { readConfig } from '#platform/config';
import { filesWith } from '#platform/file-search';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import { openNote, parseVerifierKeys } from '#platform/tlog';
import { parseRecordId, parseSubjectId, publicId, type SubjectId, type Uuid } from '#platform/ids';

import { composeSystem, type System } from './compose.ts';
import { MIGRATIONS } from './migrations.ts';

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
let clockOffset = 0;
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
    () => new Date(Date.now() + clockOffset),
  ); // prettier-ignore

type Body = Record<string, unknown>;
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
  for (let tries = 0; tries < 200; tries += 1) {
    await system.retention.engine.work(() => false);
    const [run] = await system.retention.engine.list();
    if (run === undefined || !['planning', 'approved', 'running'].includes(run.state)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail('the run does not end');
}

type Run = Body & {
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

/** All that the log has is counted. */
async function folded(): Promise<void> {
  while ((await system.usage.fold()) > 0);
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

async function verified(): Promise<Body> {
  await call('admin', 'POST', '/v1/vault/verification');
  for (let tries = 0; tries < 200; tries += 1) {
    const work = (await call('admin', 'GET', '/v1/vault/verification')).body;
    if (work.state === 'done') return work.result as Body;
    await system.vault.runWorks(() => false);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return assert.fail('the verification does not end');
}

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

test('what is due goes, what is not stays, nothing before two people said so, and the vault, the proof and the account agree', async () => {
  const [closed, open, casual] = [
    await customer({ name: 'Xavier Wunderlich', born_on: '1951-07-23' }),
    await customer(),
    await customer(),
  ];
  const token = (
    await call('application', 'POST', '/v1/vault/tokens', { recordId: closed.id, field: 'email', kind: 'random' })
  ).body.token as string;
  await fetch(`${url}/v1/vault/records/${closed.id}/attachments`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${keys.get('application')}`,
      'strongroom-purpose': 'service.support',
      'content-type': 'application/octet-stream',
      'strongroom-name': 'a.txt',
    },
    body: 'a file',
  });
  await tell(closed.subjectId, 'account.closed');
  await tell(closed.subjectId, 'case.closed');
  await tell(closed.subjectId, 'consent.withdrawn');
  await tell(casual.subjectId, 'case.closed');
  const old = await storedOf(closed.id);
  await call('dpo', 'POST', '/v1/collection/retention/settings', {
    enforce: false,
    twoPeopleAbove: 1,
    perSecond: 10_000,
    everyHours: 24,
  });
  const { hash } = (await call('dpo', 'GET', '/v1/collection/retention')).body.proposed as { hash: string };
  assert.equal(
    (await call('dpo', 'POST', '/v1/collection/retention/settings/approve', { hash })).body.code,
    'COLLECTION_SAME_PERSON',
  );
  assert.equal((await call('security', 'POST', '/v1/collection/retention/settings/approve', { hash })).status, 200);

  const plan = await planned();
  const untouched = await read(closed.id);
  const path = `/v1/collection/retention/runs/${plan.id}/approve`;
  const other = await call('dpo', 'POST', path, { planHash: '0'.repeat(64) });
  const twice = [
    await call('dpo', 'POST', path, { planHash: plan.planHash }),
    await call('dpo', 'POST', path, { planHash: plan.planHash }),
  ];
  await settled();
  const waiting = await read(closed.id);
  const outsider = await call('support', 'POST', path, { planHash: plan.planHash });
  const run = await done(plan);

  assert.equal(plan.state, 'planned');
  assert.equal(plan.needed, 2);
  assert.deepEqual([plan.plan.subjects, plan.plan.records], [2, 2]);
  assert.equal(untouched.name?.value, 'Xavier Wunderlich', 'a dry run changes nothing');
  assert.equal(other.body.code, 'COLLECTION_RETENTION_OTHER_PLAN');
  assert.deepEqual(twice.map(({ body }) => body.state), ['planned', 'planned'], 'one person twice is one person'); // prettier-ignore
  assert.equal(waiting.name?.value, 'Xavier Wunderlich');
  assert.equal(outsider.status, 403);
  assert.equal(run.state, 'done', JSON.stringify(run));
  const left = await read(closed.id);
  assert.deepEqual(Object.keys(left).toSorted(), ['born_on', 'iban'], 'a law keeps one, and one is coarse');
  assert.equal(left.born_on?.value, '1951-01-01');
  assert.equal((await read(casual.id)).name?.value, 'Zelda Quux');
  assert.deepEqual(Object.keys(await read(casual.id)).toSorted(), ['born_on', 'email', 'iban', 'name']);
  assert.deepEqual(Object.keys(await read(open.id)).length, 5);
  assert.equal(
    (await call('application', 'POST', '/v1/vault/tokens/open', { token })).body.code,
    'VAULT_TOKEN_UNKNOWN',
  );
  assert.deepEqual(
    (await call('application', 'GET', `/v1/vault/records/${closed.id}/attachments`)).body.attachments,
    [],
  );

  const proof = (await call('dpo', 'POST', '/v1/collection/retention/proofs')).body;
  assert.equal(proof.ok, true, JSON.stringify(proof));
  assert.equal((await verified()).ok, true);
  await searchEveryByte(old as Stored, (await storedOf(closed.id)) as Stored);

  const { certificate } = (await call('auditor', 'GET', `/v1/collection/retention/runs/${run.id}/certificate`))
    .body as { certificate: string };
  const opened = openNote(certificate, parseVerifierKeys(system.audit.verifierKey) ?? []);
  assert.match(opened?.text ?? '', new RegExp(`^strongroom/retention-certificate/1\n(.*\n)*plan ${plan.planHash}\n`));
  assert.equal(
    openNote(certificate.replace('fields-erased', 'fields-kept'), parseVerifierKeys(system.audit.verifierKey) ?? []),
    null,
  );
  const { erasures } = (await call('auditor', 'GET', '/v1/collection/retention/erasures?limit=1000')).body as {
    erasures: {
      run: string;
      seq: string;
      scope: string;
      subject: string;
      record: string;
      collection: string;
      fields: string[];
    }[];
  };
  const rows = erasures.filter((each) => each.run === run.id);
  const lines = rows.map(
    (row) =>
      `${row.seq} ${row.scope} ${row.subject} ${row.record ?? '-'} ${row.collection ?? '-'} ${row.fields.join(',') || '-'}\n`,
  );
  assert.match(
    certificate,
    new RegExp(`\nrows ${rows.length} ${createHash('sha256').update(lines.join('')).digest('hex')}\n`),
  );
  assert.equal(rows.length, 2);
  await assert.rejects(fresh.db`delete from collection.erasures`.execute(), /append-only/);

  const again = await planned();
  assert.equal(again.state, 'done', `what was done is not due again: ${JSON.stringify(again.plan)}`);
});

type Stored = { box: string; lookups: string; token: string | null };
async function storedOf(record: string): Promise<Stored | undefined> {
  const number = String(parseRecordId(record)?.recordNo);
  const [row] = await fresh.db`
    select encode(box, 'hex') as box, encode(lookups, 'hex') as lookups,
      (select encode(lookup, 'hex') from vault.tokens t where t.record_no = r.record_no limit 1) as token
    from vault.records r where record_no = ${number}`;
  return row as Stored | undefined;
}
const pieces = (text: string, size: number): string[] => text.match(new RegExp(`.{${size}}`, 'g')) ?? [];

/** What was sealed of it, and what it was found by, stand in no row of any table and in no file of the database. */
async function searchEveryByte(old: Stored, now: Stored): Promise<void> {
  const gone = [
    ...pieces(old.box.slice(96), 48).filter((piece) => !now.box.includes(piece)),
    ...pieces(old.lookups, 32).filter((piece) => !now.lookups.includes(piece)),
    old.token as string,
  ];
  assert.ok(gone.length > 15, 'there is something to look for');
  const inClear = ['Xavier Wunderlich', 'large print', '1951-07-23'];
  const tables = (await fresh.db`
    select table_schema || '.' || table_name as name from information_schema.tables
    where table_schema in ('audit', 'vault', 'access', 'collection')`) as unknown as { name: string }[];
  for (const { name } of tables) {
    const rows = (await fresh.db.unsafe(`select t::text as text from ${name} t`)) as unknown as { text: string }[];
    for (const { text } of rows)
      for (const piece of [...gone, ...inClear]) assert.ok(!text.includes(piece), `${name} has ${piece}`);
  }
  const [place] = (await fresh.db`
    select current_setting('data_directory') || '/base/' || oid as folder from pg_database where datname = current_database()`) as unknown as {
    folder: string;
  }[];
  const folder = place?.folder as string;
  if (!existsSync(folder)) return;
  const words = [...gone.map((piece) => Buffer.from(piece, 'hex')), ...inClear];
  await fresh.db.unsafe('checkpoint');
  const alive = await filesWith(folder, [Buffer.from(now.box.slice(-48), 'hex')]);
  assert.ok(alive.found.length > 0, 'the search finds what is there');
  // Row versions that nobody sees any more are still bytes until they are vacuumed, and a vacuum keeps those that a
  // transaction which is still open could see: one job of the server is enough.
  for (let tries = 1; ; tries += 1) {
    for (const { name } of tables) if (name.startsWith('vault.')) await fresh.db.unsafe(`vacuum full ${name}`);
    await fresh.db.unsafe('checkpoint');
    const { found } = await filesWith(folder, words);
    if (tries < 20 && found.length > 0) continue;
    assert.deepEqual(found, []);
    return;
  }
}

test('a subject of whom all is due is shredded, by retention or by request, and the account has it in the same transaction', async () => {
  const fields = { iban: undefined, born_on: undefined };
  const [due, asked] = [await customer(fields), await customer(fields)];
  await tell(due.subjectId, 'account.closed');
  await tell(due.subjectId, 'case.closed');
  await tell(due.subjectId, 'consent.withdrawn');

  const run = await done(await planned());
  const erased = await call('dpo', 'DELETE', `/v1/vault/subjects/${asked.subjectId}`);

  assert.equal(run.done['subjects-shredded'], 1, JSON.stringify(run));
  assert.equal(erased.status, 200);
  for (const { subjectId } of [due, asked]) {
    const mac = system.retention.erasures.subjectMac(idOf(subjectId));
    const rows = await fresh.db`select scope, cause from collection.erasures where subject_mac = ${mac}`;
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.scope, 'subject');
    assert.equal(
      (await fresh.db`select from collection.subject_events where subject_id = ${idOf(subjectId)}`).length,
      0,
    );
  }
  assert.equal((await call('dpo', 'GET', `/v1/vault/subjects/${due.subjectId}`)).status, 404);
});

test('consent that is withdrawn ends its purpose at the next read; taken back, it begins again; others go on', async () => {
  const { id, subjectId } = await customer();
  const state = async (purpose: string) => (await read(id, 'application', purpose)).email?.state;
  await call('application', 'POST', '/v1/vault/tokens', { recordId: id, field: 'note', kind: 'random' });
  const tokens = async () => (await fresh.db`select from vault.tokens where subject_id = ${idOf(subjectId)}`).length;
  assert.equal(await tokens(), 1);
  assert.equal((await call('application', 'PATCH', `/v1/vault/records/${id}`, { fields: { note: null } })).status, 200);
  assert.equal(await tokens(), 0, 'a field that is taken away takes its tokens along');
  const before = await state('marketing');

  await tell(subjectId, 'consent.withdrawn', '2026-01-01T00:00:00Z', { purpose: 'marketing' });
  const after = [await state('marketing'), await state('service.support'), await state('legal')];
  await tell(subjectId, 'consent.withdrawn', '2026-01-02T00:00:00Z', { purpose: 'marketing', state: 'undone' });

  assert.equal(before, 'clear');
  assert.deepEqual(after, ['denied', 'clear', 'clear']);
  assert.equal(await state('marketing'), 'clear');
});

test('a hold is placed and lifted by two people, and keeps what is due from everybody until then', async () => {
  const { id, subjectId } = await customer({ iban: undefined, born_on: undefined });
  for (const event of ['account.closed', 'case.closed', 'consent.withdrawn']) await tell(subjectId, event);
  const ask = {
    matter: 'M-1',
    subject: subjectId,
    reason: 'a suit',
    authority: 'counsel',
    role: 'dpo',
    reviewBy: '2027-01-01',
  };
  const hold = (await call('dpo', 'POST', '/v1/collection/holds', ask)).body as { id: string; state: string };
  const astray = await call('dpo', 'POST', '/v1/collection/holds', { ...ask, field: '@attachments' });
  assert.deepEqual([astray.body.code, astray.body.field], ['COLLECTION_HOLD_INVALID', 'field']);
  const same = await call('dpo', 'POST', `/v1/collection/holds/${hold.id}/approve`);
  const outsider = await call('application', 'POST', `/v1/collection/holds/${hold.id}/approve`);
  const active = await call('security', 'POST', `/v1/collection/holds/${hold.id}/approve`);

  const refusals = [
    await call('dpo', 'DELETE', `/v1/vault/subjects/${subjectId}`),
    await call('application', 'DELETE', `/v1/vault/records/${id}`),
    await call('application', 'PATCH', `/v1/vault/records/${id}`, { fields: { note: null } }),
  ];
  const plan = await planned();
  const run = plan.state === 'planned' ? await done(plan) : plan;
  const held = await read(id, 'dpo');
  const shut = await read(id);
  const quiet = await planned();

  assert.equal(same.body.code, 'COLLECTION_SAME_PERSON');
  assert.equal(outsider.status, 403);
  assert.equal(active.body.state, 'active');
  assert.deepEqual(refusals.map(({ status, body }) => [status, body.code, body.matters]), Array.from({ length: 3 }, () => [423, 'VAULT_HELD', ['M-1']])); // prettier-ignore
  assert.equal(plan.plan.held, 1);
  assert.equal(run.done.held, 1, JSON.stringify(run));
  assert.equal(held.name?.value, 'Zelda Quux', 'the role of the matter sees it');
  assert.equal(shut.name?.state, 'denied', 'nobody else does');
  assert.equal(quiet.state, 'done', 'what waits is not planned again and again');
  assert.equal(
    (await call('dpo', 'POST', '/v1/collection/retention/proofs')).body.ok,
    true,
    'what is held is no fault',
  );

  await call('dpo', 'POST', `/v1/collection/holds/${hold.id}/lift`, { reason: 'the suit is over' });
  assert.equal(
    (await call('dpo', 'POST', `/v1/collection/holds/${hold.id}/approve`)).body.code,
    'COLLECTION_SAME_PERSON',
  );
  assert.equal((await call('security', 'POST', `/v1/collection/holds/${hold.id}/approve`)).body.state, 'released');
  await settled();
  const [requeued] = await system.retention.engine.list();
  assert.equal(requeued?.state, 'planned', 'what waited is planned by itself');
  assert.equal(requeued.requestedBy, 'schedule');
  assert.equal((await done(requeued as unknown as Run, ['security'])).done['subjects-shredded'], 1);
});

test('a hold on a record that has expired keeps it from going with its subject, of whom all else is due', async () => {
  const { id, subjectId } = await customer({ iban: undefined, born_on: undefined });
  const order = await call('application', 'POST', '/v1/vault/records', { collection: 'orders', subject: { id: subjectId, externalId: 'o-1' }, fields: { what: 'a lamp' } }); // prettier-ignore
  assert.equal(order.status, 201, JSON.stringify(order.body));
  const { recordNo } = parseRecordId(order.body.id as string) as { recordNo: bigint };
  const ask = { matter: 'E-1', collection: 'orders', reason: 'a suit', authority: 'counsel', reviewBy: '2027-01-01' };
  const hold = (await call('dpo', 'POST', '/v1/collection/holds', ask)).body;
  assert.equal((await call('security', 'POST', `/v1/collection/holds/${hold.id as string}/approve`)).status, 200);
  await fresh.db`update vault.records set expires_at = now() - interval '1 hour' where record_no = ${String(recordNo)}`;
  for (const event of ['account.closed', 'case.closed', 'consent.withdrawn']) await tell(subjectId, event);

  const run = await done(await planned());

  assert.equal(run.state, 'done', JSON.stringify(run));
  assert.equal((await call('application', 'GET', `/v1/vault/records/${id}`)).status, 404, 'what is due went');
  assert.equal(
    (await fresh.db`select from vault.records where record_no = ${String(recordNo)}`).length,
    1,
    'it is kept',
  );
  assert.equal((await call('dpo', 'POST', '/v1/collection/retention/proofs')).body.ok, true);
  await fresh.db`update collection.holds set state = 'released', released_at = now() where matter = 'E-1'`;
});

test('a deletion and a hold at once: the deletion was answered before, or the hold wins; two servers do each subject once', async () => {
  const other = await start();
  try {
    const people = await Promise.all(
      Array.from({ length: 12 }, () => customer({ iban: undefined, born_on: undefined })),
    );
    const holds: string[] = [];
    for (const { subjectId } of people) {
      for (const event of ['account.closed', 'case.closed', 'consent.withdrawn']) await tell(subjectId, event);
      const ask = { matter: 'R', subject: subjectId, reason: 'r', authority: 'a', reviewBy: '2027-01-01' };
      holds.push((await call('dpo', 'POST', '/v1/collection/holds', ask)).body.id as string);
    }
    const plan = await planned();
    const approving = await call('security', 'POST', `/v1/collection/retention/runs/${plan.id}/approve`, {
      planHash: plan.planHash,
    });
    const second =
      plan.needed > 1
        ? await call('dpo', 'POST', `/v1/collection/retention/runs/${plan.id}/approve`, { planHash: plan.planHash })
        : approving;
    assert.equal(second.status, 200);

    const [placed] = await Promise.all([
      Promise.all(holds.map((id) => call('security', 'POST', `/v1/collection/holds/${id}/approve`))),
      system.retention.engine.work(() => false),
      other.retention.engine.work(() => false),
      ...people.slice(0, 4).map(({ subjectId }) => call('dpo2', 'DELETE', `/v1/vault/subjects/${subjectId}`)),
    ]);
    await settled();

    assert.ok(placed.every(({ status }) => status === 200));
    for (const { subjectId } of people) {
      const [hold] = await fresh.db`select from_at from collection.holds where subject_id = ${idOf(subjectId)}`;
      const [gone] =
        await fresh.db`select at from collection.erasures where subject_mac = ${system.retention.erasures.subjectMac(idOf(subjectId))}`;
      const living = (await fresh.db`select from vault.keyrings where subject_id = ${idOf(subjectId)}`).length;
      assert.equal(living, gone === undefined ? 1 : 0);
      if (gone !== undefined) assert.ok((gone.at as Date) <= (hold?.from_at as Date), 'erased under a hold');
    }
    const erased =
      await fresh.db`select subject_mac from collection.erasures where scope = 'subject' group by 1 having count(*) > 1`;
    assert.equal(erased.length, 0, 'each once');
    await fresh.db`update collection.holds set state = 'released', released_at = now() where matter = 'R'`;
  } finally {
    await other.close();
  }
});

test('a field that nobody read is proposed, kept or applied; applied, the catalogue is proposed without it and what is held goes', async () => {
  const records = Array.from({ length: 110 }, (_, n) => ({
    subject: { externalId: `r-${n}` },
    fields: { ...FIELDS, email: `r${n}@example.org`, name: 'Same Name' },
  }));
  assert.equal(
    (await call('application', 'POST', '/v1/vault/records/batch', { collection: 'customer', records })).status,
    200,
  );
  const one = await customer();
  await folded();
  // other tests read every field
  await fresh.db`delete from collection.field_usage`;
  for (const field of ['name', 'email', 'iban'])
    await call('application', 'GET', `/v1/vault/records/${one.id}?fields=${field}`);
  await call('support', 'GET', `/v1/vault/records/${one.id}?fields=born_on`);
  await fresh.db`update collection.field_review set since = now() - interval '100 days'`;
  await folded();

  const found = (await call('dpo', 'POST', '/v1/collection/fields/review', { days: 90 })).body.proposals as {
    id: string;
    field: string;
    kind: string;
    suggests: string;
    owner: string;
    evidence: Body;
  }[];
  const of = (field: string) =>
    found
      .filter((each) => each.field === field)
      .map(({ kind }) => kind)
      .toSorted();
  const note = found.find(({ field, kind }) => field === 'note' && kind === 'never-read');
  const born = found.find(({ field, kind }) => field === 'born_on' && kind === 'over-precise');
  const path = (id = '') => `/v1/collection/fields/proposals/${id}/decide`;
  const outsider = await call('support', 'POST', path(note?.id), { decision: 'apply', reason: 'not needed' });
  const openEnded = await call('dpo', 'POST', path(born?.id), { decision: 'keep', reason: 'needed' });
  const kept = await call('dpo', 'POST', path(born?.id), {
    decision: 'keep',
    reason: 'needed for the age',
    reviewBy: '2099-01-01',
  });
  // whose edited catalogue is none: the only order of the collection
  const what = { collection: 'orders', field: 'what', kind: 'mostly-empty', suggests: 'erase' };
  await fresh.db`insert into collection.field_proposals (proposal_id, collection, field, kind, suggests, evidence, owner, due_at, state, made_at) values ('01890000-0000-7000-8000-000000000001', ${what.collection}, ${what.field}, ${what.kind}, ${what.suggests}, '{}', 'x', now(), 'open', now())`;
  const unproposed = await call('dpo', 'POST', path(publicId('prop', '01890000-0000-7000-8000-000000000001' as Uuid)), { decision: 'apply', reason: 'not needed' }); // prettier-ignore
  const left =
    await fresh.db`select state, (select count(*)::int from collection.field_orders) as orders from collection.field_proposals where field = 'what'`;
  await fresh.db`delete from collection.field_proposals where field = 'what'`;
  const applied = await call('dpo', 'POST', path(note?.id), { decision: 'apply', reason: 'nobody needs it' });
  const twice = await call('dpo', 'POST', path(note?.id), { decision: 'apply', reason: 'nobody needs it' });
  const again = (await call('dpo', 'POST', '/v1/collection/fields/review', { days: 90 })).body.proposals as {
    field: string;
    kind: string;
    state: string;
  }[];

  assert.deepEqual(of('note'), ['never-read']);
  assert.deepEqual(of('email'), ['one-purpose']);
  assert.deepEqual(of('born_on').filter((kind) => kind !== 'always-same'), ['over-precise']); // prettier-ignore
  assert.equal(note?.owner, 'sales');
  assert.equal(outsider.status, 403);
  assert.equal(openEnded.body.code, 'COLLECTION_PROPOSAL_INVALID');
  assert.equal(unproposed.status, 422, JSON.stringify(unproposed.body));
  assert.deepEqual(
    [...left],
    [{ state: 'open', orders: 0 }],
    'where the catalogue cannot be proposed, nothing is ordered',
  );
  assert.equal(kept.body.state, 'kept');
  assert.equal(twice.body.code, 'COLLECTION_PROPOSAL_STATE');
  assert.ok(
    !again.some(({ field, kind, state }) => field === 'born_on' && kind === 'over-precise' && state === 'open'),
    'not asked again',
  );
  const version = applied.body.version as string;
  const diff = (await call('dpo', 'GET', `/v1/collection/versions/${version}/diff`)).body as {
    changes: { path: string }[];
  };
  assert.deepEqual(diff.changes.map((each) => each.path), ['collections.customer.fields.note']); // prettier-ignore

  const hash = (await call('dpo', 'GET', `/v1/collection/versions/${version}`)).body.hash as string;
  assert.equal((await call('security', 'POST', `/v1/collection/versions/${version}/approve`, { hash })).status, 200);
  assert.equal(
    (await call('dpo', 'POST', `/v1/collection/versions/${version}/activate`)).body.code,
    'COLLECTION_CATALOG_ORPHANS',
  );
  const plan = await planned();
  assert.ok((plan.because as string[]).includes('ordered'), 'one person ordered it: another looks at what goes');
  const run = await done(plan, ['security', 'dpo']);
  assert.ok((run.done['fields-erased'] ?? 0) >= 111, JSON.stringify(run.done));
  assert.equal((await read(one.id)).note, undefined);
  const active = await call('dpo', 'POST', `/v1/collection/versions/${version}/activate`);
  assert.equal(active.status, 200, JSON.stringify(active.body));
  const orders = await fresh.db`select from collection.field_orders`;
  assert.equal(orders.length, 0, 'a field of this name that comes later is not erased by what was ordered of this one');
  assert.equal((await call('dpo', 'POST', '/v1/collection/retention/proofs')).body.ok, true);
});

test('a clock that went back plans nothing, one that jumped ahead does nothing without a person, and changed rules end a run', async () => {
  await settled();
  await customer({ note: undefined });
  clockOffset = -3_600_000;
  const back = await call('dpo', 'POST', '/v1/collection/retention/runs');
  clockOffset = 0;
  const { subjectId } = await customer({ note: undefined });
  await tell(subjectId, 'case.closed');
  const plan = await planned();
  clockOffset = 49 * 3_600_000;
  await call('dpo', 'POST', `/v1/collection/retention/runs/${plan.id}/approve`, { planHash: plan.planHash });
  await call('security', 'POST', `/v1/collection/retention/runs/${plan.id}/approve`, { planHash: plan.planHash });
  await settled();
  const late = (await call('dpo', 'GET', `/v1/collection/retention/runs/${plan.id}`)).body;
  const jumped = await planned();

  assert.equal(back.body.code, 'COLLECTION_RETENTION_CLOCK');
  assert.deepEqual([late.state, late.refused], ['refused', 'clock']);
  assert.ok((jumped.because as string[]).includes('clock'), JSON.stringify(jumped));

  await fresh.db`insert into collection.field_orders (collection, field, action, at, proposal_id) values ('customer', 'iban', 'erase', now(), gen_random_uuid())`;
  for (const who of ['dpo', 'security'])
    await call(who, 'POST', `/v1/collection/retention/runs/${jumped.id}/approve`, { planHash: jumped.planHash });
  await settled();
  const changed = (await call('dpo', 'GET', `/v1/collection/retention/runs/${jumped.id}`)).body;
  assert.deepEqual([changed.state, changed.refused], ['refused', 'rules']);
  await fresh.db`delete from collection.field_orders`;
  const after = await planned();
  assert.ok(
    (after.because as string[]).includes('clock'),
    'the next plan is not taken on trust because one was made before',
  );
});

test('enforced, what is due goes by itself once somebody has looked at a plan of less than 48 hours ago, and not before', async () => {
  await call('dpo', 'POST', '/v1/collection/retention/settings', { enforce: true, twoPeopleAbove: 1, perSecond: 10_000, everyHours: 24 }); // prettier-ignore
  const { hash } = (await call('dpo', 'GET', '/v1/collection/retention')).body.proposed as { hash: string };
  assert.equal((await call('security', 'POST', '/v1/collection/retention/settings/approve', { hash })).status, 200);
  const due = async (): Promise<string> => {
    const { subjectId } = await customer({ note: undefined, iban: undefined, born_on: undefined });
    for (const event of ['account.closed', 'consent.withdrawn']) await tell(subjectId, event);
    return subjectId;
  };
  const scheduled = async (): Promise<Run> => {
    clockOffset += 25 * 3_600_000;
    await system.retention.engine.planWhenDue();
    await settled();
    return (await system.retention.engine.list(1))[0] as unknown as Run;
  };
  const [first, second] = [await due(), await due()];
  const looked = await scheduled();
  assert.deepEqual([looked.state, looked.because], ['planned', ['many', 'clock']]);
  await done(looked, ['security', 'dpo']);
  const third = await due();

  const alone = await scheduled();

  assert.deepEqual([alone.state, alone.because, alone.requestedBy], ['done', [], 'schedule'], JSON.stringify(alone));
  for (const subject of [first, second, third])
    assert.equal((await call('dpo', 'GET', `/v1/vault/subjects/${subject}`)).status, 404);
});

test('once there are people, keys that nobody stands behind are not two of them: hold, settings, plan', async () => {
  const { subjectId } = await customer({ note: undefined });
  const ask = { matter: 'M-9', subject: subjectId, reason: 'a suit', authority: 'counsel', reviewBy: '2027-01-01' };
  const hold = (await call('dpo', 'POST', '/v1/collection/holds', ask)).body;
  const { settings } = await system.retention.settings.view();
  const proposed = (await call('dpo', 'POST', '/v1/collection/retention/settings', settings)).body.proposed as Body;
  await call('dpo', 'POST', '/v1/collection/retention/runs');
  await settled();
  const [plan] = await system.retention.engine.list();
  await fresh.db`update collection.retention_runs set needed = 2, state = 'planned' where run_id = (select max(run_id::text)::uuid from collection.retention_runs)`;
  const invited = await call('admin', 'POST', '/v1/access/people', { email: 'eve@example.org', name: 'Eve', roles: ['support'] }); // prettier-ignore
  assert.equal(invited.status, 201, JSON.stringify(invited.body));

  const refused = [
    await call('security', 'POST', `/v1/collection/holds/${hold.id as string}/approve`),
    await call('security', 'POST', '/v1/collection/retention/settings/approve', { hash: proposed.hash }),
    await call('security', 'POST', `/v1/collection/retention/runs/${plan?.id}/approve`, { planHash: plan?.planHash }),
  ];

  assert.deepEqual(
    refused.map(({ status, body }) => [status, body.code]),
    Array.from({ length: 3 }, () => [403, 'COLLECTION_PERSON_NEEDED']),
  );
});
