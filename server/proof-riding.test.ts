/** Nobody rides on what another has shown: not by asking for the same, by a link, by a reply, nor by waiting. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createStrongroom } from '@strongroom/sdk';

import { code, phoned, requestDesk } from './testing-requests.ts';

const { two, keyOf, officer, customer, ask, signIn, asks, openOf, enters } = requestDesk();
/** Signed in by the company, with two factors. */
const enter = (subject: string): Promise<string> => enters(subject, { factors: 2 });
const proofOf = async (subject: string, kind: string): Promise<string> => {
  const { proof } = await openOf(subject, kind);
  return [proof.asker, proof.needed, proof.reached].join(' ');
};

test('a letter that asks for what the customer has asked for takes nothing of what they have shown', async () => {
  const { subjectId } = await customer('joined@example.org');
  await asks(await enter(subjectId), 'copy');
  assert.equal(await proofOf(subjectId, 'copy'), 'subject reasonable high');
  const { id } = await officer().take({ how: 'letter', subject: subjectId, kind: 'copy', asker: 'unheld' });
  assert.equal(await proofOf(subjectId, 'copy'), 'unheld high none');
  assert.equal(await code(officer().copy(id, 'twenty letters or more')), 'PRIVACY_PROOF_NEEDED');
  assert.equal(await code(officer().decide(id, { decision: 'fulfil', answer: 'x', send: 'nothing' })), 'PRIVACY_PROOF_NEEDED');

  // in the name of the customer it is a letter too
  const named = await customer('joined-2@example.org');
  await asks(await enter(named.subjectId), 'copy');
  await officer().take({ how: 'letter', subject: named.subjectId, kind: 'copy' });
  assert.equal(await proofOf(named.subjectId, 'copy'), 'subject reasonable none');
}); // prettier-ignore

test('the customer who asks for what a stranger has asked for lends them nothing; an agent stays one', async () => {
  const { subjectId } = await customer('lent@example.org');
  for (const [kind, asker] of [['copy', 'unheld'], ['restriction', 'agent']] as const) {
    const { id } = await officer().take({ how: 'letter', subject: subjectId, kind, asker, words: 'to me, at my new address' });
    await officer().vouch(id, asker === 'agent' ? 'mandate' : 'signed-declaration');
    const was = await proofOf(subjectId, kind);
    await asks(await enter(subjectId), kind);
    // of an agent, what the customer has shown counts for nothing: the less of both
    assert.equal(await proofOf(subjectId, kind), asker === 'agent' ? 'agent high none' : was);
    assert.equal(await code(officer().decide(id, { decision: 'fulfil', answer: 'x', send: 'nothing', because: 'claim' })), 'PRIVACY_PROOF_NEEDED', kind);
  }
  // who agreed first agreed to what was asked then
  const erasure = await officer().take({ how: 'letter', subject: subjectId, kind: 'erasure' });
  for (const key of ['dpo', 'dpo-2']) await officer(key).vouch(erasure.id, 'passport');
  await officer().decide(erasure.id, { decision: 'fulfil', answer: 'x' });
  assert.equal(typeof (await officer().get(erasure.id)).firstEyes, 'string');
  await officer().take({ how: 'letter', subject: subjectId, kind: 'erasure', asker: 'agent' });
  assert.equal((await officer().get(erasure.id)).firstEyes, null);
}); // prettier-ignore

test('what two sessions have shown is not what one has: one proof each is one proof', async () => {
  const { subjectId } = await customer('two-sessions@example.org', { care_notes: 'x' });
  await asks(await signIn('two-sessions@example.org'), 'erasure');
  assert.equal(await proofOf(subjectId, 'erasure'), 'subject high reasonable');
  const app = createStrongroom({ url: two().urls[0], key: keyOf('customer-sign-in'), purpose: 'service.support', retries: 0 });
  const { url } = await app.privacyRequests.assertSignedIn({ subject: subjectId, factors: 1, resettableByMail: 0, signedInAt: new Date().toISOString() });
  const { headers } = await ask(new URL(url).pathname, { form: {} });
  await asks((headers.get('set-cookie') ?? '').split(';')[0] ?? '', 'erasure');
  assert.equal(await proofOf(subjectId, 'erasure'), 'subject high reasonable');
}); // prettier-ignore

