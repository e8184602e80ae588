/** The console where what it asks for fails on the way: what is said, what stays, what is sent once and what not at all. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { choose, comeInWithPasskey, eventually, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let ada: Page;
let sven: Page;

before(async () => {
  if (skip !== false) return;
  world = await openWorld();
  ada = await comeInWithPasskey(world, 'Ada', 'admin');
  sven = await comeInWithPasskey(world, 'Sven', 'security');
});
after(async () => {
  if (skip === false) await world.close();
});

const DOWN = {
  status: 503,
  contentType: 'application/problem+json',
  body: JSON.stringify({ title: 'down', status: 503, detail: 'it is down', code: 'DOWN', hint: 'wait a minute' }),
};
/** From now on that one answers that it is down. @returns how it is well again */
async function down(page: Page, method: string, path: string): Promise<() => Promise<void>> {
  const at = ({ pathname }: URL): boolean => pathname === path;
  await page.route(at, (route) => (route.request().method() === method ? route.fulfill(DOWN) : route.fallback()));
  return () => page.unroute(at);
}

test('offline is said at once; nothing is sent long after, when one is elsewhere', { skip }, async () => {
  await go(sven, 'Report something');
  const what = sven.getByLabel('What happened');
  await what.fill('A laptop is gone.');
  await sven.context().setOffline(true);
  await sven.getByRole('button', { name: 'Report it' }).click();
  await sven.getByRole('alert').filter({ hasText: 'The server could not be reached' }).waitFor();
  assert.equal(await what.inputValue(), 'A laptop is gone.');
  await sven.context().setOffline(false);
  await go(sven, 'Incidents');
  await sven.getByRole('heading', { name: 'No incident yet' }).waitFor();
});

test('what somebody else changed meanwhile is there once one was refused, and what was typed is sent on it', { skip }, async () => {
  await go(sven, 'Report something');
  await sven.getByLabel('What happened').fill('A laptop is gone.');
  await sven.getByRole('button', { name: 'Report it' }).click();
  await sven.getByRole('link', { name: 'Open the incident' }).click();
  await sven.getByRole('button', { name: 'Write a note' }).click();
  const other = await sven.context().newPage();
  await other.goto(sven.url());
  await other.getByRole('button', { name: 'Take it' }).click();
  await other.getByRole('cell', { name: 'Sven leads it' }).waitFor();
  await other.close();
  const dialog = sven.getByRole('dialog');
  await dialog.getByLabel('What you saw or did').fill('It was in the train.');
  await dialog.locator('button[type=submit]').click();
  await dialog.getByText('EDUCATION_INCIDENT_CHANGED').waitFor();
  await sven.locator('td', { hasText: 'Sven leads it' }).waitFor();
  await dialog.locator('button[type=submit]').click();
  await dialog.waitFor({ state: 'detached' });
  await sven.getByText('It was in the train.').first().waitFor();
}); // prettier-ignore

test(
  'what was written when the session ended is there after one has come in again, for oneself alone',
  { skip },
  async () => {
    const dana = await comeInWithPasskey(world, 'Dana', 'security');
    const end = async (text: string): Promise<void> => {
      await go(dana, 'Report something');
      await dana.getByLabel('What happened').fill(text);
      await dana.context().clearCookies();
      await dana.getByRole('button', { name: 'Report it' }).click();
      await dana.getByRole('heading', { name: 'Sign in to Strongroom' }).waitFor();
      assert.ok(!(await dana.content()).includes(text), 'nothing of it stands where nobody is signed in');
    };
    const comeInAgain = () => dana.getByRole('button', { name: /passkey/i }).click();
    await end('A laptop is gone, and it was mine.');
    await comeInAgain();
    const before = dana.getByRole('alert').filter({ hasText: 'Your session ended' });
    await before.getByText('A laptop is gone, and it was mine.').waitFor();
    await looksRight(world, dana, 'typed-before');
    await dana.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await before.getByRole('button', { name: 'Copy: What happened' }).click();
    assert.equal(await dana.evaluate('navigator.clipboard.readText()'), 'A laptop is gone, and it was mine.');
    await before.getByRole('button', { name: 'Away with it' }).click();
    await before.waitFor({ state: 'detached' });

    await end('This is between us.');
    // at the same machine, somebody else comes in
    await dana.route(({ pathname }) => pathname === '/v1/access/session', async (route) => {
    const answer = await route.fetch();
    const said = (await answer.json()) as object;
    await route.fulfill({ response: answer, json: answer.ok() ? { ...said, person: 'per_somebody' } : said });
  }); // prettier-ignore
    await comeInAgain();
    await dana.getByRole('heading', { name: 'Report something' }).waitFor();
    assert.ok(!(await dana.content()).includes('This is between us.'));
    await dana.context().close();
  },
);

