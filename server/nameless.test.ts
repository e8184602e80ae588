/** Reports without a name through two whole servers: by a form without script; nothing ties who sent it; the team works on them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { comeIn, twoSystems, type CameIn, type Json, type TwoSystems } from './testing.ts';
import { visitor, type Shown, type Visitor, type VisitOptions } from './visitor.ts';

const path = '/v1/education/incidents';
/** Stand in what is sent, and may stand in nothing that is kept in clear. */
const [WORDS, BROWSER, ADDRESS, FORWARDED] = ['Quillfeather lost it', 'Quillbrowser/7', '203.0.113.77', '203.0.113.0'];
const CALL = /Call <a href="tel:\+49301234">\+49 30 1234<\/a>/;
let both: TwoSystems;
let visitors: readonly [Visitor, Visitor];
let keys: Record<'security' | 'auditor' | 'support', string>;
let ann: CameIn;
let link: string;

const linkOf = (url: string): string => new URL(url).pathname;
const newLink = async (server = 0): Promise<string> => {
  const { status, body } = await both.call('POST', `${path}/report-link`, { key: keys.security, server });
  assert.equal(status, 201, JSON.stringify(body));
  return linkOf(body.link.url as string);
};
const ask = (to: string, options: VisitOptions = {}, server: 0 | 1 = 0): Promise<Shown> => visitors[server].ask(to, options); // prettier-ignore
const formIn = ({ text }: Shown): string => /name="form" value="([^"]+)"/.exec(text)?.[1] ?? '';
const receiptIn = ({ text }: Shown): string => /receipt"><strong>([0-9A-Z-]{34})<\/strong>/.exec(text)?.[1] ?? '';
type Words = Readonly<Record<string, string>>;
const tell = async (more: Words = {}, options: VisitOptions = {}, server: 0 | 1 = 0): Promise<Shown> =>
  ask(link, { ...options, form: { form: formIn(await ask(link, {}, server)), kind: 'other', when: 'now', ...more } }, server); // prettier-ignore
const told = async (more: Words = {}, options: VisitOptions = {}): Promise<string> => {
  const answer = await tell(more, options);
  assert.equal(answer.status, 201, answer.text);
  return receiptIn(answer);
};
const list = async (): Promise<Json> =>
  (await both.call('GET', `${path}/reports?which=all`, { key: keys.auditor })).body;
const newest = async (): Promise<string> => (await list()).reports[0].id as string;
const step = (id: string, body: object, by: object = { key: keys.security }) => both.call('POST', `${path}/reports/${id}/steps`, { ...by, body }); // prettier-ignore

before(async () => {
  both = await twoSystems({ STRONGROOM_TRUSTED_PROXIES: '127.0.0.1', STRONGROOM_INCIDENT_CALL: '+49 30 1234' });
  visitors = [0, 1].map((at) => visitor(() => both.systems[at as 0 | 1], () => both.urls[at as 0 | 1])) as never; // prettier-ignore
  const of = async (role: string): Promise<string> => (await both.newKey(role)).key;
  keys = { security: await of('security'), auditor: await of('auditor'), support: await of('support') };
  const admin = await comeIn(both, both.systems[0].firstLink as string, { email: 'first@example.org', name: 'First' });
  const invited = await both.call('POST', '/v1/access/people', { cookie: admin.cookie, body: { email: 'ann@example.org', name: 'Ann', roles: ['security'] } }); // prettier-ignore
  ann = await comeIn(both, invited.body.token as string);
  link = await newLink();
});
after(() => both.close());

