/** Requests looked at for attacks, on two servers on one database: one tells of them, one refuses them too. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as ask } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { pino } from 'pino';

import { readConfig } from '#platform/config';
import { freshDatabase } from '#platform/testing';

import { composeSystem, type System } from './compose.ts';
import { callsTo, entriesOf, type Answer, type Json, type Sent } from './testing.ts';
import { MIGRATIONS } from './migrations.ts';

const CANARY = 'zq7canary';
const [MONITOR, REFUSE] = [0, 1];
let [home, admin] = ['', ''];
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let systems: [System, System];
let call: (method: string, path: string, sent?: Sent) => Promise<Answer>;
const urls: string[] = [];
/** All that both servers wrote down for those who run them. */
const lines: string[] = [];
const keys: Record<string, string> = {};

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-inspection-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const settings = { STRONGROOM_HOME: home, DATABASE_URL: fresh.url };
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const first = await composeSystem(readConfig(settings), log);
  const second = await composeSystem(readConfig({ ...settings, STRONGROOM_PORT: '7702', STRONGROOM_INSPECTION: 'refuse' }), log);
  systems = [first, second];
  for (const { http } of systems) urls.push(await http.listen({ host: '127.0.0.1', port: 0 }));
  call = callsTo(urls);
  admin = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
  for (const role of ['application', 'security', 'dpo'])
    keys[role] = ((await call('POST', '/v1/access/keys', { key: admin, body: { name: role, role } })).body as { key: string }).key;
}); // prettier-ignore
after(async () => {
  for (const system of systems) await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

const until = async <T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> => {
  for (let tries = 0; tries < 1200; tries += 1) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await sleep(50);
  }
  throw new Error(`never: ${what}`);
};
const findings = async (): Promise<Json[]> => {
  const { body } = await call('GET', '/v1/traffic/events?class=finding&limit=900', { key: keys.security as string });
  return body.events as Json[];
};
/** As it stands there: fetch mends addresses. */
const raw = (server: number, path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: Json }> =>
  new Promise((resolve, reject) => {
    const asked = ask(urls[server] as string, { path, headers }, (answer) => {
      let text = '';
      answer.on('data', (piece: Buffer) => (text += piece.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) as Json }));
    });
    asked.on('error', reject).end();
  }); // prettier-ignore
const matched = (): number => systems.reduce((sum, { traffic }) => sum + traffic.inspection.health().matched, 0);

test('a customer’s values are data: stored and read back as they are where attacks are refused, and nobody is told', async () => {
  const before = matched();
  const write = (method: string, path: string, more: Sent) =>
    call(method, path, { key: keys.application as string, purpose: 'service.support', server: REFUSE, ...more });
  const values = { last_name: "Robert'); DROP TABLE students; --", email: "a'or'1'='1@example.org" };
  const subject = { externalId: "1' UNION SELECT password FROM users --" };
  const made = await write('POST', '/v1/vault/records', { body: { collection: 'customer', subject, fields: values } });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { id } = made.body;
  const read = await write('GET', `/v1/vault/records/${id}`, {});
  assert.deepEqual([read.status, read.body.fields.last_name.value, read.body.fields.email.value], [200, values.last_name, values.email]);
  const script = { ...values, last_name: '<script>alert(1)</script>' };
  const batch = await write('POST', '/v1/vault/records/batch', { body: { collection: 'customer', records: [{ fields: script }] } });
  assert.equal(batch.status, 200, JSON.stringify(batch.body));
  const changed = await write('PATCH', `/v1/vault/records/${id}`, { headers: { 'if-match': `"${read.body.version}"` }, body: { fields: { last_name: '../../etc/passwd;cat /etc/shadow' } } });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  const found = await write('POST', '/v1/vault/records/search', { body: { collection: 'customer', where: { email: values.email } } });
  assert.equal(found.status, 200, JSON.stringify(found.body));
  const known = await write('POST', '/v1/vault/subjects/find', { body: { collection: 'customer', ...subject } });
  assert.deepEqual([known.status, known.body.subjectId], [200, made.body.subjectId], JSON.stringify(known.body));
  // a file, and its name
  const name = encodeURIComponent("x' OR '1'='1 ${env:x}.txt");
  const put = await fetch(`${urls[REFUSE]}/v1/vault/records/${id}/attachments/named`, {
    method: 'PUT', body: "'; DROP TABLE x; -- <script>",
    headers: { authorization: `Bearer ${keys.application}`, 'content-type': 'text/plain', 'strongroom-purpose': 'service.support', 'strongroom-name': name },
  });
  assert.equal(put.status, 201, await put.text());
  assert.equal(matched(), before);
}); // prettier-ignore

