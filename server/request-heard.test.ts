/** What a customer says about a request is heard: by others than who declined it, before anything is done, and by the log. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { code, idOf, phoned, requestDesk } from './testing-requests.ts';

const { two, officer, customer, take, mailsTo, ask, signIn } = requestDesk();

const livingOf = (subject: string) => two().systems[0].vault.isLiving(idOf(subject));

test('who declined does not end the appeal; one that is taken back leaves the answer, in whole or in part, as it was', async () => {
  const { subjectId } = await customer('ends@example.org');
  const cookie = await signIn('ends@example.org');
  for (const decision of ['partly', 'refuse'] as const) {
    const { id } = await take(subjectId, 'review', { regime: 'us-co' });
    await officer('dpo').decide(id, { decision, answer: 'what was answered' });
    await officer('dpo').appeal(id, phoned('look again'));
    assert.equal(await code(officer('dpo').withdraw(id, { how: 'telephone' })), 'PRIVACY_APPEAL_EYES');
    assert.equal((await officer('dpo-2').decide(id, { decision: 'extend', answer: 'it takes longer' })).state, 'appealed');
    if (decision === 'partly') assert.equal((await ask('/center/requests/withdraw', { cookie, form: { request: id } })).status, 303);
    else await officer('dpo-2').withdraw(id, { how: 'telephone' });
    const { state, answer } = await officer().get(id);
    assert.deepEqual([state, answer], [decision === 'partly' ? 'partly' : 'refused', 'what was answered']);
  }
}); // prettier-ignore

test('an erasure does not go ahead over what its customer has just said: who agreed before agrees anew', async () => {
  const { subjectId } = await customer('says@example.org');
  const cookie = await signIn('says@example.org');
  const { id } = await take(subjectId, 'erasure');
  const yes = (key: string, server: 0 | 1 = 0) => officer(key, server).decide(id, { decision: 'fulfil', answer: 'x' });
  const reply = (words: string) => ask('/center/requests/reply', { cookie, form: { request: id, words } });
  await yes('dpo');
  await officer().clarify(id, { question: 'detail', words: 'all of it?' });
  assert.equal((await reply('no, keep it')).status, 303);
  assert.equal((await officer().get(id)).firstEyes, null);
  // who replied has shown no more than their mailbox
  for (const key of ['dpo', 'dpo-2']) await officer(key).vouch(id, 'passport');
  assert.deepEqual([(await yes('dpo-2')).state, await livingOf(subjectId)], ['review', true]);
  await officer().clarify(id, { question: 'detail', words: 'sure?' });
  const [said] = await Promise.all([reply('no'), code(yes('dpo', 1))]);
  assert.equal(await livingOf(subjectId), said.status === 303, 'heard, or too late: never heard and erased');
}); // prettier-ignore

test('who agreed to an erasure first agreed before more was said with it', async () => {
  const { subjectId } = await customer('agreed-before@example.org');
  const { id } = await take(subjectId, 'erasure');
  await officer('dpo').decide(id, { decision: 'fulfil', answer: 'x' });
  assert.equal(typeof (await officer().get(id)).firstEyes, 'string');
  await officer().take({ subject: subjectId, kind: 'erasure', how: 'telephone', words: 'all but the photographs' });
  assert.equal((await officer().get(id)).firstEyes, null);
  for (const key of ['dpo', 'dpo-2']) await officer(key).vouch(id, 'passport');
  await officer('dpo').decide(id, { decision: 'fulfil', answer: 'x' });
  await two().fresh.db`update privacy.requests set proofs = '[]' where subject_id = ${idOf(subjectId)}`;
  await officer().take({ subject: subjectId, kind: 'erasure', how: 'telephone', words: 'who shows no less than there is changes that too' });
  assert.equal((await officer().get(id)).firstEyes, null);
  for (const key of ['dpo', 'dpo-2']) await officer(key).vouch(id, 'passport');
  assert.equal((await officer('dpo-2').decide(id, { decision: 'fulfil', answer: 'x' })).state, 'review');
  assert.equal(await two().systems[0].vault.isLiving(idOf(subjectId)), true);
}); // prettier-ignore

test('who asks for the same without end takes no room from what is asked back, replied and appealed', async () => {
  const { subjectId } = await customer('again-and-again@example.org');
  const cookie = await signIn('again-and-again@example.org');
  const { id } = await take(subjectId, 'review', { regime: 'us-co' });
  const statuses: number[] = [];
  for (let n = 0; n < 42; n += 1) statuses.push((await ask('/center/requests', { cookie, form: { kind: 'review', words: `once more ${n}` } })).status);
  assert.deepEqual([statuses[0], statuses.at(-1)], [303, 409]);
  await officer().clarify(id, { question: 'detail', words: 'which one?' });
  assert.equal((await ask('/center/requests/reply', { cookie, form: { request: id, words: 'that one' } })).status, 303);
  await officer('dpo').decide(id, { decision: 'refuse', answer: 'no' });
  await officer('dpo').appeal(id, phoned('look again'));
  assert.equal((await officer('dpo-2').withdraw(id, phoned('leave it'))).state, 'refused');
  const said = (await officer().get(id)).talk?.map(({ what }) => what) ?? [];
  assert.deepEqual([said.filter((what) => what === 'again').length, said.slice(20)], [20, ['detail', 'reply', 'answer', 'appeal', 'withdrawn']]);
}); // prettier-ignore

test('a clock stands for who was told, and is late for nobody meanwhile; an answer out of the waiting keeps its days', async () => {
  const { subjectId } = await customer('stands@example.org');
  const { id } = await take(subjectId, 'copy');
  await officer().clarify(id, { question: 'scope', words: 'which?', stop: true });
  await two().fresh.db`update privacy.requests set due_at = now() - interval '1 hour', paused_at = now() - interval '9 days' where subject_id = ${idOf(subjectId)}`;
  const seen = async () => (({ paused, overdue }) => [paused, overdue])(await officer().get(id));
  assert.deepEqual(await seen(), [false, true], 'its mail is held');
  await two().fresh.db`update mail.outbox set state = 'sent', sealed = null, done_at = now() - interval '4 days 3 hours' where kind = 'privacy.request' and state = 'held'`;
  assert.deepEqual(await seen(), [true, false]);
  await officer().decide(id, { decision: 'refuse', answer: 'no' });
  const [row] = await two().fresh.db<{ days: number }[]>`select paused_days as days from privacy.requests where subject_id = ${idOf(subjectId)}`;
  assert.equal(row?.days, 4);
}); // prettier-ignore

test('no step shows staff what was said: reading it is in the log', async () => {
  const { subjectId } = await customer('unread@example.org');
  const first = await take(subjectId, 'review', { regime: 'us-va', words: 'a canary' });
  const { id } = first;
  const reads = async () => (await two().entriesOf('privacy.request.read')).filter(({ detail }) => detail.request === id).length;
  const steps = [first, await officer().clarify(id, { question: 'detail', words: 'which canary?' }), await officer().reply(id, phoned('this canary')), await officer().decide(id, { decision: 'refuse', answer: 'no canary' }), await officer().appeal(id, phoned('but the canary')), await officer('dpo-2').withdraw(id, { how: 'telephone' })];
  assert.deepEqual([JSON.stringify(steps).includes('canary'), await reads()], [false, 0]);
  assert.ok(JSON.stringify(await officer().get(id)).includes('but the canary'));
  assert.equal(await reads(), 1);
}); // prettier-ignore

test('a no to an appeal is told, also of an erasure; an appeal beside a new request of its kind is one or the other', async () => {
  const { subjectId } = await customer('told@example.org');
  const { id } = await take(subjectId, 'erasure', { regime: 'us-va' });
  await officer('dpo').decide(id, { decision: 'refuse', answer: 'no' });
  await officer().appeal(id, phoned('but'));
  await officer('dpo-2').decide(id, { decision: 'refuse', answer: 'still no' });
  assert.equal((await mailsTo('told@example.org'))[0]?.subject, 'Our answer on your appeal');
  for (let n = 0; n < 4; n += 1) {
    const each = await customer(`both-${n}@example.org`);
    const asked = await take(each.subjectId, 'review', { regime: 'us-va' });
    await officer('dpo').decide(asked.id, { decision: 'refuse', answer: 'no' });
    const came = await Promise.all([code(officer('dpo', 0).appeal(asked.id, phoned('but'))), code(officer('dpo', 1).take({ how: 'letter', subject: each.subjectId, kind: 'review' }))]);
    assert.ok(['done', 'PRIVACY_REQUEST_STATE'].includes(came[0]) && came[1] === 'done', came.join());
  }
}); // prettier-ignore

test('values of a declined correction are kept for the appeal that can still come, and no longer', async () => {
  const { id: record, subjectId } = await customer('values@example.org', { city: 'Oslo' });
  const { id } = await take(subjectId, 'correction', { regime: 'us-ct', corrections: [{ record, field: 'city', value: 'canary-city' }] });
  await officer().decide(id, { decision: 'refuse', answer: 'no' });
  const holds = async () => {
    const all = [];
    for await (const each of two().systems[0].privacy.requests.all(idOf(subjectId))) all.push(each);
    return JSON.stringify(all).includes('canary-city');
  };
  const forget = () => Promise.all(two().systems.map((system) => system.privacy.requests.forget()));
  assert.deepEqual([await forget(), await holds()], [[0, 0], true]);
  await two().fresh.db`update privacy.requests set closed_at = now() - interval '90 days 1 hour' where subject_id = ${idOf(subjectId)}`;
  await forget();
  assert.deepEqual([await forget(), await holds()], [[0, 0], false]);
  const { state, corrections } = await officer().get(id);
  assert.deepEqual([state, corrections?.map(({ field, outcome }) => `${field} ${outcome}`)], ['refused', ['city declined']]);
}); // prettier-ignore

test('who asks and takes back without end is mailed some of it, and then has to wait; staff can still take it in', async () => {
  const { subjectId } = await customer('endless@example.org');
  const cookie = await signIn('endless@example.org');
  const asks = () => ask('/center/requests', { cookie, form: { kind: 'erasure', words: '' } });
  const back = async () => {
    const page = await ask('/center/requests', { cookie });
    return ask('/center/requests/withdraw', { cookie, form: { request: /name="request" value="(dsr_[0-9a-z]+)"/.exec(page.text)?.[1] as string } });
  };
  for (let n = 0; n < 20; n += 1) assert.deepEqual([(await asks()).status, (await back()).status], [303, 303], String(n));
  assert.equal((await mailsTo('endless@example.org')).length, 5);
  assert.equal((await asks()).status, 429);
  assert.equal((await take(subjectId, 'erasure')).state, 'received');
}); // prettier-ignore

test('a mail that nobody knows any more waits for nobody', async () => {
  const { subjectId } = await customer('forgotten@example.org');
  const { id } = await take(subjectId, 'copy');
  await officer().decide(id, { decision: 'fulfil', answer: 'see your mail' });
  const inQueue = async () => (await officer().list()).requests.some((each) => each.id === id);
  assert.deepEqual([(await officer().get(id)).mail, await inQueue()], ['held', true]);
  await two().fresh.db`delete from mail.outbox where kind = 'privacy.copy-link'`;
  assert.deepEqual([(await officer().get(id)).mail, await inQueue()], [null, false]);
}); // prettier-ignore

test('an appeal against what somebody unknown declined by a key takes two people; one of them is another', async () => {
  const { subjectId } = await customer('unknown-eyes@example.org');
  const { id } = await take(subjectId, 'review', { regime: 'us-va' });
  await officer('dpo').decide(id, { decision: 'refuse', answer: 'no' });
  await officer().appeal(id, phoned('but'));
  // people are there by now, and who held that key is not known
  const { requests } = two().systems[0].privacy;
  const by = (person: string) => ({ actor: { kind: 'staff', id: person, role: 'dpo' } as const, person });
  const acts = { caller: () => assert.fail('nothing is read'), erase: () => assert.fail('nothing is erased') } as never;
  const decide = (person: string) => requests.decide(by(person), id, { decision: 'fulfil', answer: 'after all' }, acts);
  await two().fresh
    .db`insert into access.people (person_id, email, name, roles, state, created_by) values (gen_random_uuid(), 'ada@example.org', 'Ada', '{dpo}', 'active', 'test')`;
  await two().fresh.db`update access.keys set person_id = null`;

  assert.deepEqual(
    [(await decide('per_one')).state, await code(decide('per_one'))],
    ['appealed', 'PRIVACY_APPEAL_EYES'],
  );
  assert.equal((await decide('per_two')).state, 'fulfilled');
});
