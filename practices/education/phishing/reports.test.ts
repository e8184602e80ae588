/** Reports by button, by API and by forwarded mail: an exercise is thanked for, the same mail is one, nothing is believed. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';

import { transact } from '#platform/db';
import { isFailure } from '#platform/failure';
import { createTransport } from 'nodemailer';

import { foldRoles } from './campaigns.ts';
import { plainSubject, readReport } from './read-report.ts';
import { phishingWorld, tokenIn, type World } from '../testing.ts';
import type { By } from '../by.ts';

const ORIGIN = 'https://portal.example.net';
let world: World;
before(async () => void (world = await phishingWorld(ORIGIN)));
after(() => world.close());

const as = (person: string): By => ({ actor: { kind: 'staff', id: person }, person, requestId: 'test' });
async function mailed(names: readonly string[], mode: 'people' | 'groups' = 'people') {
  world.at('2026-03-04T10:00:00Z');
  const people = await Promise.all(names.map((name) => world.hire(name)));
  const times = { from: world.at(), until: new Date('2026-03-04T12:00:00Z') };
  const all = [...people, ...(await world.others(mode === 'people' ? 10 - people.length : 0))];
  const { id } = await world.phishing.plan(world.by, { name: 'one', template: 'voice-message', mode, roles: [], people: all.map((each) => ({ id: each.id })), ...times });
  await world.db`update education.phish_targets set due_at = ${world.at()} where campaign_id = (select campaign_id from education.campaigns order by 1 desc limit 1)`;
  await world.phishing.tick();
  await world.mail.sendDue();
  await world.phishing.tick();
  await world.db`update mail.outbox set done_at = ${world.at()} where done_at is not null`;
  if (mode === 'people') await world.db`update education.phish_tokens set sent_at = ${world.at()} where sent_at is not null`;
  const raws = people.map(({ email }) => world.got.findLast(({ to }) => to === email)?.raw ?? '');
  return { id, people, raws };
} // prettier-ignore

/** As mail programs forward: in a file, twice, or quoted in HTML and quoted-printable. */
async function forwarded(raw: string, from: string, how: 'nested' | 'twice' | 'quoted'): Promise<string> {
  const built = async (mail: object): Promise<Buffer> =>
    (await createTransport({ streamTransport: true, buffer: true }).sendMail({ from, to: 'report@example.org', ...mail })).message as Buffer;
  if (how === 'quoted') {
    const link = `${ORIGIN}/${tokenIn(raw, ORIGIN)}`;
    return (await built({ subject: 'Fwd: something', html: `<p>${'ä'.repeat(80)}</p><blockquote>see <a href="${link}">here</a></blockquote>`, textEncoding: 'quoted-printable' })).toString();
  }
  const once = await built({ subject: 'FW: strange', text: 'is this real?', attachments: [{ filename: 'strange.eml', contentType: 'message/rfc822', content: raw }] });
  if (how === 'nested') return once.toString();
  return (await built({ subject: 'WG: FW: strange', text: 'from a colleague', attachments: [{ filename: 'fw.eml', contentType: 'message/rfc822', content: once }] })).toString();
} // prettier-ignore

test('an exercise is thanked for at once, whichever way it comes, and its minutes are counted once', async () => {
  const { id, people, raws } = await mailed(['ada', 'bea', 'cleo', 'dan']);
  for (const [nth, how] of (['nested', 'twice', 'quoted'] as const).entries()) {
    world.at(`2026-03-04T10:${String(4 + nth * 3).padStart(2, '0')}:30Z`);
    const person = people[nth] as (typeof people)[number];
    const mail = Buffer.from(await forwarded(raws[nth] as string, person.email, how));
    const thanks = await world.phishing.reports.report(as(person.id), { channel: 'add-in', mail });
    assert.deepEqual([how, thanks.was, 'minutes' in thanks && thanks.minutes], [how, 'exercise', 4 + nth * 3]);
    assert.equal((await world.phishing.reports.report(as(person.id), { channel: 'add-in', mail })).was, 'exercise');
  }
  const dan = people[3] as (typeof people)[number];
  assert.equal((await world.phishing.reports.report(as(dan.id), { channel: 'button', text: `is ${ORIGIN}/${tokenIn(raws[3] as string, ORIGIN)} real?` })).was, 'exercise');
  const { results } = await world.phishing.get(id);
  assert.deepEqual([results.counts?.reports, results.firstReportMinutes, results.medianReportMinutes], [4, 4, 7]);
  assert.equal((await world.phishing.historyOf(dan.id)).exercises[0]?.kind, 'report');
  // of a mail that is shipped no more, the title as it was sent; of one that is read no more, its id
  const titleOf = async (): Promise<string | undefined> => (await world.phishing.historyOf(dan.id)).exercises[0]?.title;
  const title = await titleOf();
  assert.ok(title !== undefined && title !== '');
  await world.db`update education.campaigns set template = 'gone-by-now'`;
  assert.equal(await titleOf(), title);
  await world.db`update education.campaigns set source = 'x' where template = 'gone-by-now'`;
  assert.equal(await titleOf(), 'gone-by-now');
  assert.deepEqual((await world.phishing.reports.list(world.by)).reports, [], 'none of it is the security team’s work');
}); // prettier-ignore

