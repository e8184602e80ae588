/** The center over HTTP: notice, sign-in by mail, choices, data, who saw it, requests. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import { readConfig } from '#platform/config';
import type { Tx } from '#platform/db';
import { parsePublicId, parseSubjectId, publicId, uuidv7, type SubjectId } from '#platform/ids';
import { createLog } from '#platform/log';
import { freshDatabase, unzip } from '#platform/testing';
import { HELD } from '#practices/privacy';
import { createStrongroom, type Strongroom } from '@strongroom/sdk';
import { createChoices } from '@strongroom/sdk/choices';
import { Decrypter } from 'age-encryption';

import { composeSystem, type System } from './compose.ts';
import { attemptIn, visitor, type Shown } from './visitor.ts';
import { MIGRATIONS } from './migrations.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let system: System;
let url: string;
const keys = new Map<string, string>();

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-center-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const config = readConfig({
    STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent',
    STRONGROOM_CONTROLLER: 'A Shop', STRONGROOM_CONTROLLER_CONTACT: 'privacy@shop.example', STRONGROOM_REGIONS: 'DE', STRONGROOM_SITES: 'https://shop.example http://localhost:4000',
  }); // prettier-ignore
  system = await composeSystem(config, createLog('silent'));
  url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  const admin = createStrongroom({ url, key: (await readFile(join(home, 'admin.key'), 'utf8')).trim() });
  for (const role of ['application', 'dpo', 'support', 'analyst', 'auditor'])
    keys.set(role, (await admin.keys.create({ name: role, role })).key);
});
after(async () => {
  await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

const as = (role: string, purpose: string): Strongroom => createStrongroom({ url, key: keys.get(role) as string, purpose, retries: 0 }); // prettier-ignore
const store = (email: string, fields: Record<string, string> = {}) =>
  as('application', 'service.support').records.create({ collection: 'customer', fields: { last_name: 'Hopper', email, ...fields } }); // prettier-ignore
const { ask, begin, codeFor, proven, signIn } = visitor(() => system, () => url); // prettier-ignore
/** Two people have seen who asks. */
const vouched = async (id: string): Promise<void> => {
  for (const person of ['per_a', 'per_b']) await system.privacy.requests.prove.vouch({ actor: { kind: 'staff', id: person, role: 'dpo' }, person }, id, 'passport'); // prettier-ignore
};
/** Who erases in these tests brings an authority of their own. */
/** All open ones, whoever they are of. */
const ALL = { which: 'open', limit: 500, only: null, isShown: () => Promise.resolve(() => true) } as const;
const NO_CALLER = (): never => assert.fail('nothing else is done');

