/** The mailbox for reports: what it takes of one sender, of programs, and when its thanks cannot be sent. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';

import { createTransport } from 'nodemailer';

import { phishingWorld, type World } from '../testing.ts';
import type { Staff } from './needs.ts';
import { reportIntake } from './report-intake.ts';

let world: World;
before(async () => void (world = await phishingWorld('https://portal.example.net')));
after(() => world.close());

type Intake = Awaited<ReturnType<typeof reportIntake>>;
async function listening(intake: Intake) {
  await new Promise<void>((resolve) => intake.listen(0, '127.0.0.1', resolve));
  const { port } = intake.server.address() as AddressInfo;
  return {
    send: ({ email }: Staff, raw: string) =>
      createTransport({ host: '127.0.0.1', port, ignoreTLS: true }).sendMail({ envelope: { from: email, to: 'report@example.org' }, raw }),
    close: () => new Promise<void>((resolve) => intake.close(() => resolve())),
  };
} // prettier-ignore
const phish = (n: number, head = '') =>
  `From: x@evil.test\r\n${head}Subject: odd ${n}\r\nMessage-ID: <${n}@evil.test>\r\n\r\nhttps://evil.test/${n}\r\n`;
const reports = async () =>
  (await world.phishing.reports.list(world.by)).reports.reduce((sum, each) => sum + each.reports, 0);
const thanks = async ({ email }: Staff) => {
  await world.mail.sendDue();
  return world.got.filter(({ to, raw }) => to === email && raw.includes('Thank you')).length;
};
const later = (thrown: unknown) => (thrown as { responseCode?: number }).responseCode === 450;

test('thirty of one sender an hour, and thanks for them once; another one is not kept waiting', async () => {
  const faults: unknown[] = [];
  const mailbox = await listening(await world.phishing.intake('report@example.org', (thrown) => void faults.push(thrown)));
  const [ann, bob] = [await world.hire('ann'), await world.hire('bob')];
  for (let n = 0; n < 30; n += 1) await mailbox.send(ann, phish(n));

  await assert.rejects(mailbox.send(ann, phish(30)), later);

  await mailbox.send(bob, phish(31));
  assert.deepEqual([await reports(), await thanks(ann), await thanks(bob)], [31, 1, 1]);
  world.at(new Date(world.at().getTime() + 3_600_000).toISOString());
  await mailbox.send(ann, phish(30));
  assert.deepEqual([await reports(), await thanks(ann)], [32, 2]);
  assert.deepEqual(faults, []);
  await mailbox.close();
}); // prettier-ignore

test('what answers by itself is not taken, wherever its head says so; what a program forwards is', async () => {
  const mailbox = await listening(await world.phishing.intake('report@example.org', () => undefined));
  const cleo = await world.hire('cleo');
  const before = await reports();
  const long = `X-Long: ${'a'.repeat(900)}\r\n`.repeat(12);
  await mailbox.send(cleo, phish(1, `${long}Auto-Submitted:\r\n auto-replied (vacation)\r\n`));
  assert.deepEqual([await reports(), await thanks(cleo)], [before, 0]);

  await mailbox.send(cleo, phish(2, 'Auto-Submitted: auto-forwarded\r\n'));

  assert.deepEqual([await reports(), await thanks(cleo)], [before + 1, 1]);
  await mailbox.close();
});

test('a report whose thanks cannot be sent is taken all the same, once', async () => {
  const faults: unknown[] = [];
  const mailbox = await listening(
    await reportIntake({
      address: 'report@example.org',
      clock: world.at,
      staff: world.needs.staff,
      report: world.phishing.reports.report,
      answer: () => Promise.reject(new Error('the outbox is full')),
      onFault: (thrown) => void faults.push(thrown),
    }),
  );
  const dan = await world.hire('dan');
  const before = await reports();

  await mailbox.send(dan, phish(3));

  assert.deepEqual([await reports(), faults.length], [before + 1, 1]);
  await mailbox.close();
});
