/** Requests where something does not go smoothly: a mail that is refused, an erasure by two people, a deadline that moves. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { openMailServer, type MailServer } from './mail-server.ts';
import { choose, comeInWithPasskey, eventually, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
const EMAIL = 'ruth@example.org';
let world: World;
let mail: MailServer;
let officer: Page;
let second: Page;
let customer: Page;

before(async () => {
  if (skip !== false) return;
  mail = await openMailServer();
  world = await openWorld({
    STRONGROOM_SMTP_URL: mail.url,
    STRONGROOM_MAIL_FROM: 'room@example.org',
  });
  const { room } = await world.program('application');
  const { subjectId } = await room.records.create({ collection: 'customer', fields: { last_name: 'Hopper', email: EMAIL, care_notes: 'large print' } }); // prettier-ignore
  await room.records.create({ collection: 'customer', subject: { id: subjectId }, fields: { last_name: 'Hopper', email: 'ruth-2@example.org' } }); // prettier-ignore
  // an address counts that nobody has changed for a month
  await world.db`update vault.records set updated_at = now() - interval '31 days'`;
  await room.records.create({ collection: 'customer', fields: { last_name: 'Hermann', email: 'grete@example.org' } }); // prettier-ignore
  officer = await comeInWithPasskey(world, 'Olga', 'dpo');
  second = await comeInWithPasskey(world, 'Otto', 'dpo');
});
after(async () => {
  if (skip !== false) return;
  await mail.close();
  await world.close();
});

/** The newest code that came to an address after so many mails. */
async function codeTo(address: string, after = 0): Promise<string> {
  const found = (): string | undefined =>
    mail.got.slice(after).findLast(({ to, raw }) => to === address && /\d{4} \d{4}/.test(raw))?.raw;
  await eventually(() => Promise.resolve(found() !== undefined));
  return /\d{4} \d{4}/.exec(found() ?? '')?.[0] ?? '';
}
async function comesByMail(email: string): Promise<Page> {
  const page = await world.window();
  await page.goto(`${world.url}/center/sign-in?lang=en`);
  await page.getByLabel('E-mail address').fill(email);
  const came = mail.got.length;
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await page.getByLabel('Code from the mail').fill(await codeTo(email, came));
  await page.getByRole('button', { name: 'Go in' }).click();
  return page;
}
const answer = async (page: Page, what: string, decision: string, words: string): Promise<void> => {
  await page.reload();
  await page.getByRole('button', { name: `Answer: ${what}` }).click();
  await choose(page, 'Decision', decision);
  await page.getByLabel('What the customer reads').fill(words);
};
const send = (page: Page): Promise<void> => page.getByRole('button', { name: 'Answer', exact: true }).click();
const asks = async (kind: string, words: string): Promise<void> => {
  await customer.goto(`${world.url}/center/requests?lang=en`);
  await customer.getByLabel(kind, { exact: true }).check();
  await customer.getByLabel('In your own words').fill(words);
  await customer.getByRole('button', { name: 'Send', exact: true }).click();
};

test(
  'a customer whose data is specially protected shows by a code at a second address who they are',
  { skip },
  async () => {
    customer = await comesByMail(EMAIL);
    await customer.getByRole('link', { name: 'Your data' }).click();
    await customer.getByText('we need a second proof').waitFor();
    await customer.getByRole('link', { name: 'Show that it is you' }).click();
    await customer.getByRole('button', { name: 'Send a code to a second address' }).click();
    await customer.getByText('on its way to r…@e…').waitFor();
    await looksRight(world, customer, 'center-second-code', 'all');
    await customer.getByLabel('Code from the mail').fill('0000 0000');
    await customer.getByRole('button', { name: 'Check' }).click();
    await customer.getByText('This did not fit').waitFor();
    await customer.getByLabel('Code from the mail').fill(await codeTo('ruth-2@example.org'));
    await customer.getByRole('button', { name: 'Check' }).click();
    await customer.getByText('Thank you. That is enough.').waitFor();
    await customer.context().close();
  },
);

test(
  'a deadline that moves is told with its reason: in the center, and a mail says that it is there',
  { skip },
  async () => {
    customer = await comesByMail('grete@example.org');
    await asks('Have a person look at a decision', 'No machine should have said no');
    await go(officer, 'Customers’ requests');
    await answer(
      officer,
      'a person’s look at a decision',
      'It takes longer',
      'Two departments decided, and we ask both.',
    );
    await send(officer);
    await officer.getByRole('dialog').waitFor({ state: 'detached' });
    await officer.getByText('extended').waitFor();
    await looksRight(world, officer, 'privacy-extended');
    await eventually(() =>
      Promise.resolve(mail.got.some(({ to, raw }) => to === 'grete@example.org' && raw.includes('takes longer'))),
    );
    const told = mail.got.findLast(({ raw }) => raw.includes('takes longer'))?.raw ?? '';
    assert.ok(!told.includes('departments') && told.includes('/center/requests'), 'why stands behind the sign-in');
    await customer.reload();
    await customer.getByText('Two departments decided').waitFor();
    await customer.getByText('Why it takes longer:').waitFor();
    await customer.getByText('We answer by').waitFor();
    await looksRight(world, customer, 'center-extended', 'all');
    // once: it does not move again
    await officer.getByRole('button', { name: 'Answer: a person’s look at a decision' }).click();
    await choose(officer, 'Decision', 'It takes longer');
    await officer.getByLabel('What the customer reads').fill('And longer.');
    await send(officer);
    await officer.getByText('PRIVACY_REQUEST_STATE').waitFor();
    await officer.getByRole('button', { name: 'Cancel' }).click();
  },
);

