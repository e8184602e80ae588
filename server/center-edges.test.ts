/** What comes to the center twice at once, too late, or in a form that nobody thought of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { unzip } from '#platform/testing';

import { code, idOf, requestDesk } from './testing-requests.ts';

const { two, as, officer, customer, take, ask, asks, signIn, openOf } = requestDesk();

test('one look that is doubted twice at once is one task; of many at once there are no more than one after the other', async () => {
  const { subjectId } = await customer('doubts@example.org');
  const id = idOf(subjectId);
  const doubt = (entry: number, server: 0 | 1) =>
    code(two().systems[server].privacy.requests.ask({ actor: { kind: 'subject', id } }, { subjectId: id, kind: 'doubt', words: null, entry }));
  const open = async () => (await officer().list()).requests.filter(({ subject }) => subject === subjectId);

  await Promise.all(Array.from({ length: 8 }, (_, n) => doubt(7, n % 2 === 0 ? 0 : 1)));
  assert.equal((await open()).length, 1);

  const all = await Promise.all(Array.from({ length: 40 }, (_, n) => doubt(100 + n, n % 2 === 0 ? 0 : 1)));
  assert.deepEqual([new Set(all), (await open()).length], [new Set(['done', 'PRIVACY_SLOW_DOWN']), 20]);
}); // prettier-ignore

test('what a customer writes is kept whole: a line end is one character, as in the field that they wrote it in', async () => {
  const { id, subjectId } = await customer('lines@example.org', { city: 'Oslo' });
  const cookie = await signIn('lines@example.org');
  const lines = 'a line\r\n'.repeat(500);
  const words = `${lines}${'x'.repeat(4000 - 500 * 7 - 3)}end`;

  await ask('/center/requests', { cookie, form: { kind: 'review', words } });
  await ask(`/center/correct/${id}`, { cookie, form: { city: 'Rome', '-words': words } });

  for (const kind of ['review', 'correction']) {
    const kept = (await officer().get((await openOf(subjectId, kind)).id)).words ?? '';
    assert.deepEqual([kept.length, kept.slice(-4)], [4000, 'xend'], kind);
  }
}); // prettier-ignore

test('an entry that is none is not there, as one of somebody else', async () => {
  await customer('entries@example.org');
  const cookie = await signIn('entries@example.org');
  for (const entry of ['x', 'NaN', '1.5', '-1', '99999999999999999999', '1e3']) assert.equal((await ask(`/center/seen/${entry}`, { cookie })).status, 404, entry);
}); // prettier-ignore

test('a link to a copy opens what its asker has shown enough for, by what is held when it is opened', async () => {
  const { id, subjectId } = await customer('later@example.org');
  const { id: asked } = await take(subjectId, 'copy');
  await two().fresh.db`update privacy.requests set proofs = '[]' where subject_id = ${idOf(subjectId)}`;
  const link = (await officer().decide(asked, { decision: 'fulfil', answer: 'see your mail' })).link?.code ?? '';
  const path = async (): Promise<string> => {
    for (const { id: mail, kind } of await two().systems[0].mail.list()) {
      const { content } = await two().systems[0].mail.get(mail);
      if (kind === 'privacy.copy-link' && content?.to === 'later@example.org') return new URL(/https?:\S+/.exec(content.text)?.[0] ?? '').pathname;
    }
    return '';
  };
  const record = as('application', 'service.support').records;
  await record.update(id, 1, { fields: { care_notes: 'a canary of their health' } });

  const early = await ask(await path(), { form: { code: link } });
  assert.deepEqual([early.status, early.text.includes('PK')], [303, false]);

  await record.update(id, 2, { fields: { care_notes: null } });
  assert.equal((await ask(await path(), { form: { code: link } })).status, 200, 'it is not used up');
}); // prettier-ignore

test('an erasure is done whole or not at all: there is no part of it that destroying a key leaves', async () => {
  const { subjectId } = await customer('part@example.org');
  const { id } = await take(subjectId, 'erasure');
  const partly = (key: string) => code(officer(key).decide(id, { decision: 'partly', answer: 'all but the bills' }));

  assert.deepEqual([await partly('dpo'), await partly('dpo-2')], ['PRIVACY_WHOLE_ONLY', 'PRIVACY_WHOLE_ONLY']);
  assert.equal(await two().systems[0].vault.isLiving(idOf(subjectId)), true);
}); // prettier-ignore

test('who was erased while they were signed in asks for nothing more: nobody could answer it', async () => {
  const { subjectId } = await customer('late@example.org');
  const cookie = await signIn('late@example.org');
  await as('dpo').subjects.erase(subjectId);

  for (const kind of ['copy', 'erasure', 'review']) assert.equal((await asks(cookie, kind)).status, 404, kind);
  assert.equal((await ask('/center/data.zip', { cookie })).status, 404);

  assert.deepEqual((await officer().list()).requests.filter(({ subject }) => subject === subjectId), []);
  assert.deepEqual((await officer().list('closed')).requests.filter(({ subject }) => subject === subjectId), []);
}); // prettier-ignore

test('an anonymous id that is a customer’s is refused: said by it, a no would stand in their ledger and hold nowhere', async () => {
  const NEWS = 'marketing.newsletter';
  const [heard, unheard] = [await customer('heard@example.org'), await customer('unheard@example.org')];
  const says = (holder: object, said: 'given' | 'withdrawn') =>
    code(as('application').consents.record({ holder, said: [{ purpose: NEWS, said }], method: 'web', text: 'Send it to me' }));
  const asNobody = ({ subjectId }: { subjectId: string }) => says({ anonymous: subjectId.replace('sub_', 'anon_') }, 'withdrawn');
  assert.equal(await says({ subject: heard.subjectId }, 'given'), 'done');

  assert.deepEqual([await asNobody(heard), await asNobody(unheard)], ['PRIVACY_HOLDER_INVALID', 'PRIVACY_HOLDER_INVALID']);

  const { purposes } = await as('dpo').consents.get(heard.subjectId);
  assert.equal(purposes.find(({ purpose }) => purpose === NEWS)?.used, true);
  assert.equal(await code(as('application', NEWS).records.get(heard.id)), 'done');
  assert.equal(await says({ subject: unheard.subjectId }, 'given'), 'done');
  await as('dpo').subjects.erase(heard.subjectId);
  assert.equal(await asNobody(heard), 'PRIVACY_HOLDER_INVALID', 'nor is it anybody when they are erased');
}); // prettier-ignore

test('words that do not open any more keep nobody from the rest of what is theirs, and are named', async () => {
  const { subjectId } = await customer('damaged@example.org', { city: 'Oslo' });
  const [id, { db }] = [idOf(subjectId), two().fresh];
  const cookie = await signIn('damaged@example.org');
  for (const said of ['yes', 'no']) await ask('/center/preferences', { cookie, form: { purpose: 'marketing.newsletter', said } });
  for (const [kind, words] of [['review', 'a word of the first'], ['objection', 'a word of the second']] as const) await ask('/center/requests', { cookie, form: { kind, words } });
  await db`update privacy.requests set words = set_byte(words, 60, get_byte(words, 60) # 1) where subject_id = ${id} and kind = 'review'`;
  await db`alter table privacy.consent_events disable trigger consent_events_stay`;
  await db`update privacy.consent_events set record = set_byte(record, 60, get_byte(record, 60) # 1) where holder = ${id} and seq = 1`;
  await db`alter table privacy.consent_events enable trigger consent_events_stay`;
  const [review, ledger] = [await openOf(subjectId, 'review'), await as('dpo').consents.get(subjectId)];

  assert.deepEqual([ledger.chain, ledger.events.map(({ record }) => record === null)], ['broken', [true, false]]);
  const page = await ask('/center/requests', { cookie });
  assert.deepEqual([page.status, page.text.includes('a word of the second'), page.text.includes('a word of the first')], [200, true, false]);

  const answer = await fetch(`${two().urls[1]}/center/data.zip`, { headers: { cookie } });
  const files = unzip(Buffer.from(await answer.arrayBuffer()));
  const copy = JSON.parse(String(files.get('data.json'))) as { consents: object[]; requests: { words: string | null }[]; records: { fields: { city: string } }[] };
  assert.deepEqual([copy.records[0]?.fields.city, copy.consents.length, copy.requests.some(({ words }) => words === 'a word of the second')], ['Oslo', 2, true]);
  const manifest = JSON.parse(String(files.get('manifest.json'))) as { complete: boolean; missing: object[] };
  assert.deepEqual(manifest.missing, [{ what: 'consent', record: ledger.events[0]?.id }, { what: 'request', record: review.id }]);
  assert.equal(manifest.complete, false);
}); // prettier-ignore
