/** A broken rule as people meet it: who opens it, whom it is about, who decides, and an appeal. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { choose, comeInWithPasskey, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let bill: Page;
let olga: Page;
let dora: Page;
let sven: Page;
let uma: Page;

before(async () => {
  if (skip !== false) return;
  world = await openWorld();
  bill = await comeInWithPasskey(world, 'Bill', 'billing');
  olga = await comeInWithPasskey(world, 'Olga', 'security');
  dora = await comeInWithPasskey(world, 'Dora', 'dpo');
  sven = await comeInWithPasskey(world, 'Sven', 'security');
  uma = await comeInWithPasskey(world, 'Uma', 'dpo');
});
after(async () => {
  if (skip === false) await world.close();
});

/** Of the log: what Bill did as himself. */
async function entryOfBill(): Promise<number> {
  const people = (await world.asked('GET', '/v1/access/people')) as { people: { id: string; name: string }[] };
  const id = people.people.find(({ name }) => name === 'Bill')?.id;
  const { entries } = (await world.asked('GET', '/v1/audit/entries?from=0&limit=1000')) as { entries: { index: number; entry: { action: string; actor: { id: string } } }[] }; // prettier-ignore
  return entries.findLast(({ entry }) => entry.actor.id === id && entry.action.startsWith('access.'))?.index ?? -1;
}
async function decides(page: Page, option: string): Promise<void> {
  await go(page, 'Broken rules');
  await page.getByRole('link', { name: 'Who may see what' }).click();
  const form = page.getByRole('form', { name: 'Decide' });
  await form.getByRole('radio', { name: option }).check();
  await form.getByLabel('Why; the person reads it').fill('The log says so, and it was the first time.');
  await form.getByRole('button', { name: `Decide: ${option}` }).click();
  await form.waitFor({ state: 'detached' });
}

test('an officer opens one on an entry of the log; whom it is about is told, and says what happened', { skip }, async () => {
  await go(olga, 'Broken rules');
  await looksRight(world, olga, 'violations-none');
  await olga.getByRole('button', { name: 'Open one' }).click();
  await choose(olga, 'About whom', 'Bill');
  await choose(olga, 'Which policy', 'Who may see what');
  const entry = String(await entryOfBill());
  // a number before it, each of whose digits would be an entry too
  await olga.getByLabel('Entry of the log').pressSequentially(`1${entry}`);
  await olga.getByLabel('Entry of the log').fill(entry);
  await olga.getByLabel('Entry of the log').press('Enter');
  await olga.getByText('It can be held against them.').waitFor();
  const { entries: log } = (await world.asked('GET', '/v1/audit/entries?from=0&limit=1000')) as { entries: { entry: { action: string; detail?: { entry?: number } } }[] };
  assert.deepEqual(log.flatMap((each) => (each.entry.action === 'education.violation.source' ? [each.entry.detail?.entry] : [])), [Number(entry)], 'looked at once, and not while it was typed');
  await olga.getByLabel('What happened, and which rule it touches').fill('An account was lent to a colleague.');
  await looksRight(world, olga, 'violation-open', 'all');
  await olga.getByRole('button', { name: 'Open it' }).click();
  await olga.getByText('This is about Bill.').waitFor();
  assert.equal(await olga.getByRole('form').count(), 0, 'who opened it decides nothing');
  await looksRight(world, olga, 'violation-opened');

  await bill.reload();
  await go(bill, 'Notices');
  await bill.getByRole('article').filter({ hasText: 'There is something about you that you should read' }).getByRole('link', { name: 'Look' }).click({ timeout: 120_000 });
  await bill.getByText('This is about you.').waitFor();
  await looksRight(world, bill, 'violation-own', 'all');
  await bill.getByRole('textbox', { name: 'What happened' }).fill('She had forgotten her key, and a customer was waiting.');
  await bill.getByRole('button', { name: 'Give my statement' }).click();
  await bill.getByRole('region', { name: 'The statement' }).getByText('a customer was waiting').waitFor();
  const [file] = await Promise.all([bill.waitForEvent('download'), bill.getByRole('button', { name: 'Save the proof' }).click()]);
  assert.match(file.suggestedFilename(), /^entry-\d+\.tlog-proof$/);
}); // prettier-ignore

test('two decide without knowing of each other; the person reads why, appeals, and somebody else answers', { skip }, async () => {
  await go(dora, 'Broken rules');
  await looksRight(world, dora, 'violations-to-decide', 'all');
  await dora.getByRole('link', { name: 'Who may see what' }).click();
  await dora.getByRole('form', { name: 'Decide' }).waitFor();
  assert.equal(await dora.getByRole('radio', { name: 'Access ends' }).count(), 0, 'the ladder has not that for a first time');
  await looksRight(world, dora, 'violation-decide', 'all');
  await decides(dora, 'A talk');
  await go(sven, 'Broken rules');
  await sven.getByRole('link', { name: 'Who may see what' }).click();
  await sven.getByText('1 of two have decided.').waitFor();
  assert.equal(await sven.getByText('Decided: A talk').count(), 0);
  await decides(sven, 'A talk');

  await go(bill, 'Broken rules');
  await looksRight(world, bill, 'violations-mine', 'all');
  await bill.getByRole('link', { name: 'Who may see what' }).click();
  await bill.getByText('What follows: A talk').waitFor();
  await looksRight(world, bill, 'violation-decided', 'all');
  await bill.getByLabel('What is not right about it').fill('I was told to do so.');
  await bill.getByRole('button', { name: 'Appeal' }).click();
  await bill.getByText('under appeal').waitFor();

  await go(uma, 'Broken rules');
  await uma.getByRole('link', { name: 'Who may see what' }).click();
  const form = uma.getByRole('form', { name: 'Answer the appeal' });
  await form.getByLabel('Why; the person reads it').fill('He was; it was written down.');
  await looksRight(world, uma, 'violation-answer', 'all');
  await form.getByRole('button', { name: 'Grant it' }).click();
  await uma.getByRole('region', { name: 'The appeal was granted' }).waitFor();
  await bill.reload();
  await bill.getByText('The decision does not hold', { exact: false }).waitFor();
  await bill.getByRole('heading', { name: 'Nothing follows' }).waitFor();
  await looksRight(world, bill, 'violation-granted');
  assert.deepEqual([world.faults, world.complaints], [[], []]);
}); // prettier-ignore
