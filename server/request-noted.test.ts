/** What staff notes for who wrote or called: who it was, how, and by which role; and who of the staff counts as one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { code, idOf, requestDesk } from './testing-requests.ts';

const { two, keyOf, as, officer, customer, take, ask, signIn } = requestDesk();

const detailOf = async (step: string): Promise<unknown> => {
  const entry = (await two().entriesOf('privacy.request')).findLast(({ detail }) => detail?.step === step);
  const { asker, how } = (entry?.detail ?? {}) as { asker?: string; how?: string };
  return [entry?.actor.role, asker, how];
};

test('a reply and an appeal that staff notes say who said it and how: to the customer, to staff and in the log, and never which employee', async () => {
  const { subjectId } = await customer('noted@example.org');
  const cookie = await signIn('noted@example.org');
  const { id } = await take(subjectId, 'review', { regime: 'us-ct' });
  await officer().clarify(id, { question: 'detail', words: 'which decision?' });
  const call = (path: string, body: object) => two().call('POST', `/v1/privacy/requests/${id}/${path}`, { key: keyOf('dpo'), body });
  for (const body of [{ words: 'a canary' }, { words: 'x', how: 'pigeon' }, { words: 'x', how: 'letter', asker: 'nobody' }, { how: 'letter' }])
    assert.equal((await call('reply', body)).status, 400, JSON.stringify(body));
  assert.equal((await call('appeal', { words: 'x' })).status, 400);
  await officer().reply(id, { words: 'the one of May', how: 'telephone' });
  assert.deepEqual(await detailOf('explained'), ['dpo', 'subject', 'telephone']);
  await officer().decide(id, { decision: 'refuse', answer: 'no' });
  await officer().appeal(id, { words: 'my lawyer says so', how: 'letter', asker: 'agent' });
  assert.deepEqual(await detailOf('appealed'), ['dpo', 'agent', 'letter']);

  const { talk, proof, steps } = await officer().get(id);
  assert.deepEqual(talk?.filter(({ noted }) => noted !== undefined).map(({ what, noted }) => [what, noted]), [
    ['reply', { asker: 'subject', how: 'telephone', role: 'dpo' }],
    ['appeal', { asker: 'agent', how: 'letter', role: 'dpo' }],
  ]);
  assert.equal(proof.asker, 'agent', 'whoever appeals is who asks');
  assert.ok(steps.find(({ step }) => step === 'explained')?.actor.startsWith('key_'), 'who noted it is in the steps');
  for (const [lang, says] of [
    ['en', ['Told to us on the telephone, and written down by an employee (data protection).', 'in a letter', 'they act for you']],
    ['de', ['Uns am Telefon mitgeteilt und aufgeschrieben von: jemand von uns (Datenschutz).', 'in einem Brief', 'für Sie handelt']],
    ['fr', ['Reçu au téléphone, noté par une personne de chez nous (protection des données).', 'par lettre', 'agir pour vous']],
    ['es', ['Recibido por teléfono, anotado por una persona de la casa (protección de datos).', 'por carta', 'actuar por usted']],
  ] as const) {
    const { text } = await ask(`/center/requests?lang=${lang}`, { cookie });
    for (const each of says) assert.ok(text.includes(each), `${lang}: ${each}`);
    assert.ok(!/key_|per_/.test(text), 'not which employee');
  }
  // what the customer says themselves is noted by nobody
  const own = await take(subjectId, 'objection');
  await officer().clarify(own.id, { question: 'detail', words: 'why?' });
  await ask('/center/requests/reply', { cookie, form: { request: own.id, words: 'because' } });
  assert.equal((await officer().get(own.id)).talk?.at(-1)?.noted, undefined);
}); // prettier-ignore

test('two keys of one person are one who looked, in what is shown as in what is decided, and so is who agreed first', async () => {
  const { subjectId } = await customer('two-keys@example.org', { care_notes: 'x' });
  const { id } = await officer().take({ how: 'letter', subject: subjectId, kind: 'erasure' });
  for (const key of ['dpo', 'dpo-2']) await officer(key).vouch(id, 'passport');
  assert.equal((await officer().get(id)).proof.reached, 'high', 'while nobody is a person, two keys are two');
  await officer('dpo').decide(id, { decision: 'fulfil', answer: 'x' });
  // both turn out to be Ada's
  const [ada] = await two().fresh.db<{ person_id: string }[]>`
    insert into access.people (person_id, email, name, roles, state, created_by) values (gen_random_uuid(), 'ada@example.org', 'Ada Canary', '{dpo}', 'active', 'test') returning person_id`;
  await two().fresh.db`update access.keys set person_id = ${ada?.person_id as string} where role = 'dpo'`;
  const { proof, firstEyes } = await officer().get(id);
  assert.deepEqual([proof.reached, proof.shown.length], ['reasonable', 2]);
  assert.ok(firstEyes?.startsWith('per_'), 'Ada agreed');
  const inList = (await officer().list()).requests.find((each) => each.id === id);
  assert.deepEqual([inList?.proof.reached, inList?.firstEyes], ['reasonable', firstEyes]);
  assert.equal(await code(officer('dpo-2').decide(id, { decision: 'fulfil', answer: 'x' })), 'PRIVACY_PROOF_NEEDED');
  const page = await ask('/center/requests', { cookie: await signIn('two-keys@example.org') });
  assert.ok(page.text.includes('we have to be more certain that it is you') && !/Canary|key_|per_/.test(page.text), 'as it is decided');
  assert.equal(await two().systems[0].vault.isLiving(idOf(subjectId)), true);
}); // prettier-ignore

test('who saw it is a role, in words, on the page, in the copy and in the proof: no name and no address of an employee', async () => {
  const { id: record } = await customer('looked-at@example.org', { city: 'Oslo' });
  await two().fresh.db`update access.people set name = 'Ada Canary', email = 'canary@example.org'`;
  await as('dpo').records.get(record);
  const cookie = await signIn('looked-at@example.org');
  const page = await ask('/center/seen', { cookie });
  assert.ok(page.text.includes('(data protection)') && page.text.includes('What for'), page.text);
  const entry = /name="entry" value="(\d+)"/.exec(page.text)?.[1];
  await two().systems[1].audit.checkpoint();
  const proof = await ask(`/center/seen/${entry}`, { cookie });
  assert.equal(proof.status, 200);
  const entryIn = proof.text.split('\n').map((line) => Buffer.from(line, 'base64').toString()).join('\n');
  const copy = await ask('/center/data.json', { cookie });
  for (const [where, text] of [['page', page.text], ['proof', `${proof.text}${entryIn}`], ['copy', copy.text]] as const)
    assert.doesNotMatch(text, /Canary|canary@/, where);
  for (const [where, text] of [['page', page.text], ['copy', copy.text.slice(copy.text.indexOf('"seen":'))]] as const) assert.doesNotMatch(text, /key_|per_/, where);
}); // prettier-ignore

test('what came by letter, and what was taken back by telephone, says who said it and how: to the customer, to staff and in the log', async () => {
  const { subjectId } = await customer('by-letter@example.org');
  const cookie = await signIn('by-letter@example.org');
  const call = (path: string, body: object) => two().call('POST', `/v1/privacy/requests${path}`, { key: keyOf('dpo'), body });
  for (const body of [{}, { how: 'pigeon' }, { how: 'letter', asker: 'nobody' }])
    assert.equal((await call('', { subject: subjectId, kind: 'review', ...body })).status, 400, JSON.stringify(body));
  const { id, noted } = await officer().take({ subject: subjectId, kind: 'review', how: 'letter', asker: 'agent', words: 'a canary' });
  assert.deepEqual(noted, { asker: 'agent', how: 'letter', role: 'dpo' });
  assert.deepEqual(await detailOf('received'), ['dpo', 'agent', 'letter']);
  for (const body of [{}, { words: 'x' }, { how: 'pigeon' }, { how: 'letter', asker: 'nobody' }])
    assert.equal((await call(`/${id}/withdraw`, body)).status, 400, JSON.stringify(body));

  assert.equal((await officer('dpo-2', 1).withdraw(id, { how: 'telephone', words: 'never mind the canary' })).state, 'withdrawn');

  assert.deepEqual(await detailOf('withdrawn'), ['dpo', 'subject', 'telephone']);
  const { talk } = await officer().get(id);
  assert.deepEqual(talk?.map(({ what, text, noted: by }) => [what, text, by]), [['withdrawn', 'never mind the canary', { asker: 'subject', how: 'telephone', role: 'dpo' }]]);
  const other = await officer().take({ subject: subjectId, kind: 'objection', how: 'in-person' });
  await officer().withdraw(other.id, { how: 'mail' });
  for (const [lang, says] of [
    ['en', ['Told to us in a letter', 'they act for you', 'Told to us on the telephone', 'Told to us in person', 'Told to us in a mail', 'taken back']],
    ['de', ['in einem Brief', 'für Sie handelt', 'am Telefon']],
    ['fr', ['par lettre', 'agir pour vous', 'au téléphone']],
    ['es', ['por carta', 'actuar por usted', 'por teléfono']],
  ] as const) {
    const { text } = await ask(`/center/requests?lang=${lang}`, { cookie });
    for (const each of says) assert.ok(text.includes(each), `${lang}: ${each}`);
    assert.ok(!/key_|per_/.test(text), 'not which employee');
    assert.ok(!text.includes('<blockquote></blockquote>'), 'nothing was said with the second');
  }
  assert.equal((await ask('/center/requests', { cookie, form: { kind: 'objection', words: '' } })).status, 303);
  assert.equal((await officer().list()).requests.find((each) => each.subject === subjectId)?.noted, null, 'asked in the center');
  const { text } = await ask('/center/data.json', { cookie });
  const { requests } = JSON.parse(text) as { requests: { id: string; noted: unknown }[] };
  assert.deepEqual(requests.find((each) => each.id === id)?.noted, { asker: 'agent', how: 'letter', role: 'dpo' });
  const logged = JSON.stringify(await two().entriesOf('privacy.request'));
  assert.ok(!logged.includes('canary'), 'no words in the log');
}); // prettier-ignore

test('what is said with what is open already is kept beside it: noted by staff or typed again, to be read by the customer, and in the log without its words', async () => {
  const { subjectId } = await customer('once-more@example.org');
  const cookie = await signIn('once-more@example.org');
  const asks = (words: string) => ask('/center/requests', { cookie, form: { kind: 'review', words } });
  const added = async () => (await two().entriesOf('privacy.request')).filter(({ detail }) => detail?.step === 'added').length;
  assert.equal((await asks('the first canary')).status, 303);
  const { id } = (await officer().list()).requests.find((each) => each.subject === subjectId) ?? assert.fail();
  const before = await added();
  await asks('');
  assert.equal(await added(), before, 'who asks once more in the center, and says nothing, does nothing');
  await asks('a second canary');
  const takes = (how: 'telephone' | 'letter', more: object) => officer('dpo-2', 1).take({ subject: subjectId, kind: 'review', how, ...more });
  assert.deepEqual([(await takes('telephone', { words: 'a third canary' })).id, await detailOf('added')], [id, ['dpo', 'subject', 'telephone']]);
  assert.deepEqual([(await takes('letter', { asker: 'agent' })).id, await detailOf('added')], [id, ['dpo', 'agent', 'letter']]);
  await takes('letter', { asker: 'agent' });
  assert.equal(await added(), before + 4, 'whoever told staff is in the log, each time');
  const { talk, words } = await officer().get(id);
  assert.equal(words, 'the first canary');
  assert.deepEqual(talk?.map(({ what, text, noted }) => [what, text, noted?.asker, noted?.how]), [
    ['again', 'a second canary', undefined, undefined],
    ['again', 'a third canary', 'subject', 'telephone'],
    ['again', '', 'agent', 'letter'],
    ['again', '', 'agent', 'letter'],
  ]);
  for (const [lang, says] of [['en', 'You asked for it again'], ['de', 'Sie haben es noch einmal verlangt'], ['fr', 'Vous l’avez demandé à nouveau'], ['es', 'Usted lo pidió otra vez']] as const) {
    const { text } = await ask(`/center/requests?lang=${lang}`, { cookie });
    assert.equal(text.split(says).length - 1, 4, lang);
    assert.ok(text.includes('a third canary') && !/key_|per_/.test(text));
  }
  assert.ok(!JSON.stringify(await two().entriesOf('privacy.request')).includes('canary'), 'no words in the log');
  // bounded: what finds no room is refused, and not lost
  for (let n = 4; n < 20; n += 1) await asks(`more ${n}`);
  assert.equal((await asks('one too many')).status, 409);
  assert.equal(await code(takes('telephone', { words: 'one too many' })), 'PRIVACY_REQUEST_STATE');
  assert.equal((await officer().get(id)).talk?.length, 20);
}); // prettier-ignore
