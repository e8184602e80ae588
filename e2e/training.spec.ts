/** Training that runs out: said before, masked in the days of grace, shut at the next read, open again at once; and what the team does. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { choose, comeInWithPasskey, go, looksRight } from './pages.ts';
import { answersQuiz } from './quiz.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
const COURSE = 'purpose-and-minimum';
let world: World;
let ben: Page;
let sigrid: Page;

before(async () => {
  if (skip !== false) return;
  world = await openWorld();
  const { room } = await world.program('application');
  await room.records.create({ collection: 'customer', subject: { externalId: 'c-1' }, fields: { last_name: 'Quillfeather', company: 'Analytical' } }); // prettier-ignore
  ben = await comeInWithPasskey(world, 'Ben', 'support');
});
after(async () => {
  if (skip !== false) return;
  await world.close();
});

/** As if the course had been passed so many days ago; it is valid for 365, then there are five working days. */
async function passedAgo(days: number): Promise<void> {
  await world.db.begin(async (tx) => {
    // evidence stays as it is: in a test alone somebody makes it older
    await tx`alter table education.passes disable trigger passes_stay`;
    await tx`update education.passes set passed_at = now() - ${days} * interval '1 day' where course = ${COURSE}`;
    await tx`alter table education.passes enable trigger passes_stay`;
    await tx`with head as (update education.change_head set n = n + 1 returning n) insert into education.changes (n, person_id) select n, null from head`;
  });
} // prettier-ignore

async function searches(page: Page): Promise<void> {
  await choose(page, 'Field', 'Last name');
  await page.getByRole('textbox', { name: 'What' }).fill('Quillfeather');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
}
const training = (page: Page) => page.getByRole('region', { name: 'your training' });

test('what ends soon is said on every page, with one button to it; who is in grace sees masked values', { skip }, async () => {
  await go(ben, 'My sign-in');
  assert.equal(await training(ben).count(), 0, 'nothing waits');
  await passedAgo(350);
  await ben.reload();
  await training(ben).getByText('Due soon').waitFor();
  await looksRight(world, ben, 'training-due', 'all');
  await passedAgo(366);
  await ben.reload();
  await training(ben).getByText('Customers are masked').waitFor();
  await looksRight(world, ben, 'training-grace');
  await training(ben).getByRole('link', { name: 'Learn it' }).click();
  await ben.getByRole('button', { name: 'Begin' }).waitFor();
  assert.ok(ben.url().endsWith(`/console/learn/${COURSE}`));
}); // prettier-ignore

test('a course that lapses shuts the role off at the next read, the denial leads to it, and passing opens at once', { skip }, async () => {
  await passedAgo(100);
  await ben.goto(`${world.url}/console`);
  await searches(ben);
  await ben.getByText('1 found').waitFor();

  await passedAgo(400);
  await ben.getByRole('button', { name: 'Search', exact: true }).click();
  const denial = ben.getByRole('alert');
  await denial.waitFor();
  assert.match((await denial.textContent()) ?? '', /VAULT_DENIED/);
  assert.equal(await ben.getByText('1 found').count(), 0, 'what was shown before is gone');
  await looksRight(world, ben, 'training-denied', 'all');

  await denial.getByRole('link', { name: 'Learn: What you need, and for what' }).press('Enter');
  await ben.getByRole('button', { name: 'Begin' }).waitFor();
  // also for who loads the page anew meanwhile
  await ben.reload();
  await answersQuiz(ben, COURSE, async () => {});
  await looksRight(world, ben, 'training-passed');
  await ben.getByRole('link', { name: 'Back to where you were' }).press('Enter');
  await searches(ben);
  await ben.getByText('1 found').waitFor();
}); // prettier-ignore

