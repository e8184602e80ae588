/** Phishing exercises over HTTP and by CLI: who may, whom they reach, and that the landing pages stand apart. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';

import { comeIn, twoSystems, type CameIn, type Json, type TwoSystems } from './testing.ts';

const path = '/v1/education/phishing';
let both: TwoSystems;
let port: number;
let admin: CameIn;
let keys: Record<'dpo' | 'auditor' | 'support' | 'security' | 'application', string>;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as { port: number };
      server.close(() => resolve(free));
    });
  });

before(async () => {
  port = await freePort();
  both = await twoSystems({
    STRONGROOM_PHISHING_URL: `http://127.0.0.1:${port}`, STRONGROOM_PHISHING_PORT: String(port), STRONGROOM_HELP_DESK: 'desk@example.org',
  });
  const of = async (role: string): Promise<string> => (await both.newKey(role)).key;
  keys = { dpo: await of('dpo'), auditor: await of('auditor'), support: await of('support'), security: await of('security'), application: await of('application') };
  // last: keys of a person count as theirs
  admin = await comeIn(both, both.systems[0].firstLink as string, { email: 'first@example.org', name: 'First' });
}); // prettier-ignore
after(() => both.close());

const times = { from: '2030-03-04T09:00:00Z', until: '2030-03-08T17:00:00Z' };
const plan = (more: object, key = keys.dpo, server = 1) =>
  both.call('POST', `${path}/exercises`, {
    key,
    server,
    body: { name: 'March', template: 'parcel-fee', mode: 'people', ...times, ...more },
  });

test('planned by who may, for people alone; where nothing is set up there are none', async () => {
  assert.deepEqual([(await plan({ roles: ['admin'] }, keys.auditor)).status, (await plan({ roles: ['admin'] }, keys.support)).status], [403, 403]);
  const off = await plan({ roles: ['admin'] }, keys.dpo, 0);
  assert.deepEqual([off.status, off.body.code], [409, 'EDUCATION_PHISHING_OFF']);
  for (const id of ['first@example.org', 'customer@example.com', 'sub_00000000000000000000000000'])
    assert.equal((await plan({ people: [{ id }] })).body.code, 'EDUCATION_NOT_STAFF');

  // a customer is known by the very address
  const made = await both.call('POST', '/v1/vault/records', { key: keys.application, purpose: 'service', headers: { 'idempotency-key': 'customer-0001' }, body: { collection: 'customer', fields: { last_name: 'Bell', email: 'first@example.org' } } });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const refused = await plan({ roles: ['admin'] });
  assert.deepEqual([refused.body.code, refused.body.leftOut], ['EDUCATION_NOBODY_LEFT', undefined], JSON.stringify(refused.body));
  await both.fresh.db`update access.people set email = 'other@example.org'`;
  const alone = await plan({ roles: ['admin'] });
  assert.equal(alone.body.code, 'EDUCATION_GROUP_SMALL', 'one named person would be a group');
  assert.equal((await both.entriesOf('education.phishing.plan')).filter(({ outcome }) => outcome === 'denied').length, 2);
  await both.fresh.db`insert into access.people (person_id, email, name, roles, state, created_by) select gen_random_uuid(), 'w' || n || '@example.org', 'W' || n, '{support}', 'active', 'test' from generate_series(1, 10) n`;
  const planned = await plan({ roles: ['admin', 'support'] });
  assert.deepEqual([planned.status, planned.body.recipients, planned.body.leftOut], [201, 11, 0]);
  const entry = (await both.entriesOf('education.phishing.plan')).find(({ outcome }) => outcome === 'done');
  assert.ok(entry !== undefined && !JSON.stringify(entry).includes('example.org') && !JSON.stringify(entry).includes('per_'));
  const [held] = await both.fresh.db`select count(*)::int as n from mail.outbox where kind = 'education.heads-up'`;
  assert.equal(held?.n, 1);

  const list = await both.command(['phishing', 'list'], { noun: 'education', key: keys.auditor });
  assert.match(list.out, /exr_\w{26}  running  (?:least|moderate|very)/);
  const stopped = await both.command(['phishing', 'stop', planned.body.id as string, '--json'], { noun: 'education', key: keys.dpo });
  assert.deepEqual([stopped.code, JSON.parse(stopped.out)], [0, { takenBack: 0 }]);
  assert.equal((await both.call('GET', `${path}/exercises/${planned.body.id as string}`, { key: keys.auditor })).body.state, 'stopped');
}); // prettier-ignore

test('the landing pages stand apart: none of the API there, none of them here, no cookie, no store', async () => {
  const apart = `http://127.0.0.1:${port}`;
  for (const where of ['/v1/status', '/console/', '/v1/openapi.json', '/', `/${'A'.repeat(22)}`]) {
    const response = await fetch(`${apart}${where}`);
    assert.deepEqual([where, response.status, response.headers.get('set-cookie'), response.headers.get('cache-control')], [where, 404, null, 'no-store']);
    assert.ok(!(await response.text()).includes('strongroom'));
  }
  assert.equal((await fetch(`${both.urls[1]}/${'A'.repeat(22)}`)).status, 404);
}); // prettier-ignore

test('anybody reports; the security team reads and judges, once it is in the log; one’s own history is a person’s', async () => {
  const cli = await both.command(['phishing', 'report', '--text', 'https://parcel.test/pay looks odd'], { noun: 'education', key: keys.support });
  assert.match(cli.out, /with the security team now.*rep_/s);
  assert.equal((await both.call('POST', `${path}/reports`, { key: keys.auditor, body: { text: 'x' } })).status, 403);
  assert.equal((await both.call('POST', `${path}/reports`, { cookie: admin.cookie, body: { text: 'https://odd.test/' } })).status, 200);
  assert.equal((await both.call('GET', `${path}/reports`, { key: keys.support })).status, 403);
  const { body } = await both.call('GET', `${path}/reports`, { key: keys.security });
  const report = (body.reports as Json[]).find(({ mail }) => mail.hosts[0] === 'parcel.test');
  assert.equal((await both.entriesOf('education.reports.read')).length, 1);
  assert.deepEqual([report?.reports, report?.mail.hosts], [1, ['parcel.test']]);
  const judged = await both.call('POST', `${path}/reports/${report?.id as string}/verdict`, { key: keys.security, body: { verdict: 'phish' } });
  assert.equal(judged.status, 204);
  assert.equal((await both.entriesOf('education.phishing.judge')).length, 1);

  assert.equal((await both.call('GET', `${path}/mine`, { key: keys.support })).body.code, 'ACCESS_SESSION_NEEDED');
  const mine = await both.call('GET', `${path}/mine`, { cookie: admin.cookie });
  assert.deepEqual([mine.status, mine.body.tier, mine.body.exercises], [200, 0, []]);
}); // prettier-ignore

test('who fell for one reads masked without a passkey, elsewhere too, and in clear again once it is over', async () => {
  const invited = await both.call('POST', '/v1/access/people', { cookie: admin.cookie, body: { email: 'sue@example.org', name: 'Sue', roles: ['dpo'] } });
  assert.equal(invited.status, 201, JSON.stringify(invited.body));
  const sue = await comeIn(both, invited.body.token as string);
  const made = await both.call('POST', '/v1/vault/records', { key: keys.application, purpose: 'service', headers: { 'idempotency-key': 'customer-0002' }, body: { collection: 'customer', fields: { last_name: 'Quill', email: 'quill@example.com' } } });
  const state = async (server: number): Promise<string> => {
    const { body } = await both.call('GET', `/v1/vault/records/${made.body.id as string}?fields=last_name`, { cookie: sue.cookie, purpose: 'service.support', server });
    return JSON.stringify(body);
  };
  assert.match(await state(0), /Quill/);
  const [campaign] = await both.fresh.db`select campaign_id from education.campaigns limit 1`;
  await both.fresh.db`insert into education.phish_marks (person_id, campaign_id, kind, hour) select person_id, ${campaign?.campaign_id}, 'submit', date_trunc('hour', now(), 'UTC') from access.people where name = 'Sue'`;

  // at the very next read, also where it was clear a moment ago
  assert.doesNotMatch(await state(0), /Quill/);
  assert.doesNotMatch(await state(1), /Quill/);
  const reads = JSON.stringify(await both.entriesOf('vault.read'));
  assert.ok(!/tier|phish/.test(reads), 'the log of reads does not say who fell for one');

  const asked = await both.call('POST', '/access/v1/evaluation', { cookie: sue.cookie, body: { subject: { type: 'person', id: invited.body.id }, action: { name: 'records.read' }, resource: { type: 'class', id: 'personal' }, context: { purpose: 'service.support' } } });
  assert.equal(asked.body.context?.state, 'masked', JSON.stringify([asked.body, Object.keys(invited.body)]));
  const mine = await both.call('GET', `${path}/mine`, { cookie: sue.cookie });
  assert.deepEqual([mine.body.tier, mine.body.maxAgeSeconds, mine.body.exercises[0].kind], [1, 300, 'submit']);
  assert.equal((await both.call('GET', `${path}/exercises`, { key: keys.auditor })).body.tiers, null, 'of one person');
  await both.fresh.db`insert into education.phish_marks (person_id, campaign_id, kind, hour) select person_id, ${campaign?.campaign_id}, 'report', date_trunc('hour', now(), 'UTC') from access.people where name like 'W%'`;
  const tiers = await both.call('GET', `${path}/exercises`, { key: keys.auditor });
  assert.deepEqual(tiers.body.tiers, { 1: 1, 2: 0 });
  assert.ok(!JSON.stringify(tiers.body).includes('Sue') && !JSON.stringify(tiers.body).includes('per_'));

  // again within half a year: half as many customers are many
  const { stricterOf } = both.systems[1].phishing;
  assert.deepEqual(await stricterOf(invited.body.id as string), { maxAgeSeconds: 300, halfRows: false, secondApprover: false });
  await both.fresh.db`insert into education.campaigns select (jsonb_populate_record(c, jsonb_build_object('campaign_id', gen_random_uuid()))).* from education.campaigns c where campaign_id = ${campaign?.campaign_id}`;
  await both.fresh.db`
    insert into education.phish_marks (person_id, campaign_id, kind, hour)
    select person_id, (select campaign_id from education.campaigns where campaign_id <> ${campaign?.campaign_id} order by campaign_id desc limit 1), 'submit', date_trunc('hour', now(), 'UTC') from access.people where name = 'Sue'`;
  assert.deepEqual(await stricterOf(invited.body.id as string), { maxAgeSeconds: 300, halfRows: true, secondApprover: true });
}); // prettier-ignore
