/** Mails of exercises that a training team writes: tried out, refused with words, saved, changed by two, retired. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { choose, comeInWithPasskey, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let olga: Page;
let dora: Page;

before(async () => {
  if (skip !== false) return;
  world = await openWorld();
  olga = await comeInWithPasskey(world, 'Olga', 'dpo');
  dora = await comeInWithPasskey(world, 'Dora', 'security');
});
after(async () => {
  if (skip === false) await world.close();
});

const text = (page: Page) => page.getByRole('textbox', { name: 'Text' });
async function rewrites(page: Page, from: RegExp | string, to: string): Promise<void> {
  await text(page).fill((await text(page).inputValue()).replace(from, to));
}
const opens = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /^Look at Our parcel/ }).click();
  await page.getByRole('button', { name: 'Change it' }).click();
};

test('a mail is written after a pattern; what is not allowed is said with its line; it is tried out and saved', { skip }, async () => {
  await go(olga, 'Phishing exercises');
  await olga.getByRole('button', { name: 'Write one' }).click();
  await choose(olga, 'Pattern', 'A parcel that costs a fee');
  await text(olga).waitFor();
  await rewrites(olga, 'A parcel that costs a fee', 'Our parcel');
  await rewrites(olga, 'Parcel Notice Center', 'DHL');
  await olga.getByRole('button', { name: 'Save it' }).click();
  await olga.getByText(/DHL is a company that exists/).waitFor();
  await looksRight(world, olga, 'phishing-mail-refused', 'all');
  await rewrites(olga, 'name: "DHL"', 'name: "Parcel Desk"');
  await olga.getByRole('button', { name: 'Try it' }).click();
  await olga.getByText('It would be easy to see through.').waitFor();
  await looksRight(world, olga, 'phishing-mail-tried', 'all');
  await olga.getByRole('button', { name: 'Save it' }).click();
  await olga.getByRole('row', { name: /Our parcel/ }).getByText('own, version 1').waitFor();
  await looksRight(world, olga, 'phishing-mails', 'all');
}); // prettier-ignore

test('who only reads is offered neither to plan an exercise nor to stop one', { skip }, async () => {
  const ada = await comeInWithPasskey(world, 'Ada', 'auditor');
  await world.db`
    insert into education.campaigns (campaign_id, name, template, source, level, mode, from_at, until_at, made_by, made_at)
    values (gen_random_uuid(), 'Spring', 'parcel-fee', '', 'least', 'groups', now(), now() + interval '1 day', 'olga', now())`;
  for (const [page, offered] of [[olga, 1], [ada, 0]] as const) {
    await page.reload();
    await go(page, 'Phishing exercises');
    await page.getByRole('row', { name: /Spring/ }).waitFor();
    const buttons = ['Plan an exercise', 'Stop Spring'].map((name) => page.getByRole('button', { name }).count());
    assert.deepEqual(await Promise.all(buttons), [offered, offered]);
  }
}); // prettier-ignore

test('of two who change it the slower is told and keeps their words; a retired one is said to be so', { skip }, async () => {
  await go(dora, 'Phishing exercises');
  await opens(dora);
  await opens(olga);
  await rewrites(olga, 'Our parcel', 'Our parcel, by Olga');
  await olga.getByRole('button', { name: 'Save it' }).click();
  await olga.getByRole('row', { name: /Our parcel, by Olga/ }).waitFor();
  await rewrites(dora, 'Our parcel', 'Our parcel, by Dora');
  await dora.getByRole('button', { name: 'Save it' }).click();
  await dora.getByText('Somebody else saved a version meanwhile', { exact: false }).waitFor();
  assert.match(await text(dora).inputValue(), /by Dora/);
  await looksRight(world, dora, 'phishing-mail-stale', 'all');
  await dora.getByRole('button', { name: 'Read theirs' }).click();
  const theirs = dora.getByRole('textbox', { name: 'Theirs' });
  await theirs.waitFor();
  assert.match(await theirs.inputValue(), /by Olga/);
  assert.match(await text(dora).inputValue(), /by Dora/, 'and nothing of one’s own is lost');
  await looksRight(world, dora, 'phishing-mail-theirs', 'all');
  await dora.keyboard.press('Escape');
  await dora.reload();
  await dora.getByRole('button', { name: /^Look at Our parcel, by Olga/ }).click();
  await looksRight(world, dora, 'phishing-mail', 'all');
  await dora.getByRole('button', { name: 'Retire it' }).click();
  await dora.getByRole('dialog', { name: 'Retire it?' }).getByRole('button', { name: 'Retire it' }).click();
  await dora.getByRole('row', { name: /Our parcel, by Olga/ }).getByText('retired', { exact: true }).waitFor();
  assert.deepEqual([world.faults, world.complaints.filter((each) => !each.includes('412') && !each.includes('422'))], [[], []]);
}); // prettier-ignore
