/** Corrections: seen old beside new, carried out as they were seen, all of it or nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseRecordId, type RecordId } from '#platform/ids';

import type { Running } from './rights.test.ts';

export function correctionsAreSeen(given: () => Running): void {
  test('a correction: asked for field by field, seen old beside new, carried out as it was seen, and what came of each is told', async () => {
    const { customer, signIn, ask, officer, two, code, vouched, idOf, as, keys, whileLocked, waiting } = given();
    const [OLD, NEW] = ['Arlington', 'Brooklyn-canary'];
    const { id, subjectId } = await customer('fix@example.org', { first_name: 'Grace', city: OLD, phone: '+1 212 555 0199' });
    const other = await customer('eve@example.org', { city: 'Reykjavik' });
    const cookie = await signIn('fix@example.org');
    const correct = (form: Record<string, string>, record = id, more: object = {}) => ask(`/center/correct/${record}`, { cookie, form, ...more });
    const open = async () => (await officer().privacyRequests.list()).requests.filter(({ subject, kind }) => subject === subjectId && kind === 'correction');
    const held = async () => Object.fromEntries(Object.entries((await officer().records.get(id)).fields).map(([name, { value }]) => [name, value]));
    const size = await two.systems[0].audit.size();

    // the form: hidden at first, of one's own records, for who is signed in
    const form = await ask(`/center/correct/${id}`, { cookie });
    assert.ok(form.status === 200 && !form.text.includes(OLD) && (await ask(`/center/correct/${id}?show=all`, { cookie })).text.includes(OLD));
    assert.equal((await ask(`/center/correct/${id}`)).status, 303);
    const strange = [other.id, `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`, id.toUpperCase(), 'rec_0', other.id.slice(0, 30) + id.slice(30)];
    for (const record of strange) assert.deepEqual([(await ask(`/center/correct/${record}`, { cookie })).status, (await correct({ city: NEW }, record)).status], [404, 404], record);
    assert.equal((await correct({ city: NEW }, id, { headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
    for (const name of ['salary', '__proto__', 'constructor', `${other.id}/city`]) assert.equal((await correct({ [name]: NEW, city: NEW })).status, 404, name);
    const refused = await correct({ city: NEW, email: 'no-address-canary', create_date: '' });
    assert.ok(refused.status === 422 && refused.text.includes('Nothing was sent') && refused.text.includes('aria-invalid'));
    assert.deepEqual([(await correct({})).status, await open()], [422, []], 'nothing was asked for by any of it');

    // asked for, and asked for more: one request, two servers at once
    assert.equal((await correct({ city: 'New York', phone: '+1 212 555 0100', '-words': 'I moved' })).status, 303);
    const more = (server: 0 | 1, field: string, value: string) => officer(server).privacyRequests.take({ how: 'letter', subject: subjectId, kind: 'correction', corrections: [{ record: id, field, value }] });
    await Promise.all([more(0, 'last_name', 'Murray'), more(1, 'first_name', 'Gracie')]);
    await correct({ city: NEW, '-words': 'ask my landlord' });
    assert.equal(await code(more(0, 'email', 'nothing')), 'PRIVACY_CORRECTION_INVALID');
    assert.equal(await code(more(0, 'email', 'officer@example.org')), 'PRIVACY_CORRECTION_INVALID', 'who takes letters in does not become the customer');
    assert.equal(await code(officer().privacyRequests.take({ how: 'letter', subject: subjectId, kind: 'correction', corrections: [{ record: other.id, field: 'city', value: 'Rome' }] })), 'PRIVACY_FIELD_NOT_YOURS');
    const [request, ...others] = await open();
    const asked = request?.id as string;
    await vouched(Promise.resolve({ id: asked }));
    const fieldsOf = (of: { corrections: readonly { field: string; outcome: string }[] | null }) => of.corrections?.map(({ field, outcome }) => `${field} ${outcome}`).toSorted();
    const at = await officer().privacyRequests.get(asked);
    assert.equal(at.words, 'I moved\n\nask my landlord', 'what is written later comes to what was written');
    assert.deepEqual([others, request?.corrections, fieldsOf(at)], [[], null, ['city asked', 'first_name asked', 'last_name asked', 'phone asked']]);
    const [row] = await two.fresh.db<{ text: string }[]>`select encode(corrections, 'escape') as text from privacy.requests where subject_id = ${idOf(subjectId)}`;
    assert.ok(row !== undefined && !row.text.includes('canary') && !row.text.includes('Murray'), 'sealed at rest');

    // masked first; in clear for who may, and that is in the log
    assert.ok(!JSON.stringify(at).includes('canary') && !JSON.stringify(at).includes(OLD) && at.beside?.every(({ state }) => state === 'masked'));
    assert.equal(await code(as('support').privacyRequests.get(asked, { show: 'clear' })), 'ACCESS_DENIED');
    const clear = await officer().privacyRequests.get(asked, { show: 'clear' });
    assert.deepEqual(clear.beside?.filter(({ field }) => field === 'city').map(({ held: was, asked: will }) => [was?.value, will?.value]), [[OLD, NEW]]);
    const reads = (await two.entriesOf('vault.read')).filter(({ actor, detail }) => actor.role === 'dpo' && (detail.clear as string[]).includes('city'));
    assert.ok(reads.length >= 1);
    const shell = await two.command(['requests', 'show', asked, '--clear'], { noun: 'privacy', key: keys.get('dpo') as string });
    assert.ok(shell.out.includes(`${id}/city  clear  ${OLD} -> ${NEW}`) && shell.out.includes(`seen ${clear.seen}`), shell.out + shell.err);

    // nothing is decided that was not seen
    const decide = (decision: 'fulfil' | 'partly' | 'refuse', seen: string | null, fields?: string[], server: 0 | 1 = 0) =>
      code(officer(server).privacyRequests.decide(asked, { decision, answer: 'looked at', ...(seen === null ? {} : { seen }), ...(fields === undefined ? {} : { fields }) }));
    const seen = async () => (await officer().privacyRequests.get(asked)).seen;
    const before = await held();
    assert.deepEqual([await decide('fulfil', null), await decide('fulfil', 'x')], ['PRIVACY_CORRECTION_CHANGED', 'PRIVACY_CORRECTION_CHANGED']);
    for (const fields of [undefined, [`${other.id}/city`], [`${id}/email`], [`${id}/city`, `${id}/salary`]]) assert.equal(await decide('partly', clear.seen, fields), 'PRIVACY_FIELDS_NEEDED');
    const weaker = await correct({ phone: '+1 212 555 0101' });
    assert.ok(weaker.headers.get('location')?.startsWith('/center/prove'), 'two people saw who asked: a code from a mail adds nothing to it');
    await more(0, 'phone', '+1 212 555 0101');
    assert.equal(await decide('fulfil', clear.seen), 'PRIVACY_PROOF_NEEDED', 'nobody has seen who added that');
    await vouched(Promise.resolve({ id: asked }));
    assert.equal(await decide('fulfil', clear.seen), 'PRIVACY_CORRECTION_CHANGED', 'the customer has asked for something else since');
    const stale = await seen();
    await as('application').records.update(id, 1, { fields: { company: 'Navy' } });
    assert.equal(await decide('fulfil', stale), 'PRIVACY_CORRECTION_CHANGED', 'the record has changed since');
    assert.deepEqual(await held(), { ...before, company: 'Navy' }, 'and nothing of it was done');
    const wrongSubject = two.systems[0].vault.corrections.carryOut(
      { actor: await two.systems[0].access.authenticate(keys.get('dpo')), purpose: 'legal.request', requestId: 'test' }, idOf(subjectId),
      [{ id: parseRecordId(other.id) as RecordId, seen: 1, fields: { city: 'Rome' } }], { first: () => Promise.resolve(), last: () => Promise.resolve() });
    assert.equal(await code(wrongSubject), 'VAULT_NOT_FOUND', 'a record of somebody else is out of reach, whoever hands it over');

    // killed in the middle; then by two people at two servers at once
    const now = await seen();
    const some = [`${id}/city`, `${id}/last_name`, `${id}/first_name`];
    // the records are changed, the log has it, and nothing of it is committed
    const killed = await whileLocked('privacy.request_steps', async () => {
      const late = decide('partly', now, some);
      const pid = await waiting('%insert into privacy.request_steps%');
      await two.fresh.db`select pg_terminate_backend(${pid})`;
      return late;
    });
    assert.deepEqual([killed === 'done', (await held()).city], [false, OLD]);
    const both = await Promise.all([decide('partly', now, some, 0), decide('partly', now, some, 1)]);
    assert.equal(both.filter((each) => each === 'done').length, 1, both.join());
    const { city, first_name, last_name, phone } = await held();
    assert.deepEqual([city, first_name, last_name, phone, (await officer().records.get(id)).version], [NEW, 'Gracie', 'Murray', '+1 212 555 0199', 3]);
    const found = async (name: string) => (await officer().search.page({ collection: 'customer', where: { last_name: name } })).records.filter((each) => each.id === id).length;
    assert.deepEqual([await found('Murray'), await found('Hopper')], [1, 0], 'found by what it says now');

    // the receipt: names, no values, anywhere
    const receipt = await officer().privacyRequests.get(asked, { show: 'clear' });
    assert.deepEqual([receipt.state, fieldsOf(receipt), receipt.seen], ['partly', ['city done', 'first_name done', 'last_name done', 'phone declined'], null]);
    const page = (await ask('/center/requests', { cookie })).text;
    assert.ok(/City: corrected/.test(page) && /Phone: not corrected/.test(page) && !page.includes(NEW) && !page.includes('555'));
    const copy = JSON.parse((await ask('/center/data.json', { cookie })).text) as { requests: object[] };
    assert.ok(!JSON.stringify(copy.requests).includes(NEW) && JSON.stringify(copy.requests).includes('"outcome":"done"'));
    const log = (await two.systems[0].audit.read(size, await two.systems[0].audit.size())).map(({ bytes }) => String(bytes));
    assert.ok(log.some((each) => each.includes('"corrected":["customer.city"') && each.includes('"declined":["customer.phone"]')));
    for (const value of [NEW, 'Murray', 'no-address-canary', '555 01']) assert.ok(!log.some((each) => each.includes(value)), `${value} is in the log`);
    assert.deepEqual(await open(), []);
  }); // prettier-ignore

  test('a correction of several records is all of it or nothing; it goes on under a restriction, and ends with its subject', async () => {
    const { customer, officer, vouched, two, idOf, code, waiting, as } = given();
    const { id, subjectId } = await customer('both@example.org', { city: 'Oslo' });
    const second = await customer('both@example.org', { city: 'Bergen' }, subjectId);
    await officer().subjects.restrict(subjectId, 'accuracy');
    const take = (records: readonly string[]) => vouched(officer().privacyRequests.take({ how: 'letter', subject: subjectId, kind: 'correction', corrections: records.map((record) => ({ record, field: 'city', value: 'Trondheim' })) }));
    const { id: asked } = await take([id, second.id]);
    const cities = async () => (await officer().records.read([id, second.id])).records.map(({ fields }) => fields.city?.value);
    const seen = async (request: string) => (await officer().privacyRequests.get(request)).seen as string;
    const mark = await seen(asked);

    // the second record changes while the first is locked
    const numberOf = (record: string) => String((parseRecordId(record) as RecordId).recordNo);
    const late = await two.fresh.db.begin(async (tx) => {
      await tx`select from vault.keyrings where subject_id = ${idOf(subjectId)} for update`;
      const decided = code(officer(1).privacyRequests.decide(asked, { decision: 'fulfil', answer: 'done', seen: mark }));
      await waiting('%vault.keyrings%');
      await tx`update vault.records set version = version + 1 where subject_id = ${idOf(subjectId)} and record_no = ${numberOf(second.id)}::bigint`;
      return { decided };
    });
    assert.ok(['VAULT_VERSION_STALE', 'PRIVACY_CORRECTION_CHANGED'].includes(await late.decided), await late.decided);
    assert.deepEqual([await cities(), (await officer().privacyRequests.get(asked)).state], [['Oslo', 'Bergen'], 'received'], 'nothing half done');
    await two.fresh.db`update vault.records set version = version - 1 where subject_id = ${idOf(subjectId)} and record_no = ${numberOf(second.id)}::bigint`;
    assert.equal(await code(as('application').records.update(id, 1, { fields: { city: 'Rome' } })), 'VAULT_RESTRICTED');
    assert.equal((await officer().privacyRequests.decide(asked, { decision: 'fulfil', answer: 'done', seen: await seen(asked) })).state, 'fulfilled');
    assert.deepEqual(await cities(), ['Trondheim', 'Trondheim'], 'its subject asks for it (art. 18(2))');

    // a record that is gone cannot be corrected; declined, it is answered
    const third = await customer('both-2@example.org', { city: 'Molde' });
    const gone = await vouched(officer().privacyRequests.take({ how: 'letter', subject: third.subjectId, kind: 'correction', corrections: [{ record: third.id, field: 'city', value: 'Bodø' }] }));
    await as('application').records.delete(third.id);
    assert.deepEqual((await officer().privacyRequests.get(gone.id)).beside?.map(({ state, held }) => [state, held]), [['gone', null]]);
    assert.equal(await code(officer().privacyRequests.decide(gone.id, { decision: 'fulfil', answer: 'x', seen: await seen(gone.id) })), 'VAULT_NOT_FOUND');
    assert.equal((await officer().privacyRequests.decide(gone.id, { decision: 'refuse', answer: 'it is gone' })).state, 'refused');
    // erased meanwhile
    const { id: last } = await take([id]);
    const was = await seen(last);
    await officer().subjects.erase(subjectId);
    assert.equal(await code(officer().privacyRequests.decide(last, { decision: 'fulfil', answer: 'x', seen: was })), 'PRIVACY_SUBJECT_NOT_FOUND');
    assert.equal((await officer().privacyRequests.decide(last, { decision: 'refuse', answer: 'x' })).state, 'refused', 'and it waits for nobody any more');
  }); // prettier-ignore
}