test('the page needs no script, cookie or sign-in; two choices send it; it thanks with a number that leads back on any server', async () => {
  const page = await ask(link);
  assert.equal(page.status, 200);
  assert.doesNotMatch(page.text, /<script|javascript:|style=|https?:\/\//);
  assert.match(page.text, /<p class="brand">Report without a name</, 'an installation that nobody has named says no name for it');
  assert.match(page.headers.get('content-security-policy') ?? '', /^default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'/);
  assert.deepEqual([page.headers.get('set-cookie'), page.headers.get('cache-control'), page.headers.get('referrer-policy')], [null, 'no-store', 'same-origin']);
  // what is required: one of five; the rest has a default or may be empty
  assert.deepEqual([...page.text.matchAll(/<(\w+)[^>]* required/g)].map(([, name]) => name), Array(5).fill('input'));

  const thanks = await ask(link, { form: { form: formIn(page), kind: 'clicked' } });
  assert.equal(thanks.status, 201);
  assert.match(thanks.text, /Thank you for saying so/);
  assert.match(thanks.text, /Change the password that you typed/);
  const receipt = receiptIn(thanks);
  const seen = await ask('/tell/number', { form: { receipt: receipt.toLowerCase().replaceAll('-', ' ') } }, 1);
  assert.deepEqual([seen.status, /Nobody has looked at it yet/.test(seen.text)], [200, true], seen.text);
  for (const [language, words] of [['de', 'Sagen Sie uns, was passiert ist'], ['fr', 'Dites-nous ce qui s’est passé'], ['es', 'Díganos qué ha pasado']] as const) {
    assert.match((await ask(`${link}?lang=${language}`)).text, new RegExp(words));
    assert.match((await ask(link, { headers: { 'accept-language': `${language}-XX, en;q=0.5` } })).text, new RegExp(words));
  }
  assert.match((await ask(link, {}, 1)).text, CALL);
}); // prettier-ignore

test('the team is told without a word of it, reads it, asks, is answered, makes an incident of it; the reporter reads how it stands', async () => {
  const receipt = await told({ kind: 'lost-device', words: WORDS, reach: 'extension 7' });
  const id = await newest();
  for (const by of [{ key: keys.support }, {}]) for (const where of ['', `/${id}`]) assert.ok([401, 403].includes((await both.call('GET', `${path}/reports${where}`, by)).status));
  assert.equal((await step(id, { step: 'look' }, { key: keys.auditor })).status, 403);
  assert.equal((await both.call('POST', `${path}/report-link`, { key: keys.auditor })).status, 403);
  const { body } = await both.call('GET', `${path}/reports/${id}`, { key: keys.security, server: 1 });
  assert.deepEqual(body.said, { when: 'now', words: WORDS, reach: 'extension 7' });
  assert.ok((await both.entriesOf('education.intake.read')).some(({ detail }) => detail.report === id));

  assert.equal((await step(id, { step: 'ask', text: 'Which one? <b>x</b>' })).body.turn, 'reporter');
  const asked = await ask('/tell/number', { form: { receipt } }, 1);
  assert.ok(asked.text.includes('Which one? &lt;b&gt;x&lt;/b&gt;') && !asked.text.includes('Quillfeather'));
  const once = /name="once" value="([^"]+)"/.exec(asked.text)?.[1] as string;
  const [one, two] = await Promise.all(([0, 1] as const).map((server) => ask('/tell/answer', { form: { receipt, once, text: 'the white one' } }, server)));
  assert.deepEqual([one?.status, two?.status], [200, 200]);
  assert.match(`${one?.text}${two?.text}`, /Thank you\. We have it\./);
  const changed = await step(id, { step: 'incident' }, { cookie: ann.cookie });
  assert.deepEqual([changed.status, changed.body.talk.length], [200, 2], JSON.stringify(changed.body));
  const incident = await both.call('GET', `${path}/${changed.body.incident as string}`, { key: keys.security });
  assert.match(incident.body.timeline[0].text as string, /Quillfeather lost it[^]*the white one/);
  assert.ok(!JSON.stringify(incident.body).includes('extension 7'), 'how to reach them is not kept for good');
  assert.equal(incident.body.timeline[0].detail.report, id);
  assert.equal(incident.body.reportedAt, body.receivedAt, 'clocks count from when it was told');
  assert.match((await ask('/tell/number', { form: { receipt } })).text, /Somebody is looking at it/);

  await both.noticed();
  const { body: mine } = await both.call('GET', '/v1/access/notices', { cookie: ann.cookie });
  const notices = (mine.notices as Json[]).filter(({ kind }) => kind === 'nameless');
  assert.deepEqual(new Set(notices.map(({ link: to }) => to)), new Set(['/incidents/reports', `/incidents/reports/${id}`]));
  assert.match(JSON.stringify(notices), /Something was reported without a name/);
  const mails = await Promise.all((await both.systems[0].mail.list()).map(async ({ id: mail }) => (await both.systems[0].mail.get(mail)).content));
  const alarms = mails.filter((mail) => mail?.to === 'ann@example.org' && /reported without a name/.test(mail.subject));
  assert.ok(alarms.length === 1, JSON.stringify(mails.map((mail) => mail?.subject)));
  assert.ok(!/Quill|lost|white|extension/.test(JSON.stringify(alarms)));
}); // prettier-ignore

