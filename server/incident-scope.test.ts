/** Whom a breach concerns, asked of the log of a whole server: a planted leak is found, all of it and nothing else. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { twoSystems, type Answer, type Json, type TwoSystems } from './testing.ts';

const path = '/v1/education/incidents';
let both: TwoSystems;
type Key = Readonly<{ id: string; key: string }>;
let keys: Record<'application' | 'leaked' | 'weak' | 'honest' | 'officer' | 'auditor' | 'support', Key>;

before(async () => {
  both = await twoSystems();
  const [application, leaked, weak, honest, officer, auditor, support] = [
    await both.newKey('application'), await both.newKey('dpo'), await both.newKey('support'), await both.newKey('dpo'),
    await both.newKey('security'), await both.newKey('auditor'), await both.newKey('support'),
  ];
  keys = { application, leaked, weak, honest, officer, auditor, support };
}); // prettier-ignore
after(() => both.close());

type Made = Readonly<{ record: string; subject: string; name: string }>;
let made = 0;
async function customers(count: number): Promise<Made[]> {
  const names = Array.from({ length: count }, () => `Quill${(made += 1)}`);
  const records = names.map((name) => ({ fields: { last_name: name, email: `${name.toLowerCase()}@example.com` } }));
  const { body } = await both.call('POST', '/v1/vault/records/batch', { key: keys.application.key, purpose: 'service', headers: { 'idempotency-key': `batch-${made}-of-customers` }, body: { collection: 'customer', records } });
  return (body.results as Json[]).map(({ id, subjectId }, at) => ({ record: id as string, subject: subjectId as string, name: names[at] as string }));
} // prettier-ignore

const ok = (answer: Answer): Answer => {
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer;
};
const one = (by: Key, { record }: Made, purpose = 'legal') =>
  both.call('GET', `/v1/vault/records/${record}?fields=last_name`, { key: by.key, purpose });
const many = (by: Key, of: readonly Made[], server = 0) =>
  both.call('POST', '/v1/vault/records/read', {
    key: by.key,
    purpose: 'legal',
    server,
    body: { ids: of.map(({ record }) => record) },
  });
const search = (by: Key, { name }: Made, more: object = {}) =>
  both.call('POST', '/v1/vault/records/search', {
    key: by.key,
    purpose: 'legal',
    body: { collection: 'customer', where: { email: `${name.toLowerCase()}@example.com` }, ...more },
  });
const exported = async (by: Key): Promise<void> => {
  const response = await fetch(`${both.urls[0]}/v1/vault/export?collection=customer&fields=last_name`, {
    headers: { authorization: `Bearer ${by.key}`, 'strongroom-purpose': 'legal' },
  });
  assert.equal(response.status, 200);
  await response.text();
};

/** A moment that is in no entry. */
async function moment(): Promise<string> {
  await sleep(20);
  const at = new Date().toISOString();
  await sleep(20);
  return at;
}
async function reported(): Promise<string> {
  const answer = await both.call('POST', path, { key: keys.support.key, body: { what: 'a key was in a public repository', kind: 'export-leaked' } });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.id as string;
} // prettier-ignore
async function scopeOf(incident: string, criteria: object, server = 0): Promise<Json> {
  const answer = await both.call('POST', `${path}/${incident}/scopes`, {
    key: keys.officer.key,
    server,
    body: criteria,
  });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}
async function concerned(incident: string, scope: string): Promise<Json[]> {
  const all: Json[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const { body } = ok(await both.call('GET', `${path}/${incident}/scopes/${scope}/subjects?limit=7${next === '' ? '' : `&after=${next}`}`, { key: keys.officer.key }));
    all.push(...(body.subjects as Json[]));
    next = body.next as string | null;
  }
  return all;
} // prettier-ignore

