/** Who may take a request back: whoever is as sure as who asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { code, phoned, requestDesk } from './testing-requests.ts';

const { two, officer, customer, ask, signIn, proven, enters, asks, openOf } = requestDesk();

test('who takes a request back is as sure as who asked: less is shown the way, and nobody does it for somebody nearer', async () => {
  const { subjectId } = await customer('sure@example.org', { care_notes: 'x' });
  const strong = await proven(await signIn('sure@example.org'), subjectId);
  await asks(strong, 'erasure');
  const { id, proof } = await openOf(subjectId, 'erasure');
  assert.equal(proof.reached, 'high');
  const weak = await signIn('sure@example.org');
  const takeBack = (cookie: string) => ask('/center/requests/withdraw', { cookie, form: { request: id } });
  const stands = async () => (await openOf(subjectId, 'erasure')).state;

  const refused = await takeBack(weak);
  assert.deepEqual([refused.status, refused.headers.get('location')?.split('?')[0]], [303, '/center/prove']);
  for (const asker of ['agent', 'unheld'] as const)
    assert.equal(await code(officer().withdraw(id, { how: 'letter', asker })), 'PRIVACY_PROOF_NEEDED');
  assert.equal(await stands(), 'received');
  assert.equal((await takeBack(await proven(weak, subjectId))).headers.get('location')?.includes('told=withdrawn'), true);
  assert.equal((await officer().get(id)).state, 'withdrawn');

  // by an agent: who is nearer to the subject may, and so may another of them
  for (const asker of ['subject', 'unheld', 'agent'] as const) {
    const taken = await officer().take({ subject: subjectId, kind: 'review', how: 'letter', asker: 'agent' });
    assert.equal((await officer().withdraw(taken.id, { how: 'letter', asker })).state, 'withdrawn', asker);
  }
  // what was shown by what the customer cannot show in a browser is for staff to take back; after thirty days it counts for nobody
  const letter = await officer().take({ subject: subjectId, kind: 'copy', how: 'letter' });
  for (const name of ['dpo', 'dpo-2']) await officer(name).vouch(letter.id, 'passport');
  const again = await signIn('sure@example.org');
  const back = () => ask('/center/requests/withdraw', { cookie: again, form: { request: letter.id } });
  assert.equal((await back()).headers.get('location')?.split('?')[0], '/center/prove');
  await two().fresh.db`update privacy.requests set proofs = (select jsonb_agg(p || '{"at":"2026-01-01T00:00:00.000Z"}') from jsonb_array_elements(proofs) p), surest = '[]' where state = 'received'`;
  assert.ok((await back()).headers.get('location')?.includes('told=withdrawn'));
}); // prettier-ignore

/** Where a refusal leads, or what was told. */
const to = ({ status, headers }: { status: number; headers: Headers }): string =>
  `${status} ${headers
    .get('location')
    ?.replace(/lang=[a-z]+&?/, '')
    .replace(/\?$/, '')}`;
const PROVE = '303 /center/prove';
const takesBack = (cookie: string, request: string) => ask('/center/requests/withdraw', { cookie, form: { request } });
const refusalOf = async (of: Promise<unknown>): Promise<string> =>
  of.then(
    () => 'done',
    (thrown: { code: string; message: string }) => `${thrown.code} ${thrown.message}`,
  );

test('who asks for the same first, or has written to us that they do, takes back no more than before: by telephone, and by whoever has the mailbox', async () => {
  const { subjectId } = await customer('first-again@example.org', { care_notes: 'x' });
  await asks(await proven(await signIn('first-again@example.org'), subjectId), 'erasure');
  const { id } = await openOf(subjectId, 'erasure');
  for (const asker of ['unheld', 'agent'] as const) {
    assert.equal((await officer().take({ subject: subjectId, kind: 'erasure', how: 'telephone', asker })).id, id);
    const said = await refusalOf(officer().withdraw(id, { how: 'telephone', asker }));
    assert.match(said, /^PRIVACY_PROOF_NEEDED .*asked by the subject, taken back by (an agent|somebody from an address that is not held)/);
  }
  const thief = await signIn('first-again@example.org');
  await asks(thief, 'erasure');
  assert.equal(to(await takesBack(thief, id)), PROVE, 'the same once more');
  await ask('/center/requests', { cookie: thief, form: { kind: 'erasure', words: 'now' } });
  assert.equal(to(await takesBack(thief, id)), PROVE, 'with words');
  await officer().clarify(id, { question: 'detail', words: 'all of it?' });
  await ask('/center/requests/reply', { cookie: thief, form: { request: id, words: 'no' } });
  assert.equal(to(await takesBack(thief, id)), PROVE, 'a reply');
  await officer().clarify(id, { question: 'detail', words: 'sure?' });
  await officer().reply(id, phoned('no'));
  assert.equal(to(await takesBack(thief, id)), PROVE, 'a reply that staff notes');
  assert.equal((await openOf(subjectId, 'erasure')).proof.reached, 'none', 'nothing of it goes out either');
  assert.match(to(await takesBack(await proven(thief, subjectId), id)), /told=withdrawn/);
}); // prettier-ignore

