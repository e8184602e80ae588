/** What customers ask for, carried out: on two servers, at once, twice, killed in the middle, and by who may not. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { parseSubjectId, type SubjectId } from '#platform/ids';
import { createStrongroom, type Strongroom } from '@strongroom/sdk';

import { twoSystems, type TwoSystems } from './testing.ts';
import { visitor } from './visitor.ts';
import { copiesGoByLink } from './rights-copies.tests.ts';
import { correctionsAreSeen } from './rights-corrections.tests.ts';

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
  for (let tries = 0; tries < 6000; tries += 1) {
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

/** What the parts are handed, as it is when they ask. */
const running = () => ({ two, keys, as, officer, customer, ask, signIn, idOf, code, vouched, waiting, whileLocked });
export type Running = ReturnType<typeof running>;

copiesGoByLink(running);
correctionsAreSeen(running);