async function fills(page: Page, button: string, fields: Readonly<Record<string, string>>): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  for (const [label, value] of Object.entries(fields)) {
    const field = dialog.getByLabel(label, { exact: false }).first();
    if (['Person', 'People', 'Course, policy or drill'].includes(label)) {
      await dialog.getByRole('combobox', { name: label }).or(dialog.getByRole('textbox', { name: label })).first().fill(value);
      await page.getByRole('option', { name: value }).first().click();
    } else await field.fill(value);
  }
  if (button === 'Assign') await page.keyboard.press('Tab');
  await looksRight(world, page, `training-form-${button.toLowerCase().replaceAll(' ', '-')}`);
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
} // prettier-ignore

test('the team assigns, takes back, notes leave; what was taken back shuts the role off too', { skip }, async () => {
  sigrid = await comeInWithPasskey(world, 'Sigrid', 'security');
  await go(sigrid, 'Training');
  await fills(sigrid, 'Assign', { People: 'Ben', 'Course, policy or drill': 'AI' });
  await sigrid.getByText('Assigned to 1 person.').waitFor();
  await fills(sigrid, 'Take back', {
    Person: 'Ben',
    'Course, policy or drill': 'What you need',
    Why: 'shown in a review',
  });
  await sigrid.getByText(/^Taken back: Ben/).waitFor();
  await ben.goto(`${world.url}/console`);
  await ben.getByText('No customer is open to you').waitFor();
  await looksRight(world, ben, 'training-taken-back');
  await fills(sigrid, 'Note leave', { Person: 'Ben', From: '2026-01-01T08:00' });
  await sigrid.getByRole('button', { name: 'Ben is back' }).click();
  await sigrid.getByRole('button', { name: 'Ben is back' }).waitFor({ state: 'detached' });
});

test('an exemption takes two: who asked cannot approve it, another officer can, and customers open', { skip }, async () => {
  await fills(sigrid, 'Ask for an exemption', { Person: 'Ben', 'Course, policy or drill': 'What you need', Until: soon(), Why: 'a month abroad, without customers' });
  await sigrid.getByText('waits for another person').waitFor();
  assert.equal(await sigrid.getByRole('button', { name: 'Approve for Ben' }).count(), 0);
  await looksRight(world, sigrid, 'training-exempt');
  const dora = await comeInWithPasskey(world, 'Dora', 'dpo');
  await go(dora, 'Training');
  await dora.getByRole('button', { name: 'Approve for Ben' }).click();
  await dora.getByText('holds', { exact: true }).waitFor();
  await ben.goto(`${world.url}/console`);
  await ben.getByRole('combobox', { name: 'Purpose' }).waitFor();
  assert.equal(await ben.getByText('No customer is open to you').count(), 0);
}); // prettier-ignore

test('an officer publishes a text on top of the one they read; who was slower is told, and loses nothing', { skip }, async () => {
  const dora = await comeInWithPasskey(world, 'Doris', 'dpo');
  const texts = [sigrid, dora];
  for (const page of texts) {
    await go(page, 'Lessons and texts');
    await page.getByRole('link', { name: 'Personal data, and what we owe for it' }).or(page.getByRole('region', { name: 'lessons' }).getByRole('link').first()).first().click();
    await page.getByLabel('The text').waitFor();
  }
  for (const page of texts) {
    const field = page.getByLabel('The text');
    await field.fill(`${await field.inputValue()}\nAsk when you are not sure.\n`);
    await page.getByText('+ Ask when you are not sure.').waitFor();
  }
  await looksRight(world, sigrid, 'texts-one');
  await sigrid.getByRole('button', { name: 'Publish' }).click();
  await sigrid.getByRole('rowheader', { name: /^2/ }).waitFor();
  await dora.getByRole('button', { name: 'Publish' }).click();
  await dora.getByText('EDUCATION_TEXT_CHANGED').waitFor();
  assert.match(await dora.getByLabel('The text').inputValue(), /Ask when you are not sure/);
  await go(sigrid, 'Lessons and texts');
  await looksRight(world, sigrid, 'texts');
  assert.deepEqual(world.faults, []);
  assert.deepEqual(world.complaints, []);
}); // prettier-ignore

/** In a month, as a field of time has it. */
const soon = (): string => new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 16);
