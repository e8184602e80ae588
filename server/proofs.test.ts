/** Who asks, shown in proportion: what is needed is asked and no more; and nobody comes in by what another has shown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseRecordId } from '#platform/ids';

import { code, idOf, requestDesk } from './testing-requests.ts';
import { othersSaySo } from './proofs-others.tests.ts';

const { two, keyOf, as, officer, customer, ask, signIn } = requestDesk();

const status = async (of: Promise<{ status: number }>): Promise<number> => (await of).status;
/** As if nobody had changed them for so long. */
const rests = (subject: string, days: number) =>
  two().fresh
    .db`update vault.records set updated_at = now() - make_interval(days => ${days}) where subject_id = ${idOf(subject)}`;
const besides = (subject: string, email: string) =>
  as('application', 'service.support').records.create({ collection: 'customer', subject: { id: subject }, fields: { last_name: 'Hopper', email } }); // prettier-ignore
const toldOf = async (to: string): Promise<number> => {
  let told = 0;
  for (const { id, kind } of await two().systems[1].mail.list())
    if (kind === 'privacy.second-proof' && (await two().systems[1].mail.get(id)).content?.to === to) told += 1;
  return told;
};
const secondCode = async (to: string): Promise<string> => {
  for (const { id, kind } of await two().systems[1].mail.list()) {
    const { content } = await two().systems[1].mail.get(id);
    if (kind === 'privacy.second-code' && content?.to === to) return /\d{4} \d{4}/.exec(content.text)?.[0] ?? '';
  }
  return '';
};

test('what a code from a mail shows is enough for plain data; special data needs a second proof, and people answer who have none', async () => {
  const plain = await customer('plain@example.org', { city: 'Oslo' });
  const special = await customer('special@example.org', { care_notes: 'a canary: large print' });
  const [one, other] = [await signIn('plain@example.org'), await signIn('special@example.org')];

  for (const path of ['data?show=all', 'data.zip', 'data.json', 'data.csv']) {
    assert.equal(await status(ask(`/center/${path}`, { cookie: one })), 200, path);
    const refused = await ask(`/center/${path}`, { cookie: other });
    assert.deepEqual([refused.status, refused.headers.get('location'), refused.text.includes('canary')], [303, '/center/prove?lang=en', false], path);
  }
  assert.equal(await status(ask(`/center/correct/${special.id}?show=all`, { cookie: other })), 303);
  assert.ok(!(await ask('/center/data', { cookie: other })).text.includes('canary'), 'masked, without');
  // what opts out needs nothing more
  assert.match((await ask('/center/preferences', { cookie: other, form: { purpose: 'marketing.newsletter', said: 'no' } })).headers.get('location') ?? '', /^\/center\/preferences\?lang=en&told=saved-[0-9]+$/);
  for (const [lang, says] of [['en', 'second proof'], ['de', 'zweiten Nachweis'], ['fr', 'deuxième preuve'], ['es', 'segunda prueba']])
    assert.ok((await ask(`/center/prove?lang=${lang}`, { cookie: other })).text.includes(says as string), lang);

  // it was asked for by that: a person answers, and what would leave another way needs the same
  const waits = (await officer().list()).requests.filter(({ subject }) => subject === special.subjectId);
  assert.deepEqual(waits.map(({ kind, proof }) => `${kind} ${proof.needed} ${proof.reached}`).toSorted(), ['access high reasonable', 'copy high reasonable']);
  const copy = waits.find(({ kind }) => kind === 'copy')?.id as string;
  const refused = await officer().decide(copy, { decision: 'fulfil', answer: 'by letter', send: 'nothing' }).catch((thrown: unknown) => thrown as { code: string; problem?: Record<string, unknown> });
  assert.equal((refused as { code: string }).code, 'PRIVACY_PROOF_NEEDED');
  const answer = await fetch(`${two().urls[0]}/v1/privacy/requests/${copy}/decide`, { method: 'POST', headers: { authorization: `Bearer ${keyOf('dpo')}`, 'content-type': 'application/json' }, body: JSON.stringify({ decision: 'fulfil', answer: 'x', send: 'nothing' }) });
  const problem = (await answer.json()) as Record<string, unknown>;
  assert.deepEqual([answer.status, problem['needed'], problem['reached'], problem['missing']], [403, 'high', 'reasonable', ['second-code', 'app', 'vouch']]);
  assert.equal(await code(officer().copy(copy, 'twenty letters or more')), 'PRIVACY_PROOF_NEEDED');
  // a link shows the mailbox, and no more than that: two of the mailbox are one
  assert.equal(await code(officer().decide(copy, { decision: 'fulfil', answer: 'see your mail' })), 'PRIVACY_PROOF_NEEDED');
  await officer().vouch(copy, 'known-customer');
  assert.equal((await officer().decide(copy, { decision: 'fulfil', answer: 'see your mail' })).state, 'fulfilled');
  assert.equal((await as('dpo').records.get(plain.id)).id, plain.id);
}); // prettier-ignore

