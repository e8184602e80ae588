/** Somebody new: no customer, a lesson, its questions, a policy to sign, and then customers; by keyboard where it counts. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { readShelf } from '#practices/education';
import type { Page } from 'playwright-core';

import { addPasskeyAlone, comeIn, comeInWithPasskey, go, looksRight } from './pages.ts';
import { answersQuiz } from './quiz.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();

let world: World;
let page: Page;
const { shelf } = readShelf();

before(async () => {
  if (skip !== false) return;
  world = await openWorld();
  const administrator = await world.window();
  const token = (await readFile(join(world.home, 'first-administrator.link'), 'utf8')).trim();
  await comeIn(world, administrator, token, { name: 'Ada', email: 'ada@example.org' });
  const invited = await world.admin.people.invite({ email: 'ben@example.org', name: 'Ben', roles: ['support'] });
  page = await world.window();
  await comeIn(world, page, invited.token, {});
  await addPasskeyAlone(page);
});
after(async () => {
  if (skip === false) await world.close();
});

test('who is new sees that no customer is open, and what opens them', { skip }, async () => {
  await go(page, 'Learn and sign');
  await page.getByText('No customer is open to you').waitFor();
  await looksRight(world, page, 'education-home');
});

test('a lesson is read and passed by keyboard, the other one too', { skip }, async () => {
  for (const course of ['handling-personal-data', 'purpose-and-minimum']) {
    await page.goto(`${world.url}/console/learn/${course}`);
    await page.getByRole('button', { name: 'Begin' }).waitFor();
    if (course === 'purpose-and-minimum') {
      await looksRight(world, page, 'education-lesson');
      // a choice stands where the text has it, and a place of the console is where the text says
      await page.getByRole('region', { name: 'Ask small' }).getByRole('radio').nth(2).check();
      await page.getByRole('region', { name: 'Ask small' }).getByText('Yes', { exact: true }).waitFor();
      await page.getByRole('link', { name: 'Report it' }).click();
      await page.waitForURL('**/report');
      await page.goBack();
    }
    await answersQuiz(page, course, () => looksRight(world, page, `education-quiz-${course}`));
  }
});

test('a policy is signed, and customers open', { skip }, async () => {
  await page.goto(`${world.url}/console/sign/customer-data`);
  await page.getByRole('heading', { name: 'Before you sign' }).waitFor();
  await looksRight(world, page, 'education-policy');
  for (const { answers } of shelf.policies.find(({ id }) => id === 'customer-data')?.checks ?? [])
    for (const { says, right } of answers) if (right) await page.getByLabel(says, { exact: true }).press('Space');
  await page.getByRole('button', { name: 'I have read it' }).press('Enter');
  await page.getByText('You have signed this text').waitFor();
  await go(page, 'Learn and sign');
  await page.getByText('All is signed').waitFor();
  assert.equal(await page.getByText('No customer is open to you').count(), 0);
  await go(page, 'Customers');
  await page.getByRole('combobox', { name: 'Purpose' }).waitFor();
});

test(
  'a certificate of what was passed is taken from the page, and a stranger checks it on another',
  { skip },
  async () => {
    await go(page, 'Learn and sign');
    await page.getByRole('heading', { name: 'What you have passed and signed' }).waitFor();
    await looksRight(world, page, 'education-certificates');
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page
        .getByRole('button', { name: /^Certificate of/ })
        .first()
        .click(),
    ]);
    assert.match(file.suggestedFilename(), /^crt_[0-9a-z]{26}\.pdf$/);
    const stranger = await world.window();
    await stranger.goto(`${world.url}/certificates`);
    await looksRight(world, stranger, 'education-check');
    await stranger.getByLabel('Number of the certificate').fill(file.suggestedFilename().replace('.pdf', ''));
    await stranger.getByLabel('Name, as it stands there').fill('Ben');
    await stranger.getByRole('button', { name: 'Check' }).click();
    await stranger.getByText('This certificate is valid.').waitFor();
    await looksRight(world, stranger, 'education-checked');
  },
);

test('the training team sees who stands how; every page is accessible and fits', { skip }, async () => {
  const officer = await comeInWithPasskey(world, 'Sigrid', 'security');
  await go(officer, 'Training');
  await officer.getByText('3 tasks').first().waitFor();
  await looksRight(world, officer, 'education-training');
  assert.deepEqual(world.faults, []);
});
