/** The other side of the counter: mail that cannot be queued, requests in their queue, who was read, and the notice. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { parseSubjectId, type SubjectId } from '#platform/ids';

import { attemptIn } from './visitor.ts';
import type { Running } from './center.test.ts';

export function staffAnswer(of: () => Running): void {
  test('while no mail can be queued, whoever asks for a code is told the same, and it comes when mail is back', async () => {
    const { store, fresh, begin, system, codeFor, ask } = of();
    await store('patient@example.org');
    await fresh.db`alter table mail.outbox rename to elsewhere`;
    const asked = await begin('patient@example.org');
    const nobody = await begin('unknown@example.org');
    await assert.rejects(system.privacy.signIn.sendCodes());
    await fresh.db`alter table mail.elsewhere rename to outbox`;

    assert.deepEqual([asked.status, asked.text.replace(attemptIn(asked.text), '')], [200, nobody.text.replace(attemptIn(nobody.text), '')]);
    const code = (await codeFor('patient@example.org')) ?? '';
    assert.equal((await ask('/center/code', { form: { attempt: attemptIn(asked.text), code } })).status, 303, 'nothing was lost');
  }); // prettier-ignore

  test('the queue over HTTP: taken in, shown with its steps, extended once, answered; who may not is refused', async () => {
    const { store, as, system } = of();
    const { subjectId } = await store('queue@example.org');
    const [officer, support] = [as('dpo', 'legal.request'), as('support', 'service.support')];
    const made = await officer.privacyRequests.take({ how: 'letter', subject: subjectId, kind: 'review', words: 'by letter', regime: 'us-ca' });
    const received = new Date(made.receivedAt).getTime();
    const days = (due: string): number => Math.floor((new Date(due).getTime() - received) / 86_400_000);

    assert.deepEqual([made.state, made.words, (await officer.privacyRequests.get(made.id)).words, days(made.dueAt) >= 44 && days(made.dueAt) <= 46], ['received', null, 'by letter', true]);
    assert.equal((await officer.privacyRequests.take({ how: 'letter', subject: subjectId, kind: 'review' })).id, made.id, 'asking twice is asking once');
    const longer = await officer.privacyRequests.decide(made.id, { decision: 'extend', answer: 'we need more time' });
    assert.ok(longer.extended && days(longer.dueAt) >= 89);
    await assert.rejects(officer.privacyRequests.decide(made.id, { decision: 'extend', answer: 'and more' }), { code: 'PRIVACY_REQUEST_STATE' });
    assert.equal((await officer.privacyRequests.decide(made.id, { decision: 'refuse', answer: 'no decision was made by a machine' })).state, 'refused');
    const { steps, answer } = await officer.privacyRequests.get(made.id);
    assert.deepEqual([steps.map(({ step }) => step), answer], [['received', 'added', 'extended', 'refused'], 'no decision was made by a machine']);
    const reads = (await system.audit.read(0, await system.audit.size())).map(({ bytes }) => JSON.parse(String(bytes)) as { action: string; detail: { request?: string } });
    assert.ok(reads.some(({ action, detail }) => action === 'privacy.request.read' && detail.request === made.id));
    while (await system.privacy.seen.fold());
    const seen = await system.privacy.seen.list(parseSubjectId(subjectId) as SubjectId, { before: null, limit: 1 });
    assert.deepEqual(seen.map(({ what, role }) => [what, role]), [['privacy.request.read', 'dpo']], 'and the customer sees that it was read');
    // an objection that is agreed to holds at the very next read, and its record names the request
    const { id } = await store('objects@example.org', { city: 'Ghent' });
    const [objector] = [(await officer.records.get(id)).subjectId];
    const analysed = () => as('analyst', 'analytics.product').records.get(id);
    await analysed();
    const objection = await officer.privacyRequests.take({ how: 'letter', subject: objector, kind: 'objection', words: 'no statistics' });
    assert.equal((await officer.privacyRequests.decide(objection.id, { decision: 'fulfil', answer: 'it has stopped' })).state, 'fulfilled');
    await assert.rejects(analysed(), { code: 'VAULT_DENIED' });
    const ledger = await officer.consents.get(objector);
    assert.ok(ledger.events.some(({ said, record }) => said === 'objected' && JSON.stringify(record).includes(objection.id)));
    await assert.rejects(support.privacyRequests.list(), { code: 'ACCESS_DENIED' });
    const auditor = as('auditor', 'legal.request');
    assert.ok((await auditor.privacyRequests.list('closed')).requests.some(({ id, words }) => id === made.id && words === null));
    await assert.rejects(auditor.privacyRequests.get(made.id), { code: 'ACCESS_DENIED' });
    await assert.rejects(officer.privacyRequests.take({ how: 'letter', subject: made.id, kind: 'review' }), { code: 'PRIVACY_SUBJECT_NOT_FOUND' });
    await assert.rejects(officer.privacyRequests.take({ how: 'letter', subject: subjectId, kind: 'review', regime: 'moon' }), { code: 'PRIVACY_REGIME_UNKNOWN' });
  }); // prettier-ignore

  test('a read of more people than an entry names is in the ledger of each', async () => {
    const { store, as, system } = of();
    const people = [];
    for (let n = 0; n < 20; n += 1) people.push(await store(`many-${n}@example.org`, { city: 'Paris' }));
    await as('analyst', 'analytics.product').records.read(people.map(({ id }) => id));

    await system.privacy.seen.fold();
    const [last] = await system.privacy.seen.list(parseSubjectId(people.at(-1)?.subjectId as string) as SubjectId, { before: null, limit: 1 });
    assert.deepEqual([last?.role, last?.purpose], ['analyst', 'analytics.product']);
  }); // prettier-ignore

  test('the notice is published by a person, in whole languages only; what is enforced otherwise is drift, in the log once', async () => {
    const { system, ask, url, keys, fresh } = of();
    const by = { actor: { kind: 'staff', id: 'per_1', role: 'dpo' } as const };
    const { notices } = system.privacy;
    assert.equal((await ask('/.well-known/privacy-notice.json')).status, 404);
    const { draft } = await notices.standing();
    assert.equal(draft.facts.epochDays, 90 + 14, 'a key that was destroyed is in its backups for as long as these are kept');
    const translations = JSON.parse(await readFile(new URL('../examples/notice-texts.json', import.meta.url), 'utf8')) as Record<string, Record<string, string>>;
    const languages = ['en', 'de', 'fr', 'es'];

    await assert.rejects(notices.publish(by, { factsHash: draft.factsHash, languages, translations: { ...translations, fr: {} } }), { code: 'PRIVACY_NOTICE_INCOMPLETE' });
    await assert.rejects(notices.publish(by, { factsHash: '0'.repeat(64), languages, translations }), { code: 'PRIVACY_NOTICE_STALE' });
    const key = await fetch(`${url}/v1/privacy/notice`, { method: 'POST', headers: { authorization: `Bearer ${keys.get('dpo')}`, 'content-type': 'application/json' }, body: JSON.stringify({ factsHash: draft.factsHash, languages, translations }) });
    assert.equal(((await key.json()) as { code: string }).code, 'PRIVACY_PERSON_NEEDED');
    const made = await notices.publish(by, { factsHash: draft.factsHash, languages, translations });

    const machine = JSON.parse((await ask('/.well-known/privacy-notice.json')).text) as { hash: string; languages: object };
    assert.deepEqual([machine.hash, Object.keys(machine.languages)], [made.hash, languages]);
    assert.match((await ask('/center/?lang=de')).text, /A Shop ist für Ihre Daten verantwortlich/);
    assert.match((await ask('/center/notice', { headers: { 'accept-language': 'es' } })).text, /El boletín mensual/);
    const signal = await ask('/center/', { headers: { 'sec-gpc': '1' } });
    assert.match(signal.text, /was received and is honoured/);
    assert.match(signal.headers.get('vary') ?? '', /Sec-GPC/);
    assert.match(signal.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.deepEqual([(await notices.standing()).drift, await notices.watch()], [[], []]);

    // 60 earlier versions: what they say is read once, and not with every page
    const first = createHash('sha256').update('1').digest('hex');
    assert.equal(await notices.get(first), null);
    await fresh.db`insert into privacy.notices (hash, facts, texts, languages, published_at, published_by)
      select sha256(n::text::bytea), jsonb_set(facts, '{epochDays}', to_jsonb(n)), texts, languages, published_at - make_interval(days => n), 'per_1' from privacy.notices, generate_series(1, 60) n`;
    assert.equal((await notices.get(first))?.hash, first, 'who asked too early is not the last one to be told');
    const versions = (text: string) => text.match(/center\/notice\/[0-9a-f]{64}/g)?.length;
    assert.equal(versions((await ask('/center/notice')).text), 61);
    await fresh.db`alter table privacy.notices rename column facts to elsewhere`;
    const pages = await Promise.all(['/center/', '/center/notice', '/.well-known/privacy-notice.json'].map((path) => ask(path)));
    await fresh.db`alter table privacy.notices rename column elsewhere to facts`;
    assert.deepEqual(pages.map(({ status }) => status), [200, 200, 200]);
    await fresh.db`delete from privacy.notices where hash <> ${Buffer.from(made.hash, 'hex')}`;

    // the row says what the system does; somebody makes it say 60 days
    await fresh.db`update privacy.notices set facts = jsonb_set(facts, '{epochDays}', '60')`;
    const before = await system.audit.size();
    assert.deepEqual((await notices.watch()).map(({ what }) => what), ['setting.epochDays']);
    await notices.watch();
    const log = (await system.audit.read(before, await system.audit.size())).filter(({ bytes }) => bytes.includes('privacy.notice.drift'));
    assert.equal(log.length, 1);
  }); // prettier-ignore
}