test('a code at a second address: to none but one that is held, few tries, once, for this session and no other', async () => {
  const { subjectId } = await customer('first@example.org', { care_notes: 'large print' });
  await besides(subjectId, 'second@example.org');
  await rests(subjectId, 31);
  const stranger = await signIn((await customer('alone@example.org', { care_notes: 'x' })) && 'alone@example.org');
  const cookie = await signIn('first@example.org');
  const twin = await signIn('first@example.org');

  const reads = (await two().entriesOf('records.read')).length;
  for (const path of ['prove', 'prove/code']) assert.equal(await status(ask(`/center/${path}`, { cookie })), 200);
  assert.equal((await two().entriesOf('records.read')).length, reads, 'to look at the page opens nothing');
  const none = await ask('/center/prove/send', { cookie: stranger, form: {} });
  assert.deepEqual([none.status, none.text.includes('No second address')], [409, true]);
  assert.equal(await status(ask('/center/prove/send', { cookie, form: {}, headers: { 'sec-fetch-site': 'cross-site' } })), 403);
  assert.equal(await status(ask('/center/prove/send', { form: {} })), 303, 'who is not signed in is shown where to');
  assert.equal(await secondCode('second@example.org'), '', 'nothing was sent by any of it');

  const sentPage = await ask('/center/prove/send', { cookie, form: {} });
  assert.ok(sentPage.text.includes('s…@e…') && !sentPage.text.includes('second@example.org'), 'no more of it than they know it by');
  const right = await secondCode('second@example.org');
  const tries = async (typed: string, who = cookie) => (await ask('/center/prove/code', { cookie: who, form: { code: typed } })).status;
  assert.equal(await tries(right, twin), 401, 'of another session it shows nothing');
  assert.equal(await tries(right, stranger), 401);
  for (let n = 0; n < 5; n += 1) assert.equal(await tries('0000 0001'), 401);
  assert.equal(await tries(right), 401, 'five tries are all');
  await ask('/center/prove/send', { cookie, form: {} });
  const again = await secondCode('second@example.org');
  const both = await Promise.all([tries(again), tries(again)]);
  assert.deepEqual(both.map(String).toSorted(), ['303', '401'], 'once, of two at once');
  assert.equal(await status(ask('/center/data.zip', { cookie })), 200);
  assert.equal(await toldOf('first@example.org'), 1, 'who reads the first one learns of it, once');
  assert.equal(await status(ask('/center/data.zip', { cookie: twin })), 303, 'and nobody else gains by it');
  // over: after ten minutes it is worth nothing
  await ask('/center/prove/send', { cookie: twin, form: {} });
  await two().fresh.db`update privacy.second_codes set expires_at = now() - interval '1 second'`;
  assert.equal(await tries(await secondCode('second@example.org'), twin), 401);
  const sent = [];
  for (let n = 0; n < 7; n += 1) sent.push(await status(ask('/center/prove/send', { cookie: twin, form: {} })));
  assert.ok(sent.includes(429), 'nobody is flooded');
  await two().fresh.db`delete from privacy.counts`;
}); // prettier-ignore

test('a second address that somebody has put there themselves shows nothing: too new, another spelling, or not to sign in by', async () => {
  const { subjectId } = await customer('zoe@example.org', { care_notes: 'large print' });
  await besides(subjectId, 'aaa-thief@example.org');
  await besides(subjectId, 'Zoe+thief@example.org');
  const cookie = await signIn('zoe@example.org');
  const sends = async (who = cookie) => (await ask('/center/prove/send', { cookie: who, form: {} })).status;
  assert.equal(await sends(), 409, 'put there today');
  await rests(subjectId, 29);
  assert.equal(await sends(), 409, 'nor long enough ago');
  await two().fresh.db`delete from privacy.counts`;

  // where there are several, the one that is held longest, however it is written
  const longer = await customer('yan@example.org', { care_notes: 'large print' });
  await besides(longer.subjectId, 'yan+a@example.org');
  await besides(longer.subjectId, 'zz-own@example.org');
  await rests(longer.subjectId, 90);
  await besides(longer.subjectId, 'aaa-thief2@example.org');
  await two().fresh.db`update vault.records set updated_at = now() - interval '40 days' where subject_id = ${idOf(longer.subjectId)} and updated_at > now() - interval '1 day'`;
  const yan = await signIn('yan@example.org');
  assert.equal(await sends(yan), 200);
  assert.deepEqual([await secondCode('aaa-thief2@example.org'), await secondCode('yan+a@example.org')], ['', '']);
  assert.match(await secondCode('zz-own@example.org'), /^\d{4} \d{4}$/);

  // dots at Gmail are nothing; what is damaged is passed over
  const dots = await customer('a.b.c@gmail.com', { care_notes: 'x' });
  await besides(dots.subjectId, 'abc+x@googlemail.com');
  await rests(dots.subjectId, 400);
  const dotty = await signIn('a.b.c@gmail.com');
  assert.equal(await sends(dotty), 409);
  const { id: broken } = await besides(dots.subjectId, 'broken@example.org');
  await rests(dots.subjectId, 500);
  await besides(dots.subjectId, 'whole@example.org');
  await rests(dots.subjectId, 450);
  const { recordNo } = parseRecordId(broken) as { recordNo: bigint };
  await two().fresh.db`update vault.records set box = set_byte(box, octet_length(box) - 1, get_byte(box, octet_length(box) - 1) # 1), updated_at = now() - interval '500 days' where subject_id = ${idOf(dots.subjectId)} and record_no = ${String(recordNo)}::bigint`;
  assert.equal(await sends(dotty), 200);
  assert.match(await secondCode('whole@example.org'), /^\d{4} \d{4}$/);
}); // prettier-ignore

/** What the parts are handed, as it is when they ask. */
const running = () => ({ two, keyOf, as, officer, customer, ask, signIn, status });
export type Running = ReturnType<typeof running>;

othersSaySo(running);
