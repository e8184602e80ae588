import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { verifyLog, type VerifyReport } from '#platform/audit';
import { readConfig } from '#platform/config';
import { transact } from '#platform/db';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';

import { composeSystem, type System } from './compose.ts';
import { httpLog } from './http-log.ts';
import { openApiDocument } from './openapi.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let system: System;
let url: string;
let admin: string;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-system-'));
  fresh = await freshDatabase();
  const config = readConfig({ STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent' });
  system = await composeSystem(config, createLog('silent'));
  url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  admin = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
});
after(async () => {
  await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

type Answer = { status: number; type: string | null; body: Record<string, unknown> };

async function call(
  method: string,
  path: string,
  { key, body, type }: { key?: string; body?: string | Buffer; type?: string } = {},
): Promise<Answer> {
  const headers: Record<string, string> = {};
  if (key !== undefined) headers.authorization = `Bearer ${key}`;
  if (body !== undefined) headers['content-type'] = type ?? 'application/json';
  const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: (await response.json()) as Record<string, unknown>,
  };
}

const newKey = async (role: string): Promise<{ id: string; key: string }> =>
  (await call('POST', '/v1/access/keys', { key: admin, body: JSON.stringify({ name: role, role }) })).body as {
    id: string;
    key: string;
  };

const OPEN_TO_ALL = [
  '/healthz',
  '/health/live',
  '/health/ready',
  '/openapi.json',
  '/.well-known/authzen-configuration',
  '/v1/audit/checkpoint',
  '/v1/audit/witnessed',
  '/v1/audit/offered',
  '/v1/audit/cosignatures',
  '/v1/audit/key',
  '/v1/audit/tile/{level}/{*}',
  '/v1/vault/intake/key',
  '/v1/privacy/keys',
  '/v1/privacy/clocks',
  '/v1/privacy/proof-rules',
  '/v1/privacy/choices',
  '/v1/privacy/widget',
  '/.well-known/privacy-notice.json',
  '/.well-known/privacy-notice.jsonld',
  '/.well-known/gpc.json',
  'POST /v1/access/session',
  'POST /v1/access/session/passkey',
  'POST /v1/access/session/passkey/options',
  'GET /v1/access/session/ways',
  'GET /v1/access/session/oidc',
  'POST /v1/access/session/oidc',
  'GET /v1/access/session/oidc/callback',
  'POST /v1/access/session/oidc/logout',
  'POST /v1/access/people/accept',
  'GET /.well-known/security.txt',
  // answers to number and name together
  'POST /v1/education/certificates/check',
];

test('every route but the public ones refuses who has no key, or a wrong one', async () => {
  type Operation = { security?: readonly unknown[] };
  const { paths } = (await openApiDocument()) as { paths: Record<string, Record<string, Operation>> };
  const open = new Set<string>();
  let asked = 0;
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { security }] of Object.entries(methods)) {
      const listed = [path, `${method.toUpperCase()} ${path}`].filter((each) => OPEN_TO_ALL.includes(each));
      for (const each of listed) open.add(each);
      assert.equal(security?.length === 0, listed.length === 1, `${method} ${path} says who may ask`);
      if (listed.length > 0) continue;
      for (const key of [undefined, `srk_${'0'.repeat(52)}`]) {
        const answer = await call(
          method.toUpperCase(),
          path.replaceAll(/\{[^}]+\}/g, '0'),
          key === undefined ? {} : { key },
        );
        assert.equal(answer.status, 401, `${method} ${path}`);
        asked += 1;
      }
    }
  }
  assert.ok(asked > 200, `only ${asked} requests`);
  assert.deepEqual([...open].toSorted(), OPEN_TO_ALL.toSorted(), 'each is there, and listed once');
});

test('a revoked key fails at its very next request', async () => {
  const { id, key } = await newKey('application');
  assert.equal((await call('GET', '/v1/access/whoami', { key })).status, 200);

  await fetch(`${url}/v1/access/keys/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${admin}` } });

  assert.equal((await call('GET', '/v1/access/whoami', { key })).status, 401);
});

test('bad input is a problem with code and hint, and repeats nothing of it', async () => {
  const { key } = await newKey('application');
  const secret = 'hunter2-canary';
  const record = (collection: string, fields: object): string => JSON.stringify({ collection, fields });
  const path = '/v1/vault/records';
  const cases: [number, string, Parameters<typeof call>[2]][] = [
    [400, 'HTTP_MALFORMED', { body: `{"${secret}` }],
    [400, 'HTTP_MALFORMED', { body: Buffer.from([0x7b, 0xff, 0x7d]) }],
    [400, 'HTTP_INVALID', { body: JSON.stringify({ collection: 'customer', fields: {}, [secret]: 1 }) }],
    [415, 'HTTP_MEDIA_TYPE', { body: secret, type: 'text/csv' }],
    [413, 'HTTP_TOO_LARGE', { body: record('customer', { last_name: 'x'.repeat(17 * 2 ** 20) }) }],
    [422, 'VAULT_COLLECTION_UNKNOWN', { body: record('nobody', {}) }],
    [422, 'VAULT_FIELD_UNKNOWN', { body: record('customer', { last_name: 'A', [`${secret} x`]: 'y' }) }],
    [422, 'VAULT_FIELD_INVALID', { body: record('customer', { last_name: 'A', email: secret }) }],
    [422, 'VAULT_FIELD_REQUIRED', { body: record('customer', { email: 'a@example.org' }) }],
  ];

  for (const [status, code, ask] of cases) {
    const answer = await call('POST', path, { ...ask, key });
    assert.deepEqual([answer.status, answer.body.code], [status, code]);
    assert.match(answer.type ?? '', /^application\/problem\+json/);
    assert.ok(typeof answer.body.hint === 'string' && answer.body.hint !== '');
    assert.doesNotMatch(JSON.stringify(answer.body), new RegExp(secret));
  }
  assert.equal((await call('GET', '/v1/nowhere', { key })).body.code, 'HTTP_NOT_FOUND');
});

