/** What customers ask for, carried out: on two servers, at once, twice, killed in the middle, and by who may not. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { parseRecordId, parseSubjectId, type RecordId, type SubjectId } from '#platform/ids';
import { unzip } from '#platform/testing';
import { createStrongroom, type Strongroom } from '@strongroom/sdk';

import { twoSystems, type TwoSystems } from './testing.ts';
import { visitor } from './visitor.ts';

let two: TwoSystems;
const keys = new Map<string, string>();
before(async () => {
  two = await twoSystems();
  for (const role of ['application', 'dpo', 'support', 'analyst']) keys.set(role, (await two.newKey(role)).key);
  keys.set('dpo-2', (await two.newKey('dpo')).key);
});
after(() => two.close());

const as = (role: string, purpose = 'service.support', server: 0 | 1 = 0): Strongroom =>
  createStrongroom({ url: two.urls[server], key: keys.get(role) as string, purpose, retries: 0 });
const officer = (server: 0 | 1 = 0): Strongroom => as('dpo', 'legal.request', server);
const customer = (email: string, fields: Record<string, string> = {}, subject?: string) =>
  as('application').records.create({ collection: 'customer', fields: { last_name: 'Hopper', email, ...fields }, ...(subject === undefined ? {} : { subject: { id: subject } }) }); // prettier-ignore
const { ask, signIn } = visitor(() => two.systems[1], () => two.urls[1]); // prettier-ignore
const idOf = (text: string): SubjectId => parseSubjectId(text) as SubjectId;
const code = (of: Promise<unknown>): Promise<string> => of.then(() => 'done', (thrown: { code: string }) => thrown.code); // prettier-ignore
/** Two people have seen who asks for what came by letter. */
const vouched = async <T extends { id: string }>(taking: Promise<T>): Promise<T> => {
  const taken = await taking;
  for (const name of ['dpo', 'dpo-2']) await as(name, 'legal.request').privacyRequests.vouch(taken.id, 'passport');
  return taken;
};
const tell = (id: string, server: 0 | 1 = 0, because: 'accuracy' | 'claim' = 'accuracy') =>
  officer(server).privacyRequests.decide(id, { decision: 'fulfil', answer: 'as you asked', because });
const reads = (id: string) => Promise.all([0, 1].map((server) => code(as('support', 'service.support', server as 0 | 1).records.get(id)))); // prettier-ignore
const logOf = async (action: string, subject: string) => {
  const about = await two.systems[0].privacy.seen.list(idOf(subject), { before: null, limit: 100 });
  return about.filter(({ what }) => what === action).length;
};
const fold = async (): Promise<void> => {
  while (await two.systems[0].privacy.seen.fold());
};

/** A statement of a server that waits for a lock. @returns its process in PostgreSQL */
async function waiting(like: string): Promise<number> {
  for (let tries = 0; tries < 500; tries += 1) {
    const [row] = await two.fresh.db<{ pid: number }[]>`
      select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like ${like}`;
    if (row !== undefined) return row.pid;
    await sleep(10);
  }
  throw new Error('nobody waits');
}
/** Nobody writes into a table while something goes on. */
const whileLocked = <T>(table: string, work: () => Promise<T>): Promise<T> =>
  two.fresh.db.begin(async (tx) => {
    await tx`lock table ${tx(table)} in exclusive mode`;
    return work();
  }) as Promise<T>;

