/** Tests by people from outside: two people, keys that end, alarms that say whose they are, a report; and security.txt. */
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { twoSystems, type Json, type TwoSystems } from './testing.ts';

let two: TwoSystems;
let [security, dpo, auditor] = ['', '', ''];
let other = '';
before(async () => {
  two = await twoSystems({ STRONGROOM_SECURITY_CONTACT: 'mailto:security@shop.example', STRONGROOM_SECURITY_EXPIRES: '2099-01-01' });
  security = (await two.newKey('security')).key;
  auditor = (await two.newKey('auditor')).key;
  dpo = (await two.newKey('dpo')).key;
  other = (await two.newKey('application')).key;
}); // prettier-ignore
after(() => two.close());

const WANTED = {
  title: 'The yearly test',
  tester: 'A firm',
  scope: 'the API',
  rules: 'no customers',
  sources: ['127.0.0.1'],
  startsAt: '2026-01-01T00:00:00Z',
  days: 14,
};
const ask = (key: string, method: string, path: string, body?: object) =>
  two.call(method, `/v1/assurance/${path}`, { key, server: 1, ...(body === undefined ? {} : { body }) });
const upload = async (path: string, bytes: string): Promise<{ status: number; body: Json }> => {
  const response = await fetch(`${two.urls[1]}/v1/assurance/${path}`, { method: 'POST', headers: { authorization: `Bearer ${security}`, 'content-type': 'application/octet-stream' }, body: bytes });
  return { status: response.status, body: (await response.json()) as Json };
}; // prettier-ignore
const proposed = async (more: object = {}): Promise<string> => {
  const { status, body } = await ask(security, 'POST', 'engagements', { ...WANTED, ...more });
  assert.equal(status, 201, JSON.stringify(body));
  return body.id as string;
};
const approved = async (): Promise<string> => {
  const id = await proposed();
  const answer = await ask(dpo, 'POST', `engagements/${id}/approve`);
  assert.equal(answer.body.state, 'running', JSON.stringify(answer.body));
  return id;
};

test('two people let others test; until then there is no key, and from where they come is an address', async () => {
  const id = await proposed();
  assert.equal((await ask(security, 'POST', `engagements/${id}/approve`)).body.code, 'ASSURANCE_SAME_PERSON');
  assert.equal((await ask(security, 'POST', `engagements/${id}/keys`, { role: 'support' })).body.code, 'ASSURANCE_WRONG_STATE');
  assert.equal((await ask(security, 'POST', 'engagements', { ...WANTED, sources: ['0.0.0.0/0'] })).body.code, 'ASSURANCE_SOURCE_MALFORMED');
  assert.equal((await ask(security, 'POST', 'engagements', { ...WANTED, days: 91 })).body.code, 'ASSURANCE_TOO_LONG');
  assert.equal((await ask(auditor, 'POST', 'engagements', WANTED)).status, 403);
  assert.equal((await upload(`engagements/${id}/reports`, 'title,severity,asset,place,rule\nx,low,a,b,c\n')).body.code, 'ASSURANCE_WRONG_STATE');
  const later = await proposed({ startsAt: '2099-01-01T00:00:00Z' });
  assert.equal((await ask(dpo, 'POST', `engagements/${later}/approve`)).body.state, 'approved');
  assert.equal((await ask(security, 'POST', `engagements/${later}/keys`, { role: 'support' })).body.code, 'ASSURANCE_WRONG_STATE', 'it has not begun');
}); // prettier-ignore