test('another’s link counts for nobody, and neither does a made one', async () => {
  const { id, people, raws } = await mailed(['eve', 'finn']);
  const [eve, finn] = people as [(typeof people)[number], (typeof people)[number]];
  const link = `${ORIGIN}/${tokenIn(raws[0] as string, ORIGIN)}`;

  assert.equal((await world.phishing.reports.report(as(finn.id), { channel: 'button', text: link })).was, 'reported');
  const made = await world.phishing.reports.report(as(eve.id), { channel: 'button', text: `${ORIGIN}/${'A'.repeat(22)}` });

  assert.equal(made.was, 'reported');
  assert.equal((await world.phishing.get(id)).results.counts?.reports, 0);
  assert.deepEqual([(await world.phishing.historyOf(eve.id)).exercises, (await world.phishing.historyOf(finn.id)).exercises], [[], []]);
}); // prettier-ignore

const phish = (n: number) => `From: "Bank" <alert@bank-login.test>\r\nTo: p${n}@example.org\r\nSubject: Your account ${n}, act now\r\nMessage-ID: <${n}@bank-login.test>\r\nContent-Type: text/plain\r\n\r\nOpen https://bank-login.test/x${n} now\r\n`; // prettier-ignore

test('the same mail to many is one report, sealed in the table; another mail is another; two at once are one', async () => {
  const told: string[] = [];
  const suspicious = (await import('./reports.ts')).createReports({
    ...world.needs,
    onSuspicious: (_tx, cluster) => (told.push(cluster), Promise.resolve()),
  });
  const before = (await suspicious.list(world.by)).reports.length;
  const gus = await world.hire('gus');
  const reports = await Promise.all([1, 2, 3, 4, 5].map((n) => suspicious.report(as(gus.id), { channel: 'add-in', mail: Buffer.from(phish(n)) })));

  assert.equal(new Set(reports.map((each) => ('report' in each ? each.report : ''))).size, 1);
  const other = phish(9).replaceAll('bank-login', 'other-place').replace('act now', 'parcel');
  await suspicious.report(as(gus.id), { channel: 'add-in', mail: Buffer.from(other) });
  const list = (await suspicious.list(world.by)).reports;
  assert.equal(list.length - before, 2);
  assert.deepEqual(told.length, 2, 'whoever handles incidents is told of the first of each');
  const five = list.find(({ reports: n }) => n === 5);
  assert.equal(five?.reporters, 1);
  assert.deepEqual([five?.shown?.from, five?.shown?.hosts], ['alert@bank-login.test', ['bank-login.test']]);
  const stored = JSON.stringify(await world.db`select c::text from education.phish_clusters c`) + JSON.stringify(world.logged);
  assert.ok(!stored.includes('bank-login') && !stored.includes(Buffer.from('bank-login').toString('hex')));
  await suspicious.decide(world.by, five?.id ?? '', 'phish');
  assert.equal((await suspicious.list(world.by)).reports.find(({ id }) => id === five?.id)?.verdict, 'phish');
  await assert.rejects(suspicious.decide(world.by, 'rep_x', 'phish'), (thrown) => isFailure(thrown, 'EDUCATION_CLUSTER_NOT_FOUND'));
}); // prettier-ignore

