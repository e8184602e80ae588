/** Showing better who one is, as a customer meets it: by the company's own sign-in, or a code at a second address. */
import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import { looksRight } from './pages.ts';
import type { World } from './world.ts';

/** What the company's application would send its customer on with. */
export async function ownSignIn(world: World, customer: Page, email: string, factors: 1 | 2 = 2): Promise<void> {
  const { room } = await world.program('application');
  const { records } = await room.search.page({ collection: 'customer', where: { email }, fields: ['email'] });
  const subject = records[0]?.subjectId as string;
  const own = await world.program('customer-sign-in');
  const { url } = await own.room.privacyRequests.assertSignedIn({ subject, factors, signedInAt: new Date().toISOString() }); // prettier-ignore
  await customer.goto(`${world.url}${new URL(url).pathname}?lang=en`);
}

/** On "Your data": some of it is specially protected, and a code from a mail is not enough for that. */
export async function showsEverything(world: World, customer: Page, email: string): Promise<void> {
  assert.equal(
    await customer.getByRole('link', { name: 'Show everything' }).count(),
    0,
    'nothing that would be refused',
  );
  await customer.getByRole('link', { name: 'Show that it is you' }).click();
  await customer.getByRole('button', { name: 'Send a code to a second address' }).click();
  await customer.getByText('No second address of yours').waitFor();
  await looksRight(world, customer, 'center-prove', 'all');
  await ownSignIn(world, customer, email);
  await looksRight(world, customer, 'center-own-sign-in', 'all');
  await customer.getByRole('button', { name: 'Go in' }).click();
  await customer.getByText('Thank you. That is enough.').waitFor();
  await looksRight(world, customer, 'center-proven');
  await customer.getByRole('main').getByRole('link', { name: 'Your data' }).click();
  await customer.getByRole('link', { name: 'Show everything' }).click();
}