test('a link to the mailbox shows the mailbox, and no more: special data and agents need the rest before its code is made', async () => {
  const { subjectId } = await customer('linked@example.org', { care_notes: 'large print' });
  const { id } = await officer().take({ how: 'letter', subject: subjectId, kind: 'copy' });
  const send = () => code(officer().decide(id, { decision: 'fulfil', answer: 'see your mail' }));
  assert.equal(await send(), 'PRIVACY_PROOF_NEEDED');
  await officer().vouch(id, 'passport');
  assert.equal(await send(), 'done');
  assert.equal(await code(officer().sendLink(id)), 'done');

  const plain = await customer('linked-2@example.org');
  const agent = await officer().take({ how: 'letter', subject: plain.subjectId, kind: 'copy', asker: 'agent' });
  assert.equal(await code(officer().decide(agent.id, { decision: 'fulfil', answer: 'x' })), 'PRIVACY_PROOF_NEEDED');
  // what is held by now is looked at before the link goes once more
  const { id: once } = await officer().take({ how: 'letter', subject: (await customer('linked-3@example.org')).subjectId, kind: 'copy' });
  assert.equal(await code(officer().decide(once, { decision: 'fulfil', answer: 'x' })), 'done');
  const { subject } = await officer().get(once);
  await createStrongroom({ url: two().urls[0], key: keyOf('application'), purpose: 'service.support', retries: 0 }).records.create({ collection: 'customer', subject: { id: subject }, fields: { last_name: 'Hopper', email: 'linked-3@example.org', care_notes: 'x' } });
  assert.equal(await code(officer().sendLink(once)), 'PRIVACY_PROOF_NEEDED');
}); // prettier-ignore

test('a correction in words may move what somebody is reached by: it needs as much as if the field were named', async () => {
  const { subjectId } = await customer('words@example.org');
  await ask('/center/requests', { cookie: await signIn('words@example.org'), form: { kind: 'correction', words: 'my address is thief@example.org' } });
  assert.equal(await proofOf(subjectId, 'correction'), 'subject high none');
  const { id } = await openOf(subjectId, 'correction');
  assert.equal(await code(officer().decide(id, { decision: 'fulfil', answer: 'x' })), 'PRIVACY_PROOF_NEEDED');
}); // prettier-ignore

test('what was shown a month ago shows nothing more: it is shown again', async () => {
  const { subjectId } = await customer('long-ago@example.org');
  const cookie = await enter(subjectId);
  await asks(cookie, 'copy');
  const { id } = await openOf(subjectId, 'copy');
  await two().fresh.db`update privacy.requests set proofs = jsonb_set(proofs, '{0,at}', '"2020-01-01T00:00:00.000Z"') where asker = 'subject' and closed_at is null and kind = 'copy'`;
  assert.equal(await proofOf(subjectId, 'copy'), 'subject reasonable none');
  assert.equal(await code(officer().copy(id, 'twenty letters or more')), 'PRIVACY_PROOF_NEEDED');
  await asks(cookie, 'copy');
  assert.equal(await proofOf(subjectId, 'copy'), 'subject reasonable high');
  assert.equal(await code(officer().decide(id, { decision: 'fulfil', answer: 'by letter', send: 'nothing' })), 'done');
  // what was answered keeps what it was answered on
  assert.equal((await officer().get(id)).proof.reached, 'high');
}); // prettier-ignore

test('who replies is who is answered: neither a letter nor a session rides on what was shown before', async () => {
  const { subjectId } = await customer('replied@example.org', { care_notes: 'x' });
  await asks(await enter(subjectId), 'erasure');
  const { id } = await openOf(subjectId, 'erasure');
  await officer().clarify(id, { question: 'detail', words: 'all of it?' });
  await ask('/center/requests/reply', { cookie: await signIn('replied@example.org'), form: { request: id, words: 'all' } });
  assert.equal(await proofOf(subjectId, 'erasure'), 'subject high reasonable');
  await officer().clarify(id, { question: 'detail', words: 'sure?' });
  await officer().reply(id, phoned('yes, all'));
  assert.equal(await proofOf(subjectId, 'erasure'), 'subject high none');
  assert.equal(await code(officer().decide(id, { decision: 'fulfil', answer: 'x' })), 'PRIVACY_PROOF_NEEDED');
}); // prettier-ignore