test('an attack in each place is told of, and refused where that is set, with nothing changed and nothing of it kept', async () => {
  const { body: customer } = await call('POST', '/v1/vault/records', { key: keys.application as string, purpose: 'service.support', body: { collection: 'customer', fields: { last_name: 'Ada' } } });
  const sql = encodeURIComponent(`${CANARY}' UNION SELECT password FROM users --`);
  const [key, security] = [keys.application as string, keys.security as string];
  const purpose = 'service.support';
  const lookup = `\${jndi:ldap://${CANARY}/a}`;
  const attacks: readonly Readonly<{ place: string; rule: string; method?: string; path: string; sent?: Sent; usual: number }>[] = [
    { place: 'path', rule: 'path-up', path: `/v1/vault/records/${encodeURIComponent(`../../${CANARY}/etc/passwd`)}`, sent: { key, purpose }, usual: 400 },
    { place: 'query', rule: 'sql-union', path: `/v1/vault/records/${customer.id}?fields=${sql}`, sent: { key, purpose }, usual: 422 },
    { place: 'query', rule: 'document-query', path: `/v1/traffic/sensors?${CANARY}[$ne]=1`, sent: { key: security }, usual: 400 },
    { place: 'header', rule: 'lookup', path: '/v1/traffic/sensors', sent: { key: security, headers: { 'x-api-version': lookup } }, usual: 200 },
    { place: 'header', rule: 'lookup', path: '/v1/traffic/sensors', sent: { key: security, headers: { cookie: `a="${lookup}"` } }, usual: 200 },
    { place: 'agent', rule: 'scanner', path: '/v1/traffic/sensors', sent: { key: security, headers: { 'user-agent': `sqlmap/1.8 ${CANARY}` } }, usual: 200 },
    { place: 'text', rule: 'lookup', path: `/v1/vault/records/${customer.id}`, sent: { key, purpose, headers: { 'strongroom-reason': encodeURIComponent(lookup) } }, usual: 200 },
    { place: 'text', rule: 'lookup', method: 'POST', path: '/v1/traffic/honey', sent: { key: security, body: { subjectId: customer.subjectId, note: lookup } }, usual: 201 },
    { place: 'path', rule: 'path-probe', path: `/${CANARY}/wp-login.php`, usual: 404 },
    { place: 'query', rule: 'sql-union', path: `/${CANARY}?id=${sql}`, usual: 404 },
    { place: 'query', rule: 'sql-union', path: `/healthz?id=${sql}`, usual: 400 },
  ];
  // refused first: what would have changed is done by the other one then
  for (const { method = 'GET', path, sent, place, rule } of attacks) {
    const refused = await call(method, path, { ...sent, server: REFUSE });
    // on a busy machine there may be no time to look: then it is refused as well, and asked again as the answer says
    const { status, body, headers } = refused.body.code === 'TRAFFIC_INSPECTION_BUSY' ? await call(method, path, { ...sent, server: REFUSE }) : refused;
    assert.deepEqual([status, body.code, typeof body.hint], [403, 'TRAFFIC_SUSPICIOUS_REQUEST', 'string'], `${rule} in ${place}: ${JSON.stringify(body)}`);
    assert.match(headers.get('content-type') ?? '', /problem\+json/);
    assert.ok(!JSON.stringify(body).includes(CANARY));
  }
  assert.deepEqual((await call('GET', '/v1/traffic/honey', { key: security })).body.honey, [], 'nothing was done');
  const refusals = (await entriesOf(systems[0])).filter(({ action }) => action === 'traffic.inspection.refuse');
  assert.equal(refusals.length, attacks.length);
  assert.ok(refusals.every(({ outcome }) => outcome === 'denied'));
  assert.ok(refusals.filter(({ actor }) => String(actor.id).startsWith('key_')).length >= 8, 'by whom, where that is known');
  for (const [at, { place, rule }] of attacks.entries())
    assert.ok(((refusals[at] as Json).detail.found as string[]).includes(`${rule} in ${place}`), JSON.stringify([refusals[at]?.detail, rule, place]));
  for (const { method = 'GET', path, sent, place, rule, usual } of attacks) {
    const { status, body } = await call(method, path, { ...sent, server: MONITOR });
    assert.equal(status, usual, `${rule} in ${place}: ${JSON.stringify(body)}`);
  }
  // no address at all, so no route and no hook: refused as ever, and told of
  const odd = `/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd${CANARY}`;
  for (const server of [MONITOR, REFUSE]) assert.deepEqual([(await raw(server, odd)).body.code], ['HTTP_PATH']);
  const events = await until('an event of each', async () => {
    const all = await findings();
    return all.length >= 2 * attacks.length + 2 ? all : undefined;
  });
  for (const { place, rule } of attacks) {
    const own = events.filter(({ finding_info: { types }, unmapped }) => types.includes(rule) && unmapped.places.split(' ').includes(place));
    assert.deepEqual([...new Set(own.map(({ status_id }) => status_id as number))].toSorted((a, b) => a - b), [1, 2], `${rule} in ${place}`);
    assert.ok(own.every(({ class_uid, src_endpoint, metadata }) => class_uid === 2004 && src_endpoint.ip === '127.0.0.1' && metadata.log_name === 'inspection'));
  }
  const { body: live } = await call('GET', '/v1/traffic/live?minutes=5', { key: security, server: REFUSE });
  assert.deepEqual([live.inspection.mode, live.inspection.engine], ['refuse', 'libddwaf']);
  assert.ok(live.inspection.matched >= attacks.length && live.inspection.refused >= attacks.length && live.inspection.spentMs > 0);
  assert.ok((live.minutes as Json[]).some(({ sensor, failed }) => sensor === 'inspection' && failed > 0));
  const { body: sensors } = await call('GET', '/v1/traffic/sensors', { key: security });
  assert.equal((sensors.sensors as Json[]).filter(({ name, running, problem }) => name === 'inspection' && running && problem === null).length, 2);
}); // prettier-ignore

