/** The vault, as staff meet it: search in all its ways, a look that is masked, a value that leaves the screen, an erasure. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { addPasskey, choose, comeIn, comeInWithPasskey, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let page: Page;

before(async () => {
  if (skip !== false) return;
  world = await openWorld();
  const { key } = await world.program('application');
  await world.cli(key, 'vault', 'import', 'examples/chinook-customers.csv', '--map', 'examples/chinook.map.yaml');
  const administrator = await world.window();
  const token = (await readFile(join(world.home, 'first-administrator.link'), 'utf8')).trim();
  await comeIn(world, administrator, token, { name: 'Ada', email: 'ada@example.org' });
  await addPasskey(administrator);
  await administrator.context().close();
  const invited = await world.admin.people.invite({
    email: 'ben@example.org',
    name: 'Ben',
    roles: ['billing', 'support'],
  });
  page = await world.window();
  await comeIn(world, page, invited.token, {});
  await addPasskey(page);
});
after(async () => {
  if (skip === false) await world.close();
});

async function search(field: string, how: string, what: string): Promise<void> {
  await choose(page, 'Field', field);
  await choose(page, 'How', how);
  await page.getByLabel('What').fill(what);
  await page.getByRole('button', { name: 'Search' }).click();
}

test('nobody is found, many are found page by page, and no value is in clear or in an address', { skip }, async () => {
  await go(page, 'Customers');
  await choose(page, 'Purpose', 'Writing and collecting bills');
  await search('Last name', 'is', 'Nobody-of-that-name');
  await page.getByText('Nobody was found').waitFor();
  await looksRight(world, page, 'vault-empty');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.getByRole('button', { name: 'use light colours' }).waitFor();
  await page.emulateMedia({ colorScheme: 'light' });
  await page.getByRole('button', { name: 'use dark colours' }).waitFor();

  await search('Last name', 'begins with', 'go');
  await page.getByRole('link', { name: 'Open' }).first().waitFor();
  assert.ok((await page.getByRole('link', { name: 'Open' }).count()) > 1);
  assert.doesNotMatch(await page.locator('table').innerText(), /Gon|Gomes|Gordon|Goyer/);
  assert.doesNotMatch(page.url(), /go\b/);
});

test(
  'what was revealed leaves the screen when it is hidden, and is not there when one comes back',
  { skip },
  async () => {
    await search('Last name', 'is', 'Gonçalves');
    await page.getByText('1 found').waitFor();
    await page.getByRole('link', { name: 'Open' }).click();
    const shown = page.getByText('Gonçalves');
    const reveal = async (): Promise<void> => {
      await page.getByRole('button', { name: 'Reveal Last name' }).click();
      await page.getByLabel('Why do you need it?').fill('a call about an invoice');
      await page.getByRole('dialog').getByRole('button', { name: 'Reveal', exact: true }).click();
      await shown.waitFor();
    };
    await reveal();
    await page.getByRole('button', { name: 'Hide' }).click();
    await shown.waitFor({ state: 'detached' });
    await reveal();
    await go(page, 'Customers');
    await page.goBack();
    await page.getByRole('button', { name: 'Reveal Last name' }).waitFor();
    await shown.waitFor({ state: 'detached' });
  },
);

test('a dialog begins in its first field, and gives the focus back to what opened it', { skip }, async () => {
  const opener = page.getByRole('button', { name: 'Reveal Last name' });
  const hasFocus = (of: typeof opener) => of.and(page.locator(':focus')).waitFor();
  await opener.click();
  await hasFocus(page.getByLabel('Why do you need it?'));
  await page.keyboard.press('Escape');
  await hasFocus(opener);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await hasFocus(opener);
});

test(
  'access for a time: asked for in place, approved by another with a passkey, started, used, ended',
  { skip },
  async () => {
    const customer = page.url();
    await page.getByRole('button', { name: 'Ask for access to Address' }).click();
    await page.getByLabel('Why do you need it?').fill('the parcel came back');
    await looksRight(world, page, 'ask-access');
    await page.getByRole('dialog').getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByText('It is asked for').waitFor();
    await page.keyboard.press('Escape');

    const approver = await comeInWithPasskey(world, 'Dora', 'dpo');
    await looksRight(world, approver, 'passkeys');

    await go(approver, 'Access for a time');
    await approver.getByText('the parcel came back').waitFor();
    await looksRight(world, approver, 'requests');
    await approver.getByRole('button', { name: 'Approve' }).click();
    // whoever has just added a passkey has shown it
    await approver.getByText('approved', { exact: true }).waitFor();

    await go(page, 'Access for a time');
    await page.getByRole('button', { name: 'Start the clock' }).click();
    await page.getByText('activated', { exact: true }).waitFor();
    await page.goto(customer);
    await page.getByRole('button', { name: 'Reveal Address' }).click();
    await page.getByLabel('Why do you need it?').fill('the parcel came back');
    await page.getByRole('dialog').getByRole('button', { name: 'Reveal', exact: true }).click();
    await page.getByText('Av. Brigadeiro Faria Lima', { exact: false }).waitFor();

    await go(approver, 'My sign-in');
    await go(approver, 'Access for a time');
    await approver.getByRole('button', { name: 'End now' }).click();
    await approver.getByRole('dialog').getByRole('button', { name: 'End now' }).click();
    await approver.getByText('No field has been asked for').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Ask for access to Address' }).waitFor();

    await approver.getByRole('button', { name: /Dora/ }).click();
    await approver.getByRole('menuitem', { name: 'Sign out' }).click();
    await approver.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await approver.getByRole('button', { name: /Dora/ }).waitFor();
  },
);

test('an erased customer is gone for who still has the page', { skip }, async () => {
  const record = page.url().split('/').at(-1) as string;
  const { room } = await world.program('dpo');
  const { room: shop } = await world.program('application');
  const { subjectId } = await shop.records.get(record);
  await room.subjects.erase(subjectId, { purpose: 'legal.request' });

  await page.reload();
  await page.getByRole('alert').waitFor();
  assert.match(await page.getByRole('alert').innerText(), /VAULT_NOT_FOUND/);
  await looksRight(world, page, 'vault-erased');
});

test('every page keeps WCAG 2.2 AA and its own policy, and throws nothing', { skip }, () => {
  assert.deepEqual(world.faults, []);
  assert.deepEqual(world.complaints, []);
});
