/** Violations over the real routes: who may see and decide, what ends at the next read of any server, and who is told. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { PURPOSE, staffedSystems, type Invited, type Staffed } from './testing-education.ts';
import { comeIn, entriesOf, PASSWORD, type Json } from './testing.ts';

let world: Staffed;
let [ada, opener, rex, sue, uma]: Invited[] = [];
before(async () => {
  world = await staffedSystems();
  ada = await world.somebody(['support', 'billing'], comeIn);
  opener = await world.somebody(['security'], comeIn);
  rex = await world.somebody(['dpo'], comeIn);
  sue = await world.somebody(['security'], comeIn);
  uma = await world.somebody(['dpo'], comeIn);
});
after(() => world.two.close());

const at = '/v1/education/violations';
const call: Staffed['two']['call'] = (...asked) => world.two.call(...asked);
const who = (one: Invited | undefined): string => one?.cookie ?? '';
const get = (one: Invited | undefined, path: string, server = 0) => call('GET', path, { cookie: who(one), server });
const post = (one: Invited | undefined, path: string, body: object, server = 0) =>
  call('POST', path, { cookie: who(one), body, server });
const reads = (one: Invited | undefined, server = 0) =>
  call('GET', `/v1/vault/records/${world.recordId}`, { cookie: who(one), purpose: PURPOSE, server });

/** The newest entry of a read by somebody, with the hash that the system says it has. */
async function source(of: Invited | undefined): Promise<Json> {
  assert.equal((await reads(of)).status, 200);
  const entries = await entriesOf(world.two.systems[0]);
  const entry = entries.findLastIndex(({ action, actor }) => action === 'vault.read' && actor.id === of?.id);
  return (await get(opener, `${at}/sources/${entry}?person=${of?.id}`)).body;
}
async function open(more: object = {}, of = ada): Promise<Json> {
  const { entry, hash, refused } = await source(of);
  assert.equal(refused, null);
  const made = await post(opener, at, {
    person: of?.id,
    policy: 'access',
    entry,
    hash,
    says: 'Mrs Malone was looked up without a purpose.',
    ...more,
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body;
}
const decide = async (one: Invited | undefined, id: string, choice: string, server = 0) => {
  await get(one, `${at}/${id}`, server);
  return post(one, `${at}/${id}/votes`, { choice, because: 'It is what the log says.' }, server);
};

test('the person is told by bell and mail, sees it and its proof, and may say what happened; to others it is not there', async () => {
  const { id, entry } = await open();
  const manager = await world.somebody(['admin', 'support'], comeIn);
  const nobody = await world.somebody(['support'], comeIn);
  for (const one of [manager, nobody]) {
    const [theirs, none] = [await get(one, `${at}/${id}`), await get(one, `${at}/vio_00000000000000000000000000`)];
    assert.deepEqual(
      [theirs.status, theirs.body.code, theirs.body.detail],
      [404, 'EDUCATION_VIOLATION_NOT_FOUND', none.body.detail],
    );
    assert.equal((await get(one, `${at}/${id}/proof`)).status, 404);
    for (const [path, body] of [
      ['statement', {}],
      ['votes', { choice: 'none', because: 'x' }],
      ['appeal', { text: 'x' }],
      ['answer', { grant: true, because: 'x' }],
    ] as const)
      assert.equal((await post(one, `${at}/${id}/${path}`, body)).status, 404, path);
    assert.equal((await get(one, at)).status, 403);
    assert.equal(
      (await post(one, at, { person: ada?.id, policy: 'access', entry: 0, hash: 'A'.repeat(43), says: 'x' })).status,
      403,
    );
  }
  const { body: notices } = await get(ada, '/v1/access/notices');
  const told = (notices.notices as Json[]).find(({ kind }) => kind === 'violation');
  assert.match(
    told?.says as string,
    /^There is something about you that you should read: what it is about, and that you may say what happened, until /,
  );
  assert.equal(told?.link, `/violations/${id}`);
  await world.two.systems[0].notices.digest();
  const mails = JSON.stringify((await get(rex, '/v1/access/notices')).body);
  assert.match(mails, /PS-8/);

  const seen = (await get(ada, `${at}/${id}`, 1)).body;
  assert.deepEqual(
    [seen.state, seen.part, seen.may, seen.opened.text],
    ['hearing', 'person', ['state'], 'Mrs Malone was looked up without a purpose.'],
  );
  assert.match(
    seen.entry.says as string,
    /customers were read, of one customer, for the purpose service\.support, in the role support/,
  );
  await world.two.systems[0].audit.integrate();
  assert.match((await get(ada, `${at}/${id}/proof`)).body.proof as string, /tlog-proof/);
  assert.equal((await get(ada, `${at}/mine`)).body.violations.length, 1);
  assert.equal((await post(ada, `${at}/${id}/statement`, { text: 'She had called me.' })).body.state, 'review');
  const list = (await get(rex, at)).body;
  assert.deepEqual(
    list.violations.map((each: Json) => [each.id, each.may]),
    [[id, ['vote']]],
  );
  assert.ok(!JSON.stringify(list).includes(ada?.id as string));

  assert.equal((await decide(rex, id, 'coaching')).status, 200);
  assert.equal((await decide(rex, id, 'none')).body.code, 'EDUCATION_NOT_YOURS');
  const { body: key } = await post(rex, '/v1/access/keys', { name: 'mine', role: 'dpo' });
  const byKey =
    key.key === undefined
      ? null
      : await call('POST', `${at}/${id}/votes`, { key: key.key as string, body: { choice: 'coaching', because: 'x' } });
  if (byKey !== null) assert.equal(byKey.body.code, 'EDUCATION_NOT_YOURS', 'the same person by a key');
  assert.equal((await decide(opener, id, 'coaching')).body.code, 'EDUCATION_NOT_YOURS');
  assert.equal((await decide(ada, id, 'none')).body.code, 'EDUCATION_NOT_YOURS');
  const hard = await decide(sue, id, 'hr-referral');
  assert.deepEqual([hard.status, hard.body.code, hard.body.allowed], [422, 'EDUCATION_LADDER', ['none', 'coaching']]);
  assert.equal((await decide(sue, id, 'coaching', 1)).body.outcome, 'coaching');

  const all = JSON.stringify(await entriesOf(world.two.systems[0]));
  for (const word of ['Malone', 'She had called', 'what the log says']) assert.ok(!all.includes(word), word);
  const stored = await world.two.fresh.db<
    { sealed: Buffer }[]
  >`select sealed from education.violation_words where sealed is not null`;
  assert.ok(
    stored.length >= 4 && stored.every(({ sealed }) => !/Malone|called|log says/.test(sealed.toString('latin1'))),
  );
  assert.ok(Number(entry.number) > 0);
});

test('access that is ended is ended at the next read of any server; the person comes in to appeal, and an appeal gives it back', async () => {
  const { id } = await open({ intent: true, rung: 'access-removal', course: 'phishing' });
  await post(ada, `${at}/${id}/statement`, {});
  assert.equal((await decide(rex, id, 'access-removal')).status, 200);
  assert.equal((await reads(ada, 1)).status, 200, 'one alone ends nothing');
  const done = await Promise.all([decide(sue, id, 'access-removal'), decide(uma, id, 'access-removal', 1)]);
  assert.deepEqual(
    done.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409],
    'of two who decide at one moment, one does',
  );
  assert.deepEqual([(await reads(ada)).status, (await reads(ada, 1)).status], [401, 401]);
  const entries = await entriesOf(world.two.systems[0]);
  assert.ok(entries.some(({ action, detail }) => action === 'access.person.end' && detail.person === ada?.id));

  const again = (
    await call('POST', '/v1/access/session', {
      body: { email: ada?.email, password: PASSWORD, recoveryCode: ada?.recoveryCodes[0] },
    })
  ).cookie;
  assert.equal(
    (await call('GET', `/v1/vault/records/${world.recordId}`, { cookie: again, purpose: PURPOSE })).status,
    403,
  );
  const seen = (await call('GET', `${at}/${id}`, { cookie: again })).body;
  assert.match(seen.follows[0] as string, /^Access has ended \(support, billing\)/);
  assert.equal(
    (await call('POST', `${at}/${id}/appeal`, { cookie: again, body: { text: 'It was somebody else.' } })).status,
    200,
  );
  const [was, free] = done[0]?.status === 200 ? [sue, uma] : [uma, sue];
  for (const one of [rex, was, opener]) {
    await get(one, `${at}/${id}`);
    assert.equal(
      (await post(one, `${at}/${id}/answer`, { grant: false, because: 'x' })).body.code,
      'EDUCATION_NOT_YOURS',
    );
  }
  await get(free, `${at}/${id}`);
  const answered = await post(free, `${at}/${id}/answer`, { grant: true, because: 'The session was stolen.' });
  assert.equal(answered.status, 200, JSON.stringify(answered.body));
  const { body: people } = await call('GET', '/v1/access/people', { cookie: world.admin.cookie });
  assert.deepEqual((people.people as Json[]).find(({ id: each }) => each === ada?.id)?.roles, ['support', 'billing']);
});

test('of two appeals that are answered at one moment, on two servers, the access that both took comes back once and whole', async () => {
  const bea = await world.somebody(['support', 'billing'], comeIn);
  const hard = { intent: true, rung: 'access-removal', course: 'phishing' };
  const [first, second] = [await open(hard, bea), await open(hard, bea)];
  for (const { id } of [first, second]) await post(bea, `${at}/${id}/statement`, {});
  for (const { id } of [first, second])
    for (const one of [rex, sue])
      assert.equal((await decide(one, id as string, 'access-removal')).status, 200);
  const { cookie } = await call('POST', '/v1/access/session', { body: { email: bea.email, password: PASSWORD, recoveryCode: bea.recoveryCodes[0] } });
  for (const { id } of [first, second])
    assert.equal((await call('POST', `${at}/${id}/appeal`, { cookie, body: { text: 'It was not me.' } })).status, 200);
  const tom = await world.somebody(['security'], comeIn);
  await Promise.all([get(uma, `${at}/${first.id}`), get(tom, `${at}/${second.id}`)]);

  const answers = await Promise.all([
    post(uma, `${at}/${first.id}/answer`, { grant: true, because: 'x' }),
    post(tom, `${at}/${second.id}/answer`, { grant: true, because: 'x' }, 1),
  ]);

  assert.deepEqual(answers.map(({ status }) => status), [200, 200]);
  const { body: people } = await call('GET', '/v1/access/people', { cookie: world.admin.cookie });
  assert.deepEqual((people.people as Json[]).find(({ id }) => id === bea.id)?.roles, ['support', 'billing']);
  const given = (await entriesOf(world.two.systems[0])).filter(({ action, detail }) => action === 'access.person.roles' && detail.person === bea.id);
  assert.deepEqual(given.map(({ detail }) => detail.roles), [['support', 'billing']], 'once');
}); // prettier-ignore

test('a finding or case that is named beside one is there, whichever practice keeps it', async () => {
  const { key } = await world.two.newKey('security');
  const { body: finding } = await call('POST', '/v1/assurance/findings', { key, body: { title: 'A way in', description: 'x', severity: 'high', asset: 'console', place: '/', reporter: 'x' } });
  const cy = await world.somebody(['support'], comeIn);
  const { entry, hash } = await source(cy);
  const wanted = { person: cy.id, policy: 'access', entry, hash, says: 'x' };
  for (const gone of ['fnd_00000000000000000000000000', 'case_00000000000000000000000000'])
    assert.equal((await post(opener, at, { ...wanted, about: [finding.id, gone] })).body.code, 'EDUCATION_VIOLATION_INVALID', gone);

  assert.equal((await post(opener, at, { ...wanted, about: [finding.id] })).status, 201);
}); // prettier-ignore
