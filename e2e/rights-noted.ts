/** What staff notes for who wrote or called: a request, that one was taken back, and an appeal. */
import type { Page } from 'playwright-core';

import { choose, looksRight } from './pages.ts';
import type { World } from './world.ts';

const LOOK = 'a person’s look at a decision';
const closed = (page: Page): Promise<void> => page.getByRole('dialog').waitFor({ state: 'detached' });

/** On the page of requests, where nobody waits. */
export async function rightsNoted(world: World, officer: Page, customer: Page, subject: string): Promise<void> {
  await takenIn(world, officer, subject);
  await customer.reload();
  await customer.getByText('Told to us in a letter, and written down by an employee (data protection).').first().waitFor(); // prettier-ignore
  await looksRight(world, customer, 'center-request-noted', 'all');

  await officer.getByRole('button', { name: `Answer: ${LOOK}` }).click();
  await choose(officer, 'Decision', 'Decline');
  await officer.getByLabel('What the customer reads').fill('No person decided it.');
  await officer.getByRole('button', { name: 'Answer', exact: true }).click();
  await closed(officer);
  await officer.getByText('Answered', { exact: true }).first().click(); // prettier-ignore
  await officer.getByRole('button', { name: `Read: ${LOOK}` }).first().waitFor(); // prettier-ignore
  await looksRight(world, officer, 'privacy-answered', 'all');
  await officer.getByRole('button', { name: `Read: ${LOOK}` }).first().click(); // prettier-ignore
  await officer.getByText('They can appeal until').waitFor();
  await choose(officer, 'How they said it', 'on the telephone');
  await officer.getByLabel('Why they do not agree').fill('Somebody did decide it.');
  await looksRight(world, officer, 'privacy-appeal-noted', 'all');
  await officer.getByRole('button', { name: 'They appeal' }).click();
  await closed(officer);
  await officer.getByText('Waiting', { exact: true }).click();
  await officer.getByText('appealed').waitFor();
  await customer.reload();
  await customer.getByText('Somebody did decide it.').waitFor();
}

async function takenIn(world: World, officer: Page, subject: string): Promise<void> {
  await officer.getByRole('button', { name: 'Note a request' }).click();
  await officer.getByRole('textbox', { name: 'Customer' }).fill('sub_0');
  await choose(officer, 'Asks for', LOOK);
  await choose(officer, 'How they said it', 'in a letter');
  await choose(officer, 'Whose law', 'Connecticut: CTDPA');
  await officer.getByLabel('What they wrote or said').fill('Look at it, please');
  await officer.getByRole('button', { name: 'Note it' }).click();
  await officer.getByText('No customer has this id').waitFor();
  await officer.getByRole('textbox', { name: 'Customer' }).fill(subject);
  await looksRight(world, officer, 'privacy-take-in', 'all');
  await officer.getByRole('button', { name: 'Note it' }).click();
  await closed(officer);
}