test('what stands there stays where it cannot be fetched again: what is typed, and a key that is shown once', { skip }, async () => {
  await go(ada, 'Keys');
  await ada.getByRole('button', { name: 'Make a key' }).click();
  await ada.getByRole('textbox', { name: 'Name' }).fill('shop');
  await choose(ada, 'Role', 'application');
  const well = await down(ada, 'GET', '/v1/access/keys');
  await ada.getByRole('button', { name: 'Make', exact: true }).click();
  await ada.getByText('This is the key').waitFor();
  const outdated = ada.getByRole('alert').filter({ hasText: 'What you see may have changed' });
  await outdated.waitFor();
  await looksRight(world, ada, 'outdated');
  await well();
  await outdated.getByRole('button', { name: 'Try again' }).click();
  await ada.getByRole('rowheader', { name: 'shop' }).waitFor();
  await outdated.waitFor({ state: 'detached' });
  await ada.getByText('This is the key').waitFor();
}); // prettier-ignore

test('what a page lacks and does not say itself is said over it; what it says itself is said once', { skip }, async () => {
  const lacks = sven.getByRole('alert').filter({ hasText: 'Not all of this page is here' });
  const well = await down(sven, 'GET', '/v1/education/incidents/report-link');
  // anew: what was fetched before would still be there
  await sven.goto(`${world.url}/console/report`);
  await lacks.waitFor();
  await sven.getByLabel('What happened').fill('A phone.');
  await looksRight(world, sven, 'page-lacks-something');
  await well();
  await lacks.getByRole('button', { name: 'Try again' }).click();
  await lacks.waitFor({ state: 'detached' });
  assert.equal(await sven.getByLabel('What happened').inputValue(), 'A phone.');

  const wellAgain = await down(sven, 'GET', '/v1/education/incidents');
  await sven.goto(`${world.url}/console/incidents`);
  await sven.getByRole('alert').filter({ hasText: 'It is down' }).first().waitFor();
  await sven.waitForTimeout(600);
  assert.equal(await lacks.count(), 0);
  await wellAgain();
}); // prettier-ignore

test('who is not signed out hears of it; who cannot be looked up sees a way on, and not a menu without places', { skip }, async () => {
  const wellAgain = await down(ada, 'DELETE', '/v1/access/session');
  await ada.getByRole('button', { name: /Ada/ }).click();
  await ada.getByRole('menuitem', { name: 'Sign out' }).click();
  const told = ada.getByRole('dialog', { name: 'You are still signed in' });
  await told.getByRole('alert').filter({ hasText: 'It is down' }).waitFor();
  await looksRight(world, ada, 'still-signed-in');
  await wellAgain();
  await told.getByRole('button', { name: 'Try again' }).click();
  await ada.getByRole('heading', { name: 'Sign in to Strongroom' }).waitFor();

  const well = await down(sven, 'GET', '/v1/access/whoami');
  await sven.goto(`${world.url}/console/learn`);
  await sven.getByRole('alert').filter({ hasText: 'It is down' }).waitFor();
  await well();
  await sven.getByRole('button', { name: 'Try again' }).click();
  await sven.getByRole('link', { name: 'Audit log' }).waitFor();
}); // prettier-ignore

test('without a session’s answer, its own files, or a whole link there are words, and no white page', { skip }, async () => {
  const page = await world.window();
  const well = await down(page, 'GET', '/v1/access/session');
  await page.goto(`${world.url}/console/`);
  await page.getByText('It is down').waitFor();
  await well();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'Sign in to Strongroom' }).waitFor();

  await page.goto(`${world.url}/console/welcome#cut-off-%E0`);
  await page.getByText('This link is not whole').waitFor();

  await page.route(/\.js$/, (route) => route.fulfill({ status: 404 }));
  await page.goto(`${world.url}/console/`);
  await page.getByText('This page is not loaded yet').waitFor();
  await page.unroute(/\.js$/);
  await page.goto(`${world.url}/center/unsubscribe/cut-off`);
  await page.getByText('This address leads nowhere').waitFor();
  await looksRight(world, page, 'center-not-here');
  await page.context().close();
}); // prettier-ignore

test('a button that is pressed twice sends once', { skip }, async () => {
  const person = (await world.admin.people.list()).people.find(({ name }) => name === 'Ada');
  await world.admin.people.disable(person?.id ?? '');
  const boss = await comeInWithPasskey(world, 'Bo', 'admin');
  let sent = 0;
  await boss.route(/\/enable$/, async (route) => {
    sent += 1;
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.fulfill(DOWN);
  });
  await go(boss, 'People');
  // as fast as a hand is
  await boss.getByRole('button', { name: 'Enable' }).dblclick({ delay: 60 });
  await boss.getByText('It is down').waitFor();
  assert.equal(sent, 1);
  await boss.getByRole('button', { name: 'Enable' }).click();
  await eventually(() => Promise.resolve(sent === 2));
  assert.deepEqual([world.complaints, world.faults], [[], []]);
});