test('its key reads whom it was made for and nobody else, is noticed, and ends with it: also its persons', async () => {
  const id = await approved();
  const { body: customer } = await two.call('POST', '/v1/vault/records', { key: other, body: { collection: 'customer', fields: { last_name: 'Somebody', email: 'somebody@example.org' } } });
  const { status, body: key } = await ask(security, 'POST', `engagements/${id}/keys`, { role: 'support' });
  assert.equal(status, 201, JSON.stringify(key));
  const read = (record: string, server = 1) => two.call('GET', `/v1/vault/records/${record}`, { key: key.key as string, purpose: 'service.support', server });
  const [record = ''] = key.records as string[];

  assert.equal((await read(record)).status, 200);
  assert.equal((await read(customer.id as string)).status, 403);
  // an alarm of a tester is an alarm, and says whose test it is
  let cases: string[] = [];
  for (let tries = 0; tries < 1500 && cases.length === 0; tries += 1, await sleep(200)) {
    await two.systems[1].assurance.tick();
    cases = (await ask(auditor, 'GET', `engagements/${id}`)).body.cases as string[];
  }
  const found = await two.systems[1].traffic.cases.get(cases[0] as string);
  assert.equal(found.state, 'open');
  assert.ok(found.about.includes(key.id as string) && found.steps.some(({ note }) => note.includes(id) && note.includes('The yearly test')));
  await two.systems[1].assurance.tick();
  const steps = async (): Promise<number> => (await two.systems[1].traffic.cases.get(cases[0] as string)).steps.length;
  assert.equal(await steps(), found.steps.length, 'it is said once');
  // a server was killed after it had said it, and two go on at once
  await two.systems[1].db`delete from assurance.engagement_cases`;
  await Promise.all(two.systems.map(({ assurance }) => assurance.tick()));
  assert.deepEqual((await ask(auditor, 'GET', `engagements/${id}`)).body.cases, cases);
  assert.equal(await steps(), found.steps.length, 'it is said once by both of them');

  assert.equal((await ask(dpo, 'POST', `engagements/${id}/end`)).body.state, 'over');
  assert.equal((await read(record)).status, 401);
  const left = await two.systems[1].db`select 1 from assurance.canaries where gone_at is null`;
  assert.equal(left.length, 0);
  assert.equal((await ask(dpo, 'POST', `engagements/${id}/end`)).body.code, 'ASSURANCE_WRONG_STATE');
}); // prettier-ignore

test('a tester’s key is of no role that sees what is noticed of testers, and opens from where they come; a time that is none is refused', async () => {
  const id = await approved();
  const give = (of: string, role: string) => ask(security, 'POST', `engagements/${of}/keys`, { role });
  for (const role of ['security', 'auditor', 'dpo', 'engineer', 'administrator', 'nobody-knows'])
    assert.deepEqual([(await give(id, role)).status, (await give(id, role)).body.code], [422, 'ASSURANCE_ROLE_UNFIT'], role);
  assert.equal((await give(id, 'support')).status, 201);
  // a leap second is no time that can be stored, the year 9999 none that an engagement begins in
  for (const [startsAt, code] of [['2026-12-31T23:59:60Z', 'HTTP_INVALID'], ['9999-12-31T00:00:00Z', 'ASSURANCE_TIME_MALFORMED']] as const)
    assert.equal((await ask(security, 'POST', 'engagements', { ...WANTED, startsAt })).body.code, code, startsAt);
  const far = await proposed({ sources: ['192.0.2.0/28'] });
  await ask(dpo, 'POST', `engagements/${far}/approve`);
  const { body: key } = await give(far, 'support');
  const answer = await two.call('GET', '/v1/access/whoami', { key: key.key as string, server: 1 });
  assert.equal(answer.body.code, 'ACCESS_KEY_ELSEWHERE', JSON.stringify(answer.body));
  for (const each of [id, far]) await ask(dpo, 'POST', `engagements/${each}/end`);
}); // prettier-ignore

test('a key that reaches made-up persons alone and is to erase or change a customer raises the alarm of a stolen one', async () => {
  const { access, audit, traffic } = two.systems[1];
  const { body: customer } = await two.call('POST', '/v1/vault/records', { key: other, body: { collection: 'customer', fields: { last_name: 'Nobody’s', email: 'nobodys@example.org' } } });
  const tries = [
    ['dpo', 'DELETE', `/v1/vault/subjects/${customer.subjectId as string}`],
    ['application', 'PATCH', `/v1/vault/records/${customer.id as string}`],
    ['application', 'DELETE', `/v1/vault/records/${customer.id as string}`],
  ] as const;
  for (const [role, method, path] of tries) {
    const { id, key } = await access.createCanaryKey({ role, minutes: 60 }, (tx, made) => audit.appendIn(tx, { action: 'access.key.create', actor: { kind: 'system', id: 'test' }, outcome: 'done', detail: { key: made } }));
    const answer = await two.call(method, path, { key, server: 1, ...(method === 'PATCH' ? { body: { fields: { last_name: 'X' } }, headers: { 'if-match': '"1"' } } : {}) });
    assert.equal(answer.status, 403, JSON.stringify(answer.body));
    let rules: readonly string[] = [];
    for (let tried = 0; tried < 1500 && !rules.includes('5b0f1c9e-6a52-4a0e-9a5d-3e1c7b2f8d46'); tried += 1, await sleep(200))
      rules = (await traffic.cases.list({ states: ['open'], most: 500 })).cases.filter(({ about }) => about.includes(id)).flatMap((each) => each.rules);
    assert.ok(rules.includes('5b0f1c9e-6a52-4a0e-9a5d-3e1c7b2f8d46'), `${method} ${path}: ${rules.join(', ')}`);
  }
}); // prettier-ignore

