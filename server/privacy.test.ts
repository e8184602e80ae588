/** Consent over HTTP, on two servers: what was said holds at the very next read of each. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { readConfig } from '#platform/config';
import { parsePublicId, parseSubjectId, publicId, uuidv7, type RecordId, type Uuid } from '#platform/ids';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import { openReceipt } from '#practices/privacy';
import { createStrongroom, type Strongroom } from '@strongroom/sdk';

import { composeSystem, type System } from './compose.ts';
import { MIGRATIONS } from './migrations.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
const systems: System[] = [];
const urls: string[] = [];
let keys: Record<'application' | 'marketing' | 'dpo' | 'support' | 'collector', string>;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-privacy-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const catalog = join(home, 'catalog.yaml');
  const example = await readFile(new URL('../examples/catalog.yaml', import.meta.url), 'utf8');
  const longest = LONGEST.split('.').slice(1).map((_, n, all) => `  marketing.${all.slice(0, n + 1).join('.')}:\n    title: Part ${n}\n    legalBasis: consent\n`); // prettier-ignore
  await writeFile(catalog, example.replace('  analytics:\n', `${longest.join('')}  analytics:\n`));
  const config = readConfig({ STRONGROOM_HOME: home, STRONGROOM_CATALOG: catalog, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent' }); // prettier-ignore
  for (let n = 0; n < 2; n += 1) {
    const system = await composeSystem(config, createLog('silent'));
    systems.push(system);
    urls.push(await system.http.listen({ host: '127.0.0.1', port: 0 }));
  }
  const admin = createStrongroom({ url: url(0), key: (await readFile(join(home, 'admin.key'), 'utf8')).trim() });
  const made = ['application', 'marketing', 'dpo', 'support', 'collector'].map(async (role) => [role, (await admin.keys.create({ name: role, role })).key]); // prettier-ignore
  keys = Object.fromEntries(await Promise.all(made)) as typeof keys;
});
after(async () => {
  for (const system of systems) await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

const url = (server: number): string => urls[server] as string;
const NEWSLETTER = 'marketing.newsletter';
/** As long as the id of a purpose below marketing can be. */
const LONGEST = ['marketing', ...Array.from({ length: 5 }, () => 'x'.repeat(31))].join('.');
const as = (role: keyof typeof keys, purpose?: string, server = 0): Strongroom =>
  createStrongroom({ url: url(server), key: keys[role], retries: 0, ...(purpose === undefined ? {} : { purpose }) });
let count = 0;
const customer = async (fields: Record<string, string> = {}) => {
  count += 1;
  return as('application', 'service.support').records.create({ collection: 'customer', fields: { last_name: 'Lovelace', email: `ada-${count}@example.org`, ...fields } }); // prettier-ignore
};
const say = (subject: string, said: 'given' | 'refused' | 'withdrawn' | 'objected', purpose = NEWSLETTER) =>
  as('application').consents.record({ holder: { subject }, said: [{ purpose, said }], method: 'web', text: 'Send it to me', language: 'en' }); // prettier-ignore
const sees = async (id: string, server: number, purpose = NEWSLETTER): Promise<unknown> => {
  const read = await as('application', purpose, server).records.get(id).catch((thrown: { code: string; message: string }) => thrown); // prettier-ignore
  return 'fields' in read ? (read.fields.email?.value ?? 'nothing') : `${read.code}: ${read.message}`;
};
const NO = 'VAULT_DENIED: this subject does not agree to this purpose';

test('without a yes nothing is read for what needs one; a yes opens it, a no shuts it, on every server at once', async () => {
  const { id, subjectId } = await customer();
  const email = `ada-${count}@example.org`;

  assert.deepEqual([await sees(id, 0), await sees(id, 1)], [NO, NO]);
  await say(subjectId, 'given');
  assert.deepEqual([await sees(id, 0), await sees(id, 1)], [email, email]);
  await say(subjectId, 'withdrawn');
  assert.deepEqual([await sees(id, 0), await sees(id, 1)], [NO, NO]);
  await say(subjectId, 'given');
  assert.deepEqual([await sees(id, 0), await sees(id, 1)], [email, email]);
  await say(subjectId, 'refused', 'marketing');
  assert.deepEqual([await sees(id, 0), await sees(id, 1)], [NO, NO], 'a no to all of it');
  assert.equal(await sees(id, 0, 'service.support'), email, 'a contract goes on');
});

