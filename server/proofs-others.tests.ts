/** When somebody else says who it is: the company’s own sign-in, and staff who vouch. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { publicId, uuidv7 } from '#platform/ids';
import { inOneQuarter } from '#platform/testing';
import { createStrongroom } from '@strongroom/sdk';

import { code, idOf } from './testing-requests.ts';
import type { Running } from './proofs.test.ts';

const now = (backMs = 0): string => new Date(Date.now() - backMs).toISOString();

const cookieIn = ({ headers }: { headers: Headers }): string => (headers.get('set-cookie') ?? '').split(';')[0] ?? '';

export function othersSaySo(of: () => Running): void {
  const app = (server: 0 | 1 = 0) => createStrongroom({ url: of().two().urls[server], key: of().keyOf('customer-sign-in'), purpose: 'service.support', retries: 0 }).privacyRequests; // prettier-ignore

  const linkOf = async (subject: string, factors: 1 | 2 = 2, resettableByMail: 0 | 1 = 1): Promise<string> => {
    const { url } = await app().assertSignedIn({ subject, factors, resettableByMail, signedInAt: now() });
    return new URL(url).pathname;
  };
  const enter = (path: string, cookie?: string) =>
    of().ask(path, { form: {}, ...(cookie === undefined ? {} : { cookie }) });

  test('the company’s own sign-in: once, five minutes, of this subject and no other, fresh, and by whose key may say so', async () => {
    const { customer, as, officer, ask, status, signIn, two } = of();
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
    const { customer, two, keyOf } = of();
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
    await inOneQuarter(60);
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
    const { customer, officer, as, two, keyOf } = of();
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
    const { customer, status, ask, officer, signIn, two } = of();
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
    assert.ok((await ask('/center/requests', { cookie: mailbox })).text.includes('we have to be more certain that it is you'), 'of the correction');
    await ask('/center/requests', { cookie: cookieIn(await enter(await linkOf(moved.subjectId))), form: { kind: 'erasure', words: '' } });
    assert.equal((await erasure())?.proof.reached, 'high');
    assert.ok(!(await ask('/center/requests', { cookie: mailbox })).text.includes('per_'), 'who looked is not told');
    await two().fresh.db`update privacy.requests set first_eyes = 'per_canary' where subject_id = ${idOf(moved.subjectId)} and kind = 'erasure'`;
    const copy = await ask('/center/data.json', { cookie: mailbox });
    assert.deepEqual([copy.status, copy.text.includes('"erasure"'), /per_|key_|firstEyes/.test(copy.text.slice(copy.text.indexOf('"requests":'), copy.text.indexOf('"seen":')))], [200, true, false], 'nor in their copy');
  }); // prettier-ignore
}