test('a restriction that is agreed to holds at the next read of every server, under a legal hold, once, and its subject knows since when', async () => {
  const { id, subjectId } = await customer('ruth@example.org', { city: 'Oslo' });
  const cookie = await signIn('ruth@example.org');
  const by = (name: string) => ({ actor: { kind: 'staff', id: name, role: 'dpo' }, requestId: 'test' }) as never;
  const { holds } = two.systems[0].retention;
  const hold = await holds.request(by('per_1'), { matter: 'M-1', subject: subjectId, reason: 'a lawsuit', authority: 'the court', reviewBy: '2099-01-31' });
  await holds.approve(by('per_2'), hold.id);
  await ask('/center/requests', { cookie, form: { kind: 'restriction', words: 'it is wrong' } });
  const [request] = (await officer().privacyRequests.list()).requests.filter(({ subject }) => subject === subjectId);
  const asked = request?.id as string;

  assert.equal(await code(officer().privacyRequests.decide(asked, { decision: 'fulfil', answer: 'yes' })), 'PRIVACY_BECAUSE_NEEDED');
  assert.equal(await code(as('support').privacyRequests.decide(asked, { decision: 'fulfil', answer: 'yes', because: 'claim' })), 'ACCESS_DENIED');
  assert.deepEqual([await reads(id), (await officer().privacyRequests.get(asked)).state], [['done', 'done'], 'received'], 'and nothing has changed');

  const both = await Promise.all([code(tell(asked, 0)), code(tell(asked, 1))]);
  assert.deepEqual(both.toSorted(), ['PRIVACY_REQUEST_STATE', 'done'], 'two people at two servers at once: one answer');
  assert.deepEqual(await reads(id), ['VAULT_RESTRICTED', 'VAULT_RESTRICTED']);
  assert.equal(await code(as('application').records.update(id, 1, { fields: { city: 'Rome' } })), 'VAULT_RESTRICTED');
  assert.equal((await officer().records.get(id)).fields.city?.value, 'Oslo', 'for a legal claim it is read');
  const again = await vouched(officer().privacyRequests.take({ how: 'letter', subject: subjectId, kind: 'restriction' }));
  assert.equal((await tell(again.id, 1, 'claim')).state, 'fulfilled');
  const [restriction] = (await officer().restrictions.list()).restrictions.filter(({ subject }) => subject === subjectId);
  assert.deepEqual([restriction?.because, restriction?.end, restriction?.liftable], ['accuracy', null, false], 'twice is once: the first reason and day stay');
  await fold();
  assert.equal(await logOf('vault.restrict', subjectId), 1);

  for (const [page, says] of [['data', 'Since '], ['requests', 'Since '], ['requests?lang=de', 'Seit dem ']] as const)
    assert.ok((await ask(`/center/${page}`, { cookie })).text.includes(`<strong>${says}`), page);
  const other = await customer('naomi@example.org');
  const stranger = await signIn('naomi@example.org');
  assert.ok(!(await ask('/center/data', { cookie: stranger })).text.includes('class="card restricted"'), other.id);
}); // prettier-ignore

test('killed while a restriction is put on: nothing was answered, nothing holds, and the same answer carries it out', async () => {
  const { id, subjectId } = await customer('killed@example.org');
  const asked = await vouched(officer().privacyRequests.take({ how: 'letter', subject: subjectId, kind: 'restriction' }));
  // the restriction is put on, the log has it, and nothing of it is committed
  const answer = await whileLocked('privacy.lifts', async () => {
    const late = code(tell(asked.id));
    const pid = await waiting('%delete from privacy.lifts%');
    await two.fresh.db`select pg_terminate_backend(${pid})`;
    return late;
  });

  assert.notEqual(answer, 'done');
  assert.deepEqual([await reads(id), (await officer(1).privacyRequests.get(asked.id)).state], [['done', 'done'], 'received']);
  assert.equal((await tell(asked.id, 1)).state, 'fulfilled');
  assert.deepEqual(await reads(id), ['VAULT_RESTRICTED', 'VAULT_RESTRICTED']);

  // erased while it is decided: nothing is left behind, and nothing is said to be done
  const gone = await customer('gone@example.org');
  const late = await vouched(officer().privacyRequests.take({ how: 'letter', subject: gone.subjectId, kind: 'restriction' }));
  await officer().subjects.erase(gone.subjectId);
  assert.equal(await code(tell(late.id)), 'PRIVACY_SUBJECT_NOT_FOUND');
  const [left] = await two.fresh.db<{ n: number }[]>`select count(*)::int as n from vault.restrictions where subject_id = ${idOf(gone.subjectId)}`;
  assert.equal(left?.n, 0);
}); // prettier-ignore