test('a planted leak is found whole and alone, with what left of whom, and each entry leads to the log', async () => {
  const exportedOnes = await customers(20);
  // the window begins after this one was read by the very key
  const early = (await customers(1))[0] as Made;
  ok(await one(keys.leaked, early));
  const removed = await both.call('DELETE', `/v1/vault/records/${early.record}`, { key: keys.application.key, purpose: 'service', headers: { 'if-match': '"1"' } });
  assert.ok(removed.status < 300, JSON.stringify(removed.body));
  const from = await moment();
  await exported(keys.leaked);
  const [singly, found, masked, denied, others, late] = [await customers(2), await customers(1), await customers(1), await customers(1), await customers(30), await customers(1)];
  const crowd = await customers(25);
  for (const each of singly) ok(await one(keys.leaked, each));
  ok(await search(keys.leaked, found[0] as Made));
  ok(await search(keys.leaked, { ...(found[0] as Made), name: 'nobody' }));
  ok(await search(keys.leaked, masked[0] as Made, { show: 'masked' }));
  // while others do their work, alone and in a crowd of their own, also with the same customers
  ok(await many(keys.honest, others));
  ok(await many(keys.leaked, crowd, 1));
  ok(await one(keys.honest, others[0] as Made));
  ok(await one(keys.honest, singly[0] as Made));
  assert.equal((await one(keys.weak, denied[0] as Made, 'marketing')).status, 403);
  const to = await moment();
  ok(await one(keys.leaked, late[0] as Made));
  ok(await many(keys.leaked, others));

  const incident = await reported();
  const scope = await scopeOf(incident, { actors: [keys.leaked.id, keys.weak.id], from, to });
  const subjects = await concerned(incident, scope.id as string);

  const planted = [...exportedOnes, ...singly, ...found, ...masked, ...crowd].map(({ subject }) => subject).toSorted();
  assert.deepEqual(subjects.map(({ subject }) => subject as string).toSorted(), planted, 'precision and recall 1');
  const of = ([first]: readonly Made[]) => subjects.find((each) => each.subject === first?.subject) as Json;
  assert.deepEqual([of(masked).clear, of(masked).classes.clear], [[], []]);
  assert.ok(of(masked).masked.includes('last_name'));
  assert.deepEqual([of(singly).clear, of(singly).purposes, of(singly).entries.length], [['last_name'], ['legal'], 1]);
  assert.deepEqual([of(exportedOnes).actions, of(crowd).actions, of(found).actions], [['vault.export'], ['vault.read'], ['vault.search']]);
  assert.deepEqual([scope.totals.subjects, scope.totals.maskedOnly, scope.totals.inClear], [planted.length, 1, planted.length - 1]);
  const lostPersonal = (scope.totals.byClass as Json[]).find((each) => each.class === 'personal');
  assert.deepEqual(lostPersonal, { class: 'personal', clear: planted.length - 1, masked: 1 });
  assert.deepEqual([scope.unknown.unnamed.entries, scope.unknown.missing, scope.unknown.tampered], [[], 0, false]);
  assert.equal(scope.says.at(-1).includes('not in its log'), true, 'what no log has is said');

  await both.systems[0].audit.integrate();
  const proof = ok(await both.call('GET', `${path}/${incident}/scopes/${scope.id as string}/proofs/${of(crowd).entries[0] as number}`, { key: keys.auditor.key }));
  assert.match(proof.body.proof as string, /^c2sp\.org\/tlog-proof@v1/);
  assert.equal((await both.call('GET', `${path}/${incident}/scopes/${scope.id as string}/proofs/0`, { key: keys.auditor.key })).body.code, 'EDUCATION_SCOPE_NOT_FOUND');
  const [entry] = await both.entriesOf('education.incident.scope');
  assert.deepEqual([entry?.actor.id, entry?.detail.hash, entry?.detail.subjects], [keys.officer.id, scope.hash, planted.length]);
  const read = await both.entriesOf('education.incident.subjects');
  assert.equal(read.length, Math.ceil(planted.length / 7) + (planted.length % 7 === 0 ? 1 : 0), 'and who read whom it concerns');

  // later facts: erased since, and asked again with more; the first run stays as it was
  await both.call('DELETE', `/v1/vault/subjects/${singly[1]?.subject as string}`, { key: keys.honest.key, purpose: 'legal' });
  const again = await scopeOf(incident, { actors: [keys.leaked.id], from, to: new Date(Date.now() + 1000).toISOString() }, 1);
  assert.equal(again.totals.subjects, planted.length + others.length + 1);
  const { body } = ok(await both.call('GET', `${path}/${incident}/scopes`, { key: keys.auditor.key }));
  assert.deepEqual((body.scopes as Json[]).map(({ hash }) => hash as string), [again.hash, scope.hash]);
  const after = await concerned(incident, scope.id as string);
  assert.deepEqual([after.length, after.filter(({ subject }) => subject === null).length], [planted.length, 1]);
  // drafts are for who can be told, in their language, of what was theirs
  const drafts = ok(await both.call('GET', `${path}/${incident}/scopes/${scope.id as string}/notices?language=de`, { key: keys.officer.key })).body.drafts as Json[];
  assert.deepEqual(drafts.map(({ subject }) => subject as string).toSorted(), planted.filter((each) => each !== singly[1]?.subject));
  assert.ok(drafts.every(({ text }) => (text as string).includes('last name') && (text as string).includes('Datenschutz') && !(text as string).includes('Quill')));
  const told = ok(await both.call('GET', `${path}/${incident}/notices/authority`, { key: keys.officer.key })).body;
  assert.deepEqual([told.subjects.approximately, told.scope, told.unknown.length > 0, told.consequences.length > 0], [again.totals.subjects, again.hash, true, true]);
  assert.equal((await both.call('GET', `${path}/${incident}/scopes/${scope.id as string}/notices`, { key: keys.auditor.key })).status, 403);
}); // prettier-ignore