test('what an agent was shown to be asked by is not taken back by whoever has the mailbox and asks for the same', async () => {
  const { subjectId } = await customer('agents@example.org');
  const { id } = await officer().take({ subject: subjectId, kind: 'restriction', how: 'letter', asker: 'agent' });
  for (const [key, saw] of [['dpo', 'mandate'], ['dpo-2', 'call-back']] as const) await officer(key).vouch(id, saw);
  assert.equal((await openOf(subjectId, 'restriction')).proof.reached, 'high');
  const thief = await signIn('agents@example.org');
  for (const asked of [false, true]) {
    if (asked) await asks(thief, 'restriction');
    assert.equal(to(await takesBack(thief, id)), PROVE, String(asked));
  }
  assert.equal(await code(officer().withdraw(id, { how: 'letter', asker: 'agent' })), 'PRIVACY_PROOF_NEEDED', 'the subject asked for it too by now');
  assert.equal((await officer().withdraw(id, { how: 'letter' })).state, 'withdrawn');
}); // prettier-ignore

test('an appeal protects what it is about as asking does', async () => {
  const { subjectId } = await customer('appeals@example.org');
  const { id } = await officer().take({ subject: subjectId, kind: 'review', how: 'letter', asker: 'agent', regime: 'us-va' });
  await officer().decide(id, { decision: 'refuse', answer: 'no' });
  const strong = await proven(await signIn('appeals@example.org'), subjectId);
  await ask('/center/requests/appeal', { cookie: strong, form: { request: id, words: 'but' } });
  assert.equal((await officer().get(id)).state, 'appealed');
  const thief = await signIn('appeals@example.org');
  await asks(thief, 'review');
  assert.equal(to(await takesBack(thief, id)), PROVE);
  assert.equal(await code(officer('dpo-2').withdraw(id, { how: 'letter', asker: 'agent' })), 'PRIVACY_PROOF_NEEDED');
  assert.match(to(await takesBack(strong, id)), /told=withdrawn/);
}); // prettier-ignore

test('a correction that a surer one asked for is neither changed, nor added to, nor taken back by one who is less sure', async () => {
  const { id: record, subjectId } = await customer('corrected@example.org', { city: 'Oslo' });
  const corrects = (cookie: string, form: Record<string, string>) => ask(`/center/correct/${record}`, { cookie, form });
  const strong = await enters(subjectId, { factors: 2, resettableByMail: 0 });
  assert.match(to(await corrects(strong, { email: 'mine@example.org' })), /told=doubtTaken/);
  const { id } = await openOf(subjectId, 'correction');
  const thief = await signIn('corrected@example.org');
  const asked = async () => (await officer().get(id, { show: 'clear' })).beside?.map(({ field, asked: to }) => `${field} ${String(to?.value)}`);
  for (const form of [{ city: 'Rome' }, { email: 'thief@example.org' }]) assert.equal(to(await corrects(thief, form)), PROVE);
  for (const asker of ['unheld', 'agent'] as const)
    assert.match(await refusalOf(officer().take({ subject: subjectId, kind: 'correction', how: 'letter', asker, corrections: [{ record, field: 'city', value: 'Rome' }] })), /^PRIVACY_PROOF_NEEDED asked by the subject, added to by /);
  assert.deepEqual(await asked(), ['email mine@example.org']);
  assert.equal((await openOf(subjectId, 'correction')).proof.reached, 'high', 'nor made less sure');
  assert.equal(to(await takesBack(thief, id)), PROVE);
  assert.match(to(await corrects(strong, { city: 'Rome' })), /told=doubtTaken/);
  assert.match(to(await takesBack(strong, id)), /told=withdrawn/);

  // who names the address makes nothing less of what was shown before it was named
  const other = await customer('corrected-2@example.org', { city: 'Oslo' });
  const both = await proven(await signIn('corrected-2@example.org'), other.subjectId);
  for (const form of [{ city: 'Rome' }, { email: 'new@example.org' }])
    await ask(`/center/correct/${other.id}`, { cookie: both, form });
  const { id: named } = await openOf(other.subjectId, 'correction');
  assert.equal(to(await takesBack(await signIn('corrected-2@example.org'), named)), PROVE);
}); // prettier-ignore