test('a restriction is lifted after its subject was told and the day has come, whichever way it is lifted, and not before', async () => {
  const { id, subjectId } = await customer('told@example.org');
  const cookie = await signIn('told@example.org');
  const asked = await vouched(officer().privacyRequests.take({ how: 'letter', subject: subjectId, kind: 'restriction' }));
  await tell(asked.id);
  const lift = (server: 0 | 1 = 0) => code(officer(server).subjects.liftRestriction(subjectId));
  const end = (how: 'mail' | 'otherwise') => officer().restrictions.end(subjectId, { words: 'a canary: your claim is settled', how, days: 3 });
  const daysPass = () => two.fresh.db.unsafe(`update vault.restrictions set since = since - interval '9 days' where subject_id = '${idOf(subjectId)}';
    update privacy.lifts set told_at = told_at - interval '4 days', ends_at = ends_at - interval '4 days' where subject_id = '${idOf(subjectId)}'`);
  const standing = async () => (await officer().restrictions.list()).restrictions.find(({ subject }) => subject === subjectId);

  assert.deepEqual([await lift(), await lift(1)], ['VAULT_LIFT_UNTOLD', 'VAULT_LIFT_UNTOLD']);
  await daysPass();
  assert.equal(await lift(), 'VAULT_LIFT_UNTOLD', 'time alone tells nobody');
  assert.equal(await code(as('support').restrictions.end(subjectId, { words: 'x', how: 'otherwise' })), 'ACCESS_DENIED');
  assert.equal((await end('otherwise')).liftable, false);
  assert.equal(await lift(), 'VAULT_LIFT_UNTOLD', 'the day has not come');
  const page = (await ask('/center/requests', { cookie })).text;
  assert.ok(page.includes('This ends on ') && page.includes('your claim is settled'), 'they read it in the center');

  // told by mail: one that has not left has told nobody
  await end('mail');
  await daysPass();
  assert.deepEqual([await lift(), (await standing())?.end?.mail, (await standing())?.liftable], ['VAULT_LIFT_UNTOLD', 'held', false]);
  const [mail] = (await two.systems[0].mail.list()).filter(({ kind }) => kind === 'privacy.restriction');
  const { content } = await two.systems[0].mail.get(mail?.id as string);
  assert.ok(content?.to === 'told@example.org' && !JSON.stringify(content).includes('canary') && content.text.includes('/center/'));
  await two.fresh.db`update mail.outbox set state = 'sent', sealed = null, done_at = now() where kind = 'privacy.restriction'`;
  assert.deepEqual([await lift(), (await standing())?.liftable], ['VAULT_LIFT_UNTOLD', false], 'it left after the day that it names');
  await two.fresh.db`update mail.outbox set done_at = now() - interval '2 days' where kind = 'privacy.restriction'`;
  assert.equal((await standing())?.liftable, true);
  assert.deepEqual(await reads(id), ['VAULT_RESTRICTED', 'VAULT_RESTRICTED'], 'told is not lifted');
  assert.deepEqual([await lift(1), await reads(id)], ['done', ['done', 'done']]);
  assert.ok(!(await ask('/center/requests', { cookie })).text.includes('This ends on '));
  await fold();
  assert.equal(await logOf('vault.unrestrict', subjectId), 1);
  const told = (await two.entriesOf('privacy.restriction.end')).filter(({ outcome }) => outcome === 'done');
  assert.ok(told.length === 2 && !JSON.stringify(told).includes('canary'));

  // put on again, what was told before tells nothing
  await officer().subjects.restrict(subjectId, 'claim');
  assert.equal(await lift(), 'VAULT_LIFT_UNTOLD');
  // nor where it is agreed to anew while it stands
  await end('otherwise');
  await daysPass();
  assert.equal((await standing())?.liftable, true);
  await tell((await vouched(officer().privacyRequests.take({ how: 'letter', subject: subjectId, kind: 'restriction' }))).id);
  assert.equal(await lift(), 'VAULT_LIFT_UNTOLD');
  assert.equal(await code(officer().restrictions.end((await customer('free@example.org')).subjectId, { words: 'x', how: 'otherwise' })), 'PRIVACY_NOT_RESTRICTED');
  const shell = await two.command(['restrictions', 'list'], { noun: 'privacy', key: keys.get('dpo') as string });
  assert.ok(shell.code === 0 && shell.out.includes(`${subjectId}  claim`) && shell.out.includes('not told that it ends'), shell.out + shell.err);
}); // prettier-ignore