test('an address that is known and one that is not are answered alike; codes are for one attempt, five tries, once', async () => {
  await store('grace@example.org');
  const [known, unknown] = [await begin('grace@example.org'), await begin('nobody@example.org')];
  const same = ({ text }: Shown): string => text.replace(attemptIn(text), '');
  assert.deepEqual([known.status, same(known)], [unknown.status, same(unknown)]);
  const code = (await codeFor('grace@example.org')) as string;
  assert.equal(await codeFor('nobody@example.org'), null);

  const enter = (attempt: string, tried: string) => ask('/center/code', { form: { attempt, code: tried } });
  const wrong = await enter(attemptIn(known.text), '0000 0000');
  assert.deepEqual([wrong.status, (await enter(attemptIn(unknown.text), code)).status, (await enter('none', code)).status], [401, 401, 401]);
  const [one, two] = await Promise.all([enter(attemptIn(known.text), code), enter(attemptIn(known.text), code)]);
  assert.deepEqual([one.status, two.status].toSorted((a, b) => a - b), [303, 401], 'of two at once one gets in');
  assert.match(one.headers.get('set-cookie') ?? two.headers.get('set-cookie') ?? '', /HttpOnly; SameSite=Strict/);

  const again = await begin('grace@example.org');
  const second = (await codeFor('grace@example.org')) as string;
  for (let n = 0; n < 5; n += 1) await enter(attemptIn(again.text), '0000 0000');
  assert.equal((await enter(attemptIn(again.text), second)).status, 401, 'five tries are all there are');
  assert.equal((await ask('/center/sign-in', { form: { email: 'a@b.c' }, headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
}); // prettier-ignore

test('a code goes to the address that is stored, and who can be sent none keeps nobody waiting', async () => {
  await store('Olga@Example.org');
  // the index takes both for one spelling; they are two mailboxes
  await store('poi\u017fon@example.org');
  await ask('/center/sign-in', { form: { email: 'poison@example.org' } });
  await ask('/center/sign-in', { form: { email: 'OLGA@example.org' } });

  assert.match((await codeFor('Olga@example.org')) ?? '', /^\d{4} \d{4}$/);
  assert.deepEqual([await codeFor('OLGA@example.org'), await codeFor('poison@example.org')], [null, null]);
  assert.equal((await ask('/center/sign-in', { form: { email: 'poi\u017fon@example.org' } })).status, 422);
  const [left] = await fresh.db<{ n: number }[]>`select count(*)::int as n from privacy.sign_ins where address is not null`;
  assert.equal(left?.n, 0);
}); // prettier-ignore

test('what two people share lets nobody in; one source and one address are slowed down', async () => {
  const { subjectId } = await store('family@example.org');
  for (let n = 0; n < 20; n += 1) await as('application', 'service.support').records.create({ collection: 'customer', subject: { id: subjectId }, fields: { last_name: 'Hopper', email: 'family@example.org' } });
  await store('family@example.org');
  await ask('/center/sign-in', { form: { email: 'family@example.org' } });
  assert.equal(await codeFor('family@example.org'), null, 'however many records the first of them has');

  const statuses: number[] = [];
  for (let n = 0; n < 7; n += 1) statuses.push((await ask('/center/sign-in', { form: { email: 'same@example.org' } })).status);
  assert.deepEqual(statuses, [303, 303, 303, 303, 303, 429, 429]);
  let slowed = 0;
  for (let n = 0; n < 80; n += 1) if ((await ask('/center/sign-in', { form: { email: `n${n}@example.org` } })).status === 429) slowed += 1;
  const [row] = await fresh.db<{ n: number }[]>`select count(*)::int as n from privacy.sign_ins`;
  assert.ok(slowed > 10 && (row?.n ?? 0) <= 70, `${slowed} slowed, ${row?.n} kept: bounded however many come`);
  await fresh.db`delete from privacy.counts`;
}); // prettier-ignore

test('a customer sees their own data, copies it whole, decides, asks, doubts; and never reaches somebody else', async () => {
  const { id, subjectId } = await store('ada@example.org', { care_notes: 'large print', city: '=1+1' });
  const other = await store('eve@example.org', { care_notes: 'a canary of somebody else' });
  await as('support', 'service.support').records.get(id);
  await as('support', 'service.support').records.get(other.id);
  const cookie = await proven(await signIn('ada@example.org'), subjectId);
  const page = (path: string, form?: Record<string, string>) => ask(path, { cookie, ...(form === undefined ? {} : { form }) });

  assert.equal((await ask('/center/data')).status, 303, 'who is not signed in is shown where to');
  const masked = await page('/center/data?lang=de');
  assert.ok(masked.text.includes('Last name') || masked.text.includes('last_name'));
  assert.ok(!masked.text.includes('large print') && (await page('/center/data?show=all')).text.includes('large print'));

  await page('/center/preferences', { purpose: 'marketing.newsletter', said: 'yes' });
  assert.equal((await as('application', 'marketing.newsletter').records.get(id)).fields.email?.value, 'ada@example.org');
  await page('/center/preferences', { purpose: 'marketing.newsletter', said: 'no' });
  await assert.rejects(as('application', 'marketing.newsletter').records.get(id), { code: 'VAULT_DENIED' });

  const copy = JSON.parse((await page('/center/data.json')).text) as { records: { fields: Record<string, unknown> }[]; consents: unknown[]; seen: { role: string }[] };
  const held = await as('dpo', 'legal.request').records.get(id);
  assert.deepEqual(copy.records[0]?.fields, Object.fromEntries(Object.entries(held.fields).map(([name, { value }]) => [name, value])), 'the copy is what is held');
  assert.equal(copy.consents.length, 2);
  assert.ok(!JSON.stringify(copy).includes('canary'));
  assert.match((await page('/center/data.csv')).text, /"'=1\+1"/, 'no formula');

  const seen = await page('/center/seen?lang=fr');
  assert.match(seen.text, /une personne de chez nous \(service clients\)|\(service clients\)/);
  assert.doesNotMatch(seen.text, /\(support\)|key_|per_/, 'in words, and nobody by name');
  const entry = Number(/name="entry" value="(\d+)"/.exec(seen.text)?.[1]);
  await system.audit.checkpoint();
  const proof = await page(`/center/seen/${entry}`);
  assert.match(proof.text, /^c2sp.org\/tlog-proof/);
  const [foreign] = await system.privacy.seen.list(parseSubjectId(other.subjectId) as SubjectId, { before: null, limit: 1 });
  assert.equal((await page(`/center/seen/${foreign?.index}`)).status, 404, 'an entry about somebody else is as if it were not there');
  assert.equal((await page('/center/doubt', { entry: String(foreign?.index) })).status, 404);
  for (let n = 0; n < 2; n += 1) assert.equal((await page('/center/doubt', { entry: String(entry) })).status, 303);
  const way = new RegExp(`href="(/center/seen[^"]+before=${entry + 1})"`).exec((await page('/center/requests')).text)?.[1] ?? '';
  const doubted = (await page(way.replaceAll('&amp;', '&'))).text;
  assert.equal(/center\/seen\/(\d+)\?/.exec(doubted)?.[1], String(entry), 'which look was doubted');
  assert.ok(doubted.includes('You doubted this on') && !doubted.includes(`name="entry" value="${entry}"`), 'and not doubted again');
  const doubt = (await system.privacy.requests.queue(ALL)).requests.find(({ kind }) => kind === 'doubt');
  await page('/center/requests/withdraw', { request: doubt?.id ?? '' });
  const undoubted = (await page('/center/seen')).text;
  assert.ok(!undoubted.includes('You doubted this on') && undoubted.includes(`name="entry" value="${entry}"`), 'what was taken back is no doubt: it can be doubted again');
  assert.equal((await page('/center/doubt', { entry: String(entry) })).status, 303);
  assert.match((await page('/center/seen')).text, /You doubted this on/);

  for (let n = 0; n < 3; n += 1) await page('/center/requests', { kind: 'erasure', words: 'please <b>all</b>' });
  const requests = await page('/center/requests');
  assert.ok(requests.text.includes('please &lt;b&gt;all') && !requests.text.includes('<b>all'));
  const { requests: open } = await system.privacy.requests.queue(ALL);
  assert.deepEqual(open.map(({ kind, subject }) => `${kind} ${subject}`).toSorted(), [`doubt ${subjectId}`, `erasure ${subjectId}`], 'asked thrice is asked once');
  assert.deepEqual(open.map(({ words }) => words), [null, null], 'a list is no read of what they wrote');
  const by = { kind: 'subject', id: parseSubjectId(subjectId) as SubjectId } as const;
  for (let n = 0; n < 18; n += 1) await system.privacy.requests.ask({ actor: by }, { subjectId: by.id, kind: 'doubt', words: null, entry: 1_000_000 + n });
  await assert.rejects(system.privacy.requests.ask({ actor: by }, { subjectId: by.id, kind: 'doubt', words: null, entry: 2_000_000 }), { code: 'PRIVACY_SLOW_DOWN' });
  const [stored] = await fresh.db<{ words: Buffer }[]>`select words from privacy.requests where words is not null`;
  assert.ok(!stored?.words.includes('please'), 'sealed at rest');

  const foreign403 = ['code', 'sign-out', 'preferences', 'requests', 'doubt'].map((to) => ask(`/center/${to}`, { cookie, form: {}, headers: { 'sec-fetch-site': 'cross-site' } }));
  assert.deepEqual((await Promise.all(foreign403)).map(({ status }) => status), [403, 403, 403, 403, 403], 'no form of another site');
  assert.equal((await page('/center/data')).status, 200, 'and nobody is signed out by one');
  assert.equal((await page('/center/sign-out', {})).status, 303);
  assert.equal((await page('/center/data')).status, 303, 'the session has ended');
}); // prettier-ignore

test('the copy holds what every store holds of its subject, and nothing of anybody else; a table that is not known makes this red', async () => {
  const { id, subjectId } = await store('whole@example.org', { care_notes: 'large print', city: 'Lyon', phone: '+33 1 23 45 67 89' });
  const second = await as('application', 'service.support').records.create({ collection: 'customer', subject: { id: subjectId }, fields: { last_name: 'Second', email: 'whole@example.org' } });
  const other = await store('another@example.org', { care_notes: 'a canary of somebody else' });
  const letter = Buffer.from('Dear Sirs, …'.repeat(30_000));
  const room = as('application', 'service.support');
  await room.attachments.put(id, 'a..b <letter>.txt', new Blob([letter]));
  await room.attachments.put(second.id, 'scan.pdf', new Blob(['%PDF']), { type: 'application/pdf' });
  await room.attachments.put(other.id, 'canary.txt', new Blob(['canary']));
  await as('dpo', 'legal.request').retention.record([{ subject: { id: subjectId }, event: 'account.closed' }]).catch(() => undefined);
  await as('support', 'service.support').records.get(id);
  const uuid = parseSubjectId(subjectId) as SubjectId;
  const many = [];
  for (let n = 0; n < 17; n += 1) many.push((await store(`beside-${n}@example.org`)).id);
  await as('support', 'service.support').records.read([...many, id]);
  await room.tokens.create({ recordId: id, field: 'email', kind: 'random' });
  const cookie = await proven(await signIn('whole@example.org'), subjectId);
  const page = (path: string, form?: Record<string, string>) => ask(path, { cookie, ...(form === undefined ? {} : { form }) });
  await page('/center/preferences', { purpose: 'marketing.newsletter', said: 'yes' });
  for (const kind of ['correction', 'copy']) await page('/center/requests', { kind, words: 'mine' });
  while (await system.privacy.seen.fold());
  const open = async () => (await system.privacy.requests.of(uuid)).filter(({ closedAt }) => closedAt === null).map(({ kind }) => kind).toSorted();
  assert.deepEqual(await open(), ['copy', 'correction'], 'asked for is not answered');
  await page('/center/data.json');
  assert.deepEqual(await open(), ['copy', 'correction'], 'names of files are no copy of them');
  while (await system.privacy.seen.fold());
  const size = await system.audit.size();

  const response = await fetch(`${url}/center/data.zip`, { headers: { cookie } });
  const zip = unzip(Buffer.from(await response.arrayBuffer()));

  type Copy = Record<'records' | 'files' | 'events' | 'consents' | 'requests' | 'seen', (Record<string, unknown> & { path: string; steps: object[] })[]> & { restriction: string | null };
  const text = String(zip.get('data.json'));
  const copy = JSON.parse(text) as Copy;
  assert.deepEqual(await open(), ['correction'], 'when all of it has gone out');
  assert.ok(!text.includes('canary') && !text.includes(other.subjectId) && ![...zip.values()].some((each) => each.includes('canary')));
  assert.deepEqual([zip.size, new Set(copy.files.map(({ path }) => zip.get(path)?.length))], [4, new Set([4, letter.length])]);
  assert.ok(copy.files.some(({ path }) => zip.get(path)?.equals(letter)) && [...zip.keys()].every((name) => !name.includes('..')));
  for (const { id: each, fields, withheld } of copy.records) {
    const held = await as('dpo', 'legal.request').records.get(String(each));
    assert.deepEqual([fields, withheld], [Object.fromEntries(Object.entries(held.fields).map(([name, { value }]) => [name, value])), undefined]);
  }

  // every table, searched for the subject by all names that it has
  const names = await fresh.db<{ pseudonym: string }[]>`select pseudonym from privacy.seen where entry = ${Number(copy.seen.find(({ role }) => role === 'support')?.index)}
    union select pseudonym from privacy.seen where entry = ${Number(copy.seen.at(-1)?.index)}`;
  assert.equal(names.length, 1);
  const bytes = Buffer.from(String(names[0]?.pseudonym).replaceAll('-', ''), 'hex');
  const needles = [uuid, uuid.replaceAll('-', ''), subjectId, Buffer.from(subjectId).toString('hex'), String(names[0]?.pseudonym), bytes.toString('hex'), bytes.toString('base64url'), Buffer.from(bytes.toString('base64url')).toString('hex')];
  const tables = await fresh.db<{ name: string }[]>`select table_schema || '.' || table_name as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`;
  const found = new Map<string, number>();
  for (const { name } of tables) {
    const [row] = await fresh.db.unsafe<{ n: number }[]>(`select count(*)::int as n from ${name} t where exists (select from unnest($1::text[]) needle where strpos(t::text, needle) > 0)`, [needles]);
    if ((row?.n ?? 0) > 0) found.set(name, row?.n ?? 0);
  }
  assert.deepEqual([...found.keys()].filter((name) => !HELD.has(name)), [], 'holds something of the subject, and HELD does not know it');
  assert.deepEqual([...HELD].filter(([name, held]) => 'copied' in held && !found.has(name)).map(([name]) => name), ['vault.restrictions', 'privacy.lifts', 'privacy.request_steps'], 'the walk finds what is copied');
  assert.deepEqual([...HELD.keys()].filter((name) => !tables.some((each) => each.name === name)), [], 'HELD knows a table that is not there');
  const before = await fresh.db<{ n: number }[]>`select count(*)::int as n from (select entry from privacy.seen where pseudonym = ${names[0]?.pseudonym as string} and entry < ${size} union select entry from privacy.batches where ${names[0]?.pseudonym as string} = any(pseudonyms) and entry < ${size}) t`;
  const counted = { 'vault.records': copy.records.length, 'vault.attachments': copy.files.length, 'collection.subject_events': copy.events.length, 'privacy.consent_events': copy.consents.length, 'privacy.requests': copy.requests.length };
  for (const [name, n] of Object.entries(counted)) assert.deepEqual([name, n], [name, found.get(name) ?? 0]);
  assert.equal(copy.seen.filter(({ index }) => Number(index) < size).length, before[0]?.n);
  assert.equal(counted['collection.subject_events'], 1);
  const [steps] = await fresh.db<{ n: number }[]>`select count(*)::int as n from privacy.request_steps where entry < ${size} and request_id in (select request_id from privacy.requests where subject_id = ${uuid})`;
  assert.equal(copy.requests.flatMap((each) => each.steps).length - (steps?.n ?? 0), 0);

  // who asked by letter gets the same, in a file that a passphrase opens
  const officer = as('dpo', 'legal.request');
  const letterAsk = await officer.privacyRequests.take({ how: 'letter', subject: subjectId, kind: 'copy', words: 'by letter' });
  await vouched(letterAsk.id);
  const wrong = await officer.privacyRequests.take({ how: 'letter', subject: subjectId, kind: 'review' });
  await assert.rejects(officer.privacyRequests.copy(wrong.id, 'a passphrase of many letters'), { code: 'PRIVACY_REQUEST_STATE' });
  await assert.rejects(as('support', 'service.support').privacyRequests.copy(letterAsk.id, 'a passphrase of many letters'), { code: 'ACCESS_DENIED' });
  const decrypter = new Decrypter();
  decrypter.addPassphrase('a passphrase of many letters');
  const sealed = Buffer.from(await new Response(await officer.privacyRequests.copy(letterAsk.id, 'a passphrase of many letters')).arrayBuffer());
  assert.ok(!sealed.includes('Lyon') && !sealed.includes('PK\u0003\u0004'));
  const opened = unzip(Buffer.from(await decrypter.decrypt(sealed)));
  assert.deepEqual([...opened.keys()].toSorted(), [...zip.keys()].toSorted());
  assert.deepEqual((JSON.parse(String(opened.get('data.json'))) as Copy).records, copy.records);
  assert.ok((await officer.privacyRequests.get(letterAsk.id)).steps.some(({ step }) => step === 'copied'), 'and it is in the log');

  // a copy that is cut off answers nothing
  await page('/center/requests', { kind: 'copy', words: '' });
  const stop = new AbortController();
  const cut = await fetch(`${url}/center/data.zip`, { headers: { cookie }, signal: stop.signal });
  await cut.body?.getReader().read();
  stop.abort();
  assert.deepEqual(await open(), ['copy', 'correction', 'review']);
}); // prettier-ignore

test('what is damaged is left out of the copy and named in it; the rest is there, staff are told, and nothing is answered', async () => {
  const { id, subjectId } = await store('damaged@example.org', { city: 'Oslo' });
  const other = await as('application', 'service.support').records.create({ collection: 'customer', subject: { id: subjectId }, fields: { last_name: 'Other', email: 'damaged@example.org' } });
  const room = as('application', 'service.support');
  const long = Buffer.alloc(3_000_000, 'a letter that is long ');
  const [cut, gone] = [await room.attachments.put(id, 'long.txt', new Blob([long])), await room.attachments.put(id, 'gone.txt', new Blob(['gone']))];
  await room.attachments.put(other.id, 'whole.txt', new Blob(['whole']));
  const cookie = await signIn('damaged@example.org');
  const uuid = parseSubjectId(subjectId) as SubjectId;
  await ask('/center/requests', { cookie, form: { kind: 'copy', words: '' } });
  const zipNow = async () => unzip(Buffer.from(await (await fetch(`${url}/center/data.zip`, { headers: { cookie } })).arrayBuffer()));
  const standing = async () => (await system.privacy.requests.of(uuid)).map(({ kind, state }) => `${kind} ${state}`);
  type Manifest = { complete: boolean; files: number; missing: { what: string; file?: string; record: string; bytesBefore?: number; sizeBytes?: number }[] };
  const manifestOf = (zip: Map<string, Buffer>) => JSON.parse(String(zip.get('manifest.json'))) as Manifest;
  // a bit of one chunk in the middle, of the only chunk of another, and of the box of a record
  const flips = [
    `update vault.chunks set box = set_byte(box, 9, get_byte(box, 9) # 1) where subject_id = '${uuid}' and seq = 20`,
    `update vault.chunks set box = set_byte(box, 9, get_byte(box, 9) # 1) where subject_id = '${uuid}' and seq = 0 and length(box) < 100 and attachment_id in (select attachment_id from vault.attachments where public_id::text = '${String(parsePublicId('att', gone.id))}')`,
    `update vault.records set box = set_byte(box, length(box) - 1, get_byte(box, length(box) - 1) # 1) where subject_id = '${uuid}' and record_no = (select max(record_no) from vault.records where subject_id = '${uuid}')`,
  ];
  for (const flip of flips) assert.equal((await fresh.db.unsafe(flip)).count, 1, flip);

  const zip = await zipNow();
  const { complete, files, missing } = manifestOf(zip);
  const hit = missing.find(({ what }) => what === 'record')?.record ?? '';
  const names = [...zip.keys()];
  const part = zip.get(names.find((name) => name.includes('long.txt')) ?? '') as Buffer;
  assert.deepEqual([complete, files, new Set(missing.map(({ what, file, record }) => file ?? `${what} ${record}`))], [false, 2, new Set([cut.id, gone.id, `record ${hit}`])]);
  assert.ok(part.length > 0 && part.length < long.length && long.subarray(0, part.length).equals(part), 'what came before the place is what was given to us');
  assert.deepEqual(missing.filter(({ bytesBefore }) => bytesBefore === part.length).map(({ sizeBytes }) => sizeBytes), [long.length]);
  assert.ok(names.some((name) => name.includes('whole.txt')) && !names.some((name) => name.includes('gone.txt')));
  assert.match(String(zip.get('MISSING.txt')), /3 pieces .*\n[^]*ließen sich nicht lesen[^]*gone\.txt \(0 \/ 4 bytes\)/);
  const json = JSON.parse(String(zip.get('data.json'))) as { records: { id: string }[]; missing: object[] };
  assert.deepEqual([json.records.map((each) => each.id), json.missing.length], [[id, other.id].filter((each) => each !== hit), 1]);
  assert.deepEqual(await standing(), ['copy review'], 'it is no answer, and waits for people');
  const { steps } = await as('dpo', 'legal.request').privacyRequests.get((await system.privacy.requests.of(uuid))[0]?.id ?? '');
  assert.deepEqual(steps.map(({ step }) => step), ['received', 'incomplete']);
  assert.match((await ask('/center/data', { cookie })).text, /1 record or list of files could not be read and is not shown/);
  assert.match((await ask('/center/data.csv', { cookie })).text, /could not be read/);

  // who answers requests is told, once a day, whatever the customer tries
  await zipNow();
  const entries = (await system.audit.read(0, await system.audit.size())).filter(({ bytes }) => bytes.includes('privacy.copy.incomplete'));
  assert.ok(entries.length === 3 && entries.every(({ bytes }) => bytes.includes('"outcome":"failed"') && !bytes.includes('long.txt')));
  // by letter: the same copy, and the same word to staff
  const sealed = await as('dpo', 'legal.request').privacyRequests.copy((await system.privacy.requests.of(uuid))[0]?.id ?? '', 'a passphrase of many letters');
  const decrypter = new Decrypter();
  decrypter.addPassphrase('a passphrase of many letters');
  assert.equal(manifestOf(unzip(Buffer.from(await decrypter.decrypt(Buffer.from(await new Response(sealed).arrayBuffer()))))).missing.length, 3);
  assert.ok((await system.audit.read(0, await system.audit.size())).filter(({ bytes }) => bytes.includes('privacy.copy.incomplete')).length === 4);

  // mended, the next copy is whole, and answers
  for (const flip of flips) await fresh.db.unsafe(flip);
  const whole = await zipNow();
  assert.deepEqual([manifestOf(whole).complete, manifestOf(whole).files, whole.has('MISSING.txt'), await standing()], [true, 3, false, ['copy fulfilled']]);
}); // prettier-ignore

test('a page of a known site reads and records choices; one of another site gets nothing, whatever it sends', async () => {
  const choices = (headers: Record<string, string>, body?: object) =>
    fetch(`${url}/v1/privacy/choices${body === undefined ? '?lang=de' : ''}`, { headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }) });
  const shop = { origin: 'https://shop.example' };
  const NEWS = 'marketing.newsletter';
  type State = { purposes: { purpose: string; used: boolean; sharedForAds: boolean; answered: boolean }[]; words: Record<string, string>; token: string; holder: string; receipts: string[]; gpc: boolean };
  const used = ({ purposes }: State, purpose = NEWS) => purposes.find((each) => each.purpose === purpose)?.used;

  const offered = await choices(shop);
  const state = (await offered.json()) as State;
  assert.deepEqual([offered.headers.get('access-control-allow-origin'), offered.headers.get('access-control-allow-credentials')], [shop.origin, null]);
  assert.match(offered.headers.get('vary') ?? '', /Origin.*Sec-GPC/);
  assert.deepEqual([state.words.refuseAll, used(state), used(state, 'analytics.product')], ['Alles ablehnen', false, true]);
  const preflight = await fetch(`${url}/v1/privacy/choices?lang=de`, { method: 'OPTIONS', headers: { ...shop, 'access-control-request-method': 'POST' } });
  assert.deepEqual([preflight.status, preflight.headers.get('access-control-allow-headers')], [204, 'content-type, strongroom-choices']);

  const size = await system.audit.size();
  const yes = { answers: [{ purpose: NEWS, answer: 'yes' }] };
  const hostile = ['https://evil.example', 'null', 'https://shop.example.evil.example', 'http://shop.example', 'https://shop.example:444', 'https://SHOP.example', 'http://localhost:4001', 'https://shop.example/', ''];
  for (const origin of hostile)
    for (const answer of [await choices({ origin }), await choices({ origin }, yes), await fetch(`${url}/v1/privacy/choices`, { method: 'OPTIONS', headers: { origin } })]) {
      assert.deepEqual([answer.status, answer.headers.get('access-control-allow-origin')], [403, null], origin);
      assert.ok(!(await answer.text()).includes('newsletter'));
    }
  assert.equal((await choices({ 'sec-fetch-site': 'cross-site' })).status, 403, 'a script or picture of another page');
  const logged = await system.audit.read(size, await system.audit.size());
  assert.deepEqual(logged.filter(({ bytes }) => bytes.includes('privacy.consent')), [], 'and nothing of it was recorded');

  const said = (await (await choices(shop, yes)).json()) as State;
  assert.deepEqual([used(said), said.receipts.length, said.holder.slice(0, 5)], [true, 1, 'anon_']);
  const mine = { ...shop, 'strongroom-choices': said.token };
  assert.equal(used((await (await choices(mine)).json()) as State), true);
  assert.equal(used((await (await choices(shop)).json()) as State), false, 'without the token it is somebody else');
  for (const token of [`${said.token.slice(0, -1)}${said.token.endsWith('A') ? 'B' : 'A'}`, 'x', `${said.token}A`, said.holder]) assert.equal((await choices({ ...shop, 'strongroom-choices': token })).status, 401);
  const ledger = await as('dpo', 'legal.request').consents.get(said.holder);
  assert.ok(JSON.stringify(ledger.events[0]?.record).includes('site/headless'));
  assert.equal((await choices(shop, { answers: [{ purpose: 'service.billing', answer: 'no' }] })).status, 422);

  // a signal is honoured for who is known by a token, and ends what was said before it
  const gpc = (await (await choices({ ...mine, 'sec-gpc': '1' })).json()) as State;
  assert.deepEqual([gpc.gpc, gpc.purposes.filter(({ sharedForAds, used: on }) => sharedForAds && on)], [true, []]);

  // a customer's token does what they would; it reaches the very next read
  const { id, subjectId } = await store('chooser@example.org');
  const { token } = await as('application', 'service.support').consents.choiceToken({ holder: subjectId, minutes: 1 });
  const used_ = (await (await choices({ ...shop, 'strongroom-choices': token }, yes)).json()) as State;
  assert.equal(used_.token, token, 'using it does not make it last longer');
  assert.equal((await as('application', NEWS).records.get(id)).fields.email?.value, 'chooser@example.org');
  await choices({ ...shop, 'strongroom-choices': token }, { answers: [{ purpose: NEWS, answer: 'no' }] });
  await assert.rejects(as('application', NEWS).records.get(id), { code: 'VAULT_DENIED' });
  await assert.rejects(as('support', 'service.support').consents.choiceToken({ holder: subjectId }), { code: 'ACCESS_DENIED' });

  // the headless client, with a page's storage and without one
  const kept = new Map<string, string>();
  const storage = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) };
  const asShop: typeof fetch = (input, init) => fetch(input, { ...init, headers: { ...(init?.headers as object), ...shop } });
  const client = createChoices({ server: url, language: 'fr-FR', purposes: [NEWS], storage, fetch: asShop });
  const heard: boolean[] = [];
  const stop = client.subscribe((now) => heard.push(now.purposes[0]?.used === true));
  assert.deepEqual([client.allows(NEWS), (await client.get()).words.acceptAll, kept.size], [false, 'Tout accepter', 0], 'nothing is kept before a choice');
  await client.set({ [NEWS]: true });
  assert.equal(createChoices({ server: url, storage }).allows(NEWS), true, 'the next page knows without asking');
  await client.set({ [NEWS]: false });
  stop();
  assert.deepEqual([heard, client.allows(NEWS), kept.size], [[true, false], false, 1]);
  kept.set('strongroom-choices', '{"token":"<script>","allowed":"marketing.newsletter"}');
  assert.equal(createChoices({ server: url, storage }).allows(NEWS), false);
  await assert.rejects(createChoices({ server: url, storage: null, fetch: (input, init) => fetch(input, { ...init, headers: { origin: 'https://evil.example' } }) }).get(), { code: 'PRIVACY_ORIGIN_UNKNOWN' });

  // the widget: small, alone, and what its hash says
  const script = await fetch(`${url}/center/widget.js`);
  const text = await script.text();
  const { integrity, snippet } = await as('dpo', 'legal.request').consents.widget();
  assert.equal(integrity, `sha384-${createHash('sha384').update(text).digest('base64')}`);
  assert.ok(snippet.includes(integrity) && snippet.includes('crossorigin'));
  assert.ok(gzipSync(text).length < 15_000, `${gzipSync(text).length} bytes`);
  assert.doesNotMatch(text, /\beval\b|new Function|innerHTML|insertAdjacentHTML|document\.write|postMessage|addEventListener\(["'`]message|\.cookie|https?:\/\//, 'no eval, no markup from text, no channel, no third party');
  assert.deepEqual([script.headers.get('access-control-allow-origin'), script.headers.get('cross-origin-resource-policy')], ['*', 'cross-origin']);
  // what makes __tcfapi of it is apart, and as strict
  const { tcf, gpp } = await as('dpo', 'legal.request').consents.widget();
  for (const [name, { integrity: hash }, most] of [['tcf-stub', tcf.stub, 1_000], ['tcf', tcf.api, 16_000], ['gpp-stub', gpp.stub, 1_000], ['gpp', gpp.api, 25_000]] as const) {
    const apart = await (await fetch(`${url}/center/${name}.js`)).text();
    assert.ok(hash === `sha384-${createHash('sha384').update(apart).digest('base64')}` && `${tcf.snippet}${gpp.snippet}`.includes(hash), name);
    assert.ok(gzipSync(apart).length < most, `${name}: ${gzipSync(apart).length} bytes`);
    assert.doesNotMatch(apart, /\beval\b|new Function|innerHTML|insertAdjacentHTML|document\.write|document\.cookie|cssText|https?:\/\//, name);
  }

  // one source is slowed down
  await fresh.db`update privacy.counts set n = 300`;
  assert.equal((await choices(shop, yes)).status, 429);
  await fresh.db`delete from privacy.counts`;
}); // prettier-ignore

/** A small vendor list in the form IAB Europe publishes. */
const vendorList = (version: number, policy = 5) => ({
  gvlSpecificationVersion: 3, vendorListVersion: version, tcfPolicyVersion: policy, lastUpdated: '2026-10-01T00:00:00Z', specialPurposes: {}, features: {}, specialFeatures: {}, stacks: {},
  purposes: Object.fromEntries([1, 2, 3, 4, 7, 8].map((id) => [id, { id, name: `purpose ${id}`, description: '' }])),
  vendors: Object.fromEntries([[12, [1, 3]], [34, [4]], [56, []]].map(([id, purposes]) => [id, { id, name: `Vendor ${String(id)}`, purposes, legIntPurposes: [7, 8], flexiblePurposes: [], specialPurposes: [], features: [], specialFeatures: [], urls: [{ langId: 'en', privacy: id === 34 ? 'javascript:alert(1)' : `https://v${String(id)}.example/privacy` }] }])),
}); // prettier-ignore

test('TC strings: off until set; written from what holds, read into the ledger, and never against what was said since', async () => {
  const NEWS = 'marketing.newsletter';
  const [officer, app, support] = [as('dpo', 'legal.request'), as('application', 'service.support'), as('support', 'service.support')];
  const settings = { cmpId: null, cmpVersion: 1, publisherCountry: 'DE', vendorId: null, purposes: [{ purpose: NEWS, tcf: [1, 3], specialFeatures: [] }], vendors: [12, 34] };
  const CORE = 'COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA';
  const { id, subjectId } = await store('tcf@example.org');
  const read = () => as('application', NEWS).records.get(id);

  // off, and what does not fit changes nothing
  assert.equal(((await (await fetch(`${url}/v1/privacy/choices`)).json()) as { tcf: unknown }).tcf, null);
  await assert.rejects(officer.tcf.get(), { code: 'PRIVACY_TCF_OFF' });
  await assert.rejects(app.tcf.record({ holder: subjectId, tcString: CORE }), { code: 'PRIVACY_TCF_OFF' });
  assert.deepEqual((await officer.tcf.decode(CORE)).purposeConsents, [1, 2, 3]);
  await assert.rejects(officer.tcf.decode(CORE.slice(0, 40)), { code: 'PRIVACY_TCF_INVALID' });
  await assert.rejects(officer.tcf.set(settings), { code: 'PRIVACY_TCF_LIST_MISSING' });
  const set = (more: object) => officer.tcf.set({ ...settings, vendorList: vendorList(70), ...more });
  for (const list of [[], { vendors: {} }, { ...vendorList(70), vendors: { 12: { id: 13, name: 'x' } } }, { ...vendorList(70), vendors: { 12: { id: 12, name: 'x', purposes: [9] } } }])
    await assert.rejects(set({ vendorList: list }), { code: 'PRIVACY_TCF_LIST_INVALID' });
  for (const wrong of [{ vendors: [99] }, { vendorId: 99 }, { purposes: [{ purpose: 'service.billing', tcf: [1], specialFeatures: [] }] }, { purposes: [{ purpose: NEWS, tcf: [9], specialFeatures: [] }] }, { purposes: [...settings.purposes, ...settings.purposes] }])
    await assert.rejects(set(wrong), { code: 'PRIVACY_TCF_SETTINGS' });
  await assert.rejects(support.tcf.set({ ...settings, vendorList: vendorList(70) }), { code: 'ACCESS_DENIED' });
  const [kept] = await fresh.db<{ n: number }[]>`select (select count(*) from privacy.tcf_settings)::int + (select count(*) from privacy.vendor_lists)::int as n`;
  assert.equal(kept?.n, 0);

  // without a number of a CMP strings are read, and none is written
  await set({});
  await assert.rejects(officer.tcf.write({ holder: subjectId, vendors: [12] }), { code: 'PRIVACY_TCF_NO_CMP' });
  await assert.rejects(set({ vendorList: { ...vendorList(70), lastUpdated: '2026-11-01T00:00:00Z' } }), { code: 'PRIVACY_TCF_LIST_INVALID' }, 'a version has one content');
  await assert.rejects(set({ vendorList: vendorList(69) }), { code: 'PRIVACY_TCF_LIST_INVALID' }, 'and is not followed by an older one');
  assert.deepEqual([(await officer.tcf.set({ ...settings, cmpId: 27 })).vendorListVersion, (await officer.tcf.get()).cmpId], [70, 27]);

  // what holds, and only to who was shown
  const facts = async (vendors: number[]) => officer.tcf.decode((await officer.tcf.write({ holder: subjectId, vendors, language: 'de' })).tcString);
  assert.deepEqual(((f) => [f.purposeConsents, f.vendorConsents, f.vendorsDisclosed])(await facts([12, 34])), [[], [], [12, 34]]);
  await app.consents.record({ holder: { subject: subjectId }, said: [{ purpose: NEWS, said: 'given' }], text: 'Yes', method: 'web' });
  const agreed = await facts([12, 34, 56]);
  assert.deepEqual([agreed.purposeConsents, agreed.publisher?.consents, agreed.vendorConsents, agreed.vendorsDisclosed], [[1, 3], [1, 3], [12], [12, 34]], '34 declares none of these; 56 is no partner');
  assert.deepEqual([agreed.language, agreed.cmpId, agreed.vendorListVersion, agreed.policyVersion, agreed.serviceSpecific, agreed.publisherCountry], ['DE', 27, 70, 5, true, 'DE']);
  assert.deepEqual(((f) => [f.purposeConsents, f.vendorConsents, f.vendorsDisclosed])(await facts([])), [[1, 3], [], []]);
  const yes = (await officer.tcf.write({ holder: subjectId, vendors: [12] })).tcString;

  // a string of this morning gives nothing back that was taken back since; a no of today counts
  await app.consents.record({ holder: { subject: subjectId }, said: [{ purpose: NEWS, said: 'withdrawn' }], method: 'web' });
  const replayed = await app.tcf.record({ holder: subjectId, tcString: yes });
  assert.deepEqual([replayed.events, replayed.ignored], [[], [{ purpose: NEWS, because: 'older' }]]);
  await assert.rejects(read(), { code: 'VAULT_DENIED' });
  const no = (await officer.tcf.write({ holder: subjectId, vendors: [12] })).tcString;
  const other = await store('tcf-2@example.org');
  const first = await app.tcf.record({ holder: other.subjectId, tcString: yes });
  assert.deepEqual(first.events.map(({ said, purpose, expiresAt }) => [said, purpose, expiresAt !== null]), [['given', NEWS, true]]);
  assert.equal((await as('application', NEWS).records.get(other.id)).fields.email?.value, 'tcf-2@example.org', 'it holds at the very next read');
  const { events } = await officer.consents.get(other.subjectId);
  assert.ok(JSON.stringify(events[0]?.record).includes(yes) && JSON.stringify(events[0]?.record).includes('shown by CMP 27 in EN'), 'the string itself is the evidence');
  assert.deepEqual((await app.tcf.record({ holder: other.subjectId, tcString: yes })).ignored, [{ purpose: NEWS, because: 'older' }], 'the same again is nothing new');
  assert.deepEqual((await app.tcf.record({ holder: other.subjectId, tcString: no })).events.map(({ said }) => said), ['withdrawn']);
  await assert.rejects(as('application', NEWS).records.get(other.id), { code: 'VAULT_DENIED' }, 'and refuses the very next one');

  // nor what was taken back by a no to all that is wider, nor by a no that was on its way at the same moment
  const [wider, racing] = [await store('tcf-4@example.org'), await store('tcf-5@example.org')];
  const withdraw = (subject: string, purpose: string) => app.consents.record({ holder: { subject }, said: [{ purpose, said: 'withdrawn' }], method: 'web' });
  await withdraw(wider.subjectId, 'marketing');
  assert.deepEqual((await app.tcf.record({ holder: wider.subjectId, tcString: yes })).ignored, [{ purpose: NEWS, because: 'older' }]);
  await assert.rejects(as('application', NEWS).records.get(wider.id), { code: 'VAULT_DENIED' });
  await withdraw(racing.subjectId, 'analytics.product');
  const waiting = async (count: number): Promise<void> => {
    for (let tries = 0; tries < 500; tries += 1) {
      const [row] = await fresh.db<{ n: number }[]>`select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%consent_chains%'`;
      if (row?.n === count) return;
      await sleep(20);
    }
    throw new Error(`never ${count} of them`);
  };
  const both = await fresh.db.begin(async (tx) => {
    await tx`select from privacy.consent_chains where holder = ${parseSubjectId(racing.subjectId)} for update`;
    const no = withdraw(racing.subjectId, NEWS);
    await waiting(1);
    const late = app.tcf.record({ holder: racing.subjectId, tcString: yes });
    await waiting(2);
    return { no, late };
  });
  assert.equal((await both.no).events.length, 1);
  assert.deepEqual((await both.late).ignored, [{ purpose: NEWS, because: 'older' }]);
  await assert.rejects(as('application', NEWS).records.get(racing.id), { code: 'VAULT_DENIED' });

  // by the vendor that we are
  await officer.tcf.set({ ...settings, cmpId: 27, vendorId: 34 });
  const third = await store('tcf-3@example.org');
  assert.deepEqual((await app.tcf.record({ holder: third.subjectId, tcString: yes })).events.map(({ said }) => said), ['refused'], 'nothing was said to vendor 34');

  // a newer policy makes it void; what lies there is not written to
  await set({ cmpId: 27, vendorList: vendorList(71, 6) });
  await assert.rejects(app.tcf.record({ holder: third.subjectId, tcString: yes }), { code: 'PRIVACY_TCF_OUTDATED' });
  await assert.rejects(app.tcf.record({ holder: third.subjectId, tcString: `${yes}x` }), { code: 'PRIVACY_TCF_INVALID' });
  await assert.rejects(support.tcf.record({ holder: third.subjectId, tcString: yes }), { code: 'ACCESS_DENIED' });

  // a page of a site: partners to name, and the string of what holds for its visitor
  const shop: typeof fetch = (input, init) => fetch(input, { ...init, headers: { ...(init?.headers as object), origin: 'https://shop.example' } });
  const shelf = new Map<string, string>();
  const storage = { getItem: (name: string) => shelf.get(name) ?? null, setItem: (name: string, value: string) => void shelf.set(name, value) };
  const client = createChoices({ server: url, storage, fetch: shop });
  const begun = await client.get();
  assert.deepEqual([begun.tcf?.tcString, client.tcString()], [null, null], 'nothing is said before anything was');
  assert.deepEqual(begun.tcf?.vendors, [{ id: 12, name: 'Vendor 12', privacy: 'https://v12.example/privacy' }, { id: 34, name: 'Vendor 34', privacy: null }]);
  await client.set({ [NEWS]: true }, [12]);
  const page = await officer.tcf.decode(client.tcString() ?? '');
  assert.deepEqual([page.purposeConsents, page.vendorsDisclosed, page.vendorConsents], [[1, 3], [12], [12]]);
  assert.equal(createChoices({ server: url, storage }).tcString(), client.tcString(), 'the next page has it without asking');
  await client.set({ [NEWS]: false });
  const next = createChoices({ server: url, storage, fetch: shop });
  await next.get();
  assert.deepEqual(((f) => [f.purposeConsents, f.vendorsDisclosed])(await officer.tcf.decode(next.tcString() ?? '')), [[], [12]]);
}); // prettier-ignore

test('an erasure takes two people, and leaves nothing to sign in to', async () => {
  const { subjectId } = await store('lin@example.org');
  const cookie = await proven(await signIn('lin@example.org'), subjectId);
  await ask('/center/requests', { form: { kind: 'erasure', words: '' }, cookie });
  const request = (await system.privacy.requests.queue(ALL)).requests.find((each) => each.subject === subjectId);
  const id = request?.id as string;
  const [one, two] = [publicId('per', uuidv7()), publicId('per', uuidv7())];
  const by = (name: string) => ({ actor: { kind: 'staff', id: name, role: 'dpo' } as const });
  let erased = 0;
  const erase = async (tx: Tx): Promise<() => void> => {
    const actor = await system.access.authenticate(keys.get('dpo'));
    erased += 1;
    return (await system.vault.eraseIn(tx, { actor, purpose: 'legal.request', requestId: 'test' }, parseSubjectId(subjectId) as SubjectId)).committed;
  };
  const { requests } = system.privacy;

  assert.deepEqual([(await requests.decide(by(one), id, { decision: 'fulfil', answer: '' }, { caller: NO_CALLER, erase })).state, erased], ['review', 0]);
  await assert.rejects(requests.decide(by(one), id, { decision: 'fulfil', answer: '' }, { caller: NO_CALLER, erase }), { code: 'PRIVACY_SECOND_EYES' });
  await assert.rejects(requests.decide({ ...by('key_9'), person: one }, id, { decision: 'fulfil', answer: '' }, { caller: NO_CALLER, erase }), { code: 'PRIVACY_SECOND_EYES' }, 'by a key of the same person');
  // who declines while it goes finds it done
  let declining: Promise<unknown> = Promise.resolve();
  const raced = async (tx: Tx): Promise<() => void> => {
    declining = requests.decide(by(one), id, { decision: 'refuse', answer: 'no' }, { caller: NO_CALLER, erase }).then(() => 'declined', (thrown: { code: string }) => thrown.code);
    await Promise.race([declining, new Promise((resolve) => setTimeout(resolve, 100))]);
    return erase(tx);
  };
  assert.deepEqual([(await requests.decide(by(two), id, { decision: 'fulfil', answer: '' }, { caller: NO_CALLER, erase: raced })).state, erased], ['fulfilled', 1]);
  assert.equal(await declining, 'PRIVACY_REQUEST_STATE');
  await assert.rejects(requests.decide(by(two), id, { decision: 'refuse', answer: '' }, { caller: NO_CALLER, erase }), { code: 'PRIVACY_REQUEST_STATE' });
  assert.deepEqual((await requests.get(by(one), id)).steps.map(({ step }) => step), ['received', 'first eyes', 'erased']);
  assert.match((await ask('/center/data', { cookie })).text, /Nothing/);
  const before = await codeFor('lin@example.org');
  await ask('/center/sign-in', { form: { email: 'lin@example.org' } });
  assert.equal(await codeFor('lin@example.org'), before, 'who was forgotten gets no code any more');
}); // prettier-ignore

test('an erasure under a legal hold says so and changes nothing; when the hold is lifted, the same second person can go on', async () => {
  const { id, subjectId } = await store('held@example.org');
  const cookie = await proven(await signIn('held@example.org'), subjectId);
  await ask('/center/requests', { form: { kind: 'erasure', words: 'please' }, cookie });
  const request = (await system.privacy.requests.queue(ALL)).requests.find((each) => each.subject === subjectId)?.id as string;
  const by = (name: string) => ({ actor: { kind: 'staff', id: name, role: 'dpo' } as const, requestId: 'test' });
  const [one, two] = [publicId('per', uuidv7()), publicId('per', uuidv7())];
  const { holds } = system.retention;
  const hold = await holds.request(by(one) as never, { matter: 'M-7', subject: subjectId, reason: 'a lawsuit', authority: 'the court', reviewBy: '2099-01-31' });
  await holds.approve(by(two) as never, hold.id);
  const erase = async (tx: Tx): Promise<() => void> => {
    const actor = await system.access.authenticate(keys.get('dpo'));
    return (await system.vault.eraseIn(tx, { actor, purpose: 'legal.request', requestId: 'test' }, parseSubjectId(subjectId) as SubjectId)).committed;
  };
  const decide = (who: string) => system.privacy.requests.decide(by(who), request, { decision: 'fulfil', answer: '' }, { caller: NO_CALLER, erase });

  assert.equal((await decide(one)).state, 'review');
  await assert.rejects(decide(two), { code: 'VAULT_HELD' });
  const { state, steps } = await system.privacy.requests.get(by(one), request);
  assert.deepEqual([state, steps.map(({ step }) => step)], ['review', ['received', 'first eyes']], 'as it was, and still a task');
  assert.equal((await as('support', 'service.support').records.get(id)).id, id);
  assert.match((await ask('/center/requests', { cookie })).text, /please/);

  await holds.lift(by(one) as never, hold.id, 'it is over');
  await holds.approve(by(two) as never, hold.id);
  assert.equal((await decide(two)).state, 'fulfilled');
}); // prettier-ignore

test('while no mail can be queued, whoever asks for a code is told the same, and it comes when mail is back', async () => {
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
  const people = [];
  for (let n = 0; n < 20; n += 1) people.push(await store(`many-${n}@example.org`, { city: 'Paris' }));
  await as('analyst', 'analytics.product').records.read(people.map(({ id }) => id));

  await system.privacy.seen.fold();
  const [last] = await system.privacy.seen.list(parseSubjectId(people.at(-1)?.subjectId as string) as SubjectId, { before: null, limit: 1 });
  assert.deepEqual([last?.role, last?.purpose], ['analyst', 'analytics.product']);
}); // prettier-ignore

test('the notice is published by a person, in whole languages only; what is enforced otherwise is drift, in the log once', async () => {
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