test('a purpose that is none is refused and does not reach the log, on reads and on writes', async () => {
  const { key } = await newKey('application');
  const before = await system.audit.size();
  for (const path of ['/v1/vault/records/search', '/v1/vault/records']) {
    const body = JSON.stringify({
      collection: 'customer',
      ...(path.endsWith('search') ? { where: { email: 'x' } } : { fields: {} }),
    });
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'strongroom-purpose': 'canary@example.org',
    };
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body });
    assert.equal(((await answer.json()) as { code: string }).code, 'VAULT_PURPOSE_UNKNOWN');
  }

  const rows = await system.audit.read(before - 1, before + 50);
  assert.doesNotMatch(rows.map((row) => row.bytes.toString()).join(), /canary/);
});

test('an idempotency key: the same answer once, another request refused, two at once make one record', async () => {
  const { key } = await newKey('application');
  const store = async (idempotencyKey: string, name: string): Promise<Record<string, unknown>> => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey,
    };
    const body = JSON.stringify({ collection: 'customer', fields: { last_name: name } });
    return (await (await fetch(`${url}/v1/vault/records`, { method: 'POST', headers, body })).json()) as Record<
      string,
      unknown
    >;
  };

  const first = await store('key-number-1', 'Once');
  assert.ok(typeof first.id === 'string');
  assert.deepEqual(await store('key-number-1', 'Once'), first);
  assert.equal((await store('key-number-1', 'Other')).code, 'VAULT_IDEMPOTENCY_KEY_REUSED');
  const atOnce = await Promise.all([1, 2, 3, 4].map(() => store('key-number-2', 'Twice')));
  assert.equal(new Set(atOnce.map((each) => each.id)).size, 1, JSON.stringify(atOnce));
});

test('a log read over HTTP: sound, then with an entry edited, then with its head replaced', async () => {
  const log = httpLog({ url, bearer: admin });
  // what is published follows at the server's own pace, about a second behind
  const verifyUntil = async (is: (report: VerifyReport) => boolean): Promise<VerifyReport> => {
    for (let tries = 0; ; tries += 1) {
      const report = await verifyLog({ source: log, verifierKey: await log.key() });
      if (is(report) || tries === 1200) return report;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  // the server goes on writing: it may wait for the table while this waits for it, and then it is this that comes again
  const behind = async (table: string, statement: string): Promise<void> =>
    transact(fresh.db, async (tx) => {
      await tx.unsafe(`alter table audit.${table} disable trigger all`);
      await tx.unsafe(statement);
      await tx.unsafe(`alter table audit.${table} enable trigger all`);
    });

  const sound = await verifyUntil(({ size }) => size > 0);
  await behind('entries', `update audit.entries set bytes = '\\x7b7d' where index = 0`);
  const edited = await verifyUntil(({ ok }) => !ok);
  await behind('tree', `update audit.tree set signed = 'junk', published = 'junk'`);
  await system.audit.append({ action: 'test', actor: { kind: 'system', id: 'test' }, outcome: 'done' });
  const refused = await verifyUntil(({ size }) => size === 0);

  assert.deepEqual(sound.problems, []);
  assert.ok(
    edited.problems.some((problem) => problem.includes('entry 0')),
    edited.problems.join(),
  );
  assert.match(
    refused.problems.join(),
    /^(the (stored tree is not the one|checkpoint is not) .*signed|entry 0 is not the one that was signed)/,
  );
});

test('a held mail is read by an administrator only, and that is in the log before it is shown; status names no address', async () => {
  const mail = {
    to: 'ada.held@example.org',
    subject: 'A link',
    text: 'the very link',
    kind: 'test.mail',
    dedupeKey: null,
  };
  const { id } = await transact(fresh.db, (tx) => system.mail.queue(tx, mail));
  const { key } = await newKey('security');

  const [list, status, one] = [
    await call('GET', '/v1/mail/messages', { key: admin }),
    await call('GET', '/v1/status', { key: admin }),
    await call('GET', `/v1/mail/messages/${id}`, { key: admin }),
  ];
  const refused = await call('GET', `/v1/mail/messages/${id}`, { key });

  assert.deepEqual([refused.status, refused.body.code], [403, 'ACCESS_DENIED']);
  assert.equal((one.body.content as { text: string }).text, 'the very link');
  assert.deepEqual([status.body.mail, status.body.mailProblem], ['held', null]);
  assert.ok(Number(status.body.mailHeld) >= 1);
  assert.ok(!JSON.stringify([list.body, status.body]).includes('ada'));
  const entries = (await system.audit.read(0, await system.audit.size())).map(({ bytes }) => bytes.toString());
  assert.ok(
    entries.some(
      (entry) => entry.includes('"action":"mail.read"') && entry.includes(id) && entry.includes('"outcome":"done"'),
    ),
  );
  assert.ok(
    entries.some((entry) => entry.includes('"action":"access.mail.read"') && entry.includes('"outcome":"denied"')),
  );
  assert.ok(!entries.some((entry) => entry.includes('ada.held')));
});
