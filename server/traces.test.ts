import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { childEnvironment, readConfig } from '#platform/config';
import { openDb } from '#platform/db';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';

import { composeSystem, type System } from './compose.ts';
import { openTelemetry } from './open-telemetry.ts';
import { callsTo, type Json, type TwoSystems } from './testing.ts';
import { MIGRATIONS } from './migrations.ts';

const CANARY = 'kestrelmarzipan';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let receiver: Server;
let system: System | null;
let call: TwoSystems['call'];
let url: string;
let admin: string;
/** What was received, as it was sent. */
const got: Buffer[] = [];

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-traces-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  receiver = createServer((asked, response) => {
    const pieces: Buffer[] = [];
    asked.on('data', (piece: Buffer) => pieces.push(piece));
    asked.on('end', () => {
      const body = Buffer.concat(pieces);
      got.push(asked.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const traces = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/v1/traces`;
  system = await composeSystem(
    readConfig({ STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent', STRONGROOM_TRACES: traces }),
    createLog('silent'),
  );
  url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  call = callsTo([url]);
  admin = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
});
after(async () => {
  await system?.close();
  receiver.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

type Span = Readonly<{ name: string; spanId: string; parentSpanId?: string; traceId: string; attributes: { key: string; value: Json }[] }>; // prettier-ignore
const spansOf = (bodies: readonly Buffer[]): Span[] =>
  bodies.flatMap((body) => (JSON.parse(body.toString()) as Json).resourceSpans.flatMap((each: Json) => each.scopeSpans.flatMap((scope: Json) => scope.spans as Span[]))); // prettier-ignore
const said = ({ attributes }: Span, key: string): string => String(Object.values(attributes.find((each) => each.key === key)?.value ?? {})[0] ?? ''); // prettier-ignore

const KEYS = ['http.request.method', 'http.route', 'http.response.status_code', 'strongroom.request', 'strongroom.action', 'strongroom.decision', 'db.system.name', 'db.query.summary', 'error.type']; // prettier-ignore

/** A body whose end comes on the connection long after the request was let in. */
async function slowly(key: string, body: object): Promise<number | undefined> {
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'idempotency-key': 'slow-000000001',
  };
  const sent = request(`${url}/v1/vault/records`, { method: 'POST', headers });
  const text = JSON.stringify(body);
  sent.write(text.slice(0, 9));
  setTimeout(() => sent.end(text.slice(9)), 300);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

test('a read is one trace of request, decision, statements, opening and log, and none of it is anybody’s', async () => {
  const { body: made } = await call('POST', '/v1/access/keys', {
    key: admin,
    body: { name: CANARY, role: 'application' },
  });
  const key = made.key as string;
  const customer = { collection: 'customer', subject: { externalId: `x-${CANARY}` }, fields: { last_name: CANARY, email: `${CANARY}@example.com` } }; // prettier-ignore
  const put = await call('POST', '/v1/vault/records', { key, body: customer, headers: { 'idempotency-key': `${CANARY}-000000001` } }); // prettier-ignore
  assert.equal(put.status, 201, JSON.stringify(put.body));
  const path = `/v1/vault/records/${put.body.id}`;
  assert.equal(await slowly(key, { ...customer, subject: { externalId: 'x-2' } }), 201);
  await call('PATCH', path, { key, body: { fields: { last_name: `${CANARY}-b` } }, headers: { 'if-match': '"1"' } });
  await call('POST', '/v1/vault/records/search', { key, purpose: 'service.support', body: { collection: 'customer', where: { email: `${CANARY}@example.com` }, fields: ['email'] } }); // prettier-ignore
  await call('GET', path, { key, purpose: CANARY });
  await call('GET', `/v1/vault/records/${CANARY}`, { key, purpose: 'service.support' });
  await call('GET', `/${CANARY}?${CANARY}=1`, { key, headers: { traceparent: `00-${'c0ffee00'.repeat(4)}-${'c0ffee00'.repeat(2)}-01`, tracestate: `x=${CANARY}`, baggage: `x=${CANARY}` } }); // prettier-ignore
  await call('GET', '/v1/status', { key });
  const read = await call('GET', path, { key, purpose: 'service.support', headers: { 'user-agent': CANARY } });
  assert.equal(read.status, 200, JSON.stringify(read.body));
  // what is left is sent when the server stops
  await system?.close();
  system = null;

  const all = Buffer.concat(got).toString();
  for (const secret of [CANARY, 'c0ffee00', put.body.id, put.body.subjectId, made.id, key, admin, fresh.url])
    assert.ok(!all.includes(String(secret)), `${secret} was sent`);
  const spans = spansOf(got);
  for (const span of spans)
    for (const { key: attribute } of span.attributes)
      assert.ok(KEYS.includes(attribute), `${span.name} says ${attribute}`);

  const root = spans.find((span) => span.name === 'GET /v1/vault/records/:id' && said(span, 'http.response.status_code') === '200'); // prettier-ignore
  assert.ok(root !== undefined, [...new Set(spans.map(({ name }) => name))].join('\n'));
  const below = spans.filter(({ traceId, spanId }) => traceId === root.traceId && spanId !== root.spanId);
  const names = below.map(({ name }) => name);
  for (const wanted of [/^decide$/, /^db select access\.keys$/, /^db select vault\.records$/, /^open$/, /^log$/, /^db with audit\.head$|^db with audit\./])
    assert.ok(names.some((name) => wanted.test(name)), `${wanted} is missing: ${names.join(', ')}`); // prettier-ignore
  const known = new Set([root, ...below].map(({ spanId }) => spanId));
  assert.ok(
    below.every(({ parentSpanId }) => known.has(parentSpanId ?? '')),
    'each is below the request',
  );
  const posted = spans.filter(({ name }) => name === 'POST /v1/vault/records').at(-1);
  assert.ok(
    spans.some(({ traceId, name }) => traceId === posted?.traceId && name === 'db insert vault.records'),
    'the transaction of a body that came late is below its request too',
  );
  assert.ok(spans.some((span) => span.name === 'GET none' && said(span, 'http.response.status_code') === '404'));
  assert.ok(spans.every(({ name }) => /^[A-Za-z]+( [a-z/:._*{}A-Z0-9-]+){0,2}$/.test(name)));
});

test('a statement that fails is a span with a code and without words, and fails as it would', async () => {
  const { watchDb } = await import('#platform/traces');
  const ends: unknown[] = [];
  const names: string[] = [];
  const begin = (name: string): ((thrown?: unknown) => void) => {
    names.push(name);
    return (thrown) => void ends.push((thrown as { code?: string } | undefined)?.code ?? 'well');
  };
  const db = watchDb(fresh.db, { begin });
  const fragment = db`where ${1} = 1`;
  assert.equal((await db<{ n: number }[]>`select ${7}::int as n ${fragment}`)[0]?.n, 7);
  await assert.rejects(db`select 1 / ${0}::int`, { code: '22012' });
  const inside = await db.begin(async (tx) => (await tx`select 5 as n`)[0]?.['n'] as number);
  assert.equal(inside, 5);
  await assert.rejects(
    db.begin((tx) => tx`insert into nowhere.at_all values (${CANARY})`),
    { code: '42P01' },
  );
  assert.deepEqual(names, ['db select', 'db select', 'db select', 'db insert nowhere.at_all']);
  assert.deepEqual(ends, ['well', '22012', 'well', '42P01']);
});

test('without an address nothing is wrapped, and nothing of OpenTelemetry is loaded', async () => {
  const config = readConfig({ STRONGROOM_HOME: home });
  const silent = await openTelemetry(config, () => new Date(), 'serve');
  const db = openDb('postgres://nobody@127.0.0.1:9/none', { connections: 1 });
  const part = {} as never;
  assert.equal(silent.watchDb(db), db);
  for (const watch of [silent.watchAccess, silent.watchAudit, silent.watchCore]) assert.equal(watch(part), part);
  assert.deepEqual(silent.audit, {});
  // no hook: this is no server at all
  silent.watchHttp(part);
  await db.end();

  const looks = `import { registerHooks } from 'node:module';
    registerHooks({ resolve: (name, context, next) => { if (name.startsWith('@opentelemetry')) console.log('LOADED', name); return next(name, context); } });`; // prettier-ignore
  const asks = `const { openTelemetry } = await import('./server/open-telemetry.ts');
    const { readConfig } = await import('#platform/config');
    await openTelemetry(readConfig({ STRONGROOM_HOME: '/nowhere' }), () => new Date(), 'serve'); console.log('asked');
    await openTelemetry(readConfig({ STRONGROOM_HOME: '/nowhere', STRONGROOM_TRACES: 'http://127.0.0.1:9/v1/traces' }), () => new Date(), 'serve'); process.exit(0);`; // prettier-ignore
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(looks)}`, '--input-type=module', '-e', asks],
    { cwd: join(import.meta.dirname, '..'), env: childEnvironment({}), encoding: 'utf8' },
  );
  assert.ok(stdout.startsWith('asked\nLOADED'), `${stdout.slice(0, 200)}${stderr}`);
});

test('a receiver that does not answer holds no request up, and the stop not for long', async () => {
  const deaf = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(deaf, 'listening');
  const traces = `http://127.0.0.1:${(deaf.address() as AddressInfo).port}/v1/traces`;
  const { watchHttp, close } = await openTelemetry(readConfig({ STRONGROOM_HOME: home, STRONGROOM_TRACES: traces }), () => new Date(), 'serve'); // prettier-ignore
  const { createHttp } = await import('#platform/http');
  const http = await createHttp({ log: createLog('silent'), version: '1' });
  watchHttp(http);
  http.get('/x', () => ({ ok: true }));
  for (let n = 0; n < 20; n += 1) assert.equal((await http.inject('/x')).statusCode, 200);
  const began = performance.now();
  await close();
  await http.close();
  deaf.closeAllConnections();
  deaf.close();
  assert.ok(performance.now() - began < 60_000);
});
