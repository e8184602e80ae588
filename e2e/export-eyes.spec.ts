/** A second pair of eyes on exports: asked for by one, said yes to by another. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { comeInWithPasskey, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let dora: Page;
let sigrid: Page;

before(async () => {
  if (skip !== false) return;
  world = await openWorld();
  dora = await comeInWithPasskey(world, 'Dora', 'dpo');
  sigrid = await comeInWithPasskey(world, 'Sigrid', 'security');
});
after(async () => {
  if (skip === false) await world.close();
});

const card = (page: Page) => page.getByRole('region', { name: 'a second pair of eyes on exports' });

test('one asks, the other reads why and says yes, and the first sees until when', { skip }, async () => {
  await go(dora, 'Access for a time');
  await card(dora).getByRole('button', { name: 'Ask for one' }).press('Enter');
  await card(dora).getByRole('combobox', { name: 'Purpose' }).click();
  await dora.getByRole('option', { name: 'Learning from numbers', exact: true }).click();
  await card(dora).getByLabel('Why do you need it?').fill('the yearly report');
  await looksRight(world, dora, 'export-eyes-asking', 'all');
  await card(dora).getByRole('button', { name: 'Ask somebody' }).click();
  await card(dora).getByText('pending', { exact: true }).waitFor();
  assert.equal(await card(dora).getByRole('button', { name: 'Say yes' }).count(), 0, 'not to oneself');
  await go(sigrid, 'Access for a time');
  await card(sigrid).getByText('the yearly report').waitFor();
  await looksRight(world, sigrid, 'export-eyes-deciding', 'all');
  await card(sigrid).getByRole('button', { name: 'Say yes' }).click();
  await card(sigrid).getByText('approved', { exact: true }).waitFor();
  await dora.reload();
  await card(dora).getByText('approved', { exact: true }).waitFor();
  await looksRight(world, dora, 'export-eyes-approved');
  assert.deepEqual([world.faults, world.complaints], [[], []]);
});