test('a link of ours excuses nothing: with anything of somebody else’s it is thanked for, and goes to the security team', async () => {
  const { people, raws } = await mailed(['lea']);
  const lea = as((people[0] as (typeof people)[number]).id);
  const link = `${ORIGIN}/${tokenIn(raws[0] as string, ORIGIN)}`;
  const ours = /^Message-ID: (<.*>)$/im.exec(raws[0] as string)?.[1];
  const mail = (body: string, more = '', type = 'text/html') => Buffer.from(`From: x@evil.test\r\nSubject: look\r\n${more}Content-Type: ${type}\r\n\r\n${body}\r\n`);
  const file = Buffer.from(`From: x@evil.test\r\nSubject: look\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n${link}\r\n--b\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; filename=a.zip\r\n\r\nPK\r\n--b--\r\n`);
  const theirs = [
    'https://evil.test/x', '<a href="HTTPS://EVIL.test/">x</a>', `<a href="https://${new URL(ORIGIN).host}@evil.test/">x</a>`, '<a href="//evil.test/x">x</a>',
    '<a href="&#104;ttps://evil.test/">x</a>', '<p>www.evil.test</p>', '<img src="cid:code">', `<a href="${ORIGIN}.evil.test/">x</a>`,
  ];
  const report = (given: Buffer) => world.phishing.reports.report(lea, { channel: 'button', mail: given });
  assert.equal((await report(mail(`<a href="${link}">x</a>`))).was, 'exercise');

  for (const each of theirs) assert.equal((await report(mail(`<a href="${link}">x</a> ${each}`))).was, 'reported', each);
  assert.equal((await report(file)).was, 'reported');
  for (const header of ['Message-ID', 'In-Reply-To', 'References'])
    assert.equal((await report(mail('call me', `${header}: ${ours}\r\n`, 'text/plain'))).was, 'reported', header);

  assert.deepEqual((await world.phishing.historyOf(lea.person as string)).exercises.map(({ kind }) => kind), ['report'], 'and thanked for');
}); // prettier-ignore

const within = (outer: string, inner: string) => `${outer}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\nContent-Type: text/plain\r\n\r\nPay at https://evil-pay.test/\r\n--bb\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; filename=x.eml\r\n\r\n${inner}\r\n--bb--\r\n`; // prettier-ignore

test('a harmless mail put into a bad one hides nothing of it, and lends it no verdict', async () => {
  const gil = await world.hire('gil');
  const { report, list, decide } = world.phishing.reports;
  const news = 'From: news@shop.test\r\nSubject: Our spring catalogue\r\nMessage-ID: <spring@shop.test>\r\nContent-Type: text/plain\r\n\r\nSee https://shop.test/spring\r\n';
  const idOf = (thanks: object): string => ('report' in thanks ? String(thanks.report) : '');
  const one = idOf(await report(as(gil.id), { channel: 'button', mail: Buffer.from(news) }));
  await decide(world.by, one, 'harmless');

  assert.equal(idOf(await report(as(gil.id), { channel: 'button', mail: Buffer.from(news) })), one, 'the very same is harmless again');
  const bad = within('From: boss@evil-pay.test\r\nSubject: Our spring catalogue\r\nMessage-ID: <spring@shop.test>\r\n', news);
  const two = idOf(await report(as(gil.id), { channel: 'button', mail: Buffer.from(bad) }));
  const sent = await forwarded(bad, gil.email, 'nested');
  const three = idOf(await report(as(gil.id), { channel: 'mail', mail: Buffer.from(sent), writtenBy: gil.email }));

  assert.notEqual(two, one);
  assert.equal(three, two, 'forwarded, it is the same one');
  const found = (await list(world.by)).reports.find(({ id }) => id === two);
  assert.deepEqual([found?.verdict, found?.shown?.from, found?.shown?.hosts], ['open', 'boss@evil-pay.test', ['evil-pay.test', 'shop.test']]);
  assert.match(found?.shown?.text ?? '', /evil-pay[^]*a mail in it: news@shop\.test/);
  assert.equal(world.logged.at(-1)?.action, 'education.reports.read', 'that it was read is in the log');
}); // prettier-ignore

test('all that was reported is found page by page, what is open first, also while it is judged', async () => {
  const { list, decide } = world.phishing.reports;
  const whole = (await list(world.by)).reports;
  assert.ok(whole.length > 4);
  const first = await list(world.by, { limit: 2 });
  await decide(world.by, first.reports[1]?.id as string, 'phish');
  const found = first.reports.map(({ id }) => id);
  for (let { next } = first; next !== null; ) {
    const page = await list(world.by, { before: next, limit: 2 });
    found.push(...page.reports.map(({ id }) => id));
    next = page.next;
  }
  assert.deepEqual(new Set(found), new Set(whole.map(({ id }) => id)));
  const verdicts = (await list(world.by)).reports.map(({ verdict }) => verdict === 'open');
  assert.equal(verdicts.lastIndexOf(true), verdicts.filter(Boolean).length - 1);
}); // prettier-ignore

