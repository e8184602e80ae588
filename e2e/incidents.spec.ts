/** An incident as people meet it: reported in a minute, led, scoped by the log, decided by two, told, closed; and what stays of it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { readShelf } from '#practices/education';
import type { Page } from 'playwright-core';

import { choose, comeInWithPasskey, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let bill: Page;
let sigrid: Page;
let dora: Page;
let leaker: string;
const planted: string[] = [];
const others: string[] = [];
/** The first one of its playbook. */
const task = readShelf().shelf.playbooks.find(({ id }) => id === 'export-leaked')?.tasks[0]?.says ?? '';

before(async () => {
  if (skip !== false) return;
  world = await openWorld();
  const { room } = await world.program('application');
  const records: string[] = [];
  const purpose = { purpose: 'service.support' };
  for (let n = 0; n < 5; n += 1) {
    const { id, subjectId } = await room.records.create({ collection: 'customer', subject: { externalId: `c-${n}` }, fields: { last_name: `Quill ${n}`, company: 'Analytical' } }, purpose); // prettier-ignore
    (n < 3 ? planted : others).push(subjectId);
    if (n < 3) records.push(id);
  }
  // the key that leaked reads three of them in clear, and no other one
  const { id, key } = await world.admin.keys.create({ name: 'leaked', role: 'application' });
  leaker = id;
  for (const record of records) {
    const answer = await fetch(`${world.url}/v1/vault/records/${record}`, { headers: { authorization: `Bearer ${key}`, 'strongroom-purpose': 'service.support' } }); // prettier-ignore
    assert.equal(answer.status, 200, await answer.text());
  }
  bill = await comeInWithPasskey(world, 'Bill', 'billing');
  sigrid = await comeInWithPasskey(world, 'Sigrid', 'security');
  dora = await comeInWithPasskey(world, 'Dora', 'dpo');
});
after(async () => {
  if (skip === false) await world.close();
});

/** Opens a dialog, writes, and sends it. */
async function writes(page: Page, button: string, send: string, words: Readonly<Record<string, string>> = {}): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  for (const [label, text] of Object.entries(words)) await dialog.getByLabel(label).fill(text);
  await dialog.getByRole('button', { name: send, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
} // prettier-ignore

const clock = (page: Page, name: RegExp) =>
  page.getByRole('region', { name: 'what is to be told' }).getByRole('group', { name });

test('nothing yet says what to do; whoever works here reports, gets a number, and sees no incident', { skip }, async () => {
  await go(sigrid, 'Incidents');
  await sigrid.getByText('No incident yet').waitFor();
  await looksRight(world, sigrid, 'incidents-none');
  await go(bill, 'Report something');
  await choose(bill, 'What it is most like', 'Data or a key is where it should not be');
  await bill.getByLabel('What happened').fill('our key was in a public repository');
  await looksRight(world, bill, 'incidents-report');
  await bill.getByRole('button', { name: 'Report it' }).click();
  await bill.getByText(/The number is INC-/).waitFor();
  assert.equal(await bill.getByRole('link', { name: 'Open the incident' }).count(), 0);
  assert.equal(await bill.getByRole('link', { name: 'Incidents' }).count(), 0);
  await bill.goto(`${world.url}/console/incidents`);
  await bill.getByText('ACCESS_DENIED').waitFor();
}); // prettier-ignore

test('its clock is in words; somebody takes it, notes when it was known, does a task', { skip }, async () => {
  await sigrid.reload();
  await sigrid
    .getByText(/2 days 2[0-9] hours left|3 days left/)
    .first()
    .waitFor();
  await looksRight(world, sigrid, 'incidents', 'all');
  await sigrid.getByRole('link', { name: 'Data or a key is where it should not be' }).click();
  await sigrid.getByText('our key was in a public repository').waitFor();
  await looksRight(world, sigrid, 'incident-new');
  await sigrid.getByRole('button', { name: 'Take it', exact: true }).click();
  await sigrid.getByText('Sigrid leads it').first().waitFor();
  await writes(sigrid, 'Set when it was known', 'Note it', { 'By what': 'a mail of a researcher' });
  await sigrid.getByText('nobody noted when it was known').waitFor({ state: 'detached' });
  await sigrid.getByRole('button', { name: `Done: ${task}` }).click();
  await sigrid.getByText(/^1 of \d done/).waitFor();
  for (const phase of ['Contain', 'Scope']) await writes(sigrid, `On to: ${phase}`, 'Move it');
});

test('the log is asked: exactly the planted people, how many of which class, and who, each with its proof', { skip }, async () => {
  await sigrid.getByRole('button', { name: 'Ask the log', exact: true }).click();
  const dialog = sigrid.getByRole('dialog');
  await dialog.getByLabel('Actors').fill(leaker);
  await dialog.getByLabel('Actors').press('Enter');
  await looksRight(world, sigrid, 'incident-ask');
  await dialog.getByRole('button', { name: 'Ask', exact: true }).click();
  await sigrid.getByText('At most 3 people', { exact: true }).waitFor();
  await sigrid.getByRole('button', { name: 'See who' }).click();
  const who = sigrid.getByRole('region', { name: 'who was concerned' });
  for (const subject of planted) await who.getByText(subject).waitFor();
  for (const subject of others) assert.equal(await who.getByText(subject).count(), 0);
  await who.getByRole('button', { name: /^Prove / }).first().click();
  await who.getByText('is in the log').waitFor();
  await looksRight(world, sigrid, 'incident-scoped', 'all');
  await sigrid.getByRole('button', { name: 'Letters to them' }).click();
  await sigrid.getByText('somebody saw what they should not have').first().waitFor();
  // nobody has set here who answers for the data: said above the letters, and none has a hole
  await sigrid.getByText('do not say who writes or whom to ask').waitFor();
  assert.equal(await sigrid.getByText(/—, reference|operator of this/).count(), 0);
  await looksRight(world, sigrid, 'incident-letters');
  await sigrid.getByRole('button', { name: 'Draft the notice to the authority' }).click();
  await sigrid.getByText('about 3 people').waitFor();
}); // prettier-ignore

test('to tell the authority is decided; not to tell those concerned takes another person', { skip }, async () => {
  await writes(sigrid, 'On to: Decide', 'Move it');
  await writes(sigrid, 'Say that the risk is high', 'Note it', { 'What it may lead to for them': 'letters in our name' });
  await clock(sigrid, /art\. 33\)/).getByRole('button', { name: 'Decide whether to tell' }).click();
  await sigrid.getByRole('dialog').getByLabel('Why').fill('a stranger may have read it');
  await sigrid.getByRole('button', { name: 'Decide to tell' }).click();
  await sigrid.getByRole('dialog').waitFor({ state: 'detached' });
  await clock(sigrid, /art\. 34\)/).getByRole('button', { name: 'Decide whether to tell' }).click();
  await sigrid.getByRole('radiogroup', { name: 'what is decided' }).getByText('do not tell').click();
  await sigrid.getByRole('dialog').getByLabel('Why').fill('what was read was public anyway');
  await looksRight(world, sigrid, 'incident-decide');
  await sigrid.getByRole('button', { name: 'Propose not to tell' }).click();
  await sigrid.getByText('waits for another person').waitFor();
  assert.equal(await sigrid.getByRole('button', { name: 'Approve' }).count(), 0, 'not the one who proposed it');

  await go(dora, 'Incidents');
  await dora.getByRole('link', { name: 'Data or a key is where it should not be' }).click();
  await dora.getByRole('button', { name: 'Approve' }).click();
  await clock(dora, /art\. 34\)/).getByText('decided: not needed').waitFor();
}); // prettier-ignore