test('an objection ends a legitimate interest; a field on consent leaves with consent alone; a contract cannot be declined', async () => {
  const { id, subjectId } = await customer({ city: 'London', care_notes: 'large print' });
  const read = (purpose: string) => as('application', purpose).records.get(id);

  assert.equal((await read('analytics.product')).fields.city?.value, 'London');
  await say(subjectId, 'objected', 'analytics.product');
  await assert.rejects(read('analytics.product'), { code: 'VAULT_DENIED' });

  assert.equal((await read('service.support')).fields.care_notes?.state, 'denied');
  await say(subjectId, 'given', 'service.support');
  assert.equal((await read('service.support')).fields.care_notes?.value, 'large print');
  await say(subjectId, 'withdrawn', 'service.support');
  const after = await read('service.support');
  assert.deepEqual([after.fields.care_notes?.state, after.fields.last_name?.value], ['denied', 'Lovelace']);

  await assert.rejects(say(subjectId, 'withdrawn', 'service.billing'), { code: 'PRIVACY_NOT_OPTIONAL' });
  await assert.rejects(say(subjectId, 'objected'), { code: 'PRIVACY_NOT_OPTIONAL' });
  await assert.rejects(say(subjectId, 'given', 'marketing'), { code: 'PRIVACY_TOO_WIDE' });
  await assert.rejects(say(subjectId, 'given', 'nothing.there'), { code: 'PRIVACY_PURPOSE_UNKNOWN' });
});

test('searches and exports pass over who does not agree; a withdrawal while an export runs stops the rest of it', async () => {
  const people = [];
  for (let n = 0; n < 6; n += 1) people.push(await customer());
  for (const { subjectId } of people) await say(subjectId, 'given');
  const found = async (email: string) =>
    (await as('application', NEWSLETTER).search.page({ collection: 'customer', where: { email } })).records.length;

  const pages = systems[0] as System;
  const caller = { actor: await pages.access.authenticate(keys.marketing), purpose: NEWSLETTER, requestId: 'test' };
  const page = (after: RecordId | null) =>
    pages.vault.exportPage(caller, { collection: 'customer', fields: ['email'], after, limit: 4 });
  const exported: string[] = [];
  let next: RecordId | null = null;
  let gone: (typeof people)[0] | undefined;
  do {
    const { records, next: then }: Awaited<ReturnType<typeof page>> = await page(next);
    exported.push(...records.map((each) => each.id));
    if (gone === undefined && exported.length > 0) {
      gone = people.findLast((each) => !exported.includes(each.id));
      await say(gone?.subjectId as string, 'withdrawn');
    }
    next = then;
  } while (next !== null);

  assert.ok(gone !== undefined && !exported.includes(gone.id), 'who withdrew in the middle is not in the rest');
  assert.deepEqual(exported.toSorted(), people.filter(({ id }) => id !== gone?.id).map(({ id }) => id).toSorted()); // prettier-ignore
  assert.equal(await found(`ada-${count}@example.org`), gone.id === people.at(-1)?.id ? 0 : 1);
});

test('a no shuts every other way too: reads of many, tokens made and opened, files; and no use of a token is spent by it', async () => {
  const [one, other] = [await customer(), await customer()];
  for (const { subjectId } of [one, other]) await say(subjectId, 'given');
  const room = as('application', NEWSLETTER);
  const make = () => room.tokens.create({ recordId: one.id, field: 'email', kind: 'random', maxUses: 1 });
  const { token } = await make();
  const look = () => as('application', 'analytics.product').attachments.list(one.id);
  const refused = { code: 'VAULT_DENIED', message: NO.slice('VAULT_DENIED: '.length) };
  await Promise.all([room.records.read([one.id, other.id]), look()]);

  await say(one.subjectId, 'withdrawn');
  await say(one.subjectId, 'objected', 'analytics.product');

  for (const way of [make, () => room.tokens.open(token), () => room.records.read([one.id, other.id]), look]) await assert.rejects(way(), refused);
  await say(one.subjectId, 'given');
  assert.equal((await room.tokens.open(token)).value, `ada-${count - 1}@example.org`);
  await assert.rejects(room.tokens.open(token), { code: 'VAULT_TOKEN_UNKNOWN' });
}); // prettier-ignore

