/** What is not sent at all: without TLS, after four days, without a mail server, and out of a changed box. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { testCertificate } from '#platform/testing';
import type { SMTPServerOptions } from 'smtp-server';

import type { Mail } from './index.ts';
import type { Running } from './mail.test.ts';

export function mailsAreKept(of: () => Running): void {
  test('TLS is not given up: without it, or with a certificate nobody vouches for, neither password nor mail leaves', async () => {
    const { listen, anew, mailOf, queue, due } = of();
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
    const { anew, mailOf, queue, db, news } = of();
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
    const { anew, mailOf, queue, db } = of();
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
    const { anew, mailOf, queue, db, receiver } = of();
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
}
