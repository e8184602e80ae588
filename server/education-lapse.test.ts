/** What a lapse ends, who is told, and what opens no way around it: on two servers, over HTTP. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { comeIn, comeInUntaught, type CameIn, type Json, type TwoSystems } from './testing.ts';
import { PURPOSE, staffedSystems, type Staffed } from './testing-education.ts';
import { passCourse } from './testing-taught.ts';

let staffed: Staffed;
let two: TwoSystems;
let admin: CameIn;
let officer: CameIn & { id: string };
let subjectId: string;
let recordId: string;
const somebody = (roles: readonly string[], come = comeIn) => staffed.somebody(roles, come);
before(async () => {
  staffed = await staffedSystems();
  ({ two, admin, recordId, subjectId } = staffed);
  officer = await somebody(['dpo']);
});
after(() => two.close());

const noticesOf = async (cookie: string): Promise<string[]> => {
  await two.noticed();
  const { body } = await two.call('GET', '/v1/access/notices', { cookie });
  return (body.notices as Json[]).map(({ kind }) => kind as string);
};
const revoke = (person: string) =>
  two.call('POST', '/v1/education/revocations', {
    cookie: officer.cookie,
    body: { person, kind: 'course', id: 'purpose-and-minimum', because: 'confirmed' },
  });

test('what runs for a time ends with the lapse, of that role alone and not broken glass; the person and who approved it are told', async () => {
  const ada = await somebody(['support']);
  const asked = await two.call('POST', '/v1/access/requests', { cookie: ada.cookie, body: { purpose: PURPOSE, classes: ['personal'], subjects: [subjectId], reads: 3, reason: 'a call' } }); // prettier-ignore
  assert.equal(asked.status, 201, JSON.stringify(asked.body));
  const path = `/v1/access/requests/${asked.body.id}`;
  const made = await two.call('POST', '/v1/access/keys', { cookie: admin.cookie, body: { name: 'a', role: 'dpo' } });
  const approved = await two.call('POST', `${path}/approve`, { key: made.body.key as string, body: { scopeHash: asked.body.scopeHash } }); // prettier-ignore
  assert.equal(approved.status, 200, JSON.stringify(approved.body));
  assert.equal((await two.call('POST', `${path}/activate`, { cookie: ada.cookie })).status, 200);

  assert.equal((await revoke(ada.id)).status, 204);
  await Promise.all(two.systems.map(({ education }) => education.watch()));
  const ended = await two.call('GET', path, { key: made.body.key as string });
  assert.equal(ended.body.state, 'revoked', JSON.stringify(ended.body));
  const [entry, ...more] = (await two.entriesOf('education.lapsed')).filter(({ detail }) => detail.person === ada.id);
  assert.deepEqual([more.length, entry?.detail.role, entry?.detail.because, entry?.detail.ended], [0, 'support', 'revoked', [asked.body.id]]); // prettier-ignore
  const ends = await two.entriesOf('access.grant.revoke');
  assert.deepEqual([ends.at(-1)?.actor.kind, ends.at(-1)?.detail.grant], ['system', asked.body.id]);
  const [hers, officers] = [await noticesOf(ada.cookie), await noticesOf(officer.cookie)];
  assert.ok(hers.includes('training-lapsed') && hers.includes('grant-ended'), hers.join());
  assert.ok(officers.includes('training-lapsed') && !officers.includes('grant-ended'), officers.join());
  assert.ok((await noticesOf(admin.cookie)).includes('grant-ended'), 'whose key approved it');

  await passCourse(two, ada.cookie, 'purpose-and-minimum');
  await two.systems[1].education.watch();
  const restored = (await two.entriesOf('education.restored')).filter(({ detail }) => detail.person === ada.id);
  assert.equal(restored.length, 1);
  assert.ok((await noticesOf(ada.cookie)).includes('training-restored'));
  assert.equal((await two.call('GET', path, { cookie: ada.cookie })).body.state, 'revoked', 'what ended stays ended');
});

test('asking another program’s question about people writes nothing down about their training', async () => {
  // in one of them she never acted
  const bea = await somebody(['support', 'billing'], comeInUntaught);
  const rows = async (): Promise<number> =>
    (await two.fresh.db<{ n: number }[]>`select count(*)::int as n from education.assignments`)[0]?.n ?? 0;
  const [before_, entries] = [await rows(), (await two.entriesOf('education.assign')).length];
  const { key } = await two.newKey('security');
  const body = { subject: { type: 'person' }, action: { name: 'records.read' }, resource: { type: 'class', id: 'internal' }, context: { purpose: PURPOSE, mfa: 'fresh' } }; // prettier-ignore
  const found = await two.call('POST', '/access/v1/search/subject', { key, body });
  assert.equal(found.status, 200, JSON.stringify(found.body));
  assert.ok(!(found.body.results as Json[]).some(({ id }) => id === bea.id), 'who never passed could not');
  assert.deepEqual([await rows(), (await two.entriesOf('education.assign')).length], [before_, entries]);
});

test('in a role for programs one’s own page says what the door says: no customer', async () => {
  const cyd = await somebody(['application'], comeInUntaught);
  const { body } = await two.call('GET', '/v1/education/mine', { cookie: cyd.cookie });
  assert.equal(body.effect, 'denied');
  assert.equal((await two.call('GET', `/v1/vault/records/${recordId}`, { cookie: cyd.cookie, purpose: PURPOSE })).status, 403); // prettier-ignore
});

test('of policies that are not on this server, a person is taken to lack what they ask for', () => {
  const { access } = two.systems[0];
  const actor = { kind: 'staff', id: 'per_1', person: 'per_1', name: 'x', role: 'support', expiresAt: null, scope: { purposes: [], classes: [], collections: [] } } as const; // prettier-ignore
  assert.equal(access.askedOf({ ...actor, policyVersion: 'pol_none' }), 'programs');
});

test('a role that is lent counts while it lasts; a role’s holders are those of when it first asked', async () => {
  const dan = await somebody(['auditor'], comeInUntaught);
  const lent = 'billing';
  await two.fresh.db`update access.people set eligible_roles = ${[lent]}::text[] where email = ${dan.email}`;
  await two.fresh.db`
    insert into access.role_requests (request_id, person_id, asked_by, role, seconds, reason, waits_until, state, decided_by, decided_at, until)
    select gen_random_uuid(), person_id, ${dan.id}, ${lent}, 600, 'month end', now() + interval '1 day', 'lent', 'per_x', now(), now() + interval '10 minutes'
    from access.people where email = ${dan.email}`;
  const { body } = await two.call('GET', '/v1/education/coverage?limit=1000', { cookie: officer.cookie });
  assert.ok(Array.isArray(body.people), JSON.stringify(body));
  assert.deepEqual((body.people as Json[]).find(({ id }) => id === dan.id)?.roles, ['auditor', lent]);

  const { body: active } = await two.call('GET', '/v1/access/policies/active', { cookie: officer.cookie });
  const { document } = active;
  document.roles.auditor.requires = { courses: ['devices'], policies: [] };
  const security = await somebody(['security']);
  const proposed = await two.call('POST', '/v1/access/policies', { cookie: security.cookie, body: { document, note: 'auditors learn' } }); // prettier-ignore
  const { version } = proposed.body;
  assert.equal(version?.state, 'validated', JSON.stringify(proposed.body));
  const at = `/v1/access/policies/${version.id}`;
  const activator = await two.newKey('security');
  const { body: other } = await two.call('POST', '/v1/access/keys', {
    cookie: admin.cookie,
    body: { name: 'a', role: 'dpo' },
  });
  assert.equal((await two.call('POST', `${at}/approve`, { key: other.key as string, body: { hash: version.hash } })).status, 200); // prettier-ignore
  const active2 = await two.call('POST', `${at}/activate`, { key: activator.key });
  assert.equal(active2.status, 200, JSON.stringify(active2.body));
  const rows = await two.fresh.db<{ n: number }[]>`select count(*)::int as n from education.requirements where role = 'auditor'`; // prettier-ignore
  assert.equal(rows[0]?.n, 1, 'seen before the answer');
});

test('coverage comes a page at a time, and everybody is on one page once', async () => {
  const seen: string[] = [];
  for (let after: string | null = ''; after !== null;) {
    const { body } = await two.call('GET', `/v1/education/coverage?limit=2${after === '' ? '' : `&after=${after}`}`, { cookie: officer.cookie }); // prettier-ignore
    assert.ok((body.people as Json[]).length <= 2);
    seen.push(...(body.people as Json[]).map(({ id }) => id as string));
    after = body.next as string | null;
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.equal(seen.length, staffed.invited() + 1);
});

test('a key in a role that asks people for training is told of to who keeps the training', async () => {
  const made = await two.call('POST', '/v1/access/keys', {
    cookie: admin.cookie,
    body: { name: 'handed on', role: 'support' },
  });
  assert.equal(made.status, 201);
  assert.ok((await noticesOf(officer.cookie)).includes('key-untaught'));
});