test('the ledger keeps what was said and shown, with receipts that verify offline; erased, it proves and tells nothing', async () => {
  const { subjectId } = await customer();
  const { events, auditIndex } = await say(subjectId, 'given');
  await say(subjectId, 'withdrawn');
  const { keys: published } = await as('support').consents.keys();
  const receipt = openReceipt(events[0]?.receipt as string, published) as Record<string, never>;
  const entry = JSON.parse(String((await systems[0]?.audit.read(Number(auditIndex), Number(auditIndex) + 1))?.[0]?.bytes)) as { detail: { hashes: string[] } }; // prettier-ignore

  const ledger = await as('dpo').consents.get(subjectId);
  assert.equal(ledger.chain, 'whole');
  assert.deepEqual(ledger.events.map(({ said }) => said), ['given', 'withdrawn']); // prettier-ignore
  assert.equal(ledger.purposes.find(({ purpose }) => purpose === NEWSLETTER)?.state, 'withdrawn');
  assert.equal(JSON.stringify(receipt).includes('Send it to me'), true);
  assert.equal((receipt.ledger as unknown as { hash: string }).hash, entry.detail.hashes[0], 'the log anchors it');
  assert.equal(ledger.events[0]?.receipt, events[0]?.receipt, 'the same whenever it is asked for');
  const rows = await fresh.db<{ record: Buffer }[]>`select record from privacy.consent_events where sealed`;
  assert.ok(rows.length > 0 && rows.every(({ record }) => !record.includes('Send it to me')), 'sealed at rest');
  await assert.rejects(fresh.db`update privacy.consent_events set what = 'given'`, /append-only/);

  const cut = await customer();
  await say(cut.subjectId, 'given');
  await say(cut.subjectId, 'withdrawn');
  await fresh.db`alter table privacy.consent_events disable trigger consent_events_stay`;
  await fresh.db`delete from privacy.consent_events where seq = 2 and holder = ${parseSubjectId(cut.subjectId)}`;
  await fresh.db`alter table privacy.consent_events enable trigger consent_events_stay`;
  assert.equal((await as('dpo').consents.get(cut.subjectId)).chain, 'broken', 'its end was cut off');

  await as('dpo', 'legal.request').subjects.erase(subjectId);
  const erased = await as('dpo').consents.get(subjectId);
  assert.deepEqual([erased.chain, erased.events.map((each) => [each.record, each.receipt])], ['whole', [[null, null], [null, null]]]); // prettier-ignore
  await assert.rejects(say(subjectId, 'given'), { code: 'PRIVACY_SUBJECT_NOT_FOUND' });
});

test('a link ends one purpose for one subject: by POST, once, and never by GET', async () => {
  const { id, subjectId } = await customer();
  await say(subjectId, 'given');
  const { url: link, headers } = await as('application').consents.unsubscribeLink({ subject: subjectId, purpose: NEWSLETTER }); // prettier-ignore
  const here = link.replace(/^https?:\/\/[^/]+/, url(0));
  const post = (to: string, body: string, type = 'application/x-www-form-urlencoded') =>
    fetch(to, { method: 'POST', body, headers: { 'content-type': type } });
  const size = async () => (await as('dpo').consents.get(subjectId)).events.length;

  assert.equal(headers['List-Unsubscribe-Post'], 'List-Unsubscribe=One-Click');
  assert.ok(!link.includes(subjectId) && !link.includes('newsletter'), 'opaque');
  for (let n = 0; n < 3; n += 1) assert.equal((await fetch(here)).status, 200);
  assert.equal((await post(here, 'x=1')).status, 400);
  assert.equal((await fetch(`${here.slice(0, -2)}AA`)).status, 404);
  assert.equal((await post(`${here.slice(0, -2)}AA`, 'List-Unsubscribe=One-Click')).status, 404);
  assert.notEqual(await sees(id, 0), NO, 'none of these changed anything');

  const multipart = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n';
  assert.equal((await post(here, multipart, 'multipart/form-data; boundary=b')).status, 200);
  assert.deepEqual([await sees(id, 0), await sees(id, 1), await size()], [NO, NO, 2]);
  assert.equal((await post(here, 'List-Unsubscribe=One-Click')).status, 200);
  assert.equal(await size(), 2, 'a second time is the first');
});

test('a link leads somewhere whatever its purpose is called', async () => {
  const { subjectId } = await customer();
  const { url: link } = await as('application').consents.unsubscribeLink({ subject: subjectId, purpose: LONGEST });
  assert.equal((await fetch(link.replace(/^https?:\/\/[^/]+/, url(0)))).status, 200);
});

test('a link to all of it, followed once more, ends also what was agreed to since', async () => {
  const { id, subjectId } = await customer();
  const { url: link } = await as('application').consents.unsubscribeLink({ subject: subjectId, purpose: 'marketing' });
  const follow = async (): Promise<number> =>
    (await fetch(link.replace(/^https?:\/\/[^/]+/, url(0)), { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) })).status;
  const size = async () => (await as('dpo').consents.get(subjectId)).events.length;
  await say(subjectId, 'given');
  assert.deepEqual([await follow(), await sees(id, 0)], [200, NO]);
  await say(subjectId, 'given');
  assert.notEqual(await sees(id, 0), NO, 'asked again, and agreed to');

  assert.equal(await follow(), 200);

  assert.deepEqual([await sees(id, 0), await sees(id, 1), await size()], [NO, NO, 4]);
  assert.deepEqual([await follow(), await size()], [200, 4], 'and a second time is the first');
}); // prettier-ignore

