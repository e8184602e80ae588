import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { createSecretKey, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';

import { migrate, transact, type Db } from '#platform/db';
import { freshDatabase, testCertificate } from '#platform/testing';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

import {
  createMail,
  mailSealing,
  smtpSender,
  type Mail,
  type MailNews,
  type MailToQueue,
  type SmtpServer,
} from './index.ts';

type Got = { to: string; raw: string; secure: boolean };
type Receiver = { port: number; got: Got[]; server: SMTPServer; close: () => Promise<void> };
type Behaviour = Partial<SMTPServerOptions>;

const ROOT = randomBytes(32);
const FROM = { name: 'Strongroom', address: 'room@example.org' };
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let db: Db;
let receiver: Receiver;
let behave: { rcpt?: number | string; data?: 'hang' | 'cut' | number; onData?: () => void } = {};
const news: MailNews[] = [];

before(async () => {
  fresh = await freshDatabase(undefined, { connections: 12 });
  ({ db } = fresh);
  await migrate(db, [{ schema: 'mail', folder: new URL('./sql/', import.meta.url) }]);
  receiver = await listen({ disabledCommands: ['STARTTLS', 'AUTH'] });
});
after(async () => {
  await receiver.close();
  await fresh.close();
});

/** A mail server that is not ours, as badly behaved as `behave` says. */
async function listen(options: Behaviour): Promise<Receiver> {
  const got: Got[] = [];
  const server = new SMTPServer({
    authOptional: true,
    closeTimeout: 100,
    ...options,
    onRcptTo: ({ address }, _session, done) => {
      const { rcpt } = behave;
      if (rcpt === undefined) return done();
      const text = typeof rcpt === 'string' ? rcpt : `<${address}> is not wanted here`;
      return done(Object.assign(new Error(text), { responseCode: typeof rcpt === 'number' ? rcpt : 554 }));
    },
    onData: (stream, session, done) => {
      let raw = '';
      stream.setEncoding('utf8').on('data', (piece: string) => (raw += piece));
      if (behave.data === 'cut') {
        // in the middle: the first bytes are here, the end is not
        for (const each of server.connections)
          (each as unknown as { _socket: { destroy: () => void } })._socket.destroy();
        return;
      }
      stream.on('end', () => {
        if (behave.data === 'hang') return;
        if (typeof behave.data === 'number') return done(Object.assign(new Error('no'), { responseCode: behave.data }));
        got.push({ to: session.envelope.rcptTo.map(({ address }) => address).join(), raw, secure: session.secure });
        behave.onData?.();
        return done();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return { port, got, server, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

function mailOf(at: Partial<SmtpServer> | null = {}, more: { perMinute?: number; wholeMs?: number } = {}): Mail {
  const { perMinute = 100_000, wholeMs = 10_000 } = more;
  const smtp: SmtpServer = {
    host: '127.0.0.1',
    port: receiver.port,
    tls: 'none',
    auth: null,
    authorities: null,
    ...at,
  };
  return createMail({
    db,
    sealing: mailSealing(createSecretKey(ROOT)),
    send: at === null ? null : smtpSender(smtp, { wholeMs }),
    from: FROM,
    perMinute,
    onNews: (each) => void news.push(each),
  });
}
const queue = (mail: Mail, more: Partial<MailToQueue> = {}) =>
  transact(db, (tx) =>
    mail.queue(tx, {
      to: 'ada@example.org',
      subject: 'A subject',
      text: 'A text',
      kind: 'test.mail',
      dedupeKey: null,
      ...more,
    }),
  );
async function anew(behaviour: typeof behave = {}): Promise<void> {
  behave = behaviour;
  news.length = 0;
  receiver.got.length = 0;
  await db`delete from mail.outbox`;
  await db`update mail.sender set tokens = 100000, problem = null, problem_at = null, sent_at = null`;
}
const due = async () => {
  await db`update mail.outbox set due_at = clock_timestamp()`;
  await db`update mail.outbox set leased_until = clock_timestamp() - interval '1 second' where lease is not null`;
};
const idOf = (raw: string): string => /^Message-ID: (.*)$/im.exec(raw)?.[1] ?? '';

test('a mail leaves once its transaction commits, sealed until then, and only its frame stays', async () => {
  await anew();
  const mail = mailOf();
  const content = {
    to: 'ada.secret@example.org',
    subject: 'Größe 📦',
    text: 'the very text',
    html: '<b>the very html</b>',
    headers: { 'List-Unsubscribe': '<https://example.org/out>' },
  };
  await assert.rejects(
    transact(db, async (tx) => {
      await mail.queue(tx, { ...content, kind: 'test.mail', dedupeKey: null });
      throw new Error('rolled back');
    }),
  );
  assert.equal(await mail.sendDue(), 0);
  const { id, fresh: isFresh } = await queue(mail, { ...content, dedupeKey: 'for ada.secret' });
  assert.equal(isFresh, true);
  assert.deepEqual(await queue(mail, { ...content, dedupeKey: 'for ada.secret' }), { id, fresh: false });
  const [stored] = (await db`select o::text as all, sealed from mail.outbox o`) as unknown as [
    { all: string; sealed: Buffer },
  ];
  // no short text: the row shows bytes as hex, where any three of a to f may stand by chance
  for (const text of ['ada.secret', 'Größe', 'the very', 'example.org'])
    assert.ok(!`${stored.all}${stored.sealed.toString('latin1')}`.includes(text), text);

  assert.equal(await mail.sendDue(), 1);

  const [one] = receiver.got;
  assert.equal(receiver.got.length, 1);
  assert.equal(one?.to, 'ada.secret@example.org');
  assert.equal(idOf(one?.raw ?? ''), `<${id}@example.org>`);
  for (const line of [/^From: "?Strongroom"? <room@example.org>\r$/m, /^To: ada.secret@example.org\r$/m, /^Auto-Submitted: auto-generated\r$/m, /^List-Unsubscribe: <https:\/\/example.org\/out>\r$/m, /the very text/, /the very html/])
    assert.match(one?.raw ?? '', line); // prettier-ignore
  assert.doesNotMatch(one?.raw ?? '', /^(bcc|cc):/im);
  const [row] = await db`select * from mail.outbox`;
  assert.deepEqual([row?.state, row?.sealed, row?.kind, row?.attempts], ['sent', null, 'test.mail', 1]);
  assert.deepEqual(
    await queue(mail, { ...content, dedupeKey: 'for ada.secret' }),
    { id, fresh: false },
    'also once it was sent',
  );
  assert.equal(await mail.sendDue(), 0);
  const status = await mail.status();
  assert.deepEqual([status.way, status.queued, status.sent, status.problem], ['smtp', 0, 1, null]);
});

test('what the server refuses for good is not tried again, and no address is in what is told of it', async () => {
  await anew({ rcpt: 550 });
  const mail = mailOf();
  const { id } = await queue(mail, { to: 'gone.person@example.org' });

  await mail.sendDue();
  await due();
  await mail.sendDue();

  const found = await mail.get(id);
  assert.deepEqual([found.state, found.attempts, found.content], ['refused', 1, null]);
  assert.match(found.problem ?? '', /550.*RCPT TO/);
  assert.deepEqual(news.map(({ what }) => what), ['refused']); // prettier-ignore
  const said = JSON.stringify([
    found,
    news,
    await mail.status(),
    await mail.list(),
    await db`select o::text from mail.outbox o`,
  ]);
  assert.ok(!said.includes('gone') && !said.includes('not wanted'), said);
  assert.equal((await mail.status()).problem, null, 'the mail server itself is well');
});

test('what fails for now is tried again later: 4xx, a relay that does not know us, nobody there, no password', async () => {
  const closed = await listen({ disabledCommands: ['STARTTLS'] });
  await closed.close();
  const locked = await listen({
    disabledCommands: ['STARTTLS'],
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(new Error('Invalid for ada')),
  });
  const cases = [
    { behaviour: { rcpt: 450 }, at: {}, says: /450/, ours: false },
    { behaviour: { data: 451 }, at: {}, says: /451.*DATA/, ours: false },
    { behaviour: { rcpt: '5.7.1 Relay access denied' }, at: {}, says: /554 5\.7\.1/, ours: true },
    { behaviour: {}, at: { port: closed.port }, says: /reached/, ours: true },
    {
      behaviour: {},
      at: { port: locked.port, auth: { user: 'ada', pass: 'wrong-pass' } },
      says: /password.*535/,
      ours: true,
    },
  ] as const;
  for (const { behaviour, at, says, ours } of cases) {
    await anew(behaviour);
    const mail = mailOf(at);
    const { id } = await queue(mail);
    await mail.sendDue();

    const found = await mail.get(id);
    assert.equal(found.state, 'queued', found.problem ?? '');
    assert.match(found.problem ?? '', says);
    const waits = Date.parse(found.nextAt ?? '') - Date.now();
    assert.ok(waits > 10_000 && waits < 20_000, `${waits}`);
    assert.equal((await mail.status()).problem !== null, ours);
    assert.equal(news.length, ours ? 1 : 0);
    assert.ok(!JSON.stringify([found, news]).includes('wrong-pass'));
    behave = {};
    await due();
    assert.equal(await mailOf().sendDue(), 1);
    assert.equal(receiver.got.length, 1);
    assert.equal((await mail.status()).problem, null);
  }
  await locked.close();
});

test('a connection that breaks in the middle of the mail, and one that never ends: sent again, recognisably the same', async () => {
  for (const data of ['cut', 'hang'] as const) {
    await anew({ data });
    const mail = mailOf({}, { wholeMs: 300 });
    const { id } = await queue(mail, { text: 'long '.repeat(10_000) });
    await mail.sendDue();
    const found = await mail.get(id);
    assert.equal(found.state, 'queued');
    assert.match(found.problem ?? '', /broke|minute|reached/);
    behave = {};
    await due();

    await mailOf().sendDue();

    assert.deepEqual(receiver.got.map(({ raw }) => idOf(raw)), [`<${id}@example.org>`]); // prettier-ignore
  }
});

test('a server that is killed after the mail was taken and before it could note that: another sends it, with the same id', async () => {
  await anew();
  const mail = mailOf();
  const { id } = await queue(mail);
  const child = fork(new URL('./sender-process.ts', import.meta.url), [
    fresh.url,
    String(receiver.port),
    ROOT.toString('hex'),
  ]);
  // taken, and killed before the answer is on its way
  behave = { onData: () => void child.kill('SIGKILL') };
  await once(child, 'exit');
  assert.equal(receiver.got.length, 1);
  assert.equal((await mail.get(id)).state, 'queued');
  assert.equal(await mail.sendDue(), 0, 'the lease is the dead one’s');
  behave = {};
  await due();

  assert.equal(await mail.sendDue(), 1);

  assert.deepEqual(receiver.got.map(({ raw }) => idOf(raw)), [1, 2].map(() => `<${id}@example.org>`)); // prettier-ignore
  assert.equal((await mail.get(id)).state, 'sent');
});

test('two servers, one queue: each mail leaves once, urgent ones first; no more than the pace, and not too many to one', async () => {
  await anew();
  const [one, other] = [mailOf(), mailOf()];
  await Promise.all(Array.from({ length: 40 }, (_, n) => queue(one, { to: `p${n}@example.org`, text: `mail ${n}` })));
  const { id } = await queue(one, { to: 'alarm@example.org', priority: 'urgent' });
  await Promise.all([one.sendDue(), other.sendDue()]);
  assert.equal(new Set(receiver.got.map(({ raw }) => idOf(raw))).size, 41);
  assert.equal(receiver.got.length, 41);
  assert.ok(receiver.got.findIndex(({ raw }) => raw.includes(id)) < 10, 'the urgent one overtook');

  await anew();
  await db`update mail.sender set tokens = 7, refilled_at = clock_timestamp()`;
  const slow = mailOf({}, { perMinute: 7 });
  await Promise.all(Array.from({ length: 20 }, (_, n) => queue(slow, { to: `p${n}@example.org` })));
  await slow.sendDue();
  assert.equal(receiver.got.length, 7);

  await anew();
  await Promise.all(
    Array.from({ length: 25 }, (_, n) => queue(one, { to: n % 2 === 0 ? 'ada@example.org' : 'ADA@example.org' })),
  );
  await Promise.all(Array.from({ length: 3 }, (_, n) => queue(one, { to: `q${n}@example.org` })));
  await one.sendDue();
  assert.equal(receiver.got.filter(({ to }) => to.toLowerCase() === 'ada@example.org').length, 20);
  assert.equal(receiver.got.length, 23);
});

test('TLS is not given up: without it, or with a certificate nobody vouches for, neither password nor mail leaves', async () => {
  const certificate = testCertificate('mail');
  const asked: string[] = [];
  const onAuth: SMTPServerOptions['onAuth'] = ({ username }, _session, done) => {
    asked.push(username ?? '');
    done(null, { user: username });
  };
  const plain = await listen({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true, onAuth });
  const secure = await listen({ cert: certificate.cert, key: certificate.key, onAuth });
  const implicit = await listen({ cert: certificate.cert, key: certificate.key, secure: true, onAuth });
  const auth = { user: 'ada', pass: 'secret' };
  await anew();
  const refused = [
    mailOf({ port: plain.port, tls: 'required', auth }),
    mailOf({ port: secure.port, tls: 'required', auth }),
    mailOf({ port: implicit.port, tls: 'implicit', auth }),
  ];
  await queue(refused[0] as Mail);
  for (const mail of refused) {
    await due();
    assert.equal(await mail.sendDue(), 1);
    assert.match((await mail.status()).problem ?? '', /TLS|STARTTLS/);
  }
  assert.deepEqual([asked, plain.got, secure.got, implicit.got], [[], [], [], []]);

  const authorities = certificate.cert;
  for (const at of [
    { port: secure.port, tls: 'required' },
    { port: implicit.port, tls: 'implicit' },
  ] as const) {
    await anew();
    const mail = mailOf({ ...at, auth, authorities });
    await queue(mail);
    await mail.sendDue();
    assert.equal((await mail.status()).problem, null);
  }
  assert.deepEqual([secure.got.length, implicit.got.length, secure.got[0]?.secure], [1, 1, true]);
  assert.deepEqual(asked, ['ada', 'ada']);
  await Promise.all([plain.close(), secure.close(), implicit.close()]);
});

test('after four days a mail is given up, and that is said; what was in it is gone', async () => {
  await anew({ rcpt: 450 });
  const mail = mailOf();
  const old = await queue(mail);
  await mail.sendDue();
  await db`update mail.outbox set queued_at = queued_at - interval '97 hours'`;
  const young = await queue(mail);
  await mail.sendDue();

  await mail.sweep();

  assert.equal((await mail.get(young.id)).state, 'queued');
  const given = await mail.get(old.id);
  assert.deepEqual([given.state, given.nextAt, (await mail.status()).givenUp], ['given-up', null, 1]);
  assert.match(given.problem ?? '', /450/);
  assert.deepEqual(news, [{ what: 'given-up', id: old.id, kind: 'test.mail', problem: null }]);
  const [{ n }] = (await db`select count(*)::int as n from mail.outbox where sealed is not null`) as unknown as [
    { n: number },
  ];
  assert.equal(n, 1);
});

test('without a mail server mails are held where they can be read, never sent later, and bounded', async () => {
  await anew();
  const mail = mailOf(null);
  const { id } = await queue(mail, { html: '<p>x</p>' });
  const found = await mail.get(id);
  assert.deepEqual([found.state, found.content?.to, found.content?.html], ['held', 'ada@example.org', '<p>x</p>']);
  assert.equal(await mail.sendDue(), 0);
  assert.equal(await mailOf().sendDue(), 0, 'a server that is set later sends no old mails');
  assert.deepEqual([(await mail.status()).way, (await mail.status()).held], ['held', 1]);
  await assert.rejects(mail.get('mail_0'), { code: 'MAIL_NOT_FOUND' });
  await db`insert into mail.outbox (mail_id, kind, state, urgent, sealed) select gen_random_uuid(), 'test.mail', 'held', false, 'x' from generate_series(1, 1200)`;
  await mail.sweep();
  assert.equal((await mail.status()).held, 1000);
});

test('a box that was changed, or is another mail’s, does not open and is not sent', async () => {
  await anew();
  const mail = mailOf();
  const queued = [
    { to: 'ada@example.org', id: (await queue(mail)).id },
    { to: 'eve@example.org', id: (await queue(mail, { to: 'eve@example.org' })).id },
  ];
  // of one millisecond either may be the first
  const [one, other] = queued.toSorted((a, b) => (a.id < b.id ? -1 : 1)) as [(typeof queued)[0], (typeof queued)[0]];
  await db`update mail.outbox o set sealed = (select sealed from mail.outbox x where x.mail_id > o.mail_id) where mail_id = (select min(mail_id::text)::uuid from mail.outbox)`;

  await mail.sendDue();

  assert.equal((await mail.get(one.id)).state, 'refused');
  assert.equal((await mail.get(other.id)).state, 'sent');
  assert.deepEqual(receiver.got.map(({ to }) => to), [other.to]); // prettier-ignore
});
