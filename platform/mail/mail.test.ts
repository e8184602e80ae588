import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';

import { migrate, transact, type Db } from '#platform/db';
import { freshDatabase } from '#platform/testing';
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
import { mailsAreSentAgain } from './mail-again.tests.ts';
import { mailsAreKept } from './mail-kept.tests.ts';

type Got = { to: string; raw: string; secure: boolean };
type Receiver = { port: number; got: Got[]; server: SMTPServer; close: () => Promise<void> };
type Behaviour = Partial<SMTPServerOptions>;

const ROOT = randomBytes(32);
const FROM = { name: 'Strongroom', address: 'room@example.org' };
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let db: Db;
let receiver: Receiver;
let behave: { rcpt?: number | string; data?: 'hang' | 'cut' | number; onData?: () => void } = {};
const behaves = (how: typeof behave): void => {
  behave = how;
};
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
  behaves(behaviour);
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

/** What the parts are handed, as it is when they ask. */
const running = () => ({ ROOT, fresh, db, receiver, behaves, news, listen, mailOf, queue, anew, due, idOf });
export type Running = ReturnType<typeof running>;

mailsAreSentAgain(running);
mailsAreKept(running);
