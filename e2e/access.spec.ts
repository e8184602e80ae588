/** Access, as people meet it: the first administrator comes in, invites, a colleague searches, reveals, and is disabled. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { comeIn, go, looksRight, PASSWORD } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let administrator: Page;
let colleague: Page;

before(async () => {
  if (skip !== false) return;
  world = await openWorld();
  const { key } = await world.program('application');
  await world.cli(key, 'vault', 'import', 'examples/chinook-customers.csv', '--map', 'examples/chinook.map.yaml');
});
after(async () => {
  if (skip === false) await world.close();
});

test('the first administrator comes in by the link, once', { skip }, async () => {
  const token = (await readFile(join(world.home, 'first-administrator.link'), 'utf8')).trim();
  administrator = await world.window();
  await administrator.goto(`${world.url}/`);
  await administrator.getByRole('heading', { name: 'Sign in' }).waitFor();
  await looksRight(world, administrator, 'sign-in');
  await comeIn(world, administrator, token, { name: 'Ada Admin', email: 'ada@example.org' });
  await looksRight(world, administrator, 'me');

  const second = await world.window();
  await second.goto(`${world.url}/console/welcome#${token}`);
  await second.fill('input[name=email]', 'eve@example.org');
  await second.fill('input[name=password]', PASSWORD);
  await second.click('button[type=submit]');
  await second.getByRole('alert').waitFor();
  assert.match(await second.getByRole('alert').innerText(), /ACCESS_/);
});

test('an administrator sees policies, people, keys and the log, and no customer', { skip }, async () => {
  await go(administrator, 'Customers');
  await administrator.getByText('does not search customers').waitFor();
  await looksRight(world, administrator, 'customers-admin');
  for (const place of ['Policies', 'People', 'Keys']) {
    await go(administrator, place);
    await looksRight(world, administrator, place.toLowerCase());
  }
  await go(administrator, 'Policies');
  await administrator.getByRole('link', { name: 'What holds now' }).click();
  await administrator.getByRole('combobox', { name: 'Role' }).waitFor({ timeout: 120_000 });
  await looksRight(world, administrator, 'matrix');
});

test('a colleague is invited, searches, and reveals one field for a purpose and with a reason', { skip }, async () => {
  await go(administrator, 'People');
  await administrator.getByRole('button', { name: 'Invite somebody' }).click();
  const dialog = administrator.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Ben Billing');
  await dialog.getByLabel('E-mail').fill('ben@example.org');
  await dialog.getByRole('combobox', { name: 'Roles' }).fill('billing');
  await administrator.getByRole('option', { name: 'billing', exact: true }).click();
  await administrator.keyboard.press('Tab');
  await administrator.getByRole('option', { name: 'billing', exact: true }).waitFor({ state: 'hidden' });
  await looksRight(world, administrator, 'invite');
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = await administrator.getByRole('status').locator('pre, code').first().innerText();

  colleague = await world.window();
  await comeIn(world, colleague, new URL(link).hash.slice(1), {});
  await go(colleague, 'Customers');
  await colleague.getByLabel('What').fill('Gonçalves');
  await colleague.getByRole('combobox', { name: 'Field' }).click();
  await colleague.getByRole('option', { name: /last name/i }).click();
  await colleague.getByRole('combobox', { name: 'Purpose' }).click();
  await colleague.getByRole('option', { name: 'Writing and collecting bills' }).click();
  await colleague.getByRole('button', { name: 'Search' }).click();
  await colleague.getByRole('link', { name: 'Open' }).first().waitFor();
  await looksRight(world, colleague, 'customers');
  await colleague.getByRole('link', { name: 'Open' }).first().click();
  await colleague
    .getByRole('button', { name: /^Reveal/ })
    .first()
    .waitFor();
  await looksRight(world, colleague, 'customer');
  assert.ok(!(await colleague.content()).includes('Gonçalves'), 'nothing is in clear before it is revealed');

  const reveal = colleague.getByRole('button', { name: /^Reveal last name/i });
  await reveal.click();
  await colleague.getByLabel('Why do you need it?').fill('the customer called about an invoice');
  await looksRight(world, colleague, 'reveal');
  await colleague.getByRole('dialog').getByRole('button', { name: 'Reveal', exact: true }).click();
  await colleague.getByText('Gonçalves').waitFor();
  assert.ok(!colleague.url().includes('Gon'), 'no value in an address');
});

test('an entry of the log is proven in the browser', { skip }, async () => {
  await go(administrator, 'Audit log');
  await looksRight(world, administrator, 'audit');
  await administrator.getByRole('button', { name: 'entry 2', exact: true }).click();
  await administrator.getByRole('button', { name: 'Prove that it is in the log' }).click();
  await administrator.getByText('It is in the log').waitFor();
  await looksRight(world, administrator, 'audit-proof');
  await administrator.keyboard.press('Escape');
});

test(
  'who is disabled sees nothing more at the next click, and a cookie that was signed out opens nothing',
  { skip },
  async () => {
    const cookies = await colleague.context().cookies();
    assert.ok(cookies.every((cookie) => cookie.httpOnly && cookie.sameSite === 'Strict'));
    await go(administrator, 'People');
    await administrator
      .getByRole('row', { name: /Ben Billing/ })
      .getByRole('button', { name: 'Disable' })
      .click();
    await administrator.getByRole('row', { name: /Ben Billing.*disabled/i }).waitFor();
    await colleague.getByRole('navigation', { name: 'places' }).getByRole('link', { name: 'My sign-in' }).click();
    await colleague.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.ok(!(await colleague.content()).includes('Gonçalves'));

    const [stolen] = await administrator.context().cookies();
    await administrator.getByRole('button', { name: /Ada Admin/ }).click();
    await administrator.getByRole('menuitem', { name: 'Sign out' }).click();
    await administrator.getByRole('heading', { name: 'Sign in' }).waitFor();
    const headers = { cookie: `${stolen?.name}=${stolen?.value}`, 'sec-fetch-site': 'same-origin' };
    assert.equal((await fetch(`${world.url}/v1/access/session`, { headers })).status, 401);
  },
);

test(
  'every page keeps WCAG 2.2 AA on desktop and phone, light and dark, fits its own policy, and throws nothing',
  { skip },
  () => {
    assert.deepEqual(world.faults, []);
    assert.deepEqual(world.complaints, []);
  },
);