test('when its day is over its keys and persons go by themselves', async () => {
  const id = await approved();
  const { body: key } = await ask(security, 'POST', `engagements/${id}/keys`, { role: 'support' });
  await two.systems[1].assurance.tick();
  assert.equal((await two.call('GET', `/v1/vault/records/${(key.records as string[])[0] ?? ''}`, { key: key.key as string, purpose: 'service.support', server: 1 })).status, 200, 'while it runs nobody sweeps them');
  await two.systems[1].db`update assurance.engagements set until = now() - interval '1 second' where approved_at is not null and starts_at < now()`;
  await two.systems[1].assurance.tick();
  assert.equal((await two.call('GET', '/v1/access/whoami', { key: key.key as string, server: 1 })).status, 401);
  assert.equal((await two.systems[1].db`select 1 from assurance.canaries where gone_at is null`).length, 0);
}); // prettier-ignore

test('what it found are findings of it, retested as any; the report is signed, and says how each stands', async () => {
  const id = await approved();
  const taken = await upload(`engagements/${id}/reports?format=csv`, 'title,severity,asset,place,rule,tool\nA small one,low,api,/v1,x:3,a-firm\nA way around,medium,api,/v1,x:1,a-firm\nA way in,critical,api,/v1,x:4,a-firm\n');
  assert.deepEqual([taken.status, taken.body.opened], [201, 3]);
  await two.systems[1].assurance.reports.take({ actor: { kind: 'staff', id: 'per_1' } }, { bytes: Buffer.from('title,severity,asset,place,rule,tool\nNot of it,low,api,/v2,x:2,another\n') });
  const { body } = await ask(auditor, 'GET', `engagements/${id}`);
  assert.deepEqual((body.findings as Json[]).map(({ title, state }) => [title as string, state as string]), [['A way in', 'new'], ['A way around', 'new'], ['A small one', 'new']]);
  assert.equal(body.more, false);

  const { body: signed } = await ask(auditor, 'GET', `engagements/${id}/report`);
  assert.ok(verify(null, Buffer.from(signed.report as string), createPublicKey(signed.publicKey as string), Buffer.from(signed.signature as string, 'base64')));
  assert.ok(!verify(null, Buffer.from((signed.report as string).replace('A way around', 'Nothing')), createPublicKey(signed.publicKey as string), Buffer.from(signed.signature as string, 'base64')));
  const report = JSON.parse(signed.report as string) as Json;
  assert.deepEqual([report.schema, report.tester, report.findings.length], ['strongroom/engagement-report/1', 'A firm', 3]);
}); // prettier-ignore

test('security.txt is served where it is set, and only there; what is reported is a new finding', async () => {
  const text = await fetch(`${two.urls[1]}/.well-known/security.txt`);
  assert.equal(text.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.match(await text.text(), /^Contact: mailto:security@shop\.example\nExpires: 2099-01-01T00:00:00\.000Z\n/);
  assert.equal((await fetch(`${two.urls[0]}/.well-known/security.txt`)).status, 404);

  const wanted = { title: 'A way in', description: 'as it was written', severity: 'high', asset: 'console', place: '/sign-in', reporter: 'somebody' };
  const noted = await ask(security, 'POST', 'findings', wanted);
  assert.deepEqual([noted.status, noted.body.state, noted.body.source, noted.body.seen], [201, 'new', 'inbound report', 1]);
  assert.deepEqual([(await ask(security, 'POST', 'findings', wanted)).body.id, (await ask(auditor, 'POST', 'findings', wanted)).status], [noted.body.id, 403]);
}); // prettier-ignore