test('the last word holds, though the server that took the one before has a clock that is ahead', async () => {
  const { id, subjectId } = await customer();
  await say(subjectId, 'given');
  const holder = parseSubjectId(subjectId) as string;
  await fresh.db`update vault.keyrings set consents = jsonb_set(consents, ${[NEWSLETTER, '1']}, to_jsonb((consents->${NEWSLETTER}->>1)::bigint + 60000)) where subject_id = ${holder}`;
  await fresh.db`alter table privacy.consent_events disable trigger consent_events_stay`;
  await fresh.db`update privacy.consent_events set at = at + interval '1 minute' where holder = ${holder}`;
  await fresh.db`alter table privacy.consent_events enable trigger consent_events_stay`;
  assert.notEqual(await sees(id, 0), NO);

  await say(subjectId, 'refused', 'marketing');

  assert.deepEqual([await sees(id, 0), await sees(id, 1)], [NO, NO]);
  assert.equal((await as('dpo').consents.get(subjectId)).purposes.find(({ purpose }) => purpose === NEWSLETTER)?.used, false);
}); // prettier-ignore

test('a yes ends with its time, and the ledger says so; one who may not record may not', async () => {
  const { id, subjectId } = await customer();
  // long enough for a busy machine to read before it ends
  const soon = new Date(Date.now() + 8000).toISOString();
  const said = [{ purpose: NEWSLETTER, said: 'given' as const, expiresAt: soon }];
  await as('application').consents.record({ holder: { subject: subjectId }, said, method: 'web', text: 'yes' });
  assert.notEqual(await sees(id, 0), NO);
  while (new Date() <= new Date(soon)) await new Promise((resolve) => setTimeout(resolve, 20));

  assert.equal(await sees(id, 1), NO);
  assert.equal(await systems[1]?.privacy.consents.expire(), 1);
  assert.equal(await systems[1]?.privacy.consents.expire(), 0);
  assert.deepEqual((await as('dpo').consents.get(subjectId)).events.map((each) => each.said), ['given', 'expired']); // prettier-ignore
  await assert.rejects(as('collector').consents.record({ holder: {}, gpc: 'on', method: 'web' }), { code: 'ACCESS_DENIED' }); // prettier-ignore
  await assert.rejects(as('support').consents.get(subjectId), { code: 'ACCESS_DENIED' });
});

test('many at once to one subject are one chain', async () => {
  const { subjectId } = await customer();

  await Promise.all(Array.from({ length: 12 }, (_, n) => say(subjectId, n % 2 === 0 ? 'given' : 'withdrawn')));

  const { events, chain, next } = await as('dpo').consents.get(subjectId);
  assert.deepEqual([events.length, chain, next], [12, 'whole', null]);
  const [row] = await fresh.db<{ note: string }[]>`select consents->${NEWSLETTER}->>0 as note from vault.keyrings where consents ? ${NEWSLETTER} order by subject_id desc limit 1`; // prettier-ignore
  assert.equal(
    row?.note === 'given',
    events.at(-1)?.said === 'given',
    'what reads are decided by is the end of the chain',
  );
});

test('of 2,500 words nothing is left out, and the clock looks at none of them', async () => {
  const anonymous = publicId('anon', uuidv7());
  const holder = { kind: 'anonymous', id: parsePublicId('anon', anonymous) as Uuid } as const;
  const { consents } = (systems[0] as System).privacy;
  const shown = { text: 'yes', language: null, variant: null, method: 'web', notice: null, jurisdiction: null, evidence: null };
  const by = { actor: { kind: 'system', id: 'test' } } as const;
  const many = (said: 'given' | 'refused', n: number, expiresAt: Date | null = null) => consents.record(by, holder, { said: Array.from({ length: n }, () => ({ purpose: NEWSLETTER, said, expiresAt })), shown });
  for (let n = 0; n < 5; n += 1) await many('given', 250, new Date(Date.now() + 86_400_000));
  for (let n = 0; n < 5; n += 1) await many('refused', n === 0 ? 249 : 250);
  await many('given', 1);

  const pages = [];
  for (let after: number | null = 0; after !== null; after = pages.at(-1)?.next ?? null) pages.push(await as('dpo').consents.get(anonymous, { after }));
  assert.deepEqual(pages.map(({ events, chain }) => [events.length, chain]), [[1000, 'whole'], [1000, 'whole'], [500, 'whole']]);
  assert.equal(new Set(pages.flatMap(({ events }) => events.map(({ id }) => id))).size, 2500);
  assert.deepEqual(pages[0]?.purposes.find(({ purpose }) => purpose === NEWSLETTER)?.state, 'given', 'the last word of all, though it is far behind');
  const waiting = () => fresh.db<{ n: number }[]>`select count(*)::int as n from privacy.consent_expiries where holder = ${holder.id}`;
  assert.equal((await waiting())[0]?.n, 0, 'a no and a yes without end wait for no time');
  await many('given', 1, new Date(Date.now() + 86_400_000));
  assert.equal((await waiting())[0]?.n, 1);
}); // prettier-ignore