test(
  'a mail that the mail server refuses: staff sees it, the customer is told, and nothing is lost',
  { skip },
  async () => {
    const { room } = await world.program('application');
    const { subjectId } = await room.records.create({ collection: 'customer', fields: { last_name: 'Lovelace', email: 'ada@example.org' } }); // prettier-ignore
    const dpo = await world.program('dpo');
    await dpo.room.privacyRequests.take({ how: 'letter', subject: subjectId, kind: 'copy', words: 'by letter' });
    mail.refused.add('ada@example.org');
    await answer(officer, 'a copy', 'Do it', 'It is in your mail.');
    await looksRight(world, officer, 'privacy-who-asks');
    await send(officer);
    await officer.getByRole('button', { name: 'I have noted it' }).click();
    await eventually(async () =>
      (await dpo.room.privacyRequests.list()).requests.some((one) => one.mail === 'refused'),
    );
    await officer.reload();
    await officer.getByText('mail refused').waitFor();
    await looksRight(world, officer, 'privacy-mail-refused', 'all');

    // they come by the company's own sign-in, since no code reaches them either
    const ada = await world.window();
    const own = await world.program('customer-sign-in');
    const { url } = await own.room.privacyRequests.assertSignedIn({ subject: subjectId, factors: 1, signedInAt: new Date().toISOString() }); // prettier-ignore
    await ada.goto(`${world.url}${new URL(url).pathname}?lang=en`);
    await ada.getByRole('button', { name: 'Go in' }).click();
    await ada.getByRole('link', { name: 'Your requests' }).click();
    await ada.getByText('has not reached you yet').waitFor();
    await looksRight(world, ada, 'center-mail-refused', 'all');

    // the mailbox is there again: the same answer, with a link of its own
    mail.refused.clear();
    await officer.getByRole('button', { name: 'Send it again' }).click();
    const code = (await officer.getByText(/^\d{4} \d{4}$/).textContent()) ?? '';
    await officer.getByRole('button', { name: 'I have noted it' }).click();
    // what was refused before comes as well, in any order
    let link = '';
    await eventually(async () => {
      const raws = mail.got.filter(({ to }) => to === 'ada@example.org').map(({ raw }) => raw);
      const plain = raws.join('\n').replaceAll('=\r\n', '').replaceAll('=3D', '=');
      link = /https?:\S+\/center\/copy\/\S+/.exec(plain)?.[0] ?? '';
      return link !== '';
    });
    await ada.goto(`${world.url}${new URL(link).pathname}?lang=en`);
    await ada.getByLabel('Code').fill(code);
    const [download] = await Promise.all([
      ada.waitForEvent('download'),
      ada.getByRole('button', { name: 'Download the copy' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'my-data.zip');
    await officer.reload();
    await officer.getByText('mail refused').waitFor({ state: 'detached' });
    await ada.context().close();
  },
);

test('an erasure takes two people who have seen who asks and agree; then nothing is left', { skip }, async () => {
  const { room } = await world.program('application');
  const { subjectId } = await room.records.create({ collection: 'customer', fields: { last_name: 'Curie', email: 'marie@example.org' } }); // prettier-ignore
  const dpo = await world.program('dpo');
  await dpo.room.privacyRequests.take({
    how: 'letter',
    subject: subjectId,
    kind: 'erasure',
    words: 'by letter',
    asker: 'unheld',
  });
  const vouches = async (page: Page, what: string): Promise<void> => {
    await choose(page, 'I have seen', what);
    await page.getByRole('button', { name: 'Vouch' }).click();
    await page.getByText(new RegExp(`seen by staff.*${what}`)).waitFor();
  };
  await officer.reload();
  await officer.getByText('from an unknown address; identity: not proven').waitFor();
  await answer(officer, 'an erasure', 'Do it', 'Everything is gone.');
  await officer.getByText('You are the first of two').waitFor();
  await send(officer);
  await officer.getByText('PRIVACY_PROOF_NEEDED').waitFor();
  await looksRight(world, officer, 'privacy-proof-needed', 'all');
  await vouches(officer, 'a passport');
  await go(second, 'Customers’ requests');
  await answer(second, 'an erasure', 'Do it', 'Everything is gone.');
  await vouches(second, 'an identity card');
  await second.getByText('identity: strong proof, enough').first().waitFor(); // prettier-ignore
  await second.getByRole('button', { name: 'Cancel' }).click();

  await answer(officer, 'an erasure', 'Do it', 'Everything is gone.');
  await send(officer);
  await officer.getByText('one of two agreed').waitFor();
  await looksRight(world, officer, 'privacy-one-of-two');
  await answer(officer, 'an erasure', 'Do it', 'Everything is gone.');
  await officer.getByRole('button', { name: 'Erase for good' }).click();
  await officer.getByText('PRIVACY_SECOND_EYES').waitFor();
  await officer.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(
    (await room.search.page({ collection: 'customer', where: { email: 'marie@example.org' } })).records.length,
    1,
    'one alone erases nothing',
  );

  await answer(second, 'an erasure', 'Do it', 'Everything is gone.');
  await second.getByText('You are the second').waitFor();
  await looksRight(world, second, 'privacy-second-eyes', 'all');
  await second.getByRole('button', { name: 'Erase for good' }).click();
  await second.getByRole('button', { name: 'Answer: an erasure' }).waitFor({ state: 'detached' });
  assert.equal(
    (await room.search.page({ collection: 'customer', where: { email: 'marie@example.org' } })).records.length,
    0,
  );
  assert.deepEqual(world.complaints, []);
  assert.deepEqual(world.faults, []);
});
