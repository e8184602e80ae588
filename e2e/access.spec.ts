/** Access, as people meet it: the first administrator comes in, invites, a colleague searches, reveals, and is disabled. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Secret, TOTP } from 'otpauth';
import type { Page } from 'playwright-core';

import { addPasskey, choose, codesOf, comeIn, comeInWithPasskey, comesInByCode, go, looksRight, PASSWORD } from './pages.ts'; // prettier-ignore
import { reviewedTogether } from './reviewed-together.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let administrator: Page;
let colleague: Page;
let watcher: Page;

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
  await looksRight(world, administrator, 'me', 'all');

  const second = await world.window();
  await second.goto(`${world.url}/console/welcome#${token}`);
  await second.fill('input[name=email]', 'eve@example.org');
  await second.fill('input[name=password]', PASSWORD);
  await second.click('button[type=submit]');
  await second.getByRole('alert').waitFor();
  assert.match(await second.getByRole('alert').innerText(), /ACCESS_/);
  await second.goto(`${world.url}/console/no-such-place`);
  await second.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await second.context().close();
});

test('a password alone opens nothing; an app is set up, and then there is the rest', { skip }, async () => {
  await administrator.getByText('A password alone opens nothing here').waitFor();
  const places = administrator.getByRole('navigation', { name: 'places' }).getByRole('link');
  assert.deepEqual(await places.allInnerTexts(), ['My sign-in']);
  await administrator.goto(`${world.url}/console/people`);
  await administrator.getByRole('heading', { name: 'My sign-in' }).waitFor();
  const card = administrator.getByRole('region', { name: 'authenticator app' });
  await card.getByRole('button', { name: 'Set up' }).click();
  const app = new TOTP({ secret: Secret.fromBase32(await card.locator('code').innerText()) });
  const codes = codesOf(app);
  await card.getByLabel('Code').fill(codes[0]);
  await card.getByRole('button', { name: 'Confirm' }).click();
  await card.getByText('Keep these recovery codes').waitFor();
  await places.filter({ hasText: 'People' }).waitFor();
  await looksRight(world, administrator, 'totp');

  await comesInByCode(world, 'ada@example.org', codes);
});

test('an administrator sees policies, people, keys and the log, and no customer', { skip }, async () => {
  await go(administrator, 'Customers');
  await administrator.getByText('does not search customers').waitFor();
  await administrator.getByRole('link', { name: 'Invite people' }).waitFor();
  assert.equal(await administrator.title(), 'Customers – Strongroom');
  assert.equal(await administrator.evaluate('document.activeElement.id'), 'main', 'reading begins on the new page');
  await looksRight(world, administrator, 'customers-admin');
  for (const place of ['Policies', 'People', 'Keys', 'Mailbox', 'Notices']) {
    await go(administrator, place);
    await looksRight(world, administrator, place.toLowerCase());
  }
  await go(administrator, 'Policies');
  await administrator.getByRole('link', { name: 'What holds now' }).click();
  await administrator.getByRole('combobox', { name: 'Role' }).waitFor({ timeout: 120_000 });
  await looksRight(world, administrator, 'matrix', 'all');
});

test('a workload is trusted and disabled', { skip }, async () => {
  await go(administrator, 'Workloads');
  await administrator.getByText('No workload is trusted yet').waitFor();
  await administrator.getByRole('button', { name: 'Trust a workload' }).click();
  const dialog = administrator.getByRole('dialog');
  const wanted = {
    name: 'nightly export', issuer: 'https://ci.example.org', subject: 'repo:shop:main', audience: 'strongroom',
    jwksUrl: 'https://ci.example.org/keys',
  }; // prettier-ignore
  for (const [name, value] of Object.entries(wanted)) await dialog.locator(`input[name=${name}]`).fill(value);
  await choose(administrator, 'Role', 'collector');
  await dialog.getByRole('button', { name: 'Trust it' }).click();
  await administrator.getByRole('row', { name: /nightly export/ }).waitFor();
  await looksRight(world, administrator, 'workloads');
  await administrator.getByRole('button', { name: 'Disable nightly export' }).click();
  await administrator.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
  await administrator.getByRole('row', { name: /nightly export.*disabled/ }).waitFor();
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
  await addPasskey(colleague);
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

test('glass is broken in an emergency, ended, and looked at by a second person', { skip }, async () => {
  const olga = await comeInWithPasskey(world, 'Olga', 'on-call');
  await go(olga, 'Customers');
  await choose(olga, 'Field', 'Last name');
  await olga.getByLabel('What').fill('Gonçalves');
  await olga.getByRole('button', { name: 'Search' }).click();
  await olga.getByRole('link', { name: 'Open' }).click();
  await olga.getByRole('button', { name: 'Break glass' }).click();
  const dialog = olga.getByRole('dialog');
  await dialog.getByLabel('Incident').fill('INC-7');
  await dialog.getByLabel('Why can it not wait?').fill('a parcel with medicine is at the wrong door');
  await looksRight(world, olga, 'break-glass-form');
  await dialog.getByRole('button', { name: 'Break the glass' }).click();
  await olga.getByRole('button', { name: 'Reveal Last name' }).waitFor();
  await go(olga, 'Break-glass');
  await olga.getByText('open now').waitFor();
  await olga.getByRole('button', { name: 'End now' }).click();
  await olga.getByRole('dialog').getByRole('button', { name: 'End now' }).click();
  await olga.getByText('to be reviewed', { exact: true }).waitFor();
  assert.equal(await olga.getByRole('button', { name: 'Review' }).count(), 0, 'nobody reviews what they broke');

  watcher = await comeInWithPasskey(world, 'Sam', 'security');
  await go(watcher, 'Break-glass');
  await watcher.getByText('INC-7').waitFor();
  await looksRight(world, watcher, 'break-glass', 'all');
  await watcher.getByRole('button', { name: 'Review' }).click();
  await watcher.getByLabel('What did you find?').fill('one customer, one read, as said');
  await watcher.getByRole('button', { name: 'Justified', exact: true }).click();
  await watcher.getByText('Nothing waits for a review').waitFor();
});

test('a role is reviewed holder by holder, signed off, and its result is proven', { skip }, async () => {
  await go(watcher, 'Reviews');
  await watcher.getByText('No role was reviewed yet').waitFor();
  await watcher.getByRole('button', { name: 'Begin a review' }).click();
  await choose(watcher, 'Role', 'billing');
  await watcher.getByRole('dialog').getByRole('button', { name: 'Begin', exact: true }).click();
  await watcher.getByRole('button', { name: 'Decide on Ben Billing' }).waitFor();
  assert.equal(await watcher.getByRole('checkbox').count(), 0, 'this role sees customers in clear');
  await looksRight(world, watcher, 'review');
  assert.ok(await watcher.getByRole('button', { name: 'Sign off' }).isDisabled());
  await watcher.getByRole('button', { name: 'Decide on Ben Billing' }).click();
  await watcher.getByLabel('Note').fill('still writes the invoices');
  await watcher.getByRole('button', { name: 'Keep' }).click();
  await watcher.getByText('still writes the invoices').waitFor();
  await watcher.getByRole('button', { name: 'Sign off' }).click();
  await watcher.getByRole('dialog').getByRole('button', { name: 'Sign off' }).click();
  await watcher.getByRole('button', { name: 'Export the result' }).click();
  await watcher.getByText('The log has this result').waitFor();
  const download = watcher.waitForEvent('download');
  await watcher.getByRole('link', { name: 'Download it' }).click();
  assert.match((await download).suggestedFilename(), /^review-rvw_.*\.json$/);
  await looksRight(world, watcher, 'review-signed');
  await go(watcher, 'Reviews');
  await looksRight(world, watcher, 'reviews');
  await reviewedTogether(world, watcher);
  await go(watcher, 'Unused permissions');
  await watcher.getByText('Nothing stood unused').waitFor();
  await looksRight(world, watcher, 'unused');
});

test(
  'a role is changed in a draft, looked at, proposed, and holds when another has approved it',
  { skip },
  async () => {
    await go(administrator, 'Roles');
    await administrator.getByRole('button', { name: /^marketing/ }).click();
    await administrator.getByRole('table').waitFor();
    await looksRight(world, administrator, 'roles');
    await administrator.getByRole('textbox', { name: 'Description' }).fill('writes to customers who said yes');
    const draft = administrator.getByRole('region', { name: 'draft' });
    await choose(administrator, 'Highest class in clear', 'public');
    await draft.getByRole('button', { name: 'What would it change?' }).click();
    await draft.getByText('Breaks a rule that always holds: ceiling').waitFor();
    await choose(administrator, 'Highest class in clear', 'internal');
    await draft.getByText('1 change', { exact: false }).waitFor();
    assert.ok(await draft.getByRole('button', { name: 'Propose' }).isDisabled(), 'nobody has looked at this draft yet');
    await draft.getByRole('button', { name: 'What would it change?' }).click();
    await draft.getByText('0 decisions show more, 0 show less').waitFor();
    await draft.getByLabel('What is it for?').fill('say it as the law does');
    await draft.getByRole('button', { name: 'Propose' }).click();
    await administrator.getByRole('row', { name: /marketing description writes to customers who agreed/ }).waitFor();
    await administrator.getByText('Somebody else has to approve it').waitFor();

    await go(watcher, 'Policies');
    await watcher
      .getByRole('row', { name: /say it as the law does/ })
      .getByRole('link')
      .click();
    await watcher.getByRole('row', { name: /marketing description writes to customers who agreed/ }).waitFor();
    await watcher.getByRole('button', { name: 'Replay past decisions' }).click();
    await watcher.getByText('none would have come out otherwise').waitFor();
    await looksRight(world, watcher, 'policy-changes');
    await watcher.getByRole('button', { name: 'Approve' }).click();
    await watcher.getByRole('button', { name: 'Activate' }).click();
    await watcher.getByRole('dialog').getByRole('button', { name: 'Activate' }).click();
    await watcher.getByText('active', { exact: true }).waitFor();
  },
);

test('an entry of the log is proven in the browser', { skip }, async () => {
  await go(administrator, 'Audit log');
  await looksRight(world, administrator, 'audit');
  await administrator.locator('button[aria-label^="entry "]').last().click();
  await administrator.getByRole('button', { name: 'Prove that it is in the log' }).click();
  await administrator.getByText('It is in the log', { exact: true }).waitFor();
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
      .getByRole('button', { name: 'New link' })
      .click();
    assert.ok(await administrator.getByRole('button', { name: 'Make the link' }).isDisabled(), 'who asks is not known');
    await looksRight(world, administrator, 'new-link');
    await administrator.getByRole('button', { name: 'Cancel' }).click();
    await administrator
      .getByRole('row', { name: /Ben Billing/ })
      .getByRole('button', { name: 'Disable' })
      .click();
    await administrator.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
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
