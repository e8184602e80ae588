/** Training decides access: on two servers, over HTTP, at the very next read. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { type CameIn, type Json, type TwoSystems } from './testing.ts';
import { PURPOSE, staffedSystems, type Staffed } from './testing-education.ts';
import { passCourse, signPolicy, taught } from './testing-taught.ts';

let staffed: Staffed;
let two: TwoSystems;
let admin: CameIn;
let recordId: string;
let subjectId: string;

before(async () => {
  staffed = await staffedSystems();
  ({ two, admin, recordId, subjectId } = staffed);
});
after(() => two.close());

const somebody = (...roles: readonly string[]) => staffed.somebody(roles);
const read = (cookie: string, server = 0) =>
  two.call('GET', `/v1/vault/records/${recordId}`, { cookie, purpose: PURPOSE, server });
const manager = async (): Promise<string> => (await two.newKey('security')).key;

test('a first administrator works without any course; who is new in a role sees no customer, and is told which lesson opens it', async () => {
  assert.equal((await two.call('GET', '/v1/access/people', { cookie: admin.cookie })).status, 200);
  const ada = await somebody('support');

  const denied = await read(ada.cookie);
  assert.deepEqual([denied.status, denied.body.code], [403, 'VAULT_DENIED']);
  assert.deepEqual(
    (denied.body.training as Json[])
      .map(({ kind, id, state, url }) => [kind, id, state, url])
      .toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
    [
      ['course', 'handling-personal-data', 'assigned', '/v1/education/courses/handling-personal-data'],
      ['course', 'purpose-and-minimum', 'assigned', '/v1/education/courses/purpose-and-minimum'],
      ['policy', 'customer-data', 'assigned', '/v1/education/policies/customer-data'],
    ],
  );
  assert.equal((await two.call('POST', '/v1/access/requests', { cookie: ada.cookie, body: { purpose: PURPOSE, classes: ['personal'], subjects: [subjectId], reason: 'a call' } })).status, 403); // prettier-ignore
  const [entry] = (await two.logged(50)).filter(({ action, outcome }) => action === 'vault.read' && outcome === 'denied'); // prettier-ignore
  assert.deepEqual(entry?.decision.policies, ['training-denied']);
});

test('passing and signing open it at the next read of another server, and taking back shuts it there', async () => {
  const ada = await somebody('support');
  assert.equal((await read(ada.cookie, 1)).status, 403);
  await passCourse(two, ada.cookie, 'handling-personal-data');
  await passCourse(two, ada.cookie, 'purpose-and-minimum');
  assert.deepEqual(
    (await read(ada.cookie, 1)).body.training.map(({ id }: Json) => id),
    ['customer-data'],
  );
  await signPolicy(two, ada.cookie, 'customer-data');
  assert.equal((await read(ada.cookie, 1)).status, 200);

  const key = await manager();
  const revoked = await two.call('POST', '/v1/education/revocations', { key, body: { person: ada.id, kind: 'course', id: 'purpose-and-minimum', because: 'confirmed' } }); // prettier-ignore
  assert.equal(revoked.status, 204, JSON.stringify(revoked.body));
  assert.deepEqual((await read(ada.cookie, 1)).body.training.map(({ id, state }: Json) => [id, state]), [['purpose-and-minimum', 'revoked']]); // prettier-ignore
  await passCourse(two, ada.cookie, 'purpose-and-minimum');
  assert.equal((await read(ada.cookie, 1)).status, 200);
});

test('a try handed in twice counts once, and nobody hands in another one’s', async () => {
  const [ada, bea] = [await somebody('support'), await somebody('support')];
  const begun = await two.call('POST', '/v1/education/courses/phishing/sittings', { cookie: ada.cookie });
  assert.doesNotMatch(JSON.stringify(begun.body), /"right"|"because"|"seed"/);
  const again = await two.call('POST', '/v1/education/courses/phishing/sittings', { cookie: ada.cookie, server: 1 });
  assert.deepEqual(
    [again.body.id, again.body.questions],
    [begun.body.id, begun.body.questions],
    'a new draw is a new try',
  );
  const answers = (begun.body.questions as Json[]).map(() => [0]);
  const hand = (cookie: string, server = 0) => two.call('POST', `/v1/education/sittings/${begun.body.id}/answers`, { cookie, body: { answers }, server }); // prettier-ignore

  assert.deepEqual([(await hand(bea.cookie)).status, (await hand(admin.cookie)).status], [404, 404]);
  const both = await Promise.all([hand(ada.cookie), hand(ada.cookie, 1), hand(ada.cookie)]);
  assert.deepEqual(
    both.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409, 409],
  );
  const counted = await two.systems[0]
    .db`select count(*)::int as n from education.sittings where verdict <> 'open' and quiz = 'phishing'`;
  assert.equal(counted[0]?.n, 1);
});

test('three tries, then a day: also for who begins on two servers at once', async () => {
  const ada = await somebody('support');
  const begin = (server: number) =>
    two.call('POST', '/v1/education/courses/devices/sittings', { cookie: ada.cookie, server });
  const seen: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const both = await Promise.all([begin(0), begin(1)]);
    assert.deepEqual(new Set(both.map(({ body }) => body.id)).size, 1, JSON.stringify(both.map(({ body }) => body)));
    const questions = both[0]?.body.questions as Json[];
    seen.push(...questions.map(({ id }) => id as string));
    const graded = await two.call('POST', `/v1/education/sittings/${both[0]?.body.id}/answers`, { cookie: ada.cookie, body: { answers: questions.map(() => []) } }); // prettier-ignore
    assert.deepEqual(
      [graded.status, graded.body.passed, graded.body.questions[0].because.length > 0],
      [200, false, true],
    );
  }
  const fourth = await begin(1);
  assert.deepEqual([fourth.status, fourth.body.code], [429, 'EDUCATION_WAIT']);
  assert.ok(new Set(seen).size > 5, 'other questions come');
});

test('a signature is of the very text, of who is signed in, and needs both factors shown of late', async () => {
  const ada = await somebody('support');
  const { body: policy } = await two.call('GET', '/v1/education/policies/customer-data', { cookie: ada.cookie });
  assert.doesNotMatch(JSON.stringify(policy.checks), /right/);
  const sign = (body: object, sent: object = { cookie: ada.cookie }) => two.call('POST', '/v1/education/policies/customer-data/signature', { ...sent, body: { hash: policy.hash, locale: 'en', answers: [], ...body } }); // prettier-ignore
  const { body: other } = await two.call('GET', '/v1/education/policies/access', { cookie: ada.cookie });
  for (const [body, code] of [
    [{ hash: other.hash }, 'EDUCATION_TEXT_CHANGED'],
    [{ hash: 'A'.repeat(43) }, 'EDUCATION_TEXT_CHANGED'],
    [{ locale: 'de' }, 'EDUCATION_TEXT_CHANGED'],
    [{}, 'EDUCATION_CHECKS_WRONG'],
    [{ person: admin }, 'HTTP_INVALID'],
  ] as const)
    assert.match((await sign(body)).body.code, new RegExp(`${code}|HTTP_`), JSON.stringify(body));
  assert.equal((await sign({}, { key: await manager() })).body.code, 'ACCESS_SESSION_NEEDED');

  await two.systems[0].db`update access.sessions set mfa_at = now() - interval '2 hours', auth_time = now() - interval '2 hours' where person_id = (select person_id from access.people where email = ${ada.email})`; // prettier-ignore
  const stale = await sign({});
  assert.deepEqual([stale.status, stale.body.code], [401, 'ACCESS_STEP_UP']);
  assert.equal((await read(ada.cookie)).status, 403);
});

test('a signature has its receipt: an entry of the log that is proven without us', async () => {
  const ada = await somebody('support');
  const signed = await signPolicy(two, ada.cookie, 'customer-data');
  await two.systems[0].audit.checkpoint();
  const { status, body } = await two.call('GET', '/v1/education/policies/customer-data/receipt', {
    cookie: ada.cookie,
  });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([body.entry, body.hash], [signed.entry, signed.hash]);
  assert.match(body.proof as string, /^c2sp\.org\/tlog-proof@v1\n/);
  const entries = await two.entriesOf('education.policy.sign');
  const mine = entries.find(({ detail }) => detail.acknowledgement === signed.id) as Json;
  assert.deepEqual([mine.actor.id, mine.detail.hash], [ada.id, signed.hash]);
});

test('what was signed and passed is neither changed nor taken away, whoever has the database', async () => {
  const { db } = two.systems[0];
  for (const table of ['passes', 'acknowledgements', 'revocations', 'versions'])
    for (const statement of [`delete from education.${table}`, `truncate education.${table} cascade`])
      await assert.rejects(db.unsafe(statement), /evidence stays/, statement);
  await assert.rejects(db`update education.acknowledgements set hash = 'x'`, /evidence stays/);
  await assert.rejects(
    db`update education.sittings set verdict = 'passed', answered = '{}' where verdict = 'failed'`,
    /graded once/,
  );
  await assert.rejects(db`update education.sittings set seed = 'x'`, /graded once/);
});

test('of two officers who publish at once one is told that the other was faster; who signed the old text signs anew', async () => {
  const ada = await somebody('support');
  await taught(two, ada.cookie);
  assert.equal((await read(ada.cookie)).status, 200);
  const [key, other] = [await manager(), (await two.newKey('dpo')).key];
  const { body } = await two.call('GET', '/v1/education/texts/policy/customer-data', { key });
  const replaces = body.versions.at(-1).hash as string;
  const text = (line: string): string => (body.source as string).replace('\n## Who', `\n${line}\n\n## Who`);
  const publish = (by: string, source: string, server: number) => two.call('POST', '/v1/education/texts', { key: by, server, body: { kind: 'policy', source, replaces } }); // prettier-ignore
  const both = await Promise.all([publish(key, text('One more line.'), 0), publish(other, text('Another line.'), 1)]);
  assert.deepEqual(
    both.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 409],
    JSON.stringify(both.map((each) => each.body)),
  );
  assert.equal(both.find(({ status }) => status === 409)?.body.code, 'EDUCATION_TEXT_CHANGED');

  const mine = await two.call('GET', '/v1/education/mine', { cookie: ada.cookie, server: 1 });
  const duty = (mine.body.duties as Json[]).find(({ id }) => id === 'customer-data') as Json;
  assert.deepEqual(
    [duty.state, duty.effect, (await read(ada.cookie, 1)).status],
    ['due', 'open', 200],
    'seven days for it',
  );
  const { body: changed } = await two.call('GET', '/v1/education/policies/customer-data', { cookie: ada.cookie });
  assert.deepEqual(
    (changed.changes as Json[]).filter(({ how }) => how !== 'same').map(({ how }) => how),
    ['added'],
  );
});

test('leave, and an exemption by two people, are told of and hold', async () => {
  const ada = await somebody('support');
  const sec = await somebody('security');
  const dpo = await somebody('dpo');
  const text = { kind: 'policy', id: 'customer-data' };
  const until = new Date(Date.now() + 86_400_000).toISOString();
  const ask = (cookie: string, more: object = {}) => two.call('POST', '/v1/education/exemptions', { cookie, body: { person: ada.id, ...text, until, because: 'no time', ...more } }); // prettier-ignore
  assert.equal((await ask(sec.cookie, { until: '2020-01-01T00:00:00Z' })).body.code, 'EDUCATION_DATES_INVALID');
  const { body } = await ask(sec.cookie);
  const approve = (cookie: string) => two.call('POST', `/v1/education/exemptions/${body.id}/approve`, { cookie });
  assert.equal((await approve(sec.cookie)).body.code, 'EDUCATION_SECOND_EYES');
  const lacks = async () => ((await read(ada.cookie, 1)).body.training as Json[]).map(({ id }) => id);
  assert.ok((await lacks()).includes('customer-data'));
  assert.equal((await approve(dpo.cookie)).status, 204);
  assert.ok(!(await lacks()).includes('customer-data'));
  assert.equal((await two.call('POST', `/v1/education/exemptions/${body.id}/end`, { cookie: sec.cookie })).status, 204);
  assert.ok((await lacks()).includes('customer-data'));
  const own = await ask(sec.cookie, { person: dpo.id });
  assert.equal((await two.call('POST', `/v1/education/exemptions/${own.body.id}/approve`, { cookie: dpo.cookie })).body.code, 'EDUCATION_SECOND_EYES'); // prettier-ignore
  const away = await two.call('POST', '/v1/education/absences', { cookie: sec.cookie, body: { person: ada.id, from: new Date().toISOString(), until: null } }); // prettier-ignore
  assert.equal(away.status, 201);
  const listed = async () =>
    (await two.call('GET', '/v1/education/absences', { cookie: sec.cookie, server: 1 })).body.absences as Json[];
  assert.deepEqual((await listed()).map(({ id, person, until: end }) => [id, person, end]), [[away.body.id, ada.id, null]]); // prettier-ignore
  assert.equal((await two.call('GET', '/v1/education/absences', { cookie: ada.cookie })).status, 403);
  assert.equal((await two.call('POST', `/v1/education/absences/${away.body.id}/end`, { cookie: sec.cookie, body: { until } })).status, 204); // prettier-ignore
  assert.equal((await listed())[0]?.until, until);
});
