import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { createMetrics } from '#platform/metrics';
import { freshDatabase } from '#platform/testing';
import { ACTIONS } from '#practices/access';

import { composeSystem, type System } from './compose.ts';
import { openApiDocument } from './openapi.ts';
import { callsTo, type TwoSystems } from './testing.ts';
import { MIGRATIONS } from './migrations.ts';

/** In every place that somebody else fills. */
const CANARY = 'kestrelmarzipan';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let system: System;
let url: string;
let admin: string;
let metricsUrl: string;
let call: TwoSystems['call'];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-metrics-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const port = await freePort();
  metricsUrl = `http://127.0.0.1:${port}/metrics`;
  const settings = { STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent', STRONGROOM_METRICS: `127.0.0.1:${port}` }; // prettier-ignore
  system = await composeSystem(readConfig(settings), createLog('silent'));
  url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  admin = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
  call = callsTo([url]);
});
after(async () => {
  await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

const scrape = async (): Promise<string> => (await fetch(metricsUrl)).text();
const sum = (text: string, series: RegExp): number =>
  text.split('\n').filter((line) => series.test(line)).reduce((all, line) => all + Number(line.split(' ').at(-1)), 0); // prettier-ignore

test('numbers are at an address of their own, by one path and one method, and not where everybody comes', async () => {
  const answer = await fetch(metricsUrl);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  assert.match(await answer.text(), /^strongroom_info\{version="[\d.]+"\} 1$/m);
  assert.equal((await fetch(metricsUrl, { method: 'POST' })).status, 404);
  assert.equal((await fetch(new URL(`/${CANARY}`, metricsUrl))).status, 404);
  assert.equal((await fetch(`${metricsUrl}?x=${CANARY}`)).status, 404);
  assert.equal((await call('GET', '/metrics', { key: admin })).status, 404);
});

test('hostile paths, values, names and ids make no series, and are in none', async () => {
  const application = (await call('POST', '/v1/access/keys', { key: admin, body: { name: CANARY, role: 'application' } })).body; // prettier-ignore
  const key = application.key as string;
  const body = { collection: 'customer', subject: { externalId: `x-${CANARY}` }, fields: { last_name: CANARY, email: `${CANARY}@example.com` } }; // prettier-ignore
  const put = await call('POST', '/v1/vault/records', { key, body, headers: { 'idempotency-key': `${CANARY}-000000001` } }); // prettier-ignore
  assert.equal(put.status, 201, JSON.stringify(put.body));
  const hostile = async (n: number): Promise<void> => {
    await call('GET', `/v1/vault/records/${put.body.id}`, { key, purpose: 'service.support' });
    await call('GET', `/v1/vault/records/${put.body.id}`, { key, purpose: `${CANARY}${n}` });
    await call('GET', `/v1/vault/records/${CANARY}${n}`, { key, purpose: 'service.support' });
    await call('POST', '/v1/vault/records/search', { key, purpose: 'service.support', body: { collection: `${CANARY}${n}`, where: { email: CANARY } } }); // prettier-ignore
    await call('GET', `/${CANARY}${n}/"}\n${CANARY} 1`);
    await call('GET', `/v1/${CANARY}${n}?${CANARY}=${n}`, { key, headers: { 'user-agent': CANARY, 'x-request-id': `${CANARY}${n}` } }); // prettier-ignore
    await call('DELETE', `/v1/privacy/${CANARY}${n}`, { key });
    await fetch(`${url}/%zz${CANARY}${n}`);
    await fetch(`${url}/v1/vault/records`, { method: 'PROPFIND' }).catch(() => undefined);
    await call('GET', '/v1/status', { key: `srk_${CANARY}` });
    await call('GET', '/v1/status', { key });
  };
  await hostile(0);
  const before = await scrape();
  for (let n = 1; n < 12; n += 1) await hostile(n);

  const after = await scrape();

  const series = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.replace(/ [^ ]+$/, '')); // prettier-ignore
  const grown = series(after).filter((each) => /http_requests|decisions/.test(each) && !series(before).includes(each));
  assert.deepEqual(grown, [], 'the same requests with other values are the same series');
  for (const secret of [CANARY, put.body.id, put.body.subjectId, application.id, admin])
    assert.ok(!after.includes(String(secret)), `${secret} is in the numbers`);
  assert.doesNotMatch(after, /\b(rec|sub|key|per|node|req)_[0-9a-z]{20,}/);

  const { paths } = (await openApiDocument()) as { paths: Record<string, unknown> };
  const declared = new Set(Object.keys(paths).map((path) => path.replaceAll(/\{[^}]+\}/g, '_')));
  for (const [, route = ''] of after.matchAll(/route="([^"]*)"/g)) {
    const isOurs = route === 'other' || declared.has(route.replaceAll(/:\w+/g, '_')) || /^\/(console|center|$)/.test(route) || route.includes('*'); // prettier-ignore
    assert.ok(isOurs, `${route} is no route of the API`);
  }
  const values = (label: string): Set<string> => new Set([...after.matchAll(new RegExp(`[{,]${label}="([^"]*)"`, 'g'))].map(([, value]) => value as string)); // prettier-ignore
  assert.ok([...values('action')].every((each) => (ACTIONS as readonly string[]).includes(each)));
  assert.ok([...values('status')].every((each) => /^[1-5]xx$/.test(each)));
  assert.ok(sum(after, /decisions_total\{action="records.read",decision="allowed"/) >= 12);
  assert.ok(sum(after, /decisions_total\{.*decision="denied"/) >= 11);
  assert.ok(sum(after, /http_requests_total\{.*route="other"/) >= 12, 'what has no route is counted');
});

test('what goes on inside is there: the log, loops, connections, event loop, mail, cases, training', async () => {
  const text = await scrape();
  for (const name of [
    'strongroom_log_entries_total{outcome="durable"}',
    'strongroom_log_batch_entries_count',
    'strongroom_log_batch_seconds_count',
    'strongroom_loop_rounds_total{loop="audit",outcome="done"}',
    'strongroom_loop_last_done_timestamp_seconds{loop="works"}',
    'strongroom_log_size_entries{of="signed"}',
    'strongroom_database_connections{state="idle"}',
    'strongroom_mail{state="queued"}',
    'strongroom_cases_open{severity="5"}',
    'strongroom_backup_problems',
    'strongroom_training_people{sees="masked"}',
    'strongroom_readings_well 1',
    'nodejs_eventloop_lag_seconds',
    'process_resident_memory_bytes',
  ])
    // prettier-ignore
    assert.ok(text.split('\n').some((line) => line.startsWith(name)), `${name} is missing`);
});

test('scrapes while loaded: each is answered, no request is lost, and each is counted once', async () => {
  const of = /^strongroom_http_requests_total\{.*route="\/healthz"/;
  const before = sum(await scrape(), of);
  const [asked, scraped] = await Promise.all([
    Promise.all(Array.from({ length: 300 }, async () => (await fetch(`${url}/healthz`)).status)),
    Promise.all(Array.from({ length: 12 }, scrape)),
  ]);
  assert.ok(asked.every((status) => status === 200));
  assert.ok(scraped.every((text) => text.includes('strongroom_readings_well')));
  assert.equal(sum(await scrape(), of) - before, 300);
});

test('a label value that the code does not declare is other; readings that fail are none, and said', async () => {
  let broken = false;
  const metrics = createMetrics({
    version: '1', practices: ['vault'], actions: ['records.read'], now: () => new Date(0),
    readings: () => (broken ? Promise.reject(new Error(CANARY)) : Promise.resolve(new Map([['strongroom_x', { help: 'x', values: { '': 7 } }]]))),
  }); // prettier-ignore
  metrics.declareRoute('/v1/vault/records/:id');
  metrics.request({ method: CANARY, route: `/v1/${CANARY}`, status: 77_777, ms: 1 });
  metrics.request({ method: 'GET', route: '/v1/vault/records/:id', status: 200, ms: 1 });
  metrics.decision(CANARY, false);
  const well = await metrics.text();
  broken = true;
  const ill = await metrics.text();

  assert.ok(!well.includes(CANARY) && !ill.includes(CANARY));
  assert.match(
    well,
    /^strongroom_http_requests_total\{practice="other",method="other",route="other",status="other"\} 1$/m,
  );
  assert.match(well, /^strongroom_http_requests_total\{practice="vault",method="GET",route="\/v1\/vault\/records\/:id",status="2xx"\} 1$/m); // prettier-ignore
  assert.match(well, /^strongroom_x 7$/m);
  assert.match(ill, /^strongroom_readings_well 0$/m);
  assert.doesNotMatch(ill, /^strongroom_x\b/m);
});
