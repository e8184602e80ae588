/** What customers asked for, as the officer answers it and as they read it: a correction, a restriction, a copy by a link. */
import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import { choose, go, looksRight } from './pages.ts';
import { rightsTurned } from './rights-turned.ts';
import type { World } from './world.ts';

/** @param customer on their page of requests */
export async function rightsAnswered(world: World, officer: Page, customer: Page): Promise<void> {
  await corrected(world, officer, customer);
  await restricted(world, officer, customer);
  await copiedByLink(world, officer);
  await rightsTurned(world, officer, customer);
}

async function corrected(world: World, officer: Page, customer: Page): Promise<void> {
  await go(officer, 'Customers’ requests');
  await officer.getByRole('button', { name: 'Answer: a correction' }).waitFor();
  await looksRight(world, officer, 'privacy-requests');
  await officer.getByRole('button', { name: 'Answer: a correction' }).click();
  await officer.getByRole('checkbox', { name: 'Care notes' }).waitFor();
  assert.equal(await officer.getByText('New York', { exact: true }).count(), 0, 'masked first');
  await officer.getByRole('button', { name: 'Show the values' }).click();
  await officer.getByText('New York', { exact: true }).waitFor();
  await officer.getByRole('checkbox', { name: 'Care notes' }).uncheck();
  await looksRight(world, officer, 'privacy-correction', 'all');
  await officer.getByLabel('What the customer reads').fill('Your city is New York now.');
  await officer.getByRole('button', { name: 'Answer', exact: true }).click();
  await officer.getByRole('button', { name: 'Answer: a correction' }).waitFor({ state: 'detached' });

  await customer.reload();
  await customer.getByText('Your city is New York now.').waitFor();
  await customer.getByText('City: corrected').waitFor();
  await customer.getByText('Care notes: not corrected').waitFor();
}

async function restricted(world: World, officer: Page, customer: Page): Promise<void> {
  await officer.getByRole('button', { name: 'Answer: a restriction' }).click();
  await choose(officer, 'Decision', 'Do it');
  await choose(officer, 'Because', 'it may be wrong');
  await officer.getByLabel('What the customer reads').fill('It has stopped.');
  await officer.getByRole('button', { name: 'Answer', exact: true }).click();
  await officer.getByRole('heading', { name: 'Restricted customers' }).waitFor();
  await officer.getByRole('button', { name: 'Tell', exact: true }).click();
  await choose(officer, 'How they are told', 'I have told them by letter or telephone');
  await officer.getByLabel('Why it ends').fill('We have corrected it.');
  await officer.getByRole('button', { name: 'Tell them' }).click();
  await officer.getByRole('button', { name: 'Tell them' }).waitFor({ state: 'detached' });
  await looksRight(world, officer, 'privacy-restricted');
  await customer.reload();
  await customer.getByText('is only kept').waitFor();
  await customer.getByText('We have corrected it.').waitFor();
  await looksRight(world, customer, 'center-restricted', 'all');
}

async function copiedByLink(world: World, officer: Page): Promise<void> {
  // a copy by a link in a mail: the officer has the code, the mailbox the link
  const subject = (await (await world.program('dpo')).room.restrictions.list()).restrictions[0]?.subject as string;
  const { room } = await world.program('dpo');
  const { id } = await room.privacyRequests.take({ how: 'letter', subject, kind: 'copy', words: 'by letter' });
  // some of it is of the special class: a link to the mailbox alone is not enough
  const vouched = await officer.evaluate(async (path) => {
    const body = JSON.stringify({ saw: 'passport' });
    return (await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status;
  }, `/v1/privacy/requests/${id}/vouch`);
  assert.equal(vouched, 200);
  await officer.reload();
  await officer.getByRole('button', { name: 'Answer: a copy' }).click();
  await choose(officer, 'Decision', 'Do it');
  await officer.getByLabel('What the customer reads').fill('It is in your mail.');
  await officer.getByRole('button', { name: 'Answer', exact: true }).click();
  const code = (await officer.getByText(/^\d{4} \d{4}$/).textContent()) ?? '';
  await looksRight(world, officer, 'privacy-copy-code');
  await officer.getByRole('button', { name: 'I have noted it' }).click();
  const { messages } = (await world.asked('GET', '/v1/mail/messages')) as { messages: { id: string; kind: string }[] };
  const mail = messages.find(({ kind }) => kind === 'privacy.copy-link')?.id as string;
  const { content } = (await world.asked('GET', `/v1/mail/messages/${mail}`)) as { content: { text: string } };
  const { pathname } = new URL(/https?:\S+/.exec(content.text)?.[0] ?? '');
  const visitor = await world.window();
  await visitor.goto(`${world.url}${pathname}?lang=en`);
  await looksRight(world, visitor, 'center-copy-link', 'all');
  await visitor.getByLabel('Code').fill(code);
  const [download] = await Promise.all([
    visitor.waitForEvent('download'),
    visitor.getByRole('button', { name: 'Download the copy' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'my-data.zip');
}