test('many attacks from one address are a case, and one with a key of ours is another', async () => {
  const cases = await until('both cases', async () => {
    const { body } = await call('GET', '/v1/traffic/cases?state=all', { key: keys.security as string });
    const found = (body.cases as Json[]).filter(({ title }) => /attacks/i.test(title));
    return found.some(({ about }) => about.startsWith('address 127.0.0.1')) && found.some(({ about }) => about.startsWith('key ')) ? found : undefined;
  });
  for (const { id, severity } of cases) {
    assert.equal(severity, 'high');
    const { body } = await call('GET', `/v1/traffic/cases/${id}`, { key: keys.security as string });
    for (const { uid } of body.newestAlerts as Json[]) {
      const evidence = await call('GET', `/v1/traffic/cases/${id}/evidence?alert=${encodeURIComponent(uid)}`, { key: keys.security as string });
      assert.ok((evidence.body.events as Json[]).length > 0 && !JSON.stringify(evidence.body).includes(CANARY));
    }
    assert.ok(!JSON.stringify(body).includes(CANARY));
  }
}); // prettier-ignore

test('what is too much to look at is not clean: told of, and refused where that is set', async () => {
  const path = `/a?${Array.from({ length: 2001 }, (_, n) => `a${n % 10}=!`).join('&')}`;
  assert.equal((await raw(MONITOR, path)).status, 404);
  assert.deepEqual((await raw(REFUSE, path)).body.code, 'TRAFFIC_UNINSPECTED');
  await until('both are told of', async () => {
    const found = (await findings()).filter(({ finding_info: { types } }) => types.includes('not-inspected'));
    return found.length === 2 && found.every(({ severity_id }) => severity_id === 1);
  });
});

test('strangers who are refused fill no log: a few entries are written, and all are events', async () => {
  const before = (await entriesOf(systems[0])).filter(({ action }) => action === 'traffic.inspection.refuse').length;
  const events = (await findings()).length;
  for (let n = 0; n < 60; n += 1) assert.equal((await raw(REFUSE, `/.git/config?${CANARY}${n}`)).status, 403);
  const refusals = (await entriesOf(systems[0])).filter(({ action }) => action === 'traffic.inspection.refuse');
  assert.ok(refusals.length - before <= 20, `${refusals.length - before} entries`);
  await until('60 events', async () => (await findings()).length >= events + 60);
});

test('nothing of what was sent is in an event, an entry of the log, a line for who runs it, or the database in clear', async () => {
  const { body } = await call('GET', '/v1/traffic/events?limit=900', { key: keys.security as string });
  assert.ok((body.events as Json[]).length > 50);
  assert.ok(!JSON.stringify(body).includes(CANARY), 'events');
  assert.ok(!JSON.stringify(await entriesOf(systems[0])).includes(CANARY), 'audit log');
  assert.ok(!lines.join('').includes(CANARY), lines.find((line) => line.includes(CANARY)));
  for (const table of ['alerts', 'cases', 'case_steps', 'sensors', 'minutes', 'touches']) {
    const [row] = await fresh.db<{ n: number }[]>`select count(*)::int as n from ${fresh.db(`traffic.${table}`)} as t where t::text like ${`%${CANARY}%`}`;
    assert.equal(row?.n, 0, table);
  }
}); // prettier-ignore