test('what an add-in reports is its reader’s, whoever made its key', async () => {
  const { people, raws } = await mailed(['mia']);
  const key: By = { actor: { kind: 'service', id: 'key_1' }, requestId: 'test' };
  assert.equal((await world.phishing.reports.report(key, { channel: 'add-in', mail: Buffer.from(raws[0] as string) })).was, 'exercise');
  assert.deepEqual((await world.phishing.historyOf((people[0] as (typeof people)[number]).id)).exercises.map(({ kind }) => kind), ['report']);
}); // prettier-ignore

test('what is no mail is refused, and a mail within mails without end is read to a depth', async () => {
  for (const mail of [Buffer.alloc(0), Buffer.from('hello'), Buffer.alloc(1_048_577, 97), Buffer.from([0, 255, 3])])
    await assert.rejects(world.phishing.reports.report(world.by, { channel: 'add-in', mail }), (thrown) => isFailure(thrown, 'EDUCATION_REPORT_UNREADABLE'));
  let deep = phish(1);
  for (let level = 0; level < 12; level += 1) deep = `From: a@b.test\r\nSubject: level ${level}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n${deep}\r\n--b${level}--\r\n`;
  assert.notEqual(await readReport(Buffer.from(deep), { origin: ORIGIN, writtenBy: null }), null);
  assert.equal(plainSubject('AW: Fwd: RE:  Rechnung 4711 – jetzt'), 'rechnung # – jetzt');
}); // prettier-ignore

test('by SMTP: a colleague’s forward is thanked for by mail; strangers, other mailboxes, answers and large ones are not taken', async () => {
  const { id, people, raws } = await mailed(['hal']);
  const hal = people[0] as (typeof people)[number];
  const faults: unknown[] = [];
  const intake = await world.phishing.intake('report@example.org', (thrown) => void faults.push(thrown));
  await new Promise<void>((resolve) => intake.listen(0, '127.0.0.1', resolve));
  const { port } = intake.server.address() as AddressInfo;
  const send = (from: string, raw: string, to = 'report@example.org') =>
    createTransport({ host: '127.0.0.1', port, ignoreTLS: true }).sendMail({ envelope: { from, to }, raw });
  const refused = (code: number) => (thrown: unknown) => (thrown as { responseCode?: number }).responseCode === code;
  world.at('2026-03-04T10:09:00Z');

  await send(hal.email.toUpperCase(), await forwarded(raws[0] as string, hal.email, 'nested'));
  assert.equal((await world.phishing.get(id)).results.firstReportMinutes, 9);
  await world.mail.sendDue();
  assert.match(world.got.findLast(({ to }) => to === hal.email)?.raw ?? '', /That was an exercise of ours/);

  await assert.rejects(send('stranger@example.com', phish(3)), refused(550));
  await assert.rejects(send(hal.email, phish(3), 'other@example.org'), refused(550));
  await assert.rejects(send(hal.email, `Subject: big\r\n\r\n${'x'.repeat(1_100_000)}`), refused(552));
  const answers = world.got.length;
  await send(hal.email, `Auto-Submitted: auto-replied\r\n${phish(4)}`);
  await world.mail.sendDue();
  assert.equal(world.got.length, answers);
  assert.deepEqual(faults, []);
  await new Promise<void>((resolve) => intake.close(() => resolve()));
}); // prettier-ignore

test('in groups small roles are one, and never fewer than ten', () => {
  const rows = Object.entries({ support: 30, billing: 12, board: 2, law: 3, '': 1 }).flatMap(([role, n]) => Array.from({ length: n }, () => ({ role })));
  const sizes = new Map([...Map.groupBy(foldRoles(rows), ({ role }) => role)].map(([role, own]) => [role, own.length]));
  assert.deepEqual(sizes, new Map([['support', 30], ['', 18]]));
  const large = [...rows.slice(0, 42)];
  assert.deepEqual(foldRoles(large), large);
}); // prettier-ignore