test('by the request and by the grant; who stood in a crowd that was forged or lost is unknown, and said to be', async () => {
  const crowd = await customers(18);
  const from = await moment();
  const answer = await both.call('POST', '/v1/vault/records/read', { key: keys.honest.key, purpose: 'legal', body: { ids: crowd.map(({ record }) => record) } });
  const index = ok(answer).body.auditIndex as number;
  const to = await moment();
  const incident = await reported();
  const asked = { from, to };
  const seen = (await both.entriesOf('vault.read')).at(-1)?.requestId as string;
  const whole = await scopeOf(incident, { ...asked, requests: [seen] });
  assert.equal(whole.totals.subjects, 18);
  assert.equal((await scopeOf(incident, { grants: ['grt_00000000000000000000000000'], from, to })).totals.subjects, 0);

  await both.fresh.db`update privacy.batches set pseudonyms = pseudonyms[2:] where entry = ${index}`;
  const forged = await scopeOf(incident, { ...asked, requests: [seen] });
  assert.deepEqual([forged.totals.subjects, forged.unknown.unnamed], [0, { entries: [index], subjectsAtMost: 18 }]);
  assert.match(forged.says[0] as string, /up to 18 people more/);
  await both.fresh.db`delete from privacy.batches where entry = ${index}`;
  assert.equal((await scopeOf(incident, { ...asked, requests: [seen] })).unknown.unnamed.subjectsAtMost, 18);
  // what was found stays: nobody changes it afterwards
  await assert.rejects(both.fresh.db`update education.scopes set hash = 'x'`, /evidence stays/);
  await assert.rejects(both.fresh.db`truncate education.scope_subjects`, /evidence stays/);
}); // prettier-ignore

test('what leaves by a token that is opened is found; a token that is only made says so by its class, masked', async () => {
  const [opened, only] = await customers(2);
  const token = async ({ record }: Made): Promise<string> => {
    const answer = await both.call('POST', '/v1/vault/tokens', { key: keys.application.key, purpose: 'service.support', body: { recordId: record, field: 'email', kind: 'random' } });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.token as string;
  };
  const from = await moment();
  const made = await token(opened as Made);
  await token(only as Made);
  ok(await both.call('POST', '/v1/vault/tokens/open', { key: keys.application.key, purpose: 'service.support', body: { token: made } }));
  const to = await moment();
  const incident = await reported();
  const scope = await scopeOf(incident, { actors: [keys.application.id], from, to });
  const subjects = await concerned(incident, scope.id as string);
  const of = (whom: Made | undefined) => subjects.find(({ subject }) => subject === whom?.subject) as Json;
  assert.equal(subjects.length, 2);
  assert.deepEqual([of(opened).actions, of(opened).classes.clear.length], [['vault.detokenise', 'vault.tokenise'], 1]);
  assert.deepEqual([of(only).actions, of(only).classes.clear, of(only).classes.masked.length], [['vault.tokenise'], [], 1]);
}); // prettier-ignore

test('asked for by who may, of a time and of somebody', async () => {
  const incident = await reported();
  const times = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
  const ask = (key: Key, body: object) => both.call('POST', `${path}/${incident}/scopes`, { key: key.key, body });
  for (const key of [keys.support, keys.auditor, keys.application]) assert.equal((await ask(key, { actors: ['key_00000000000000000000000001'], ...times })).status, 403);
  assert.equal((await ask(keys.officer, times)).body.code, 'EDUCATION_INCIDENT_INVALID');
  assert.equal((await ask(keys.officer, { actors: ['key_00000000000000000000000001'], from: times.to, to: times.from })).body.code, 'EDUCATION_INCIDENT_INVALID');
  assert.equal((await ask(keys.officer, { actors: ['key_00000000000000000000000001'], ...times })).body.totals.subjects, 0);
  assert.equal((await both.call('POST', `${path}/inc_00000000000000000000000000/scopes`, { key: keys.officer.key, body: { actors: ['key_00000000000000000000000001'], ...times } })).body.code, 'EDUCATION_INCIDENT_NOT_FOUND');
}); // prettier-ignore
