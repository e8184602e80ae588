/** A customer who is signed in and does not stop: what that writes is bounded, and a no is never refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inOneQuarter } from '#platform/testing';

import { requestDesk } from './testing-requests.ts';

const { two, as, customer, ask, signIn } = requestDesk();
const NEWS = 'marketing.newsletter';
const PRODUCT = 'analytics.product';

test('choices that are changed without end come to an end, and a no holds whenever it is said', async () => {
  await inOneQuarter(90);
  const { subjectId } = await customer('toggles@example.org');
  const cookie = await signIn('toggles@example.org');
  const say = async (said: 'yes' | 'no'): Promise<number> =>
    (await ask('/center/preferences', { cookie, form: { purpose: NEWS, said } })).status;
  const ledger = () => as('dpo').consents.get(subjectId);

  const yes: number[] = [];
  for (let n = 0; n < 70; n += 1) {
    yes.push(await say('yes'));
    assert.equal(await say('no'), 303, 'a no is taken');
  }
  assert.deepEqual([...new Set(yes)], [303, 429]);
  const { events, purposes } = await ledger();
  assert.ok(events.length <= 60, `${events.length} events`);
  assert.equal(purposes.find(({ purpose }) => purpose === NEWS)?.state, 'withdrawn');
  // who is kept waiting is told so as who they are, and not signed out
  const { text, headers } = await ask('/center/preferences?lang=en', { cookie, form: { purpose: NEWS, said: 'yes' } });
  assert.ok(text.includes('Please wait') && text.includes('Sign out') && !text.includes('name="email"'), text);
  assert.equal(headers.get('retry-after'), '900');

  // said elsewhere it holds all the same
  await as('application').consents.record({ holder: { subject: subjectId }, said: [{ purpose: NEWS, said: 'given' }], method: 'web', text: 'x', language: 'en' });
  assert.equal(await say('no'), 303);
  assert.equal((await ledger()).purposes.find(({ purpose }) => purpose === NEWS)?.state, 'withdrawn');
}); // prettier-ignore

test('data that is opened and copied without end is not, by whatever way; others are not kept waiting', async () => {
  await inOneQuarter(90);
  await customer('copies@example.org');
  const cookie = await signIn('copies@example.org');
  const entries = async (): Promise<number> => (await two().entriesOf('vault.read')).length;
  const before = await entries();

  const statuses = new Set<number>();
  for (const path of ['data?show=all', 'data.json', 'data.csv', 'data.zip'])
    for (let n = 0; n < 40; n += 1) statuses.add((await ask(`/center/${path}`, { cookie })).status);

  assert.deepEqual(
    [...statuses].toSorted((one, other) => one - other),
    [200, 429],
  );
  assert.ok((await entries()) - before <= 110, 'the log is not filled');
  await customer('calm@example.org');
  const calm = await signIn('calm@example.org');
  assert.equal((await ask('/center/data.json', { cookie: calm })).status, 200);
});

test('on a site too: what others behind the same address do keeps no known customer from saying no', async () => {
  await inOneQuarter(90);
  const { subjectId } = await customer('crowded@example.org');
  const { token } = await as('application').consents.choiceToken({ holder: subjectId });
  const set = (answer: 'yes' | 'no', choices?: string, ...beside: readonly { purpose: string; answer: 'yes' | 'no' }[]) =>
    two().call('POST', '/v1/privacy/choices', { body: { answers: [...beside, { purpose: NEWS, answer }] }, ...(choices === undefined ? {} : { headers: { 'strongroom-choices': choices } }) });
  assert.equal((await set('yes', token)).status, 200);
  const anybody = String((await set('yes')).body.token);
  // as many as there are behind one router
  await Promise.all(Array.from({ length: 30 }, async () => { for (let n = 0; n < 11; n += 1) await set('no'); }));
  assert.equal((await set('no')).status, 429);
  // a token that anybody is given gives nobody a limit of their own
  assert.equal((await set('yes', anybody)).status, 429);
  assert.equal((await set('no', anybody)).status, 200);

  assert.equal((await set('no', token)).status, 200);
  assert.equal((await as('dpo').consents.get(subjectId)).purposes.find(({ purpose }) => purpose === NEWS)?.state, 'withdrawn');
  const yes: number[] = [];
  for (let n = 0; n < 65; n += 1) yes.push((await set('yes', token)).status);
  assert.deepEqual([...new Set(yes)], [200, 429]);
  // beside a yes that has to wait, too
  const stateOf = async (of: string) => (await as('dpo').consents.get(subjectId)).purposes.find(({ purpose }) => purpose === of)?.state;
  assert.equal(await stateOf(NEWS), 'given');
  const both = await set('no', token, { purpose: PRODUCT, answer: 'yes' });
  assert.deepEqual([both.status, both.body.code], [429, 'PRIVACY_NO_KEPT'], 'whoever said no hears that it is kept');
  assert.equal((await set('yes', token)).body.code, 'PRIVACY_SLOW_DOWN', 'and nobody does of a yes alone');
  assert.deepEqual([await stateOf(NEWS), await stateOf(PRODUCT)], ['withdrawn', 'notAsked']);
  assert.equal((await set('no', token)).status, 200);
}); // prettier-ignore
