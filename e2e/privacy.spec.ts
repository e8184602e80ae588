/** Privacy, as customers and a data protection officer meet it: notice, sign-in by mail, choices, data, requests. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { choose, comeInWithPasskey, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let officer: Page;
let customer: Page;
let email: string;

before(async () => {
  if (skip !== false) return;
  world = await openWorld({ STRONGROOM_CONTROLLER: 'A Shop', STRONGROOM_CONTROLLER_CONTACT: 'privacy@shop.example', STRONGROOM_REGIONS: 'DE' }); // prettier-ignore
  const { room } = await world.program('application');
  email = 'grace@example.org';
  const { id } = await room.records.create({ collection: 'customer', fields: { first_name: 'Grace', last_name: 'Hopper', email, city: 'Arlington', care_notes: 'large print' } }); // prettier-ignore
  await (await world.program('support')).room.records.get(id);
});
after(async () => {
  if (skip === false) await world.close();
});

test('an officer reads the draft and publishes it in four languages', { skip }, async () => {
  officer = await comeInWithPasskey(world, 'Olga', 'dpo');
  await go(officer, 'Privacy notice');
  await officer.getByText('not published').waitFor();
  const texts = await readFile(new URL('../examples/notice-texts.json', import.meta.url), 'utf8');
  await officer.getByRole('combobox', { name: 'Languages' }).focus();
  await officer.keyboard.press('ArrowDown');
  for (const language of ['de', 'fr', 'es']) await officer.getByRole('option', { name: language, exact: true }).click();
  await officer.keyboard.press('Escape');
  await officer.getByRole('button', { name: 'Publish' }).click();
  await officer.getByText('PRIVACY_NOTICE_INCOMPLETE').waitFor();
  await officer.getByLabel('Translations').fill(texts);
  await officer.getByRole('button', { name: 'Publish' }).click();
  await officer.getByText('says what is enforced').waitFor();
  await looksRight(world, officer, 'privacy-notice-console');
});

test('anybody reads it without script, in their language, on a phone and on paper', { skip }, async () => {
  const context = await world.browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 }, locale: 'de-DE' }); // prettier-ignore
  const plain = await context.newPage();
  await plain.goto(`${world.url}/center/`);
  await plain.getByText('A Shop ist für Ihre Daten verantwortlich').waitFor();
  await plain.getByRole('link', { name: 'Ausführlich' }).click();
  await plain.getByRole('heading', { name: 'Der monatliche Newsletter' }).waitFor();
  await context.close();

  customer = await world.window();
  await customer.goto(`${world.url}/center/?lang=en`);
  await looksRight(world, customer, 'center-home', 'all');
  await customer.getByRole('link', { name: 'In full' }).click();
  await customer.getByRole('heading', { name: 'The monthly newsletter' }).waitFor();
  await looksRight(world, customer, 'center-notice');
});

/** Of the development mailbox, as somebody of the administration sees it. */
async function codeInMail(): Promise<string> {
  for (let n = 0; n < 100; n += 1) {
    const { messages } = (await world.asked('GET', '/v1/mail/messages')) as {
      messages: { id: string; kind: string }[];
    };
    for (const { id } of messages.filter((each) => each.kind === 'privacy.code')) {
      const found = (await world.asked('GET', `/v1/mail/messages/${id}`)) as { content: { text: string } | null };
      const code = /\d{4} \d{4}/.exec(found.content?.text ?? '')?.[0];
      if (code !== undefined) return code;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('no code came');
}

test('a customer signs in by a code, decides, looks, doubts and asks', { skip }, async () => {
  await customer.getByRole('link', { name: 'Sign in' }).click();
  await looksRight(world, customer, 'center-sign-in');
  await customer.getByLabel('E-mail address').fill(email);
  await customer.getByRole('button', { name: 'Send me a code' }).click();
  await customer.getByLabel('Code from the mail').fill(await codeInMail());
  await customer.getByRole('button', { name: 'Go in' }).click();

  const yes = customer.getByRole('button', { name: 'The monthly newsletter: Yes' });
  const no = customer.getByRole('button', { name: 'The monthly newsletter: No' });
  const [wide, narrow] = [await yes.boundingBox(), await no.boundingBox()];
  assert.ok(Math.abs((wide?.width ?? 0) - (narrow?.width ?? 1)) < 1, 'no is as large as yes');
  await yes.click();
  await customer.getByText('Saved. It holds from now on.').waitFor();
  await looksRight(world, customer, 'center-choices', 'all');

  await customer.getByRole('link', { name: 'Your data' }).click();
  assert.equal(await customer.getByText('large print').count(), 0);
  await customer.getByRole('link', { name: 'Show everything' }).click();
  await customer.getByText('large print').waitFor();
  await looksRight(world, customer, 'center-data');

  await customer.getByRole('link', { name: 'Who saw it' }).click();
  await looksRight(world, customer, 'center-seen', 'all');
  await customer.getByRole('button', { name: /^I doubt this/ }).first().click(); // prettier-ignore
  await customer.getByText('Somebody will look into it').waitFor();

  await customer.getByRole('link', { name: 'Your requests' }).click();
  await customer.getByLabel('Correct something').check();
  await customer.getByLabel('In your own words').fill('I moved to New York');
  await customer.getByRole('button', { name: 'Send' }).click();
  await customer.getByText('I moved to New York').first().waitFor(); // prettier-ignore
  await looksRight(world, customer, 'center-requests');
});

test('the officer answers, and the customer reads the answer', { skip }, async () => {
  await go(officer, 'Customers’ requests');
  await officer.getByRole('button', { name: 'Answer: a correction' }).waitFor();
  await looksRight(world, officer, 'privacy-requests');
  await officer.getByRole('button', { name: 'Answer: a correction' }).click();
  await choose(officer, 'Decision', 'Do it');
  await officer.getByLabel('What the customer reads').fill('Your city is New York now.');
  await officer.getByRole('button', { name: 'Answer', exact: true }).click();
  await officer.getByRole('button', { name: 'Answer: a correction' }).waitFor({ state: 'detached' });

  await customer.reload();
  await customer.getByText('Your city is New York now.').waitFor();
  assert.deepEqual(world.complaints, []);
  assert.deepEqual(world.faults, []);
});
