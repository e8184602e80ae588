/** Who asks, shown in proportion: what is needed is asked and no more; and nobody comes in by what another has shown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseRecordId, publicId, uuidv7 } from '#platform/ids';
import { createStrongroom } from '@strongroom/sdk';

import { code, idOf, requestDesk } from './testing-requests.ts';

const { two, keyOf, as, officer, customer, ask, signIn } = requestDesk();
const app = (server: 0 | 1 = 0) => createStrongroom({ url: two().urls[server], key: keyOf('customer-sign-in'), purpose: 'service.support', retries: 0 }).privacyRequests; // prettier-ignore
const now = (backMs = 0): string => new Date(Date.now() - backMs).toISOString();
const linkOf = async (subject: string, factors: 1 | 2 = 2, resettableByMail: 0 | 1 = 1): Promise<string> => {
  const { url } = await app().assertSignedIn({ subject, factors, resettableByMail, signedInAt: now() });
  return new URL(url).pathname;
};
const enter = (path: string, cookie?: string) => ask(path, { form: {}, ...(cookie === undefined ? {} : { cookie }) });
const cookieIn = ({ headers }: { headers: Headers }): string => (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
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
  assert.equal((await ask('/center/preferences', { cookie: other, form: { purpose: 'marketing.newsletter', said: 'no' } })).headers.get('location'), '/center/preferences?lang=en&told=saved');
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

test('the company’s own sign-in: once, five minutes, of this subject and no other, fresh, and by whose key may say so', async () => {
  const grace = await customer('own@example.org', { care_notes: 'a canary of Grace' });
  const eve = await customer('eve-own@example.org', { care_notes: 'x' });
  const said = (more: object) => app().assertSignedIn({ subject: grace.subjectId, factors: 2, signedInAt: now(), ...more });

  assert.deepEqual([await code(as('support').privacyRequests.assertSignedIn({ subject: grace.subjectId, factors: 2, signedInAt: now() })), await code(officer().assertSignedIn({ subject: grace.subjectId, factors: 2, signedInAt: now() }))], ['ACCESS_DENIED', 'ACCESS_DENIED']);
  assert.deepEqual([await code(said({ signedInAt: now(16 * 60_000) })), await code(said({ signedInAt: now(-5 * 60_000) }))], ['PRIVACY_ASSERTION_INVALID', 'PRIVACY_ASSERTION_INVALID']);
  assert.deepEqual([await code(said({ subject: publicId('sub', uuidv7()) })), await code(said({ subject: 'somebody' }))], ['PRIVACY_SUBJECT_NOT_FOUND', 'PRIVACY_HOLDER_INVALID']);

  // following it changes nothing; two who press at once: one comes in
  const link = await linkOf(grace.subjectId);
  for (let n = 0; n < 2; n += 1) {
    const looked = await ask(link);
    assert.deepEqual([looked.status, looked.headers.get('set-cookie')], [200, null]);
  }
  assert.equal(await status(ask(link, { form: {}, headers: { 'sec-fetch-site': 'cross-site' } })), 403, 'nobody is signed in by another site');
  const both = await Promise.all([enter(link), enter(link)]);
  assert.deepEqual(both.map((each) => String(each.status)).toSorted(), ['303', '401']);
  const cookie = cookieIn(both.find((each) => each.status === 303) as { headers: Headers });
  assert.ok((await ask('/center/data?show=all', { cookie })).text.includes('a canary of Grace'));
  assert.equal((await enter(link)).status, 401, 'used is used');

  // somebody else's: neither a session of theirs nor a proof for one's own
  const eves = await signIn('eve-own@example.org');
  const stolen = await linkOf(grace.subjectId);
  assert.deepEqual([(await enter(stolen, eves)).status, await status(ask('/center/data.zip', { cookie: eves }))], [401, 303]);
  assert.ok(!(await ask('/center/data', { cookie: eves })).text.includes('Grace'));

  // cut, changed, made up, of another kind
  const token = (await linkOf(eve.subjectId)).split('/').at(-1) as string;
  const flipped = `${token.slice(0, 30)}${token[30] === 'A' ? 'B' : 'A'}${token.slice(31)}`;
  for (const each of [token.slice(0, -1), flipped, `${token}A`, 'x', '0'.repeat(token.length)]) {
    assert.equal(await status(ask(`/center/app/${each}`)), 404, each);
    assert.equal(await status(enter(`/center/app/${each}`)), 401, each);
  }
  // over
  const late = two().systems[1].privacy.secondProof;
  const old = await late.assert('test', { subjectId: idOf(eve.subjectId), factors: 2, signedInAt: new Date() });
  assert.ok(old.expiresAt.getTime() - Date.now() <= 5 * 60_000);
  // one factor is no more than one means: with the code from a mail it is two, where no mail sets it anew
  const weak = cookieIn(await enter(await linkOf(eve.subjectId, 1)));
  assert.equal(await status(ask('/center/data.zip', { cookie: weak })), 303, 'a password alone does not open special data');
  await enter(await linkOf(eve.subjectId, 1, 0), eves);
  assert.equal(await status(ask('/center/data.zip', { cookie: eves })), 200);
  // erased: nobody comes in
  const gone = await linkOf(grace.subjectId);
  await as('dpo').subjects.erase(grace.subjectId);
  assert.equal((await enter(gone)).status, 401);
  const logged = (await two().entriesOf('privacy.assert')).filter(({ actor }) => actor.role === 'customer-sign-in');
  assert.ok(logged.length >= 5, 'who said so is in the log');
}); // prettier-ignore

test('who may say so: a key of its own role that nothing narrows, and of nobody too often', async () => {
  const { subjectId } = await customer('narrow@example.org', { care_notes: 'x' });
  const says = (key: string, subject = subjectId) =>
    code(createStrongroom({ url: two().urls[0], key, retries: 0 }).privacyRequests.assertSignedIn({ subject, factors: 2, signedInAt: now() }));
  assert.equal(await says(keyOf('application')), 'ACCESS_DENIED', 'who keeps customers signs nobody in');
  const narrowed = async (scope: object): Promise<string> => {
    const { status: made, body } = await two().call('POST', '/v1/access/keys', { key: two().admin, body: { name: 'narrow', role: 'customer-sign-in', ...scope } });
    assert.equal(made, 201);
    return (body as { key: string }).key;
  };
  // what it may not read it would open to whoever comes in by it
  for (const scope of [{ collections: ['customer'] }, { purposes: ['service'] }, { classes: ['internal'] }])
    assert.equal(await says(await narrowed(scope)), 'PRIVACY_KEY_NARROWED', JSON.stringify(scope));
  const refused = (await two().entriesOf('privacy.assert')).filter(({ outcome }) => outcome === 'denied');
  assert.equal(refused.length, 3, 'in the log, each');
  assert.equal(await says(await narrowed({})), 'done');
  const often: string[] = [];
  for (let n = 0; n < 22; n += 1) often.push(await says(keyOf('customer-sign-in')));
  assert.deepEqual([often[0], often.at(-1)], ['done', 'PRIVACY_SLOW_DOWN'], 'of one subject');
  const other = await customer('narrow-2@example.org');
  assert.equal(await says(keyOf('customer-sign-in'), other.subjectId), 'done', 'another is not kept out by it');
  // a key that asks for everybody
  await two().fresh.db`update privacy.counts set n = 1000000 where n > 20`;
  await two().fresh.db`update privacy.counts set n = 600 where n < 1000000`;
  assert.equal(await says(keyOf('customer-sign-in'), (await customer('narrow-3@example.org')).subjectId), 'PRIVACY_SLOW_DOWN', 'of one key');
  await two().fresh.db`delete from privacy.counts`;
}); // prettier-ignore

test('staff vouches: two people, never one twice; of an agent only with a mandate; nothing is kept but which kind it was', async () => {
  const { subjectId } = await customer('vouched@example.org', { care_notes: 'x' });
  const { id } = await officer().take({ how: 'letter', subject: subjectId, kind: 'erasure' });
  const decide = (key: string) => code(officer(key).decide(id, { decision: 'fulfil', answer: 'x' }));
  assert.equal((await officer().get(id)).proof.needed, 'high');
  assert.deepEqual([await decide('dpo'), await decide('dpo-2')], ['PRIVACY_PROOF_NEEDED', 'PRIVACY_PROOF_NEEDED']);
  assert.equal(await code(as('support').privacyRequests.vouch(id, 'passport')), 'ACCESS_DENIED');
  assert.equal((await officer().vouch(id, 'passport')).proof.reached, 'reasonable');
  assert.deepEqual([await code(officer('dpo', 1).vouch(id, 'identity-card')), await decide('dpo')], ['PRIVACY_PROOF_SAME_EYES', 'PRIVACY_PROOF_NEEDED']);
  const both = await Promise.all([code(officer('dpo-2', 0).vouch(id, 'passport')), code(officer('dpo-2', 1).vouch(id, 'passport'))]);
  assert.deepEqual(both.toSorted(), ['PRIVACY_PROOF_SAME_EYES', 'done'], 'at two servers at once it is once');
  const { proof, steps } = await officer().get(id);
  assert.deepEqual([proof.reached, proof.shown.map(({ means, saw }) => `${means} ${saw}`)], ['high', ['vouch passport', 'vouch passport']]);
  assert.deepEqual(steps.map(({ step }) => step), ['received', 'proved', 'proved']);
  const answer = await fetch(`${two().urls[0]}/v1/privacy/requests/${id}/vouch`, { method: 'POST', headers: { authorization: `Bearer ${keyOf('dpo-3')}`, 'content-type': 'application/json' }, body: JSON.stringify({ saw: 'passport', number: 'C01X00T47' }) });
  assert.equal(answer.status, 400, 'there is no place for a number');
  assert.deepEqual([await decide('dpo'), await decide('dpo-2')], ['done', 'done']);
  assert.equal(await two().systems[0].vault.isLiving(idOf(subjectId)), false);
  assert.equal(await code(officer('dpo-3').vouch(id, 'passport')), 'PRIVACY_REQUEST_STATE');

  // an agent's own card shows nothing of a mandate; from an address that is not held, one look is not enough
  const asked = await customer('asked-for@example.org');
  const agent = await officer().take({ how: 'letter', subject: asked.subjectId, kind: 'copy', asker: 'agent' });
  for (const key of ['dpo', 'dpo-2']) assert.equal(await code(officer(key).vouch(agent.id, 'identity-card')), 'PRIVACY_PROOF_SHOWS_NOTHING');
  const paper = () => code(officer().decide(agent.id, { decision: 'fulfil', answer: 'x', send: 'nothing' }));
  assert.deepEqual([await paper(), await code(officer().copy(agent.id, 'twenty letters or more'))], ['PRIVACY_PROOF_NEEDED', 'PRIVACY_PROOF_NEEDED']);
  assert.equal((await officer().decide(agent.id, { decision: 'refuse', answer: 'no mandate' })).state, 'refused', 'to decline needs nothing');
  const unheld = await officer().take({ how: 'letter', subject: asked.subjectId, kind: 'restriction', asker: 'unheld' });
  await officer().vouch(unheld.id, 'passport');
  assert.equal(await code(officer().decide(unheld.id, { decision: 'fulfil', answer: 'x', because: 'claim' })), 'PRIVACY_PROOF_NEEDED');
  await officer('dpo-3').vouch(unheld.id, 'signed-declaration');
  assert.equal(await code(officer().decide(unheld.id, { decision: 'fulfil', answer: 'x', because: 'claim' })), 'done');
}); // prettier-ignore

test('nobody rides on what another has shown: a letter’s fields beside the customer’s, an address moved by who has the mailbox', async () => {
  const { id: record, subjectId } = await customer('ridden@example.org', { city: 'Oslo', phone: '+47 22 22 22 21' });
  const cookie = cookieIn(await enter(await linkOf(subjectId)));
  assert.equal(await status(ask(`/center/correct/${record}`, { cookie, form: { city: 'Bergen' } })), 303);
  const open = async () => (await officer().list()).requests.find(({ subject, kind }) => subject === subjectId && kind === 'correction');
  assert.deepEqual([(await open())?.proof.reached, (await open())?.proof.needed], ['high', 'reasonable']);
  const letter = { how: 'letter', subject: subjectId, kind: 'correction' } as const;
  const adds = (asker: 'subject' | 'unheld') => code(officer().take({ ...letter, asker, corrections: [{ record, field: 'phone', value: '+47 22 22 22 22' }] }));
  assert.equal(await adds('unheld'), 'PRIVACY_PROOF_NEEDED');
  await officer().take({ ...letter, asker: 'unheld', words: 'and my telephone number' });
  assert.deepEqual([(await open())?.proof.reached, (await open())?.proof.needed], ['high', 'reasonable'], 'words change nothing of what is named');
  assert.equal(await adds('subject'), 'done');
  const now_ = await open();
  assert.deepEqual([now_?.proof.asker, now_?.proof.reached, now_?.proof.needed], ['subject', 'none', 'high']);
  const seen = (await officer().get(now_?.id as string)).seen as string;
  assert.equal(await code(officer().decide(now_?.id as string, { decision: 'fulfil', answer: 'x', seen })), 'PRIVACY_PROOF_NEEDED');

  const moved = await customer('moved@example.org');
  const mailbox = await signIn('moved@example.org');
  await ask(`/center/correct/${moved.id}`, { cookie: mailbox, form: { email: 'thief@example.org' } });
  const asked = (await officer().list()).requests.find(({ subject }) => subject === moved.subjectId);
  assert.deepEqual([asked?.proof.needed, asked?.proof.reached], ['high', 'none'], 'the mailbox is what is to be changed');
  // surer by another session, it is the same request
  await ask('/center/requests', { cookie: mailbox, form: { kind: 'erasure', words: '' } });
  const erasure = async () => (await officer().list()).requests.find(({ subject, kind }) => subject === moved.subjectId && kind === 'erasure');
  assert.equal((await erasure())?.proof.reached, 'reasonable');
  assert.ok((await ask('/center/requests', { cookie: mailbox })).text.includes('we have to be surer that it is you'), 'of the correction');
  await ask('/center/requests', { cookie: cookieIn(await enter(await linkOf(moved.subjectId))), form: { kind: 'erasure', words: '' } });
  assert.equal((await erasure())?.proof.reached, 'high');
  assert.ok(!(await ask('/center/requests', { cookie: mailbox })).text.includes('per_'), 'who looked is not told');
  await two().fresh.db`update privacy.requests set first_eyes = 'per_canary' where subject_id = ${idOf(moved.subjectId)} and kind = 'erasure'`;
  const copy = await ask('/center/data.json', { cookie: mailbox });
  assert.deepEqual([copy.status, copy.text.includes('"erasure"'), /per_|key_|firstEyes/.test(copy.text.slice(copy.text.indexOf('"requests":'), copy.text.indexOf('"seen":')))], [200, true, false], 'nor in their copy');
}); // prettier-ignore
