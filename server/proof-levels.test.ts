/** How sure it has to be, and what makes it surer: by what is held, by what falls together, and by who looked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { code, idOf, requestDesk } from './testing-requests.ts';
import type { Json } from './testing.ts';

const { two, keyOf, as, officer, customer, ask, signIn, asks, openOf, enters } = requestDesk();
const proofOf = async (subject: string, kind: string): Promise<string> => {
  const { proof } = await openOf(subject, kind);
  return `${proof.needed} ${proof.reached}`;
};

test('a password that a mail sets anew and a code by mail fall together: special data stays shut to who has the mailbox alone', async () => {
  const { subjectId } = await customer('mailbox@example.org', { care_notes: 'a canary: large print' });
  const opens = async (cookie: string) => (await ask('/center/data.zip', { cookie })).status;
  const cookie = await signIn('mailbox@example.org');
  await enters(subjectId, { factors: 1 }, cookie);
  assert.equal(await opens(cookie), 303, 'a password and the mailbox that it is set anew by');
  await enters(subjectId, { factors: 2, resettableByMail: 2 }, cookie);
  assert.equal(await opens(cookie), 303, 'a second factor that comes by mail too');
  await asks(cookie, 'copy');
  assert.equal(await proofOf(subjectId, 'copy'), 'high reasonable');
  assert.ok(!(await ask('/center/data?show=all', { cookie })).text.includes('canary'));
  const page = (await ask('/center/prove', { cookie })).text;
  assert.ok(page.includes('second proof') && !page.includes('That is enough'), 'it says what is missing');

  // what no mail sets anew is another thing
  await enters(subjectId, { factors: 1, resettableByMail: 0 }, cookie);
  assert.equal(await opens(cookie), 200);
  assert.equal(await opens(await enters(subjectId, { factors: 2 })), 200, 'a password, and a second factor of its own');
  const says = (said: object) => code(as('customer-sign-in').privacyRequests.assertSignedIn({ subject: subjectId, factors: 1, signedInAt: new Date().toISOString(), ...said }));
  assert.deepEqual([await says({ resettableByMail: 2 }), await says({ resettableByMail: 3 })], ['PRIVACY_ASSERTION_INVALID', 'HTTP_INVALID']);

  // who has the mailbox must not move it, whatever it opens
  const moved = await customer('mailbox-2@example.org');
  const thief = await signIn('mailbox-2@example.org');
  await enters(moved.subjectId, { factors: 2, resettableByMail: 2 }, thief);
  await ask(`/center/correct/${moved.id}`, { cookie: thief, form: { email: 'thief@example.org' } });
  assert.equal(await proofOf(moved.subjectId, 'correction'), 'high none');
}); // prettier-ignore

test('whoever comes in by the app’s word is told of at every address that is held; an address of the thief’s own hides nothing', async () => {
  const { subjectId } = await customer('told@example.org');
  await as('application', 'service.support').records.create({ collection: 'customer', subject: { id: subjectId }, fields: { last_name: 'Hopper', email: 'thief-told@example.org' } });
  const told = async (): Promise<string[]> => {
    const to: string[] = [];
    for (const { id, kind } of await two().systems[0].mail.list())
      if (kind === 'privacy.app-entered') to.push((await two().systems[0].mail.get(id)).content?.to ?? '');
    return to.filter((each) => each.includes('told@')).toSorted();
  };
  const app = as('customer-sign-in').privacyRequests;
  const { url } = await app.assertSignedIn({ subject: subjectId, factors: 2, signedInAt: new Date().toISOString() });
  await ask(new URL(url).pathname);
  assert.deepEqual(await told(), [], 'looked at only');
  assert.equal((await ask(new URL(url).pathname, { form: {} })).status, 303);
  assert.deepEqual(await told(), ['thief-told@example.org', 'told@example.org']);
  assert.equal((await ask(new URL(url).pathname, { form: {} })).status, 401, 'used');
  await enters(subjectId, { factors: 1 });
  assert.equal((await told()).length, 2, 'not each time');

  // where it is added to who is signed in by a mail, too
  const added = await customer('added-told@example.org');
  await enters(added.subjectId, { factors: 2 }, await signIn('added-told@example.org'));
  assert.equal((await told()).includes('added-told@example.org'), true);
}); // prettier-ignore

test('the rules say what falls together, to everybody', async () => {
  const { shows } = await officer().proofRules();
  const app = shows.filter(({ means }) => means === 'app').map(({ channels }) => channels.join('+'));
  assert.deepEqual(app, ['mailbox', 'app', 'mailbox', 'mailbox+second-factor', 'app+second-factor']);
});

test('erasure is asked for in proportion: what is ordinary goes by one proof, special data by two; two people agree to both', async () => {
  const plain = await customer('ordinary@example.org', { city: 'Oslo' });
  const special = await customer('sensitive@example.org', { care_notes: 'large print' });
  for (const [email, { subjectId }, needs] of [['ordinary@example.org', plain, 'reasonable'], ['sensitive@example.org', special, 'high']] as const) {
    await asks(await signIn(email), 'erasure');
    assert.equal(await proofOf(subjectId, 'erasure'), `${needs} reasonable`);
  }
  const decide = async (key: string, subject: string) => {
    const { id } = await openOf(subject, 'erasure');
    return code(officer(key).decide(id, { decision: 'fulfil', answer: 'x' }));
  };
  assert.equal(await decide('dpo', special.subjectId), 'PRIVACY_PROOF_NEEDED');
  assert.deepEqual([await decide('dpo', plain.subjectId), await decide('dpo', plain.subjectId)], ['done', 'PRIVACY_SECOND_EYES']);
  // what became special after the first yes needs more for the second
  await as('application', 'service.support').records.create({ collection: 'customer', subject: { id: plain.subjectId }, fields: { last_name: 'Hopper', care_notes: 'x' } });
  assert.equal(await decide('dpo-2', plain.subjectId), 'PRIVACY_PROOF_NEEDED');
  await officer('dpo').vouch((await openOf(plain.subjectId, 'erasure')).id, 'passport');
  assert.equal(await decide('dpo-2', plain.subjectId), 'done');
  assert.deepEqual([await two().systems[0].vault.isLiving(idOf(plain.subjectId)), await two().systems[0].vault.isLiving(idOf(special.subjectId))], [false, true]);
}); // prettier-ignore

test('a look that shows nothing is refused, and changes nothing; one that counts for nothing any more is in nobody’s way', async () => {
  const { subjectId } = await customer('looked@example.org');
  const { id } = await officer().take({ how: 'letter', subject: subjectId, kind: 'copy', asker: 'agent' });
  const before = await officer().get(id);
  assert.equal(await code(officer('dpo').vouch(id, 'identity-card')), 'PRIVACY_PROOF_SHOWS_NOTHING');
  assert.deepEqual((await officer().get(id)).steps, before.steps, 'no step of it');
  await officer('dpo').vouch(id, 'mandate');
  assert.equal(await code(officer('dpo').vouch(id, 'call-back')), 'PRIVACY_PROOF_SAME_EYES', 'one person is one');
  assert.equal((await officer('dpo-2').vouch(id, 'call-back')).proof.reached, 'high');

  // seen as the subject, who turns out to be an agent: who looked looks again
  const other = await customer('looked-2@example.org');
  const asked = await officer().take({ how: 'letter', subject: other.subjectId, kind: 'restriction' });
  for (const key of ['dpo', 'dpo-2']) await officer(key).vouch(asked.id, 'passport');
  await officer().take({ how: 'letter', subject: other.subjectId, kind: 'restriction', asker: 'agent' });
  assert.equal((await officer().get(asked.id)).proof.reached, 'none');
  assert.equal((await officer('dpo').vouch(asked.id, 'mandate')).proof.reached, 'reasonable');
  assert.equal((await officer('dpo-2').vouch(asked.id, 'call-back')).proof.reached, 'high');
  assert.equal(await code(officer().decide(asked.id, { decision: 'fulfil', answer: 'x', because: 'claim' })), 'done');
}); // prettier-ignore

test('what is held is known whoever may see it: policies that keep special data from the center do not lower what is asked', async () => {
  const { subjectId } = await customer('hidden@example.org', { care_notes: 'a canary: large print' });
  const call = (method: string, path: string, key: string, body?: object) => two().call(method, path, { key, ...(body === undefined ? {} : { body }) });
  const { document } = (await call('GET', '/v1/access/policies/active', two().admin)).body;
  (document as Json).policies['center-special'] = 'forbid (principal in Role::"center", action, resource in DataClass::"special") when { resource == DataClass::"special" };';
  const { version } = (await call('POST', '/v1/access/policies', two().admin, { document, note: 'a test' })).body as { version: Json };
  assert.equal((await call('POST', `/v1/access/policies/${version.id}/approve`, keyOf('dpo'), { hash: version.hash })).status, 200);
  assert.equal((await call('POST', `/v1/access/policies/${version.id}/activate`, two().admin)).status, 200);
  const cookie = await enters(subjectId, { factors: 2 });
  assert.ok(!(await ask('/center/data?show=all', { cookie })).text.includes('canary'), 'the center does not see it');
  await asks(await signIn('hidden@example.org'), 'erasure');
  assert.equal(await proofOf(subjectId, 'erasure'), 'high reasonable');
  assert.equal((await officer().take({ how: 'letter', subject: subjectId, kind: 'copy' })).proof.needed, 'high');
}); // prettier-ignore
