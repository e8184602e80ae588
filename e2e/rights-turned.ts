/** A request's turns, as customer and officers see them: asked back and replied to, taken back, declined and appealed. */
import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import { choose, comeInWithPasskey, go, looksRight } from './pages.ts';
import { rightsNoted } from './rights-noted.ts';
import type { World } from './world.ts';

const answer = async (page: Page, what: string, decision: string, words: string | null): Promise<void> => {
  await page.getByRole('button', { name: `Answer: ${what}` }).click();
  await choose(page, 'Decision', decision);
  if (words !== null) await page.getByLabel('What the customer reads').fill(words);
};
const send = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Answer', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
};

/** @param customer on their page of requests */
export async function rightsTurned(world: World, officer: Page, customer: Page): Promise<void> {
  await mailUnsent(world, officer);
  await askedBack(world, officer, customer);
  await repliedByTelephone(world, officer, customer);
  await appealed(world, officer, customer);
}

/** The copy that was answered by a link: no mail server is set here, so it is with nobody. */
async function mailUnsent(world: World, officer: Page): Promise<void> {
  await go(officer, 'Privacy notice');
  await go(officer, 'Customers’ requests');
  await officer.getByText('mail held: no server').waitFor();
  await officer.getByRole('button', { name: 'Send it again' }).waitFor();
  await looksRight(world, officer, 'privacy-mail-held');
}

async function askedBack(world: World, officer: Page, customer: Page): Promise<void> {
  await customer.getByLabel('Delete my data').check();
  await customer.getByLabel('In your own words').fill('all of it, please');
  await customer.getByRole('button', { name: 'Send', exact: true }).click();
  await customer.getByText('Somebody will look into it').waitFor();
  // reloaded, the page asks for nothing again
  await customer.reload();
  assert.equal(await customer.getByRole('heading', { name: 'Delete my data' }).count(), 1);

  // a letter from an address that is not held asks for the same: who it is has to be asked
  const { room } = await world.program('dpo');
  const subject = (await room.restrictions.list()).restrictions[0]?.subject as string;
  await room.privacyRequests.take({ how: 'letter', subject, kind: 'erasure', asker: 'unheld' });
  await officer.reload();
  await answer(officer, 'an erasure', 'Ask them something first', 'Do you mean the invoices too?');
  await choose(officer, 'What about', 'Whether it is them');
  await officer.getByRole('checkbox', { name: 'The clock stands still' }).check();
  // a mail would be held here, and a clock stands for nobody who was not told
  await choose(officer, 'How they are told', 'I have told them by letter or telephone');
  await looksRight(world, officer, 'privacy-ask-back', 'all');
  await send(officer);
  await officer.getByText('waits for the customer').waitFor();
  await officer.getByText('The clock stands still', { exact: true }).waitFor();
  await looksRight(world, officer, 'privacy-waiting');

  await customer.reload();
  await customer.getByText('Do you mean the invoices too?').waitFor();
  await customer.getByText('stands still until you reply').waitFor();
  await customer.getByText('Take it back', { exact: true }).first().click(); // prettier-ignore
  await customer.getByText('has not reached you yet').waitFor();
  await looksRight(world, customer, 'center-asked', 'all');
  await customer.getByRole('textbox', { name: 'Your reply' }).fill('Yes, those too');
  await customer.getByRole('button', { name: /^Send: Your reply/ }).click();
  await customer.getByText('We go on with it').waitFor();
  await customer.getByText('Yes, those too').waitFor();

  const erasure = customer.locator('section.card').filter({ has: customer.getByRole('heading', { name: 'Delete my data' }) }); // prettier-ignore
  await erasure.getByText('Take it back', { exact: true }).first().click(); // prettier-ignore
  await erasure.getByRole('button', { name: 'Take it back: Delete my data' }).click();
  await customer.getByText('Nothing more will be done about it').first().waitFor(); // prettier-ignore
  await erasure.getByText('taken back').waitFor();
  assert.equal(await erasure.getByText('Take it back', { exact: true }).count(), 0);
  await looksRight(world, customer, 'center-withdrawn');
  await officer.reload();
  await officer.getByRole('heading', { level: 1 }).waitFor();
  assert.equal(await officer.getByRole('button', { name: 'Answer: an erasure' }).count(), 0);
}