test('who is signed in in the same browser is in no table, no entry and no event; nor is browser, address or word', async () => {
  const { body: me } = await both.call('GET', '/v1/access/whoami', { cookie: ann.cookie });
  const size = await both.systems[0].audit.size();
  const options = { cookie: ann.cookie, headers: { 'user-agent': BROWSER, 'x-forwarded-for': ADDRESS, referer: 'https://intranet.example/Quillpage' } } as const;
  const dump = async (): Promise<Map<string, Set<string>>> => {
    const tables = await both.fresh.db<{ name: string }[]>`select table_schema || '.' || table_name as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`;
    return new Map(await Promise.all(tables.map(async ({ name }) => [name, new Set((await both.fresh.db.unsafe<{ t: string }[]>(`select t::text from ${name} t`)).map(({ t }) => t))] as const)));
  };
  const was = await dump();
  const page = await ask(link, options, 1);
  const sent = await ask(link, { ...options, form: { form: formIn(page), kind: 'strange', words: WORDS, reach: 'Quillreach' } }, 1);
  assert.equal(sent.status, 201, sent.text);
  const receipt = receiptIn(sent);
  await ask('/tell/answer', { ...options, form: { receipt, once: 'o', text: 'Quillanswer' } }, 1);
  assert.equal((await ask(link, { ...options, form: { form: 'x', kind: 'strange' } }, 1)).status, 409);
  for (const system of both.systems) await system.traffic.flush();

  const needles = ['Quill', BROWSER, Buffer.from('Quill').toString('hex'), ADDRESS, FORWARDED, String(me.id), String(me.person), receipt, receipt.replaceAll('-', '').toLowerCase(), 'ann@example.org'].filter((each) => each !== 'undefined');
  const fresh: string[] = [];
  for (const [name, rows] of await dump()) for (const row of rows) if (was.get(name)?.has(row) !== true) fresh.push(`${name} ${row}`);
  assert.ok(fresh.some((row) => row.startsWith('education.intake_words')));
  // what she asked by name a moment ago may be written down by now: events of these pages are looked at one by one, below
  const ofHers = new Set([String(me.id), String(me.person)]);
  for (const row of fresh) for (const needle of needles) assert.ok(!row.includes(needle) || (row.startsWith('traffic.') && ofHers.has(needle)), `${needle} stands in ${row.slice(0, 300)}`);
  const entries = (await both.systems[0].audit.read(size, await both.systems[0].audit.size())).map(({ bytes }) => bytes.toString());
  assert.ok(entries.some((entry) => entry.includes('education.intake.receive') && !entry.includes('requestId')));
  // events lie sealed: they are asked for
  const { body } = await both.call('GET', '/v1/traffic/events?limit=200', { key: keys.security });
  const events = (body.events as Json[]).map((each) => JSON.stringify(each)).filter((each) => each.includes('/tell/'));
  assert.ok(events.length >= 4, JSON.stringify(body).slice(0, 400));
  for (const event of [...events, ...entries]) for (const needle of [...needles, '127.0.0.1', 'src_endpoint"']) assert.ok(!event.includes(needle), `${needle} stands in ${event}`);
  assert.deepEqual(events.filter((event) => event.includes('"class_uid":6003') && !event.includes('"user_agent":""')), []);
}); // prettier-ignore