test('who was slower is told, and sees what the other wrote before they write over it', { skip }, async () => {
  await sigrid.getByRole('button', { name: 'Write a note' }).click();
  await sigrid.getByRole('dialog').getByLabel('What you saw or did').fill('told the team');
  await sigrid.getByRole('dialog').getByRole('button', { name: 'Write it down' }).click();
  await sigrid.getByText('EDUCATION_INCIDENT_CHANGED').waitFor();
  await sigrid.getByRole('button', { name: 'See what changed' }).click();
  await sigrid.getByRole('dialog').getByText('EDUCATION_INCIDENT_CHANGED').waitFor({ state: 'detached' });
  await sigrid.getByRole('dialog').getByRole('button', { name: 'Write it down' }).click();
  await sigrid.getByText('told the team').waitFor();
});

test('it is told in time, closed, and stands in the register; every page is accessible and fits', { skip }, async () => {
  await writes(sigrid, 'On to: Notify', 'Move it');
  await clock(sigrid, /art\. 33\)/).getByRole('button', { name: 'Note that it was told' }).click();
  await sigrid.getByRole('dialog').getByLabel('How, and under which reference').fill('by their form, no. 17');
  await sigrid.getByRole('dialog').getByRole('button', { name: 'Note it' }).click();
  await clock(sigrid, /art\. 33\)/).getByText('told in time').waitFor();
  for (const phase of ['Recover', 'Learn']) await writes(sigrid, `On to: ${phase}`, 'Move it');
  await writes(sigrid, 'Close', 'Close it', { 'Why, and what was learnt': 'a scanner looks for keys since' });
  await sigrid.getByRole('button', { name: 'Open it again' }).waitFor();
  await looksRight(world, sigrid, 'incident-closed', 'all');
  await go(sigrid, 'Incidents');
  await sigrid.getByText('Nothing waits').waitFor();
  await sigrid.getByRole('link', { name: 'Register' }).click();
  await sigrid.getByText(/Not to tell, approved, by Sigrid and Dora/).waitFor();
  await looksRight(world, sigrid, 'incidents-register');
  assert.deepEqual(world.faults, []);
  assert.deepEqual(world.complaints, []);
}); // prettier-ignore
