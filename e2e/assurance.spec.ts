/** The console as who answers for it uses it: what is proven, what runs, what was found, and living with it for a while. */
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { comeInWithPasskey, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let officer: Page;

before(async () => {
  if (skip !== false) return;
  world = await openWorld();
  const security = await world.program('security');
  const report = 'title,severity,asset,place,rule,tool\nAn open telnet port,high,web,tcp/23,net:23,our-scanner\n';
  await security.room.assurance.takeReport(new TextEncoder().encode(report));
  officer = await comeInWithPasskey(world, 'Sigrid', 'security');
});
after(async () => {
  if (skip === false) await world.close();
});

test('posture says what is proven of eight practices: nothing, before anything ran', { skip }, async () => {
  await go(officer, 'Posture');
  await officer.getByRole('listitem').filter({ hasText: 'vault' }).getByText('unknown', { exact: true }).waitFor();
  await officer.getByText('Attacks are not armed').waitFor();
  await officer.getByRole('row', { name: /AUTHN-01.*unknown.*never/ }).waitFor();
  await looksRight(world, officer, 'assurance-posture', 'all');
});

test('runs are empty before the first one', { skip }, async () => {
  await go(officer, 'Runs');
  await officer.getByText('No run has ended yet').waitFor();
  await looksRight(world, officer, 'assurance-runs', 'all');
});

test('a finding is worked on, and to live with it is proposed', { skip }, async () => {
  await go(officer, 'Findings');
  await officer.getByRole('link', { name: 'An open telnet port' }).waitFor();
  await looksRight(world, officer, 'assurance-findings', 'all');
  await officer.getByRole('link', { name: 'An open telnet port' }).click();
  await officer.getByRole('button', { name: 'Start work' }).click();
  await officer.getByText(/^in progress;/).waitFor();
  await officer.getByRole('button', { name: 'Live with it for a while' }).click();
  await officer.getByLabel('Why').fill('an old device');
  await officer.getByLabel('What stands in for the fix').fill('a firewall');
  await officer.getByRole('button', { name: 'Propose' }).click();
  await officer.getByText(/^Proposed: to live with it until/).waitFor();
  await looksRight(world, officer, 'assurance-finding', 'all');
  await officer.getByRole('button', { name: 'Approve' }).click();
  await officer.getByText('this takes two people').waitFor();
});
