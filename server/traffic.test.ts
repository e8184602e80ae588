/** Traffic on two servers: what is seen, found and done, over HTTP and against one database. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { parseSubjectId, publicId, uuidv7 } from '#platform/ids';

import { twoSystems, type Json, type TwoSystems } from './testing.ts';
import { casesAreAnswered } from './traffic-answers.tests.ts';
import { linesBecomeEvents } from './traffic-lines.tests.ts';
import { rulesAreDecided } from './traffic-rules.tests.ts';
import { ordersHaveLimits } from './traffic-orders.tests.ts';
import { whatIsWatched } from './traffic-watched.tests.ts';

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
  for (let tries = 0; tries < 600; tries += 1) {
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
  assert.equal((await security('GET', `actors/${thief.id}`)).body.revokedAt, null);
  const acted = await security('POST', `cases/${found.id}/act`, { action: 'revoke-key', seconds: 600, reason: 'it was stolen' });
  assert.equal(acted.status, 200, JSON.stringify(acted.body));
  assert.ok(Date.parse((await security('GET', `actors/${thief.id}`)).body.revokedAt) <= Date.now(), 'who looks at it is told');
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
  // who is erased, or mistyped, would be honey that nobody can ever touch
  for (const gone of [subjectId, publicId('sub', uuidv7())])
    assert.equal((await security('POST', 'honey', { subjectId: gone, note: 'again' })).body.code, 'TRAFFIC_NOT_FOUND');
}); // prettier-ignore

/** What the parts are handed, as it is when they ask. */
const running = () => ({ two, folder, keys, until, security, customer, read, caseAbout });
export type Running = ReturnType<typeof running>;

casesAreAnswered(running);
linesBecomeEvents(running);
rulesAreDecided(running);
ordersHaveLimits(running);
whatIsWatched(running);
