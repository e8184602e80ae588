/** Traffic on two servers: what is seen, found and done, over HTTP and against one database. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { appendFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { readConfig } from '#platform/config';
import { parsePublicId, parseSubjectId, publicId, uuidv7 } from '#platform/ids';
import { transact } from '#platform/db';
import { createLog } from '#platform/log';

import { composeSystem } from './compose.ts';
import { comeIn, PASSWORD, twoSystems, type Json, type TwoSystems } from './testing.ts';

let two: TwoSystems;
let folder: string;
let keys: Record<'application' | 'security' | 'dpo' | 'engineer' | 'support', { id: string; key: string }>;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sr-feeds-'));
  await writeFile(join(folder, 'feeds.yaml'), `feeds: [{ name: shop, file: ${join(folder, 'access.log')}, format: access-log }]`);
  two = await twoSystems({ STRONGROOM_PORT: '7701', STRONGROOM_FEEDS: join(folder, 'feeds.yaml') });
  const made = ['application', 'security', 'dpo', 'engineer', 'support'].map(async (role) => [role, await two.newKey(role)]);
  keys = Object.fromEntries(await Promise.all(made)) as typeof keys;
}); // prettier-ignore
after(async () => {
  await two.close();
  await rm(folder, { recursive: true, force: true });
});

const until = async <T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> => {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await ask();
    if (found !== undefined && found !== false) return found;
    await sleep(100);
  }
  throw new Error(`never: ${what}`);
};
const security = (method: string, path: string, body?: object, server = 0) =>
  two.call(method, `/v1/traffic/${path}`, { key: keys.security.key, server, ...(body === undefined ? {} : { body }) });
let count = 0;
const customer = async (): Promise<{ id: string; subjectId: string }> => {
  count += 1;
  const { status, body } = await two.call('POST', '/v1/vault/records', {
    key: keys.application.key,
    purpose: 'service.support',
    body: { collection: 'customer', fields: { last_name: 'Lovelace', email: `ada-${count}@example.org` } },
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body as { id: string; subjectId: string };
};
const read = (id: string, key = keys.application.key, server = 0) =>
  two.call('GET', `/v1/vault/records/${id}`, { key, purpose: 'service.support', server });
const caseAbout = (about: string) =>
  until(`a case about ${about}`, async () => {
    const { body } = await security('GET', `cases?state=all&about=${encodeURIComponent(about)}`);
    return (body.cases as Json[])[0];
  });

test('a request is an event: who, what, how many customers, and none of what stood in it', async () => {
  const { id, subjectId } = await customer();
  assert.equal((await read(id, keys.application.key, 1)).status, 200);
  const event = await until('the event of the read', async () => {
    const { body } = await security('GET', `events?actor=${keys.application.id}&class=api`);
    return (body.events as Json[]).find(({ strongroom }) => strongroom?.action === 'vault.read');
  });
  assert.deepEqual(
    [event.class_uid, event.http_request.url.path, event.strongroom.subjects, event.strongroom.purpose, event.status_id],
    [6003, '/v1/vault/records/:id', 1, 'service.support', 1],
  );
  const all = JSON.stringify(event);
  // not by a text that an id may hold too
  for (const secret of ['Lovelace', '@example.org', id, subjectId]) assert.ok(!all.includes(secret), `${secret} is in the event`);
  const rows = await two.fresh.db<{ text: string }[]>`select encode(sealed, 'escape') as text from traffic.blocks`;
  assert.ok(rows.length > 0 && rows.every(({ text }) => !text.includes('vault')), 'blocks are sealed');
  const { body } = await security('GET', 'live?minutes=5');
  assert.ok((body.busiest as Json[]).some(({ actor, customers }) => actor === keys.application.id && customers >= 1));
  assert.ok((body.minutes as Json[]).some(({ sensor, events }) => sensor === 'requests' && events > 0));
  const looked = await two.entriesOf('traffic.events.read');
  assert.ok(looked.some(({ actor }) => actor.id === keys.security.id), 'who looks is in the log');
}); // prettier-ignore

test('honey: the customer nobody has a reason to touch is touched, and a case says by whom, with the customer, once', async () => {
  const { id, subjectId } = await customer();
  const planted = await security('POST', 'honey', { subjectId, note: 'planted among the others' });
  assert.equal(planted.status, 201, JSON.stringify(planted.body));
  assert.equal((await security('POST', 'honey', { subjectId, note: 'again' })).body.code, 'TRAFFIC_HONEY_KNOWN');
  await until('the second server knows', async () => two.systems[1].traffic.honey.isHoney(parseSubjectId(subjectId) as never));
  const thief = await two.newKey('application');
  assert.equal((await read(id, thief.key, 1)).status, 200);

  const found = await caseAbout(`key ${thief.id}`);
  const { body: whole } = await security('GET', `cases/${found.id}`);
  assert.deepEqual([whole.severity, whole.customers, whole.subjects, whole.newestAlerts.length], ['high', 1, [subjectId], 1]);
  assert.match(whole.newestAlerts[0].reason, new RegExp(thief.id));
  const { body: shown } = await security('GET', `cases/${found.id}/evidence?alert=${encodeURIComponent(whole.newestAlerts[0].uid)}`);
  assert.equal(shown.events[0].strongroom.honey, 1);
  assert.ok((await two.entriesOf('traffic.case.open')).some(({ detail }) => detail.case === found.id));

  // a case of its own: taken by one, not by two, worked, acted on, closed, and then it stands
  const other = await two.newKey('security');
  assert.equal((await security('POST', `cases/${found.id}/take`, {})).body.owner, keys.security.id);
  const taken = await two.call('POST', `/v1/traffic/cases/${found.id}/take`, { key: other.key, body: {} });
  assert.equal(taken.body.code, 'TRAFFIC_CASE_TAKEN');
  assert.equal((await security('POST', `cases/${found.id}/act`, { action: 'revoke-sessions', seconds: 600, reason: 'x' })).body.code, 'TRAFFIC_ACTION_UNFIT');
  const acted = await security('POST', `cases/${found.id}/act`, { action: 'revoke-key', seconds: 600, reason: 'it was stolen' });
  assert.equal(acted.status, 200, JSON.stringify(acted.body));
  assert.equal((await read(id, thief.key, 1)).status, 401, 'at its very next request');
  const { body: shut } = await security('POST', `cases/${found.id}/close`, { verdict: 'true-positive', note: 'key revoked' });
  assert.deepEqual([shut.state, shut.actions], ['closed', []]);
  assert.equal((await security('POST', `cases/${found.id}/notes`, { text: 'more' })).body.code, 'TRAFFIC_CASE_CLOSED');

  // erased, she is in no case and no list any more
  const erased = await two.call('DELETE', `/v1/vault/subjects/${subjectId}`, { key: keys.dpo.key, purpose: 'legal.request' });
  assert.equal(erased.status, 200, JSON.stringify(erased.body));
  const left = await two.fresh.db`
    select from traffic.touches where subject_id = ${parseSubjectId(subjectId)} union all select from traffic.case_subjects where subject_id = ${parseSubjectId(subjectId)}
    union all select from traffic.honey where subject_id = ${parseSubjectId(subjectId)}`;
  assert.equal(left.length, 0);
}); // prettier-ignore

test('step-up: sessions of whom a case is about go on, and prove anew before the next sensitive thing, on every server', async () => {
  const link = (await readFile(join(two.home, 'first-administrator.link'), 'utf8')).trim();
  const first = await comeIn(two, link, { email: 'ada@example.org', name: 'Ada' });
  const { body: asked } = await two.call('POST', '/v1/access/people', { cookie: first.cookie, body: { email: 'eve@example.org', name: 'Eve', roles: ['support'] } });
  const eve = await comeIn(two, asked.token);
  const sensitive = (cookie: string, server = 0) => two.call('POST', '/v1/access/factors/recovery-codes', { cookie, server });
  const { id, subjectId } = await customer();
  await security('POST', 'honey', { subjectId, note: 'nobody calls about her' });
  await until('the second server knows', async () => two.systems[1].traffic.honey.isHoney(parseSubjectId(subjectId) as never));
  assert.equal((await two.call('GET', `/v1/vault/records/${id}`, { cookie: eve.cookie, purpose: 'service.support', server: 1 })).status, 200);
  const found = await caseAbout(`actor ${asked.id}`);
  const { body: whole } = await security('GET', `cases/${found.id}`);
  assert.ok(whole.actions.includes('step-up'));
  const fresh = await sensitive(eve.cookie, 1);
  assert.equal(fresh.status, 200, 'what she has shown is of now');

  const acted = await security('POST', `cases/${found.id}/act`, { action: 'step-up', seconds: 60, reason: 'is it her?' });

  assert.equal(acted.status, 200, JSON.stringify(acted.body));
  for (const server of [0, 1]) {
    const refused = await sensitive(eve.cookie, server);
    assert.deepEqual([refused.status, refused.body.code], [401, 'ACCESS_STEP_UP']);
    assert.match(refused.headers.get('www-authenticate') ?? '', /insufficient_user_authentication/);
    const session = await two.call('GET', '/v1/access/session', { cookie: eve.cookie, server });
    assert.deepEqual([session.status, session.body.mfa], [200, 'stale'], 'it goes on');
  }
  assert.equal((await sensitive(first.cookie)).status, 200, 'nobody else is asked');
  const [entry] = (await two.entriesOf('access.session.prove-anew')).slice(-1);
  assert.deepEqual([entry?.actor.id, entry?.detail.person, entry?.detail.case, entry?.detail.sessions], [keys.security.id, asked.id, found.id, 1]);
  assert.ok(acted.body.steps.some(({ kind, note }: Json) => kind === 'action' && note.startsWith('step-up')));
  const again = await two.call('POST', '/v1/access/session/step-up', { cookie: eve.cookie, body: { password: PASSWORD, recoveryCode: fresh.body.recoveryCodes[0] } });
  assert.equal(again.status, 204, JSON.stringify(again.body));
  assert.equal((await sensitive(again.cookie, 1)).status, 200, 'who it is, is seen');
  // a key has no session to prove anything in
  const { body: other } = await security('GET', `cases?state=all&about=${encodeURIComponent(`key ${keys.application.id}`)}`);
  for (const { id: ofKey, entity } of other.cases as Json[])
    if (entity.actor === undefined) assert.equal((await security('POST', `cases/${ofKey}/act`, { action: 'step-up', seconds: 60, reason: 'x' })).body.code, 'TRAFFIC_ACTION_UNFIT');
}); // prettier-ignore

test('nobody who runs the system is shut out, what is held back is held back on every server, and lets go', async () => {
  for (const target of ['127.0.0.1', '127.0.0.0/24', '::1', '::ffff:127.0.0.1'])
    assert.equal((await security('POST', 'measures', { kind: 'block-address', target, seconds: 600, reason: 'x' })).body.code, 'TRAFFIC_PROTECTED_ADDRESS', target);
  for (const [target, code] of [['203.0.0.0/16', 'TRAFFIC_NETWORK_TOO_WIDE'], ['nonsense', 'TRAFFIC_TARGET_MALFORMED'], ['0.0.0.0/0', 'TRAFFIC_NETWORK_TOO_WIDE']])
    assert.equal((await security('POST', 'measures', { kind: 'block-address', target, seconds: 600, reason: 'x' })).body.code, code, target);
  const { id } = await customer();
  const slow = await two.newKey('application');
  const made = await security('POST', 'measures', { kind: 'throttle', target: slow.id, seconds: 600, reason: 'reads too much' });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  await until('the other server holds it back', async () => (await read(id, slow.key, 1)).status === 429);
  const answered = await read(id, slow.key, 1);
  assert.deepEqual([answered.body.code, answered.headers.get('retry-after')], ['TRAFFIC_HELD_BACK', '2']);
  assert.equal((await read(id)).status, 200, 'nobody else');
  assert.equal((await security('DELETE', `measures/${made.body.id}`)).status, 204);
  await until('it lets go', async () => (await read(id, slow.key, 1)).status === 200);
  // a blocked address is sent away before it is asked who it is
  const { measures } = two.systems[0].traffic;
  const by = { actor: { kind: 'staff', id: 'per_1' }, address: '' } as const;
  const blocked = await measures.take(by, { kind: 'block-address', target: '203.0.113.0/24', seconds: 600, reason: 'scans', caseId: null });
  assert.throws(() => measures.atDoor('203.0.113.77'), { code: 'TRAFFIC_BLOCKED' });
  assert.throws(() => measures.atDoor('::ffff:203.0.113.77'), { code: 'TRAFFIC_BLOCKED' });
  measures.atDoor('203.0.114.1');
  await measures.end(by, blocked.id);
  measures.atDoor('203.0.113.77');
  await assert.rejects(measures.take({ ...by, address: '198.51.100.7' }, { kind: 'block-address', target: '198.51.100.0/24', seconds: 60, reason: 'x', caseId: null }), { code: 'TRAFFIC_PROTECTED_ADDRESS' });
}); // prettier-ignore

test('lines of another program become events; what is malformed is counted; what nothing can be read of is refused', async () => {
  const line = (path: string) => `192.0.2.9 - - [26/Nov/2026:12:00:00 +0000] "GET ${path} HTTP/1.1" 404 12 "-" "probe"`;
  const send = (lines: string[]) =>
    two.call('POST', '/v1/traffic/feeds/shop', { key: keys.engineer.key, body: { format: 'access-log', lines } });
  const sent = await send([line('/a'), 'no line of a log', line('/b?email=ada@example.org')]);
  assert.deepEqual([sent.status, sent.body.events, sent.body.malformed], [200, 2, 1], JSON.stringify(sent.body));
  assert.equal((await send(['nonsense'])).body.code, 'TRAFFIC_FEED_MALFORMED');
  const { body: listed } = await security('GET', 'sensors');
  const sender = (listed.sensors as Json[]).find(({ name, node }) => name === 'feed.shop' && node === 'by HTTP');
  assert.deepEqual([sender?.events, sender?.malformed, sender?.running], [2, 2, true], 'also what was refused whole');
  const { body } = await security('GET', 'events?address=192.0.2.9&from=2026-11-26T00:00:00Z&to=2026-11-27T00:00:00Z');
  assert.equal(body.events.length, 2);
});

test('who sends by HTTP under ever new names is refused where they could not be listed, keeps nothing, and shuts out nobody known', async () => {
  const { db } = two.fresh;
  const lines = ['192.0.2.60 - - [26/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x"'];
  const send = (feed: string) => two.call('POST', `/v1/traffic/feeds/${feed}`, { key: keys.engineer.key, body: { format: 'access-log', lines } });
  assert.equal((await send('known')).status, 200);
  await db`insert into traffic.sensors (name, node, running, seen_at) select 'feed.many' || n, 'by HTTP', true, now()
    from generate_series(1, 200 - (select count(*)::int from traffic.sensors where node = 'by HTTP')) as n`;
  const refused = await send('onemore');
  assert.deepEqual([refused.status, refused.body.code], [409, 'TRAFFIC_FULL']);
  assert.equal((await db`select from traffic.blocks where sensor = 'feed.onemore'`).length, 0);
  assert.equal((await send('known')).status, 200);
  await db`delete from traffic.sensors where name like 'feed.many%' or name = 'feed.known'`;
}); // prettier-ignore

test('a machine that slept over midnight, so that no partition takes the day, goes on by itself and loses nothing', async () => {
  const { id } = await customer();
  const days = await two.fresh.db<{ name: string }[]>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'traffic.blocks'::regclass`;
  for (const { name } of days) await two.fresh.db.unsafe(`alter table traffic.blocks detach partition traffic.${name}`);
  for (const { name } of days) await two.fresh.db.unsafe(`drop table traffic.${name}`);
  const reader = await two.newKey('application');
  assert.equal((await read(id, reader.key)).status, 200);
  await until('the event of the read', async () => {
    const { body } = await security('GET', `events?actor=${reader.id}`);
    return (body.events as Json[]).length === 1;
  });
});

test('a log file is followed over a rotation, each line once, and how the sensor is can be seen', async () => {
  const log = join(folder, 'access.log');
  const line = (n: number) => `203.0.113.44 - - [26/Nov/2026:12:00:00 +0000] "GET /p/${n} HTTP/1.1" 200 12 "-" "shopper"\n`;
  const seen = async (): Promise<number> => {
    const { body } = await security('GET', 'events?address=203.0.113.44&from=2026-11-26T00:00:00Z&to=2026-11-27T00:00:00Z');
    return (body.events as Json[]).length;
  };
  await appendFile(log, line(1) + line(2));
  await until('two events', async () => (await seen()) === 2);
  await rename(log, `${log}.1`);
  await writeFile(log, line(3) + 'no line of a log\n' + line(4));
  await until('four events', async () => (await seen()) === 4);
  const sensor = await until('the sensor to be seen', async () => {
    const { body } = await security('GET', 'sensors');
    return (body.sensors as Json[]).find(({ name, node, malformed }) => name === 'feed.shop' && node !== 'by HTTP' && malformed === 1);
  });
  assert.deepEqual([sensor.running, sensor.events, sensor.dropped, sensor.gaps], [true, 4, 0, 0]);
}); // prettier-ignore

test('a feed that falls silent is named in the list of sensors and in a case, once; what it is declared to see is known to every server, and gone when it is not declared', async () => {
  const HOUR = 3_600_000;
  const { db } = two.fresh;
  const eventAt = Date.now() - 5 * HOUR;
  const node = `${hostname()}:7702`;
  const feeds = join(folder, 'third.yaml');
  const third = async (text: string) => {
    await writeFile(feeds, text);
    const settings = { STRONGROOM_HOME: two.home, DATABASE_URL: two.fresh.url, STRONGROOM_LOG: 'silent' };
    return composeSystem(readConfig({ ...settings, STRONGROOM_PORT: '7702', STRONGROOM_FEEDS: feeds }), createLog('silent'));
  };
  const pace = (quietMs: number) => ({ watchedMs: 72 * HOUR, quietMs, arrivals: 20, longest: [[Math.floor(eventAt / 86_400_000), 60_000]], eventAtMs: eventAt });
  for (const [name, quietMs] of [['feed.edge', 5 * HOUR], ['feed.rare', 60_000]] as const)
    await db`insert into traffic.sensors (name, node, running, seen_at, event_at, pace) values (${name}, ${node}, false, now(), ${new Date(eventAt)}, ${db.json(pace(quietMs))})`;
  for (const name of ['edge', 'rare']) await writeFile(join(folder, `${name}.json`), '');
  const declared = `feeds:
  - { name: edge, file: ${join(folder, 'edge.json')}, format: eve, own: [192.0.2.10] }
  - { name: rare, file: ${join(folder, 'rare.json')}, format: eve }
`;
  const system = await third(declared);
  try {
    await system.traffic.noteFeeds();
    const about = await caseAbout('rule sensor.silent sensor=feed.edge');
    assert.deepEqual([about.title, about.severity], ['A sensor has fallen silent', 'medium']);
    const { body } = await security('GET', 'sensors');
    const [edge, rare] = ['feed.edge', 'feed.rare'].map((name) => (body.sensors as Json[]).find((each) => each.name === name));
    assert.match(edge?.problem ?? '', /no event that can be read since .*Z, for 5 hours; its longest silence in 14 days was 1 minutes/);
    assert.equal(edge?.lastEventAt, new Date(eventAt).toISOString());
    assert.equal(rare?.problem, null);
    assert.deepEqual(await db`select own from traffic.sensors where own is not null`.then((rows) => [...rows]), [{ own: { hosts: ['192.0.2.10'], known: [] } }]);

    // it speaks again
    await appendFile(join(folder, 'edge.json'), `${JSON.stringify({ timestamp: new Date().toISOString(), event_type: 'flow', src_ip: '192.0.2.1', dest_ip: '192.0.2.10', proto: 'TCP', flow: { bytes_toserver: 1, bytes_toclient: 1 } })}\n`);
    await until('it to be well', async () => ((await security('GET', 'sensors')).body.sensors as Json[]).some(({ name, problem }) => name === 'feed.edge' && problem === null));
  } finally {
    await system.close();
  }
  const again = await third(declared.replace(', own: [192.0.2.10]', ''));
  await again.close();
  // a feed that cannot begin stops the start, and leaves none of the others behind
  const udp = "udp: '127.0.0.1:39471', format: netflow, senders: any";
  await assert.rejects(third(`feeds: [{ name: one, ${udp} }, { name: two, ${udp} }]`), { code: 'EADDRINUSE' });
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => void socket.once('error', reject).bind(39_471, '127.0.0.1', resolve));
  socket.close();
  const [row] = await db`select own, pace->'quietMs' as quiet, running from traffic.sensors where name = 'feed.edge'`;
  assert.deepEqual([row?.own, Number(row?.quiet) < HOUR, row?.running], [null, true, false]);
  const { body } = await security('GET', `cases?state=all&about=${encodeURIComponent('rule sensor.silent sensor=feed.edge')}`);
  assert.deepEqual((body.cases as Json[]).map(({ alerts }) => alerts), [1]);
}); // prettier-ignore

test('a rule of one’s own: taught where it is wrong, tried on what was, run, switched off; shipped ones are not replaced', async () => {
  const rule = (level: string): string => `title: The shop is probed
id: 7d0a3c4e-5a55-4a3c-8f4e-2f0b1c9a7e11
logsource:
  category: webserver
detection:
  selection:
    cs-user-agent: probe-of-mine
  condition: selection
level: ${level}
`;
  const bad = await security('POST', 'rules', { text: rule('low').replace('condition: selection', 'condition: selektion') });
  assert.equal(bad.body.code, 'TRAFFIC_RULE_MALFORMED', JSON.stringify(bad.body));
  const put = await security('POST', 'rules', { text: rule('high') });
  assert.equal(put.status, 201, JSON.stringify(put.body));
  const lines = ['198.51.100.20 - - [26/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 404 12 "-" "probe-of-mine"'];
  await two.call('POST', '/v1/traffic/feeds/shop', { key: keys.engineer.key, body: { format: 'access-log', lines } });
  const found = await caseAbout('address 198.51.100.20');
  assert.deepEqual([found.title, found.severity, found.state], ['The shop is probed', 'high', 'open']);
  assert.equal((await security('PUT', `rules/${put.body.id}/state`, { state: 'off', reason: 'seen' })).status, 204);
  const { body } = await security('GET', 'rules');
  const listed = (body.rules as Json[]).find(({ id }) => id === put.body.id) as Json;
  assert.deepEqual([listed.state, listed.because, listed.own, listed.alerts], ['off', 'seen', true, 1]);
  assert.equal((await security('DELETE', `rules/${put.body.id}`)).status, 204);

  // one that would alert of nearly everything waits, until a person says that it is meant
  const id = '2b1c4f0e-8d3a-4b55-9c1e-6a7f0d2e3b44';
  const broad = rule('low').replace('7d0a3c4e-5a55-4a3c-8f4e-2f0b1c9a7e11', id).replace('cs-user-agent: probe-of-mine', 'cs-method|exists: true');
  assert.equal((await security('POST', 'rules', { text: broad })).status, 201);
  const ask = (n: number) => two.call('POST', '/v1/traffic/feeds/shop', { key: keys.engineer.key, body: { format: 'access-log', lines: [lines[0]?.replace('.20 ', `.${n} `).replace('"GET / ', `"GET /${n} `)] } });
  const stateOf = async () => ((await security('GET', 'rules')).body.rules as Json[]).find((each) => each.id === id)?.state;
  await ask(21);
  await until('it to be suspended', async () => (await stateOf()) === 'suspended');
  // a round of the other server that began before is in the middle of it
  const late = two.systems[1].traffic.rules;
  await late.detector();
  // what is as it was when the round began is suspended, whatever a person once said of it
  await two.fresh.db`update traffic.rules set state = 'on', reason = 'meant' where rule = ${id}`;
  await transact(two.fresh.db, late.noteSuspended);
  assert.equal(await stateOf(), 'suspended');
  await late.detector();
  assert.equal((await security('PUT', `rules/${id}/state`, { state: 'on', reason: 'a day of listening' })).status, 204);
  await transact(two.fresh.db, late.noteSuspended);
  assert.equal(await stateOf(), 'on', 'what a person decided meanwhile stands');
  await ask(22);
  await caseAbout('address 198.51.100.22');
  assert.equal(await stateOf(), 'on');
  assert.equal((await security('DELETE', `rules/${id}`)).status, 204);
}); // prettier-ignore

test('nobody decides what is about themselves, and nobody who may not switch a rule off silences it for all', async () => {
  const { db } = two.fresh;
  const [mine, hers] = [uuidv7(), uuidv7()];
  for (const [id, about] of [[mine, `key ${keys.engineer.id}`], [hers, `key ${keys.support.id}`]] as const)
    await db`insert into traffic.cases (case_id, about, title, severity, state, entity, attack, rules, alerts, customers, opened_at, last_at)
      values (${id}, ${about}, 'made', 4, 'open', ${db.json({ key: about.slice(4) })}, '{}', '{behaviour.volume}', 0, 0, now(), now())`;
  const engineer = (method: string, path: string, body: object) => two.call(method, `/v1/traffic/${path}`, { key: keys.engineer.key, body });
  const quiet = { rule: 'behaviour.volume', days: 90, reason: 'x' };
  for (const [path, body] of [
    [`cases/${publicId('case', mine)}/take`, {}],
    [`cases/${publicId('case', mine)}/close`, { verdict: 'benign', note: 'it was me' }],
    ['suppressions', { ...quiet, about: `key ${keys.engineer.id}` }],
  ] as const)
    assert.equal((await engineer('POST', path, body)).body.code, 'TRAFFIC_OWN_CASE', path);
  assert.equal((await engineer('POST', 'suppressions', quiet)).body.code, 'ACCESS_DENIED', 'of everybody: the rule is off');
  assert.equal((await engineer('POST', 'suppressions', { ...quiet, about: `key ${keys.support.id}` })).status, 201);
  assert.ok((await two.entriesOf('traffic.suppress')).some(({ detail }) => detail.about === `key ${keys.support.id}`));
  assert.equal((await engineer('POST', `cases/${publicId('case', hers)}/close`, { verdict: 'benign', note: 'asked' })).status, 200);
  const own = await two.newKey('security');
  const held = await security('POST', 'measures', { kind: 'throttle', target: own.id, seconds: 600, reason: 'x' });
  assert.equal((await two.call('DELETE', `/v1/traffic/measures/${held.body.id}`, { key: own.key })).body.code, 'TRAFFIC_OWN_CASE');
  assert.equal((await security('DELETE', `measures/${held.body.id}`)).status, 204);
  // what names a case that is not there is no fault of the server's
  const nobody = { kind: 'throttle', target: own.id, seconds: 600, reason: 'x' };
  for (const id of ['case_00000000000000000000000000', 'nonsense'])
    assert.equal((await security('POST', 'measures', { ...nobody, case: id })).body.code, 'TRAFFIC_NOT_FOUND');
  await db`update traffic.cases set state = 'closed', closed_at = now() where case_id = ${mine}`;
}); // prettier-ignore

test('an order that comes twice is one measure, and a case that goes on uses up nobody else’s limit', async () => {
  const { db } = two.fresh;
  const { measures } = two.systems[0].traffic;
  const id = uuidv7();
  const by = { actor: { kind: 'system', id: 'traffic' }, address: '' } as const;
  const order = { kind: 'throttle', target: keys.support.id, seconds: 600, reason: 'x', caseId: null, id } as const;
  const [first, again] = [await measures.take(by, order), await measures.take(by, order)];
  assert.deepEqual([again.id, again.until], [first.id, first.until]);
  assert.equal((await two.entriesOf('traffic.measure.take')).filter(({ detail }) => detail.measure === first.id).length, 1);
  await measures.end({ ...by, actor: { kind: 'staff', id: 'per_1' } }, first.id);

  const playbook = { rule: 'behaviour.honey-record', severity: 'high', action: 'throttle', seconds: 3600, mode: 'on', perHour: 2 };
  const twice = { ...playbook, id: publicId('pbk', uuidv7()) };
  assert.equal((await security('PUT', 'playbooks', { playbooks: [twice, twice] })).body.code, 'TRAFFIC_PLAYBOOK_TWICE');
  // two people save at once: one of both holds, not the sum
  const both = await Promise.all([0, 1].map((server) => security('PUT', 'playbooks', { playbooks: [playbook, { ...playbook, mode: 'shadow' }] }, server)));
  assert.deepEqual(both.map(({ status }) => status), [204, 204]);
  assert.equal(((await security('GET', 'playbooks')).body.playbooks as Json[]).length, 2);
  const planted = await customer();
  assert.equal((await security('POST', 'honey', { subjectId: planted.subjectId, note: 'x' })).status, 201);
  const thieves = [await two.newKey('application'), await two.newKey('application')];
  await until('this server knows', async () => two.systems[0].traffic.honey.isHoney(parseSubjectId(planted.subjectId) as never));
  for (let n = 0; n < 4; n += 1) await read(planted.id, thieves[0]?.key);
  const of = async (thief: { id: string } | undefined, n: number): Promise<string> => {
    const found = await caseAbout(`key ${thief?.id}`);
    await until('its alerts', async () => ((await security('GET', `cases/${found.id}`)).body.alerts as number) >= n);
    return String(found.id);
  };
  const noisy = await of(thieves[0], 4);
  await read(planted.id, thieves[1]?.key);
  const other = await of(thieves[1], 1);
  for (const id of [noisy, other]) {
    const whole = await until('it to be done', async () => {
      const { body } = await security('GET', `cases/${id}`);
      return (body.steps as Json[]).some(({ kind }) => kind === 'done') && body;
    });
    assert.deepEqual((whole.steps as Json[]).map(({ kind }) => kind).toSorted((a: string, b: string) => (a < b ? -1 : 1)), ['action', 'done', 'shadow'], id);
  }
  // what was only watched acts once it is on, though it has said what it would have done
  const shadow = ((await security('GET', 'playbooks')).body.playbooks as Json[]).find(({ mode }) => mode === 'shadow');
  assert.equal((await security('PUT', 'playbooks', { playbooks: [{ ...shadow, mode: 'on' }] })).status, 204);
  await db`update traffic.measures set ended_at = now() where ended_at is null`;
  await Promise.all(two.systems.map(({ traffic }) => traffic.refresh()));
  await read(planted.id, thieves[1]?.key);
  await until('it to act', async () => {
    const { body } = await security('GET', `cases/${other}`);
    return (body.steps as Json[]).filter(({ kind }) => kind === 'action').length === 2;
  });
  assert.equal((await security('PUT', 'playbooks', { playbooks: [] })).status, 204);
  await db`update traffic.measures set ended_at = now() where ended_at is null`;
}); // prettier-ignore

test('what a playbook ordered is not done once it is switched off, and who saves what another one changed meanwhile is told', async () => {
  const { db } = two.fresh;
  const playbook = { rule: 'behaviour.honey-record', severity: 'high', action: 'throttle', seconds: 3600, mode: 'on', perHour: 9 };
  const { body: empty } = await security('GET', 'playbooks');
  assert.equal((await security('PUT', 'playbooks', { playbooks: [playbook], version: empty.version })).status, 204);
  const late = await security('PUT', 'playbooks', { playbooks: [], version: empty.version }, 1);
  assert.deepEqual([late.status, late.body.code], [409, 'TRAFFIC_PLAYBOOKS_CHANGED']);
  const { body: held } = await security('GET', 'playbooks');
  assert.equal(held.playbooks.length, 1, 'nothing was changed');

  await db.unsafe(`
    create function pg_temp_late() returns trigger language plpgsql as $$ begin new.due_at := now() + interval '1 hour'; return new; end $$;
    create trigger late before insert on traffic.deliveries for each row when (new.channel = 'action') execute function pg_temp_late()`);
  const planted = await customer();
  await security('POST', 'honey', { subjectId: planted.subjectId, note: 'x' });
  await until('this server knows', async () => two.systems[0].traffic.honey.isHoney(parseSubjectId(planted.subjectId) as never));
  const thief = await two.newKey('application');
  await read(planted.id, thief.key);
  const { id } = await caseAbout(`key ${thief.id}`);
  const steps = async (): Promise<Json[]> => (await security('GET', `cases/${String(id)}`)).body.steps as Json[];
  await until('it is ordered', async () => (await steps()).some(({ kind }) => kind === 'action'));
  await db.unsafe('drop function pg_temp_late() cascade');
  const off = { playbooks: [{ ...held.playbooks[0], mode: 'off' }], version: held.version };
  assert.equal((await security('PUT', 'playbooks', off)).status, 204);
  await db`update traffic.deliveries set due_at = now() where channel = 'action'`;
  const said = await until('the case says so', async () => (await steps()).find(({ kind }) => kind === 'failed'));
  assert.match(said.note, /no longer on/);
  assert.equal((await read(planted.id, thief.key)).status, 200, 'it is not slowed down');
  assert.equal((await security('PUT', 'playbooks', { playbooks: [] })).status, 204);
}); // prettier-ignore

test('pages of events and cases have each once, and what an actor did is counted of all of it', async () => {
  const { db } = two.fresh;
  const at = new Date('2026-11-25T12:00:00Z');
  const line = (n: number) => `192.0.2.50 - - [26/Nov/2026:12:00:00 +0000] "GET /page/${n} HTTP/1.1" 200 12 "-" "pager"`;
  for (const from of [0, 25])
    await two.call('POST', '/v1/traffic/feeds/pages', { key: keys.engineer.key, body: { format: 'access-log', lines: Array.from({ length: 25 }, (_, n) => line(from + n)) } });
  const [blocks] = await db<{ id: string }[]>`select block_id as id from traffic.blocks where sensor = 'feed.pages' order by block_id desc limit 1`;
  const seen: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const { status, body } = await security('GET', `events?address=192.0.2.50&sensor=feed.pages&from=2026-11-26T00:00:00Z&to=2026-11-27T00:00:00Z&limit=7${next === '' ? '' : `&before=${next}`}`);
    assert.equal(status, 200, JSON.stringify(body));
    seen.push(...(body.events as Json[]).map(({ http_request }) => http_request.url.path as string));
    next = body.next as string | null;
  }
  assert.deepEqual([seen.length, new Set(seen).size], [50, 50]);
  // one block that cannot be opened hides no other, and is said
  await db`update traffic.blocks set sealed = 'broken' where block_id = ${String(blocks?.id)}`;
  const { body: partly } = await security('GET', 'events?address=192.0.2.50&sensor=feed.pages&from=2026-11-26T00:00:00Z&to=2026-11-27T00:00:00Z');
  assert.deepEqual([(partly.events as Json[]).length, partly.unopened], [25, 1]);

  const ids = Array.from({ length: 9 }, () => uuidv7());
  for (const [n, id] of ids.entries())
    await db`insert into traffic.cases (case_id, about, title, severity, state, entity, attack, rules, alerts, customers, opened_at, last_at, closed_at)
      values (${id}, ${`rule paged ${n}`}, 'paged', ${(n % 2) + 2}, 'closed', '{}', '{}', '{}', 0, 0, ${at}, ${at}, now())`;
  const found: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const { status, body } = await security('GET', `cases?state=closed&limit=2&least=medium${next === '' ? '' : `&before=${next}`}`);
    assert.equal(status, 200, JSON.stringify(body));
    found.push(...(body.cases as Json[]).filter(({ title }) => title === 'paged').map(({ id }) => id as string));
    next = body.next as string | null;
  }
  assert.deepEqual(found.toSorted(), ids.filter((_, n) => n % 2 === 1).map((id) => publicId('case', id)).toSorted());
  for (const path of ['cases?before=nonsense', `cases?before=%2B275760-09-01T00:00:00.000Z.${publicId('case', uuidv7())}`, 'events?from=%2B275760-09-01T00:00:00Z', 'events?to=0000-01-01T00:00:00Z'])
    assert.equal((await security('GET', path)).body.code, 'TRAFFIC_TIME_MALFORMED', path);

  const busy = await two.newKey('application');
  const [one, other] = [await customer(), await customer()];
  for (const each of [one, other, one]) assert.equal((await read(each.id, busy.key)).status, 200);
  const [day] = await until('all of it', async () => {
    const { body } = await security('GET', `actors/${busy.id}?days=7`);
    const days = (body.days as Json[]).filter(({ purpose }) => purpose === 'service.support');
    return (days[0]?.events ?? 0) >= 3 && days;
  });
  assert.equal(day?.customers, 2, 'each once');
  const { body: rule } = await security('GET', `rules/${((await security('GET', 'rules')).body.rules as Json[])[0]?.id}`);
  assert.ok(String(rule.text).includes(String(rule.id)));
  assert.equal((await security('GET', 'rules/behaviour.nothing')).body.code, 'TRAFFIC_NOT_FOUND');
}); // prettier-ignore

test('a slow scrape: a fortieth of the customers a day by a good key is a case that names them, after a restart and on two servers once', async () => {
  const { db } = two.fresh;
  const thief = await two.newKey('application');
  const quiet = await two.newKey('application');
  const ids = Array.from({ length: 4000 }, () => uuidv7());
  const touch = async (actor: string, from: number, to: number, daysAgo: number): Promise<void> => {
    await db`insert into traffic.touches (subject_id, day, actor, purpose, first_at, last_at)
      select s::uuid, (now() at time zone 'UTC')::date - ${daysAgo}::int, ${actor}, 'service.support', now() - make_interval(days => ${daysAgo}), now() - make_interval(days => ${daysAgo})
      from unnest(${ids.slice(from, to)}::text[]) s on conflict do nothing`;
  };
  await db`delete from traffic.rolled`;
  for (let day = 40; day >= 1; day -= 1) {
    await touch(thief.id, (day * 20) % 2000, ((day * 20) % 2000) + 20 + (day % 3), day);
    await touch(quiet.id, (day * 20) % 2000, ((day * 20) % 2000) + 20 + (day % 3), day);
  }
  await touch(quiet.id, 0, 21, 0);
  await touch(thief.id, 2500, 2700, 0);
  await Promise.all(two.systems.map(({ traffic }) => traffic.lookForScrapes()));
  await until('one of them had its turn', async () => {
    await two.systems[0].traffic.lookForScrapes();
    const { body } = await security('GET', `cases?about=${encodeURIComponent(`key ${thief.id}`)}`);
    return (body.cases as Json[]).length > 0;
  });
  const found = await caseAbout(`key ${thief.id}`);
  assert.ok(found.customers >= 200, JSON.stringify(found));
  const { body } = await security('GET', `cases/${found.id}`);
  assert.ok((body.subjects as string[]).every((id) => ids.includes(parsePublicId('sub', id) as never)));
  assert.match(body.newestAlerts[0].reason, /customers/);
  assert.equal(((await security('GET', `cases?state=all&about=${encodeURIComponent(`key ${quiet.id}`)}`)).body.cases as Json[]).length, 0, 'who reads as every day is left alone');
}); // prettier-ignore

test('one server looks at events as long as it runs; when it is not heard of, another goes on where it stood', async () => {
  const looked = (): number[] => two.systems.map(({ traffic }) => traffic.health().watch.events);
  const turn = async () => {
    const [row] = await two.fresh.db<{ holder: string; place: string }[]>`select holder, tx::text || block_id::text as place from traffic.cursor`;
    return row as { holder: string; place: string };
  };
  const { id, subjectId } = await customer();
  await security('POST', 'honey', { subjectId, note: 'for whoever takes over' });
  await until('both know', async () => two.systems.every(({ traffic }) => traffic.honey.isHoney(parseSubjectId(subjectId) as never)));
  const before = looked();
  const first = await turn();
  for (let n = 0; n < 3; n += 1) {
    await read((await customer()).id, keys.application.key, n % 2);
    const { place } = await turn();
    await until('it is taken in', async () => (await turn()).place !== place);
  }
  const grew = looked().map((events, server) => events > (before[server] as number));
  assert.deepEqual(grew, [first.holder.endsWith(':7700'), first.holder.endsWith(':7701')], `only ${first.holder} looks`);

  // another one is believed to look, which is gone
  await two.fresh.db`update traffic.cursor set holder = 'gone:1', held_until = clock_timestamp() + interval '15 seconds'`;
  const thief = await two.newKey('application');
  await read(id, thief.key);
  await until('it is written', async () => {
    const { body } = await security('GET', `events?actor=${thief.id}`);
    return (body.events as Json[]).length > 0;
  });
  const stood = (await turn()).place;
  await Promise.all(two.systems.map(({ traffic }) => traffic.takeIn()));
  assert.deepEqual(await turn(), { holder: 'gone:1', place: stood }, 'nobody takes its turn');
  // nor does one write what it learned when it still did
  await two.fresh.db`insert into traffic.baselines (name, state, at) values ('behaviours', '{}', '2020-01-01') on conflict (name) do update set state = '{}', at = '2020-01-01'`;
  await Promise.all(two.systems.map(({ traffic }) => traffic.sweep()));
  const [learned] = await two.fresh.db<{ at: Date }[]>`select at from traffic.baselines where name = 'behaviours'`;
  assert.equal(learned?.at.getUTCFullYear(), 2020);
  // an end later than any can be is of a clock that was set back
  await two.fresh.db`update traffic.cursor set held_until = clock_timestamp() + interval '2 hours'`;
  assert.equal((await caseAbout(`key ${thief.id}`)).severity, 'high', 'what was written meanwhile is looked at');
}); // prettier-ignore

test('by the CLI: lines are sent and found, a rule is tried, a touch of honey becomes a case that ends', async () => {
  const cli = async (args: readonly string[], input?: string) => {
    const { code, out, err } = await two.command(args, { noun: 'traffic', key: args[0] === 'send' ? keys.engineer.key : keys.security.key, ...(input === undefined ? {} : { input }) });
    return { code, said: out + err };
  };
  const { id, subjectId } = await customer();
  const planted = await cli(['honey', 'plant', subjectId, '--note', 'by hand']);
  assert.equal(planted.code, 0, planted.said);
  const thief = await two.newKey('application');
  await until('this server knows', async () => two.systems[0].traffic.honey.isHoney(parseSubjectId(subjectId) as never));
  await read(id, thief.key);
  const found = await caseAbout(`key ${thief.id}`);
  const log = Array.from({ length: 30 }, (_, i) => `192.0.2.77 - - [26/Nov/2026:12:00:00 +0000] "GET /${i} HTTP/1.1" 404 12 "-" "\u001b[31mred"`);
  const rule = 'title: x\nid: 7d0a3c4e-5a55-4a3c-8f4e-2f0b1c9a7e12\nlogsource:\n  category: webserver\ndetection:\n  selection:\n    sc-status: 404\n  condition: selektion\n';
  const [sent, wrong, shown, tail, unknown] = await Promise.all([
    cli(['send', '--feed', 'edge', '--format', 'access-log'], [...log, 'nonsense'].join('\n')),
    cli(['rules', 'test', '-'], rule),
    cli(['cases', 'show', String(found.id)]),
    cli(['tail', '--once', '--json']),
    cli(['cases', 'show', 'case_00000000000000000000000000']),
  ]);
  assert.match(sent.said, /31 lines: 30 events, 0 of no interest, 1 malformed/);
  assert.deepEqual([wrong.code, /-:\d+ error: /.test(wrong.said)], [1, true], wrong.said);
  assert.ok(shown.code === 0 && shown.said.includes(subjectId) && shown.said.includes('revoke-key'), shown.said);
  const lines = tail.said.trim().split('\n').map((line) => JSON.parse(line) as Json);
  assert.ok(lines.some(({ alert }) => alert?.case === found.id) && lines.some(({ minute }) => minute?.events > 0), tail.said);
  assert.notEqual(unknown.code, 0);
  const events = await cli(['events', '--address', '192.0.2.77', '--from', '2026-11-26T00:00:00Z', '--to', '2026-11-27T00:00:00Z']);
  assert.ok(events.said.includes('192.0.2.77') && !events.said.includes('\u001b'), events.said);
}); // prettier-ignore
