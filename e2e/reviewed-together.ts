/** A review of a role that sees nothing in clear: given more time by a second person, and decided on several holders at once. */
import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import { choose, comeInWithPasskey, go } from './pages.ts';
import type { World } from './world.ts';

/** @param watcher signed in as the role's owner */
export async function reviewedTogether(world: World, watcher: Page): Promise<void> {
  const keys = [await world.program('support'), await world.program('support')];
  await watcher.getByRole('navigation', { name: 'places' }).getByRole('link', { name: 'Reviews' }).click();
  await watcher.getByRole('button', { name: 'Begin a review' }).click();
  await choose(watcher, 'Role', 'support');
  await watcher.getByRole('dialog').getByRole('button', { name: 'Begin', exact: true }).click();
  assert.equal(await watcher.getByRole('button', { name: 'Give more time' }).count(), 0, 'who decides gives no time');

  const dora = await comeInWithPasskey(world, 'Dora', 'dpo');
  await go(dora, 'Reviews');
  await dora.getByRole('link', { name: 'support' }).click();
  await dora.getByRole('button', { name: 'Give more time' }).click();
  await dora.getByLabel('Reason').fill('everybody is at the fair');
  await dora.getByRole('dialog').getByRole('button', { name: 'Give more time' }).click();
  await dora.getByText('after it was given more time').waitFor();
  assert.equal(await dora.getByRole('button', { name: 'Give more time' }).count(), 0, 'once');

  const boxes = watcher.getByRole('checkbox', { name: 'choose e2e support' });
  await boxes.nth(keys.length - 1).waitFor();
  for (const box of await boxes.all()) await box.check();
  await watcher.getByRole('button', { name: `Decide on ${keys.length} chosen` }).click();
  await watcher.getByLabel('Note').fill('both answer calls');
  await watcher.getByRole('button', { name: 'Keep' }).click();
  await watcher.getByText('both answer calls').nth(1).waitFor();
  await watcher.getByText('2 of 2 decided').waitFor();
}
