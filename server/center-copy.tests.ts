/** A customer sees and copies what is held of them, all of it and nothing of anybody else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parsePublicId, parseSubjectId, type SubjectId } from '#platform/ids';
import { unzip } from '#platform/testing';
import { HELD } from '#practices/privacy';
import { Decrypter } from 'age-encryption';

import type { Running } from './center.test.ts';

export function customerSeesTheirs(of: () => Running): void {
  /** Two people have seen who asks. */
  const vouched = async (id: string): Promise<void> => {
    const { system } = of();
    for (const person of ['per_a', 'per_b']) await system.privacy.requests.prove.vouch({ actor: { kind: 'staff', id: person, role: 'dpo' }, person }, id, 'passport'); // prettier-ignore
  };

  test('a customer sees their own data, copies it whole, decides, asks, doubts; and never reaches somebody else', async () => {
    const { store, as, proven, signIn, ask, system, ALL, fresh } = of();
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
    const { store, as, proven, signIn, ask, system, url, fresh } = of();
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
    const { store, as, signIn, ask, url, system, fresh } = of();
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
}