test('another site sends nothing; markup, odd and oversized words do no harm; what is not taken is shown again', async () => {
  const before = (await list()).reports.length as number;
  const form = formIn(await ask(link));
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'none' }]) {
    const refused = await ask(link, { form: { form, kind: 'other' }, headers });
    assert.deepEqual([refused.status, /did not come from this page/.test(refused.text)], [403, true]);
    for (const to of ['/tell/number', '/tell/answer']) assert.equal((await ask(to, { form: { receipt: 'x' }, headers })).status, 403);
  }
  const bare = await fetch(`${both.urls[0]}${link}`, { method: 'POST', body: new URLSearchParams({ form, kind: 'other' }), headers: { origin: 'https://evil.example' } });
  assert.equal(bare.status, 403);
  const unchosen = await ask(link, { form: { form, words: '"><script>alert(1)</script>' } });
  assert.equal(unchosen.status, 422);
  assert.ok(unchosen.text.includes('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;') && !unchosen.text.includes('<script'));
  const long = await ask(link, { form: { form, kind: 'other', words: 'é'.repeat(4001) } });
  assert.deepEqual([long.status, long.text.includes('That is too long')], [422, true]);
  const large = await ask(link, { form: { form, kind: 'other', words: 'x'.repeat(200_000) } });
  assert.deepEqual([large.status, /too large/.test(large.text), large.headers.get('content-type')], [413, true, 'text/html; charset=utf-8']);
  const raw = await fetch(`${both.urls[0]}${link}`, { method: 'POST', body: Buffer.from([0xff, 0x00, 0xc3, 0x28]), headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' } });
  assert.equal(raw.status, 422);
  assert.equal((await list()).reports.length, before, 'nothing of it was taken');

  const html = '<img src=x onerror=alert(1)> \u202Etxt.exe\u0000 日本語 👩‍👩‍👧 مرحبا';
  await told({ words: html });
  const { body } = await both.call('GET', `${path}/reports/${await newest()}`, { key: keys.security });
  assert.equal(body.said.words, '<img src=x onerror=alert(1)> txt.exe 日本語 👩‍👩‍👧 مرحبا');
  const emoji = '👩‍👩‍👧'.repeat(500);
  await told({ words: emoji });
}); // prettier-ignore

test('a link that was replaced is dead on both servers, shows what was written, and whom to call', async () => {
  const old = link;
  const form = formIn(await ask(old));
  link = await newLink(1);
  for (const server of [0, 1] as const) {
    const dead = await ask(old, { form: { form, kind: 'other', words: WORDS } }, server);
    assert.deepEqual([dead.status, dead.text.includes(WORDS), /not valid any more/.test(dead.text)], [404, true, true]);
    assert.equal((await ask(old, {}, server)).status, 404);
  }
  assert.match((await ask(old, {}, 1)).text, CALL);
  assert.match((await ask(old)).text, /Call your security team/);
  assert.equal((await ask('/tell/forged')).status, 404);
  assert.equal((await both.call('DELETE', `${path}/report-link`, { key: keys.security })).status, 204);
  assert.deepEqual((await both.call('GET', `${path}/report-link`, { key: keys.auditor })).body, { link: null });
  assert.equal((await ask(link)).status, 404);
  link = await newLink();
  const actions = await Promise.all(['education.intake.link', 'education.intake.link-end'].map(both.entriesOf));
  assert.ok(actions.every((entries) => entries.length > 0 && entries.every(({ actor }) => actor.id !== 'intake')));
});