test('in groups nothing is kept of one person, and fewer than ten are not counted out loud', async () => {
  await assert.rejects(mailed(['i1', 'i2', 'i3'], 'groups'), (thrown) => isFailure(thrown, 'EDUCATION_GROUP_SMALL'));
  const names = Array.from({ length: 12 }, (_, nth) => `k${nth}`);
  const { id, people, raws } = await mailed(names, 'groups');
  world.at('2026-03-04T10:07:00Z');
  await world.phishing.reports.report(as((people[0] as (typeof people)[number]).id), { channel: 'button', text: `${ORIGIN}/${tokenIn(raws[0] as string, ORIGIN)}` });

  const { results } = await world.phishing.get(id);
  assert.deepEqual([results.counts?.sent, results.counts?.reports], [12, 1]);
  assert.deepEqual((await world.phishing.historyOf((people[0] as (typeof people)[number]).id)).exercises, []);
  const [tied] = await world.db<{ n: number }[]>`select count(*)::int as n from education.phish_tokens k join education.campaigns c using (campaign_id) join education.phish_targets t on t.mail_id = k.mail_id or k.person_id is not null where c.mode = 'groups'`;
  assert.equal(tied?.n, 0, 'no row ties a link to its reader');
  const [when] = await world.db<{ n: number }[]>`select count(distinct t.due_at)::int as n from education.phish_targets t join education.campaigns c using (campaign_id) where c.mode = 'groups'`;
  assert.equal(when?.n, 1, 'nor when who got it');
  assert.equal(results.firstReportMinutes, 7);
  const sameTime = () => world.db`select from education.phish_targets t join education.phish_tokens k on k.xmin::text = t.xmin::text`;
  assert.equal((await sameTime()).length, 0, 'nor which rows were written together');
  // a day later neither order, time nor transaction does
  world.at('2026-03-05T12:00:01Z');
  await Promise.all([1, 2].map(() => world.phishing.sweep()));
  const [left] = await world.db`
    select count(*)::int as n, count(k.mail_id)::int as mails, count(distinct k.xmin::text)::int as at_once, count(distinct k.queued_at)::int as days, min(k.queued_at) as day,
      (select count(*)::int from education.phish_events e where e.minutes is not null and e.token_hash in (select token_hash from education.phish_tokens join education.campaigns using (campaign_id) where mode = 'groups')) as minutes
    from education.phish_tokens k join education.campaigns c using (campaign_id) where c.mode = 'groups'`;
  assert.deepEqual({ ...left }, { n: 12, mails: 0, at_once: 1, days: 1, day: new Date('2026-03-04T00:00:00Z'), minutes: 0 });
  const [rewritten] = await world.db`select count(distinct t.xmin::text)::int as n from education.phish_targets t join education.campaigns c using (campaign_id) where c.mode = 'groups'`;
  assert.equal(rewritten?.n, 1);
  assert.equal((await sameTime()).length, 0);
  assert.deepEqual([(await world.phishing.get(id)).results.firstReportMinutes, (await world.phishing.get(id)).results.counts?.reports], [5, 1]);
  assert.equal((await world.phishing.reports.report(as((people[1] as (typeof people)[number]).id), { channel: 'button', text: `${ORIGIN}/${tokenIn(raws[1] as string, ORIGIN)}` })).was, 'exercise', 'late, it is thanked for without a minute');
  // three of them were lost: nine got it
  await world.db`update education.phish_targets set state = 'lost' where (campaign_id, person_id) in (select campaign_id, person_id from education.phish_targets join education.campaigns using (campaign_id) where mode = 'groups' limit 3)`;
  assert.deepEqual([(await world.phishing.get(id)).results.counts, (await world.phishing.get(id)).results.firstReportMinutes], [null, null]);
}); // prettier-ignore

test('after ninety days there are counts, and no rows of people', async () => {
  const { id } = await mailed(['zoe']);
  const before = (await world.phishing.get(id)).results;
  world.at('2026-06-20T10:00:00Z');
  // another server is at it: this one neither waits nor counts what is left
  await transact(world.db, async (tx) => {
    await tx`select from education.campaigns for update`;
    await world.phishing.sweep();
  });
  assert.notEqual((await world.phishing.get(id)).campaign.state, 'counted');
  await Promise.all([1, 2, 3].map(() => world.phishing.sweep()));
  assert.deepEqual((await world.phishing.get(id)).results, before);
  for (const table of ['phish_targets', 'phish_tokens', 'phish_events', 'phish_visits'])
    assert.equal((await world.db`select 1 from ${world.db(`education.${table}`)}`).length, 0, table);
});
