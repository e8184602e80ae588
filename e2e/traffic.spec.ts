/** The console as who watches uses it: what moves, honey that is touched, a case worked to its end, who is held back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { choose, comeInWithPasskey, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let officer: Page;
let thief: string;
let honey: { id: string; subjectId: string };

before(async () => {
  if (skip !== false) return;
  world = await openWorld();
  // as long as there are no people, one key makes them all
  const [shop, caught, security, engineer] = await Promise.all(
    ['application', 'application', 'security', 'engineer'].map((role) => world.program(role)),
  );
  const records = shop?.room.records;
  assert.ok(records !== undefined && caught !== undefined && security !== undefined && engineer !== undefined);
  for (let n = 0; n < 12; n += 1)
    honey = await records.create({ collection: 'customer', fields: { last_name: 'Lovelace', email: `ada-${n}@example.org` } });
  await security.room.traffic.plantHoney({ subjectId: honey.subjectId, note: 'looks like the others' });
  await caught.room.records.get(honey.id);
  const now = new Date().toUTCString();
  const at = `${now.slice(5, 16).replaceAll(' ', '/')}:${now.slice(17, 25)} +0000`;
  const line = `198.51.100.20 - - [${at}] "GET /old HTTP/1.1" 404 12 "-" "probe"`;
  await engineer.room.traffic.send('shop', { format: 'access-log', lines: [line] });
  thief = (await caught.room.keys.whoami()).id;
  officer = await comeInWithPasskey(world, 'Sigrid', 'security');
}); // prettier-ignore
after(async () => {
  if (skip === false) await world.close();
});

test('what moves is seen, told in a table too, and stands still when it is asked to', { skip }, async () => {
  await go(officer, 'Live');
  await officer.getByRole('link', { name: 'A honey customer was touched' }).first().waitFor();
  await officer
    .getByRole('row', { name: new RegExp(`${thief.slice(-6)}.*Answering a customer's question.*1`) })
    .waitFor();
  await officer.getByRole('table', { name: /^Events each minute/ }).waitFor({ state: 'attached' });
  await officer.getByRole('row', { name: /^requests.*runs/ }).waitFor();
  await choose(officer, 'Seen by', 'requests');
  await choose(officer, 'Seen by', 'all sensors');
  await officer.getByRole('button', { name: 'Pause' }).click();
  await officer.getByText(/Paused/).waitFor();
  await looksRight(world, officer, 'traffic-live', 'all');
});

test('a honey touch is a case that says by whom and why, and is worked to its end', { skip }, async () => {
  await go(officer, 'Cases');
  await officer.getByRole('link', { name: 'A honey customer was touched' }).waitFor();
  await looksRight(world, officer, 'traffic-cases');
  await officer.getByRole('link', { name: 'A honey customer was touched' }).click();
  await officer.getByText(honey.subjectId).waitFor();
  await officer.getByRole('button', { name: 'Take it' }).click();
  await officer.getByText('you work on it').waitFor();
  await officer.getByRole('button', { name: 'Act', exact: true }).click();
  await choose(officer, 'What', 'Revoke the key');
  await officer.getByText(/is refused from its very next request on, for good/).waitFor();
  await officer.getByLabel('Why').fill('it was stolen');
  await officer.getByRole('button', { name: 'Revoke the key' }).click();
  await officer.getByText('revoke the key, for good: it was stolen').waitFor();
  await officer.getByRole('button', { name: 'See what shows it' }).click();
  await officer.getByRole('row', { name: /vault\.read/ }).waitFor();
  await looksRight(world, officer, 'traffic-case', 'all');
  await officer.getByRole('button', { name: 'Close', exact: true }).click();
  await officer.getByLabel('What was learnt').fill('the key is revoked');
  await officer.getByRole('button', { name: 'Close the case' }).click();
  await officer.getByText('This case is closed').waitFor();
});

test('the world of one actor: what it did, its cases; it is held back, and let go', { skip }, async () => {
  await officer.getByRole('link', { name: `key …${thief.slice(-6)}` }).click();
  await officer.getByRole('row', { name: /vault\.read/ }).waitFor();
  await officer.getByRole('row', { name: /A honey customer was touched.*closed: it was so/ }).waitFor();
  await officer.getByRole('button', { name: 'Hold back' }).click();
  await officer.getByLabel('Why').fill('until it is known who had it');
  await officer.getByRole('button', { name: 'Slow down' }).click();
  await officer.getByText('Held back now').waitFor();
  await looksRight(world, officer, 'traffic-actor');
});

test(
  'rules are searched, one of one’s own is tried on what was, and a playbook begins as a rehearsal',
  { skip },
  async () => {
    await go(officer, 'Rules');
    await officer.getByRole('button', { name: 'Add a rule of your own' }).click();
    const box = officer.getByLabel('Rule, in Sigma');
    const text = await box.inputValue();
    await box.fill(text.replace('condition: selection', 'condition: selektion'));
    await officer.getByRole('button', { name: 'Try it' }).click();
    await officer.getByText(/line \d+: .*selektion/).waitFor();
    assert.ok(await officer.getByRole('button', { name: 'Add it' }).isDisabled());
    await box.fill(text);
    await officer.getByRole('button', { name: 'Try it' }).click();
    await officer.getByText(/1 alert in \d+ events/).waitFor();
    await looksRight(world, officer, 'traffic-own-rule');
    await officer.getByRole('button', { name: 'Add it' }).click();
    await officer.getByRole('button', { name: 'What it sees, in a few words' }).click();
    await officer.getByLabel('Why it should be silent').fill('only to see');
    await officer.getByRole('button', { name: 'Switch off' }).click();
    await officer.getByRole('row', { name: /What it sees.*off/ }).waitFor();
    await looksRight(world, officer, 'traffic-rules');
    await officer.getByRole('tab', { name: 'Playbooks' }).click();
    await officer.getByRole('button', { name: 'Add a playbook' }).click();
    await officer.getByRole('button', { name: 'Save' }).click();
    await officer.getByRole('button', { name: 'Save', disabled: true }).waitFor();
    await looksRight(world, officer, 'traffic-playbooks');
    await officer.getByRole('combobox', { name: 'Mode' }).waitFor();
  },
);

test('who is held back stands under Firewall, nobody’s own address is blocked, and honey is planted there', { skip }, async () => {
  await go(officer, 'Firewall');
  await officer.getByRole('row', { name: /until it is known who had it/ }).waitFor();
  await officer.getByRole('button', { name: 'Block an address' }).click();
  await officer.getByLabel('Address, or a network').fill('127.0.0.1');
  await officer.getByLabel('Why').fill('to see that it is refused');
  await officer.getByRole('button', { name: 'Block', exact: true }).click();
  await officer.getByText('TRAFFIC_PROTECTED_ADDRESS').waitFor();
  await officer.getByRole('button', { name: 'Cancel' }).click();
  await officer.getByRole('button', { name: 'Plant', exact: true }).click();
  await officer.getByText('a token', { exact: true }).click();
  await officer.getByRole('textbox', { name: 'Token' }).fill('a-token-that-opens-nothing');
  await officer.getByLabel('Where it lies').fill('in the old wiki');
  await officer.getByRole('dialog').getByRole('button', { name: 'Plant' }).click();
  await officer.getByText('only its hash is kept').waitFor();
  await looksRight(world, officer, 'traffic-firewall');
  await officer.getByRole('button', { name: `Let go: ${thief}` }).click();
  await officer.getByText('Nobody is held back').waitFor();
}); // prettier-ignore

test('nothing was found against a page', { skip }, () => {
  assert.deepEqual([world.faults, world.complaints], [[], []]);
});
