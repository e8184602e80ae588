/** A drill as people meet it: one for oneself, which opens what a role asks for; one with others; and what says that it is one. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { choose, comeInWithPasskey, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let bill: Page;
let dora: Page;

before(async () => {
  if (skip !== false) return;
  world = await openWorld();
  bill = await comeInWithPasskey(world, 'Bill', 'billing');
  dora = await comeInWithPasskey(world, 'Dora', 'dpo');
});
after(async () => {
  if (skip === false) await world.close();
});

const banner = (page: Page) => page.getByRole('note').filter({ hasText: 'DRILL' });
async function decides(page: Page, option: RegExp): Promise<void> {
  await page.getByRole('radio', { name: option }).check();
  await page.getByRole('button', { name: 'Decide', exact: true }).click();
  await page.getByRole('button', { name: 'Decide', exact: true }).waitFor({ state: 'detached' });
}
const comes = async (page: Page, from: RegExp): Promise<void> => {
  const come = page.getByRole('region', { name: from });
  // by itself, when its minute has come
  await page.getByRole('button', { name: 'Show what comes next', disabled: false }).or(come).first().waitFor();
  if (!(await come.isVisible())) await page.getByRole('button', { name: 'Show what comes next' }).click();
  await come.waitFor();
};

test('whoever works here begins one for themselves: what comes is decided, the log is asked, and it is scored', { skip }, async () => {
  await go(bill, 'Drills');
  await banner(bill).waitFor();
  await looksRight(world, bill, 'drills', 'all');
  await bill.getByRole('button', { name: 'Begin for myself: The laptop on the train' }).press('Enter');
  await bill.getByRole('button', { name: 'I am in' }).click();
  await bill.getByText('1 of 1 person is in').waitFor();
  assert.ok(await bill.getByRole('button', { name: 'Show what comes next' }).isDisabled(), 'what has come is decided first');
  await looksRight(world, bill, 'drill-begun', 'all');

  await go(bill, 'Report something');
  await bill.getByRole('region', { name: 'your drill' }).getByText('This page is real').waitFor();
  await looksRight(world, bill, 'drill-elsewhere');
  await bill.getByRole('link', { name: 'To the drill' }).click();

  await decides(bill, /^End all that is signed in as Sam/);
  await comes(bill, /Whoever keeps the log/);
  await decides(bill, /^Data of customers was seen by a stranger/);
  await comes(bill, /^the log of the drill$/);
  const log = bill.getByRole('region', { name: 'the log of the drill' });
  await log.getByRole('checkbox', { name: /^Sam/ }).check();
  // the first instant is when it came, the second when the bag was put on the rack
  const rack = bill.getByRole('region', { name: /Sam, a colleague/ }).locator('time').nth(1);
  assert.match((await rack.textContent()) ?? '', /^\d+\/\d+\/\d{4}, \d+:\d\d [AP]M UTC$/);
  await log.getByLabel('From (UTC)').fill(((await rack.getAttribute('datetime')) ?? '').slice(0, 16));
  await log.getByRole('button', { name: 'Ask the log' }).click();
  await log.getByText(/^15 people in 3 entries/).waitFor();
  await looksRight(world, bill, 'drill-log', 'all');
  await comes(bill, /head of Sam/);
  await decides(bill, /^Name Sam/);
  await comes(bill, /answers for data protection/);
  await decides(bill, /^Tell it now with what is known/);
  await comes(bill, /telephone of the support team/);
  await decides(bill, /^Tell her and each of those/);
  await bill.getByRole('button', { name: 'End it, and see the score' }).click();
  const score = bill.getByRole('region', { name: 'the score' });
  await score.getByText('Passed', { exact: true }).waitFor();
  await score.getByText('15 found, 15 concerned, 15 in both', { exact: false }).waitFor();
  await bill.getByText('it is better to say nothing', { exact: false }).waitFor();
  await bill.getByLabel('One thing that is to be changed').fill('Everybody knows whom to call at night.');
  await bill.getByRole('button', { name: 'Note it' }).click();
  await bill.getByRole('listitem').filter({ hasText: 'Everybody knows whom to call' }).waitFor();
  const minutes = await bill.getByRole('region', { name: /^minute \d/ }).evaluateAll((all) => all.map((each) => Number(/\d+/.exec(each.getAttribute('aria-label') ?? '')?.[0])));
  assert.ok(minutes.length > 3, String(minutes));
  assert.deepEqual(minutes, minutes.toSorted((a, b) => a - b), 'told afterwards, it begins at its beginning');
  await looksRight(world, bill, 'drill-scored', 'all');
  const [file] = await Promise.all([bill.waitForEvent('download'), score.getByRole('button', { name: 'After-action report' }).click()]);
  assert.match(file.suggestedFilename(), /^DRILL-drl_/);
}); // prettier-ignore

test('one with others: they are told by mail, each says that they are in, and one that is stopped counts for nobody', { skip }, async () => {
  await go(dora, 'Drills');
  await dora.getByRole('button', { name: 'Begin with others' }).click();
  await choose(dora, 'Drill', 'The mail went to the wrong list');
  await choose(dora, 'All who have a role', 'billing');
  await looksRight(world, dora, 'drill-with-others', 'all');
  await dora.keyboard.press('Tab');
  await dora.getByRole('button', { name: 'Begin it' }).click();
  await dora.getByRole('region', { name: /A colleague, standing at your desk/ }).waitFor();
  assert.equal(await dora.getByRole('button', { name: 'I am in' }).count(), 0, 'she was not asked');
  await go(bill, 'Customers');
  await bill.reload();
  await bill.getByRole('link', { name: 'To the drill' }).click();
  await bill.getByRole('button', { name: 'I am in' }).click();
  await decides(bill, /^Stop what has not left yet/);
  await dora.reload();
  await dora.getByText('1 of 1 person is in').waitFor();
  await dora.getByRole('button', { name: 'Stop the drill' }).click();
  await dora.getByRole('dialog').getByRole('button', { name: 'Stop the drill' }).click();
  await dora.getByText('stopped', { exact: true }).waitFor();
  await go(dora, 'Drills');
  await dora.getByRole('heading', { name: 'All drills' }).waitFor();
  await looksRight(world, dora, 'drills-all', 'all');
  await go(dora, 'Incidents');
  await dora.getByText('No incident yet').waitFor();
  assert.deepEqual([world.faults, world.complaints], [[], []]);
}); // prettier-ignore