test('the link to a copy: with the code that is told another way, once, from any server, and for nobody else', async () => {
  const { id, subjectId } = await customer('link@example.org', { city: 'Lyon' });
  await as('application').attachments.put(id, 'letter.txt', new Blob(['Dear Sirs']));
  const other = await customer('other-link@example.org', { care_notes: 'a canary of somebody else' });
  const fulfil = async (subject: string) => {
    const { id: asked } = await officer().privacyRequests.take({ how: 'letter', subject, kind: 'copy' });
    // special data is held: the link shows the mailbox, and one of the staff the rest
    if (subject === other.subjectId) await officer().privacyRequests.vouch(asked, 'passport');
    return { asked, link: (await officer().privacyRequests.decide(asked, { decision: 'fulfil', answer: 'see your mail', language: 'de' })).link };
  };
  const mailTo = async (to: string) => {
    for (const { id: mail, kind } of await two.systems[0].mail.list()) {
      const { content } = await two.systems[0].mail.get(mail);
      if (kind === 'privacy.copy-link' && content?.to === to) return content.text;
    }
    return '';
  };
  const pathIn = (text: string) => new URL(/https?:\S+/.exec(text)?.[0] ?? 'http://none/').pathname;
  const fetched = (path: string, tried: string, server = 0, headers: Record<string, string> = {}) =>
    fetch(`${two.urls[server]}${path}`, { method: 'POST', body: new URLSearchParams({ code: tried }), headers: { 'sec-fetch-site': 'same-origin', ...headers } });
  const statuses = async (...of: Promise<Response>[]) => (await Promise.all(of)).map(({ status }) => status);

  assert.equal(await code(as('support').privacyRequests.sendLink('dsr_0')), 'ACCESS_DENIED');
  const { asked, link } = await fulfil(subjectId);
  const text = await mailTo('link@example.org');
  const path = pathIn(text);
  assert.match(link?.code ?? '', /^\d{4} \d{4}$/);
  assert.ok(text.includes('bis zum') && !text.includes(link?.code ?? '-') && !text.includes(link?.code.replace(' ', '') ?? '-') && !text.includes(subjectId) && !text.includes(asked));
  const logged = JSON.stringify(await two.entriesOf('privacy.request'));
  assert.ok(logged.includes('link sent') && !logged.includes(path.slice(-30)) && !logged.includes(link?.code ?? '-'));

  // a scanner of mail: every way to follow a link, on both servers, leaves it as it was
  for (const method of ['GET', 'HEAD', 'OPTIONS']) for (const url of two.urls) await (await fetch(`${url}${path}`, { method })).text();
  const page = await (await fetch(`${two.urls[1]}${path}?lang=en`)).text();
  assert.ok(page.includes('<form method="post">') && !page.includes('Lyon'));
  // nobody makes one, and no other site's page presses the button
  const last = path.endsWith('A') ? 'B' : 'A';
  const nowhere = [`${path.slice(0, -1)}${last}`, `${path}A`, `/center/copy/${asked}`, '/center/copy/x'];
  assert.deepEqual(await statuses(...nowhere.map((each) => fetched(each, link?.code ?? ''))), [404, 404, 404, 404]);
  assert.deepEqual(await statuses(fetched(path, link?.code ?? '', 0, { 'sec-fetch-site': 'cross-site' })), [403]);
  // the mailbox alone: no code, a wrong one, the code of another link
  const foreign = await fulfil(other.subjectId);
  assert.deepEqual(await statuses(fetched(path, ''), fetched(path, '0000 0000'), fetched(path, foreign.link?.code ?? '', 1)), [401, 401, 401]);

  const [one, two_] = await Promise.all([fetched(path, link?.code ?? '', 0), fetched(path, (link?.code ?? '').replace(' ', ''), 1)]);
  assert.deepEqual([one.status, two_.status].toSorted((a, b) => a - b), [200, 401], 'of two at once, at two servers, one gets it');
  const zip = unzip(Buffer.from(await (one.status === 200 ? one : two_).arrayBuffer()));
  const data = String(zip.get('data.json'));
  assert.ok(data.includes('Lyon') && data.includes(subjectId) && !data.includes('canary') && [...zip.keys()].some((name) => name.endsWith('letter.txt')));
  assert.deepEqual(await statuses(fetched(path, link?.code ?? '', 0), fetched(path, link?.code ?? '', 1)), [401, 401], 'and never again');
  assert.deepEqual((await officer().privacyRequests.get(asked)).steps.map(({ step }) => step), ['received', 'fulfilled', 'link sent', 'copied']);

  // lost: another one, and the one before is dead; five tries are all there are
  const next = await officer(1).privacyRequests.sendLink(asked);
  const nextPath = pathIn(await mailTo('link@example.org'));
  assert.deepEqual(await statuses(fetched(path, next.code)), [401]);
  for (let n = 0; n < 5; n += 1) await (await fetched(nextPath, '0000 0000', n % 2)).text();
  assert.deepEqual(await statuses(fetched(nextPath, next.code)), [401]);
  // its time is over
  const late = await officer().privacyRequests.sendLink(asked);
  const latePath = pathIn(await mailTo('link@example.org'));
  await two.fresh.db`update privacy.copy_links set expires_at = now() where used_at is null and request_id = (select request_id from privacy.copy_links order by made_at desc limit 1)`;
  assert.deepEqual(await statuses(fetched(latePath, late.code)), [401]);
  // the subject is erased: what was right a moment ago leads to nothing
  const last_ = await officer().privacyRequests.sendLink(asked);
  await officer().subjects.erase(subjectId);
  assert.deepEqual(await statuses(fetched(pathIn(await mailTo('link@example.org')), last_.code)), [401]);
  assert.equal(await code(officer().privacyRequests.sendLink(asked)), 'PRIVACY_ADDRESS_UNCLEAR');
  // somebody else's is as it was: none of this has touched it
  assert.deepEqual(await statuses(fetched(pathIn(await mailTo('other-link@example.org')), foreign.link?.code ?? '', 1)), [200]);

  // who has no address, or several, is told another way, and nothing is said to be done before
  const none = await as('application').records.create({ collection: 'customer', fields: { last_name: 'Nobody' } });
  const request = await vouched(officer().privacyRequests.take({ how: 'letter', subject: none.subjectId, kind: 'access' }));
  const decide = (send: 'link' | 'nothing') => code(officer().privacyRequests.decide(request.id, { decision: 'fulfil', answer: 'by letter', send }));
  assert.deepEqual([await decide('link'), (await officer().privacyRequests.get(request.id)).state], ['PRIVACY_ADDRESS_UNCLEAR', 'received']);
  assert.equal(await decide('nothing'), 'done');
  assert.equal(await code(officer().privacyRequests.sendLink((await officer().privacyRequests.take({ how: 'letter', subject: none.subjectId, kind: 'review' })).id)), 'PRIVACY_REQUEST_STATE', 'no address is opened for it');
  // one source is slowed down
  await two.fresh.db`update privacy.counts set n = 60`;
  assert.deepEqual(await statuses(fetched(path, '1')), [429]);
  await two.fresh.db`delete from privacy.counts`;
}); // prettier-ignore

test('a correction: asked for field by field, seen old beside new, carried out as it was seen, and what came of each is told', async () => {
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
