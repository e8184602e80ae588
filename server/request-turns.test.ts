/** Turns of a request: taken back, asked back, appealed, told of in time; in every state, on two servers, at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseRecordId, type RecordId } from '#platform/ids';

import { code, idOf, phoned, requestDesk } from './testing-requests.ts';

const { two, keyOf, as, officer, customer, take, mailsTo, ask, signIn } = requestDesk();
const rowOf = async (subject: string) => {
  const [row] = await two().fresh.db<{ all: string }[]>`
    select (to_jsonb(r) || jsonb_build_object('steps', (select count(*) from privacy.request_steps s where s.request_id = r.request_id)))::text as all
    from privacy.requests r where subject_id = ${idOf(subject)} order by received_at desc limit 1`;
  return row?.all ?? '';
};

test('every step that the machine does not have in a state is refused clearly, and changes nothing', async () => {
  const { subjectId } = await customer('machine@example.org');
  const { id } = await take(subjectId, 'review', { regime: 'us-va' });
  const steps = {
    withdraw: () => officer().withdraw(id, { how: 'telephone' }),
    clarify: () => officer().clarify(id, { question: 'detail', words: 'what?' }),
    explain: () => officer().reply(id, phoned('this')),
    resume: () => officer().reply(id),
    appeal: () => officer().appeal(id, phoned('no')),
    extend: () => officer().decide(id, { decision: 'extend', answer: 'later' }),
    fulfil: () => officer().decide(id, { decision: 'fulfil', answer: 'yes' }),
    part: () => officer().decide(id, { decision: 'partly', answer: 'some' }),
    refuse: () => officer().decide(id, { decision: 'refuse', answer: 'no' }),
    link: () => officer().sendLink(id),
    copy: () => officer().copy(id, 'twenty letters or more'),
  };
  const allowed: Record<string, string> = {
    received: 'withdraw clarify extend fulfil part refuse', review: 'withdraw clarify extend fulfil part refuse', extended: 'withdraw clarify fulfil part refuse',
    waiting: 'withdraw explain resume fulfil part refuse', appealed: 'withdraw extend fulfil part refuse',
    fulfilled: '', partly: 'appeal', refused: 'appeal', withdrawn: '', duplicate: '',
  }; // prettier-ignore
  const size = await two().systems[0].audit.size();
  let refused = 0;
  for (const [state, may] of Object.entries(allowed)) {
    const closed = ['fulfilled', 'partly', 'refused', 'withdrawn', 'duplicate'].includes(state);
    await two().fresh.db`update privacy.requests set state = ${state}, closed_at = ${closed ? new Date() : null}, extended = ${state === 'extended'} where subject_id = ${idOf(subjectId)}`;
    const was = await rowOf(subjectId);
    for (const [step, take_] of Object.entries(steps)) {
      if (may.split(' ').includes(step)) continue;
      assert.equal(await code(take_()), 'PRIVACY_REQUEST_STATE', `${state} ${step}`);
      refused += 1;
    }
    assert.equal(await rowOf(subjectId), was, `${state}: nothing changed`);
  }
  assert.ok(refused > 60, String(refused));
  const logged = (await two().systems[0].audit.read(size, await two().systems[0].audit.size())).filter(({ bytes }) => String(bytes).includes('"action":"privacy.request"'));
  assert.deepEqual([logged.length, await mailsTo('machine@example.org')], [0, []]);
}); // prettier-ignore

test('a customer takes a request back, in their language: nothing more is done of it, whoever goes on at the same time', async () => {
  const { id: record, subjectId } = await customer('back@example.org', { city: 'Oslo' });
  const other = await customer('back-2@example.org');
  const cookie = await signIn('back@example.org');
  for (const [lang, button, mail] of [['en', 'Take it back', 'Your request was taken back'], ['de', 'Zurücknehmen', 'zurückgenommen'], ['fr', 'Retirer', 'retirée'], ['es', 'Retirar', 'retirada']] as const) {
    await ask(`/center/requests?lang=${lang}`, { cookie, form: { kind: 'erasure', words: 'please' } });
    const page = await ask(`/center/requests?lang=${lang}`, { cookie });
    const id = /name="request" value="(dsr_[0-9a-z]+)"/.exec(page.text)?.[1] as string;
    assert.ok(page.text.includes(button), lang);
    const done = await ask(`/center/requests/withdraw?lang=${lang}`, { cookie, form: { request: id } });
    const to = done.headers.get('location') ?? '';
    assert.equal(done.status, 303);
    assert.match(to, new RegExp(`^/center/requests\\?lang=${lang}&told=withdrawn-[0-9]+$`));
    assert.ok((await ask(to, { cookie })).text.includes('class="told"'));
    const later = to.replace(/[0-9]+$/, (minute) => String(Number(minute) - 6));
    assert.ok(!(await ask(later, { cookie })).text.includes('class="told"'), 'the same address, minutes later');
    // told in the language in which it was asked, and nothing of the request is in the mail
    const [told] = await mailsTo('back@example.org');
    assert.ok(told?.subject.includes(mail) && !told.text.includes('please') && !told.text.includes(id), lang);
    assert.equal(await code(officer().decide(id, { decision: 'fulfil', answer: '' })).then((made) => made === 'done'), false);
  }
  // of somebody else it is not there, nor from another site
  const theirs = await take(other.subjectId, 'erasure');
  const page = (form: Record<string, string>, headers = {}) => ask('/center/requests/withdraw', { cookie, form, headers }).then(({ status }) => status);
  assert.deepEqual([await page({ request: theirs.id }), await page({ request: 'dsr_0' }), await page({}), await page({ request: theirs.id }, { 'sec-fetch-site': 'cross-site' })], [404, 404, 404, 403]);
  assert.equal((await officer().get(theirs.id)).state, 'received');

  // the first of two has agreed; it is taken back, and the second finds nothing to agree to
  const { id } = await take(subjectId, 'erasure');
  assert.equal((await officer('dpo').decide(id, { decision: 'fulfil', answer: 'x' })).state, 'review');
  const both = await Promise.all([code(officer('dpo-2', 1).decide(id, { decision: 'fulfil', answer: 'x' })), code(officer('dpo', 0).withdraw(id, { how: 'telephone' }))]);
  assert.equal(both.filter((each) => each === 'done').length, 1, both.join());
  const living = await two().systems[0].vault.isLiving(idOf(subjectId));
  assert.equal(living, both[1] === 'done', 'erased or withdrawn, never both');
  if (!living) return;
  // values of a correction that nobody is to make are gone with it
  const fix = await take(subjectId, 'correction', { corrections: [{ record, field: 'city', value: 'canary-of-it' }] });
  assert.equal((await officer().withdraw(fix.id, { how: 'telephone' })).state, 'withdrawn');
  assert.equal(await code(officer().decide(fix.id, { decision: 'fulfil', answer: 'x', seen: 'x' })), 'PRIVACY_REQUEST_STATE');
  const all = [];
  for await (const each of two().systems[0].privacy.requests.all(idOf(subjectId))) all.push(each);
  assert.ok(!JSON.stringify(all).includes('canary-of-it'));
  // what was carried out is not undone
  const stop = await take(subjectId, 'restriction');
  await officer().decide(stop.id, { decision: 'fulfil', answer: 'x', because: 'claim' });
  assert.equal(await code(officer().withdraw(stop.id, { how: 'telephone' })), 'PRIVACY_REQUEST_STATE');
  assert.notEqual(await two().systems[0].vault.restrictionOf(idOf(subjectId)), null);
}); // prettier-ignore

test('a question stops the clock only where a law has it, and from when the customer was told; they answer in the center', async () => {
  const { subjectId } = await customer('asked@example.org');
  const cookie = await signIn('asked@example.org');
  const stop = (id: string, question: 'scope' | 'identity' | 'detail', how: 'mail' | 'otherwise' = 'mail') => officer().clarify(id, { question, words: 'a canary: which year?', stop: true, how });
  const at = async (id: string) => (await officer().get(id)).dueAt;
  const later = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
  const daysPass = (days: number) => two().fresh.db`update privacy.requests set paused_at = paused_at - make_interval(days => ${days}) where paused_at is not null`;

  const ca = await take(subjectId, 'review', { regime: 'us-ca' });
  assert.deepEqual([await code(stop(ca.id, 'identity')), await code(stop(ca.id, 'detail'))], ['PRIVACY_CLOCK_RUNS', 'PRIVACY_CLOCK_RUNS'], 'California: it runs');
  const no = await take(subjectId, 'objection');
  assert.equal(await code(stop(no.id, 'identity')), 'PRIVACY_CLOCK_RUNS', 'an objection needs nobody to be shown');
  const eu = await take(subjectId, 'copy');
  const first = eu.dueAt;
  assert.equal(await code(stop(eu.id, 'detail')), 'PRIVACY_CLOCK_RUNS');
  const asked = await stop(eu.id, 'scope');
  assert.deepEqual([asked.state, asked.paused], ['waiting', false], 'the mail is held: nobody was told, and it runs');
  const page = (await ask('/center/requests?lang=de', { cookie })).text;
  assert.ok(page.includes('which year?') && !page.includes('steht still'));
  const [mail] = await mailsTo('asked@example.org');
  assert.ok(mail !== undefined && !mail.text.includes('canary'));
  // the mail was held: nobody was told, and the clock ran on
  await daysPass(5);
  const replied = await ask('/center/requests/reply', { cookie, form: { request: eu.id, words: 'all of that spring' } });
  assert.equal(replied.status, 303);
  assert.equal(later(first, await at(eu.id)), 0, 'a mail that has not left stops no clock');
  assert.deepEqual((await officer().get(eu.id)).talk?.map(({ what, text }) => `${what} ${text}`), ['scope a canary: which year?', 'reply all of that spring']);
  assert.equal((await ask('/center/requests/reply', { cookie, form: { request: eu.id, words: 'again' } })).status, 409);
  // it left four days ago
  assert.equal(await code(stop(eu.id, 'identity')), 'PRIVACY_CLOCK_RUNS', 'who it is was shown: to ask it again wins no time');
  await stop(eu.id, 'scope');
  await two().fresh.db`update mail.outbox set state = 'sent', sealed = null, done_at = now() - interval '4 days 3 hours' where kind = 'privacy.request' and state = 'held'`;
  await daysPass(9);
  assert.ok((await officer().get(eu.id)).paused && (await ask('/center/requests?lang=de', { cookie })).text.includes('steht still'));
  await officer('dpo', 1).reply(eu.id);
  assert.equal(later(first, await at(eu.id)), 4, 'whole days since it left');
  // told by telephone; an empty reply is none; extended, the days stay
  await stop(eu.id, 'scope', 'otherwise');
  await daysPass(2);
  assert.equal((await ask('/center/requests/reply', { cookie, form: { request: eu.id, words: ' ' } })).status, 422);
  await officer().reply(eu.id, phoned('they said it'));
  assert.equal(later(first, await at(eu.id)), 6);
  const { dueAt } = await officer().decide(eu.id, { decision: 'extend', answer: 'much' });
  assert.ok(later(first, dueAt) >= 6 + 59);
  // scope is asked of access and copies
  const erase = await officer().take({ how: 'letter', subject: subjectId, kind: 'erasure' });
  assert.equal(await code(stop(erase.id, 'scope')), 'PRIVACY_CLOCK_RUNS');
  assert.equal((await stop(erase.id, 'identity')).state, 'waiting', 'nobody was looked at yet');
  await officer().reply(erase.id);
  const log = await two().entriesOf('privacy.request');
  assert.ok(!JSON.stringify(log).includes('canary') && !JSON.stringify(log).includes('that spring'));
  const shell = await two().command(['requests', 'ask', erase.id, 'detail', '--words', 'what?'], { noun: 'privacy', key: keyOf('dpo') });
  assert.ok(shell.code === 0 && shell.out.includes('waiting'), shell.out + shell.err);
}); // prettier-ignore

test('an appeal: once, where the law has it, within its own clock, and decided by another than who declined', async () => {
  const { id: record, subjectId } = await customer('appeal@example.org', { city: 'Oslo', phone: '+1 212 555 0100' });
  const cookie = await signIn('appeal@example.org');
  const gdpr = await take(subjectId, 'review');
  await officer().decide(gdpr.id, { decision: 'refuse', answer: 'no' });
  assert.equal(await code(officer().appeal(gdpr.id, phoned('but'))), 'PRIVACY_NO_APPEAL');
  assert.ok((await ask('/center/requests', { cookie })).text.includes('data protection authority where you live'));

  const { id } = await take(subjectId, 'review', { regime: 'us-va' });
  const declined = await officer('dpo').decide(id, { decision: 'refuse', answer: 'a first no' });
  assert.notEqual(declined.appealBy, null);
  const page = (await ask('/center/requests', { cookie })).text;
  assert.ok(page.includes('I do not agree') && page.includes('the Attorney General of Virginia'));
  const sent = await ask('/center/requests/appeal', { cookie, form: { request: id, words: 'look again' } });
  assert.equal(sent.status, 303);
  assert.match(sent.headers.get('location') ?? '', /^\/center\/requests\?lang=en&told=appealed-[0-9]+$/);
  const open = await officer().get(id);
  assert.deepEqual([open.state, open.answer, open.talk?.map(({ what, text }) => `${what}: ${text}`)], ['appealed', null, ['answer: a first no', 'appeal: look again']]);
  assert.ok(Math.abs(Date.parse(open.dueAt) - Date.now() - 60 * 86_400_000) < 2 * 86_400_000, 'sixty days from the appeal');
  assert.equal(await code(officer('dpo').decide(id, { decision: 'fulfil', answer: 'I changed my mind' })), 'PRIVACY_APPEAL_EYES');
  assert.equal(await code(officer('dpo').decide(id, { decision: 'refuse', answer: 'still no' })), 'PRIVACY_APPEAL_EYES');
  const both = await Promise.all([code(officer('dpo-2', 0).decide(id, { decision: 'partly', answer: 'a part, because' })), code(officer('dpo-3', 1).decide(id, { decision: 'refuse', answer: 'no' }))]);
  assert.deepEqual(both.toSorted(), ['PRIVACY_REQUEST_STATE', 'done']);
  assert.equal(await code(officer().appeal(id, phoned('again'))), 'PRIVACY_NO_APPEAL', 'once');
  assert.deepEqual((await mailsTo('appeal@example.org')).map(({ subject }) => subject), ['Our answer on your appeal', 'Your request is looked at again']);

  // an appeal that is taken back leaves the no
  const second = await take(subjectId, 'review', { regime: 'us-co' });
  await officer().decide(second.id, { decision: 'refuse', answer: 'no' });
  await officer().appeal(second.id, phoned('but'));
  assert.equal((await officer('dpo-2').decide(second.id, { decision: 'extend', answer: 'it takes longer' })).state, 'appealed');
  assert.equal(await code(officer('dpo').withdraw(second.id, { how: 'telephone' })), 'PRIVACY_APPEAL_EYES', 'who declined does not end the appeal');
  assert.equal((await officer('dpo-2').withdraw(second.id, { how: 'telephone' })).state, 'refused');
  assert.equal((await officer().get(second.id)).answer, 'no', 'and not that it takes longer');
  // too late
  const late = await take(subjectId, 'review', { regime: 'us-tx' });
  await officer().decide(late.id, { decision: 'refuse', answer: 'no' });
  await two().fresh.db`update privacy.requests set closed_at = now() - interval '91 days' where regime = 'us-tx'`;
  assert.deepEqual([await code(officer().appeal(late.id, phoned('but'))), (await officer().get(late.id)).appealBy], ['PRIVACY_NO_APPEAL', null]);

  // of a correction: what was declined is asked for again, what was done is not
  const fix = await take(subjectId, 'correction', { regime: 'us-ct', corrections: [{ record, field: 'city', value: 'Bergen' }, { record, field: 'phone', value: '+1 212 555 0101' }] });
  const seen = async () => (await officer().get(fix.id)).seen as string;
  await officer().decide(fix.id, { decision: 'partly', answer: 'one', seen: await seen(), fields: [`${record}/city`] });
  assert.deepEqual((await officer().get(fix.id)).beside?.map(({ state }) => state), ['decided', 'decided'], 'nothing is opened of what is answered');
  await officer().appeal(fix.id, phoned('the other one too'));
  assert.deepEqual((await officer().get(fix.id)).beside?.map(({ field, state }) => `${field} ${state}`).toSorted(), ['city decided', 'phone masked']);
  assert.equal(await code(officer('dpo').decide(fix.id, { decision: 'fulfil', answer: 'yes', seen: await seen() })), 'PRIVACY_APPEAL_EYES');
  // who appeals by letter is looked at as who asked was
  assert.equal(await code(officer('dpo-2').decide(fix.id, { decision: 'fulfil', answer: 'yes', seen: await seen() })), 'PRIVACY_PROOF_NEEDED');
  for (const key of ['dpo-2', 'dpo-3']) await officer(key).vouch(fix.id, 'passport');
  await officer('dpo-2').decide(fix.id, { decision: 'fulfil', answer: 'yes', seen: await seen() });
  const read = await as('dpo').records.get(record);
  assert.deepEqual([read.fields.city?.value, read.fields.phone?.value], ['Bergen', '+1 212 555 0101']);
}); // prettier-ignore

test('a deadline that comes near is told at seven and two days, on the last day and when it is over; not while its clock stands', async () => {
  const { subjectId } = await customer('due@example.org');
  const { id } = await take(subjectId, 'copy');
  const dueIn = (days: number) => two().fresh.db`update privacy.requests set due_at = now() + make_interval(days => ${days}, mins => 5) where subject_id = ${idOf(subjectId)}`;
  const told = async () => (await two().entriesOf('privacy.request.due')).filter(({ detail }) => detail.request === id).map(({ detail }) => detail.days);
  const both = () => Promise.all(two().systems.map((system) => system.privacy.requests.alarm()));

  for (const days of [20, 7, 6, 2, 1, 0, -1, -3]) {
    await dueIn(days);
    await both();
    await both();
  }
  assert.deepEqual(await told(), [7, 2, 0, -1], 'each once, whichever server looks first');
  await two().fresh.db`update privacy.requests set alarm = null where subject_id = ${idOf(subjectId)}`;
  await dueIn(9);
  await officer().clarify(id, { question: 'scope', words: 'which?', stop: true, how: 'otherwise' });
  await dueIn(1);
  await both();
  assert.equal((await told()).length, 4, 'it stands still');
  assert.equal((await officer().list()).requests.find((each) => each.id === id)?.paused, true);
}); // prettier-ignore

test('an answer in a mail that has not left is not with anybody, and the queue says so', async () => {
  const { subjectId } = await customer('mailed@example.org');
  const { id } = await take(subjectId, 'copy');
  await officer().decide(id, { decision: 'fulfil', answer: 'see your mail' });
  const inQueue = async () => (await officer().list()).requests.find((each) => each.id === id)?.mail ?? null;
  assert.deepEqual([await inQueue(), (await officer().get(id)).mail], ['held', 'held']);
  await two().fresh.db`update mail.outbox set state = 'refused', sealed = null, done_at = now() where kind = 'privacy.copy-link'`;
  assert.equal(await inQueue(), 'refused');
  await officer().sendLink(id);
  assert.equal(await inQueue(), 'held', 'another one is on its way');
  await two().fresh.db`update mail.outbox set state = 'sent', sealed = null, done_at = now() where kind = 'privacy.copy-link'`;
  assert.deepEqual([await inQueue(), (await officer().get(id)).mail], [null, 'sent']);
}); // prettier-ignore

test('a restriction or an objection is done whole or not; who may not write records corrects none; more answers at once than there are connections wait for nobody', async () => {
  const { id: record, subjectId } = await customer('whole@example.org', { city: 'Oslo' });
  for (const kind of ['restriction', 'objection'] as const) {
    const { id } = await take(subjectId, kind);
    assert.equal(await code(officer().decide(id, { decision: 'partly', answer: 'a bit', because: 'claim' })), 'PRIVACY_WHOLE_ONLY');
    assert.equal((await officer().get(id)).state, 'received');
  }
  const actor = await two().systems[0].access.authenticate(keyOf('support'));
  const written = two().systems[0].vault.corrections.carryOut({ actor, purpose: 'legal.request', requestId: 'test' }, idOf(subjectId),
    [{ id: parseRecordId(record) as RecordId, seen: 1, fields: { city: 'Rome' } }], { first: () => Promise.resolve(), last: () => Promise.resolve() });
  assert.equal(await code(written), 'VAULT_DENIED');
  assert.equal((await as('dpo').records.get(record)).fields.city?.value, 'Oslo');

  const many = await Promise.all(Array.from({ length: 32 }, (_, n) => customer(`many-${n}@example.org`)));
  const asked = await Promise.all(many.map(({ subjectId: each }, n) => take(each, n % 4 === 0 ? 'erasure' : 'objection')));
  await Promise.all(asked.filter(({ kind }) => kind === 'erasure').map(({ id }) => officer('dpo').decide(id, { decision: 'fulfil', answer: 'x' })));
  const begun = Date.now();
  const states = await Promise.all(asked.map(({ id }) => officer('dpo-2').decide(id, { decision: 'fulfil', answer: 'x' })));
  assert.deepEqual(new Set(states.map(({ state }) => state)), new Set(['fulfilled']));
  // each held one connection of a server's and waited for a second: nobody got any, for a minute
  assert.ok(Date.now() - begun < 58_000, `${Date.now() - begun} ms`);
}); // prettier-ignore