/** They have called: the officer notes what they said, and the customer reads who noted it. */
async function repliedByTelephone(world: World, officer: Page, customer: Page): Promise<void> {
  await customer.getByLabel('I object').check();
  await customer.getByRole('button', { name: 'Send', exact: true }).click();
  await customer.getByText('Somebody will look into it').waitFor();
  await officer.reload();
  await answer(officer, 'an objection', 'Ask them something first', 'To the newsletter alone?');
  await choose(officer, 'How they are told', 'I have told them by letter or telephone');
  await send(officer);
  await officer.getByRole('button', { name: 'Answer: an objection' }).click();
  await choose(officer, 'Decision', 'They have replied another way');
  await choose(officer, 'How they said it', 'on the telephone');
  await officer.getByLabel('What they said').fill('To all of it, they say');
  await looksRight(world, officer, 'privacy-reply-noted', 'all');
  await send(officer);
  await customer.reload();
  await customer.getByText('Told to us on the telephone, and written down by an employee (data protection).').waitFor();
  await looksRight(world, customer, 'center-reply-noted', 'all');
  const objection = customer
    .locator('section.card')
    .filter({ has: customer.getByRole('heading', { name: 'I object' }) });
  await objection.locator('summary').waitFor();
  // and called once more: it is over
  await officer.getByRole('button', { name: 'Answer: an objection' }).click();
  await choose(officer, 'Decision', 'They have taken it back');
  await choose(officer, 'How they said it', 'on the telephone');
  await looksRight(world, officer, 'privacy-withdrawal-noted', 'all');
  await send(officer);
  await customer.reload();
  await objection.getByText('You took it back').waitFor();
  assert.equal(await objection.getByText('Told to us on the telephone').count(), 2);
}

async function appealed(world: World, officer: Page, customer: Page): Promise<void> {
  const { room } = await world.program('dpo');
  const subject = (await room.restrictions.list()).restrictions[0]?.subject as string;
  await room.privacyRequests.take({ how: 'letter', subject, kind: 'review', words: 'by letter', regime: 'us-va' });
  // a deadline that comes near, as it would be in some weeks
  await officer.route('**/v1/privacy/requests?*', async (route) => {
    const found = await route.fetch();
    const body = (await found.json()) as { requests: { kind: string; dueAt: string }[] };
    const near = new Date(Date.now() + 2.5 * 86_400_000).toISOString();
    await route.fulfill({ response: found, json: { requests: body.requests.map((each) => (each.kind === 'review' ? { ...each, dueAt: near } : each)) } }); // prettier-ignore
  });
  await officer.reload();
  await officer.getByText('due in 2 days').waitFor();
  await looksRight(world, officer, 'privacy-due');
  await officer.unroute('**/v1/privacy/requests?*');
  await officer.reload();
  await answer(officer, 'a person’s look at a decision', 'Decline', 'No person decided it.');
  await send(officer);

  await customer.reload();
  await customer.getByText('the Attorney General of Virginia').waitFor();
  await customer.getByText('I do not agree with this').click();
  await looksRight(world, customer, 'center-appeal', 'all');
  await customer.getByRole('textbox', { name: 'Why not' }).fill('Somebody has to look.');
  await customer.getByRole('button', { name: /^Have it looked at again/ }).click();
  await customer.getByText('by another person').first().waitFor(); // prettier-ignore

  // who declined it does not decide again
  await officer.reload();
  await answer(officer, 'a person’s look at a decision', 'Do it', 'After all.');
  await officer.getByRole('button', { name: 'Answer', exact: true }).click();
  await officer.getByText('PRIVACY_APPEAL_EYES').waitFor();
  await officer.getByRole('button', { name: 'Cancel' }).click();
  const other = await comeInWithPasskey(world, 'Otto', 'dpo');
  await go(other, 'Customers’ requests');
  await answer(other, 'a person’s look at a decision', 'Do it in part', 'A person looked at the half of it, since the rest is gone.'); // prettier-ignore
  await other.getByText('Somebody has to look.').waitFor();
  await looksRight(world, other, 'privacy-appeal', 'all');
  await send(other);
  await other.context().close();
  await customer.reload();
  await customer.getByText('since the rest is gone').waitFor();
  await looksRight(world, customer, 'center-appeal-done', 'all');
  await rightsNoted(world, officer, customer, subject);
}