test('a full queue and a flood are said in words, with what was written; numbers that are guessed look alike and end', async () => {
  const receipt = await told();
  // also in the quarter of an hour that may begin while this runs
  const all = await both.fresh.db`
    insert into education.intake_counts (what, part, n)
    select what, floor(extract(epoch from now()) / 900) + later, 10000 from (select distinct what from education.intake_counts where what like 'link %') links, generate_series(0, 1) later
    on conflict (what, part) do update set n = excluded.n returning what`;
  assert.ok(all.length > 0);
  const slow = await tell({ words: WORDS });
  assert.deepEqual([slow.status, slow.headers.get('retry-after'), slow.text.includes(WORDS)], [429, '900', true]);
  await both.fresh.db`delete from education.intake_counts`;
  await both.fresh.db`insert into education.intake_reports (report_id, receipt, link_id, kind, state, turn, received_at, moved_at)
    select gen_random_uuid(), sha256(n::text::bytea), (select link_id from education.intake_links where ended_at is null), 'other', 'received', 'team', now(), now() from generate_series(1, 500) n`;
  const full = await tell({ words: WORDS }, {}, 1);
  assert.deepEqual([full.status, full.text.includes(WORDS), CALL.test(full.text)], [503, true, true]);
  await both.fresh.db`delete from education.intake_reports where report_id not in (select report_id from education.intake_keys)`;
  assert.equal((await ask('/tell/number', { form: { receipt } })).status, 200, 'what was thanked for is there');

  // well-formed: its check fits
  const guess = (digit: string): string => `${'0'.repeat(25)}${digit}0${digit}`;
  const guesses: string[] = [];
  for (const digit of ['0', '4', 'C']) guesses.push((await ask('/tell/number', { form: { receipt: guess(digit) } })).text);
  assert.ok(new Set(guesses).size === 1 && guesses[0]?.includes('There is no report with this number'));
  await both.fresh.db`insert into education.intake_counts (what, part, n)
    select what, floor(extract(epoch from now()) / 900) + later, 10000 from (select 'tries ' || n from generate_series(0, 4095) n union select 'tries') as bins (what), generate_series(0, 1) later
    on conflict (what, part) do update set n = excluded.n`;
  const [mine, wrong] = [await ask('/tell/number', { form: { receipt } }, 1), await ask('/tell/number', { form: { receipt: guess('8') } }, 1)];
  assert.deepEqual([mine.status, mine.text], [429, wrong.text]);
  const kept = await ask('/tell/answer', { form: { receipt, once: 'o', text: `${WORDS} <b>` } }, 1);
  assert.deepEqual([kept.status, kept.headers.get('retry-after')], [429, '900']);
  for (const written of [`>${WORDS} &lt;b&gt;</textarea>`, `value="${receipt}"`, 'name="once" value="o"']) assert.ok(kept.text.includes(written), kept.text);
  await both.fresh.db`delete from education.intake_counts`;
  const slipped = await ask('/tell/answer', { form: { receipt: 'a slip', once: 'o', text: WORDS } });
  assert.ok(slipped.status === 404 && slipped.text.includes(WORDS));
  assert.equal((await ask('/tell/answer', { form: { receipt, once: 'o', text: WORDS } })).status, 200, 'and the same form sends it');
}); // prettier-ignore

test('who tries out numbers of reports, from however many addresses, raises an alarm that says neither a number nor an address', async () => {
  await both.fresh.db`delete from education.intake_counts`;
  const guesses = Array.from({ length: 30 }, (_, n) => `${'1'.repeat(26)}${String(n).padStart(2, '0')}`);
  for (const [n, receipt] of guesses.entries()) {
    const to = n % 3 === 0 ? '/tell/answer' : '/tell/number';
    const headers = { 'x-forwarded-for': `203.0.113.${n}`, 'user-agent': BROWSER };
    assert.equal((await ask(to, { form: { receipt, once: 'o', text: 'x' }, headers }, n % 2 === 0 ? 0 : 1)).status, 404);
  }

  let found: Json | undefined;
  for (let tries = 0; tries < 600 && found === undefined; tries += 1) {
    for (const system of both.systems) await system.traffic.flush();
    const { body } = await both.call('GET', '/v1/traffic/cases?state=all', { key: keys.security });
    found = (body.cases as Json[]).find(({ title }) => title === 'Numbers of reports without a name tried out');
    if (found === undefined) await sleep(100);
  }

  const whole = await both.call('GET', `/v1/traffic/cases/${found?.id as string}`, { key: keys.security });
  const [alert] = whole.body.newestAlerts as Json[];
  const evidence = await both.call('GET', `/v1/traffic/cases/${found?.id as string}/evidence?alert=${encodeURIComponent(alert?.uid as string)}`, { key: keys.security });
  assert.ok((evidence.body.events as Json[]).length > 0);
  const all = JSON.stringify([whole.body, evidence.body]);
  for (const secret of ['203.0.113', BROWSER, '1'.repeat(13)]) assert.ok(!all.includes(secret), `${secret} is in ${all}`);
}); // prettier-ignore
