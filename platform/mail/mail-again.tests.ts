/** What could not be sent is sent again: by whom, how often, and recognisably the same. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

import type { Running } from './mail.test.ts';

export function mailsAreSentAgain(of: () => Running): void {
  test('what fails for now is tried again later: 4xx, a relay that does not know us, nobody there, no password', async () => {
    const { listen, anew, mailOf, queue, news, behaves, due, receiver } = of();
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
      behaves({});
      await due();
      assert.equal(await mailOf().sendDue(), 1);
      assert.equal(receiver.got.length, 1);
      assert.equal((await mail.status()).problem, null);
    }
    await locked.close();
  });

  test('what was written while the clock ran ahead by a year holds up no mail for a year', async () => {
    const { anew, mailOf, queue, db, receiver } = of();
    await anew({});
    const mail = mailOf();
    await queue(mail);
    await db`update mail.sender set tokens = 1, refilled_at = now() + interval '1 year'`;
    await db`update mail.outbox set due_at = now() + interval '1 year', lease = gen_random_uuid(), leased_until = now() + interval '1 year'`;

    assert.equal(await mail.sendDue(), 1);
    assert.equal(receiver.got.length, 1);
  });

  test('what was sent while the clock ran ahead by a year: its address is not kept, and gets mail again', async () => {
    const { anew, mailOf, queue, db, receiver } = of();
    await anew({});
    const mail = mailOf();
    const sendAll = async (): Promise<void> => {
      while ((await mail.sendDue()) > 0);
    };
    for (let n = 0; n < 20; n += 1) await queue(mail);
    await sendAll();
    await queue(mail);
    await sendAll();
    assert.equal(receiver.got.length, 20);
    await db`update mail.outbox set done_at = now() + interval '1 year' where state = 'sent'`;
    await db`update mail.outbox set due_at = now() where state = 'queued'`;

    await sendAll();
    assert.equal(receiver.got.length, 21);
    await mail.sweep();
    const kept = await db`select from mail.outbox where recipient is not null`;
    assert.equal(kept.length, 1, 'of the last hour');
  });

  test('a connection that breaks in the middle of the mail, and one that never ends: sent again, recognisably the same', async () => {
    const { anew, mailOf, queue, behaves, due, receiver, idOf } = of();
    for (const data of ['cut', 'hang'] as const) {
      await anew({ data });
      const mail = mailOf({}, { wholeMs: 300 });
      const { id } = await queue(mail, { text: 'long '.repeat(10_000) });
      await mail.sendDue();
      const found = await mail.get(id);
      assert.equal(found.state, 'queued');
      assert.match(found.problem ?? '', /broke|minute|reached/);
      behaves({});
      await due();

      await mailOf().sendDue();

      assert.deepEqual(receiver.got.map(({ raw }) => idOf(raw)), [`<${id}@example.org>`]); // prettier-ignore
    }
  });

  test('a server that is killed after the mail was taken and before it could note that: another sends it, with the same id', async () => {
    const { anew, mailOf, queue, fresh, receiver, ROOT, behaves, due, idOf } = of();
    await anew();
    const mail = mailOf();
    const { id } = await queue(mail);
    const child = fork(new URL('./sender-process.ts', import.meta.url), [
      fresh.url,
      String(receiver.port),
      ROOT.toString('hex'),
    ]);
    // taken, and killed before the answer is on its way
    behaves({ onData: () => void child.kill('SIGKILL') });
    await once(child, 'exit');
    assert.equal(receiver.got.length, 1);
    assert.equal((await mail.get(id)).state, 'queued');
    assert.equal(await mail.sendDue(), 0, 'the lease is the dead one’s');
    behaves({});
    await due();

    assert.equal(await mail.sendDue(), 1);

    assert.deepEqual(receiver.got.map(({ raw }) => idOf(raw)), [1, 2].map(() => `<${id}@example.org>`)); // prettier-ignore
    assert.equal((await mail.get(id)).state, 'sent');
  });

  test('two servers, one queue: each mail leaves once, urgent ones first; no more than the pace, and not too many to one', async () => {
    const { anew, mailOf, queue, receiver, idOf, db } = of();
    await anew();
    const [one, other] = [mailOf(), mailOf()];
    await Promise.all(Array.from({ length: 40 }, (_, n) => queue(one, { to: `p${n}@example.org`, text: `mail ${n}` })));
    const { id } = await queue(one, { to: 'alarm@example.org', priority: 'urgent' });
    await Promise.all([one.sendDue(), other.sendDue()]);
    assert.equal(new Set(receiver.got.map(({ raw }) => idOf(raw))).size, 41);
    assert.equal(receiver.got.length, 41);
    assert.ok(receiver.got.findIndex(({ raw }) => raw.includes(id)) < 10, 'the urgent one overtook');

    await anew();
    const began = performance.now();
    await db`update mail.sender set tokens = 7, refilled_at = clock_timestamp()`;
    const slow = mailOf({}, { perMinute: 7 });
    await Promise.all(Array.from({ length: 20 }, (_, n) => queue(slow, { to: `p${n}@example.org` })));
    await slow.sendDue();
    // the pace goes on meanwhile: a busy machine may take long enough for one more
    const meanwhile = Math.floor(((performance.now() - began) / 60_000) * 7);
    assert.ok(receiver.got.length >= 7 && receiver.got.length <= 7 + meanwhile, `${receiver.got.length} left`);

    await anew();
    await Promise.all(
      Array.from({ length: 25 }, (_, n) => queue(one, { to: n % 2 === 0 ? 'ada@example.org' : 'ADA@example.org' })),
    );
    await Promise.all(Array.from({ length: 3 }, (_, n) => queue(one, { to: `q${n}@example.org` })));
    await one.sendDue();
    assert.equal(receiver.got.filter(({ to }) => to.toLowerCase() === 'ada@example.org').length, 20);
    assert.equal(receiver.got.length, 23);
  });
}
