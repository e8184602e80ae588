/** The console as who answers for it uses it: what is proven, what runs, what was found, and living with it for a while. */
import { after, before, test } from 'node:test';

import { publicId, type Uuid } from '#platform/ids';
import type { Page } from 'playwright-core';

import { choose, comeInWithPasskey, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let officer: Page;
let second: Page;

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
  await officer.getByText(/^In progress;/).waitFor();
  await officer.getByRole('button', { name: 'Live with it for a while' }).click();
  await officer.getByLabel('Why').fill('an old device');
  await officer.getByLabel('What stands in for the fix').fill('a firewall');
  await officer.getByRole('button', { name: 'Propose' }).click();
  await officer.getByText(/^Proposed: to live with it until/).waitFor();
  await looksRight(world, officer, 'assurance-finding', 'all');
  await officer.getByText('You proposed it: somebody else has to approve it.').waitFor();
  if (await officer.getByRole('button', { name: 'Approve' }).isEnabled())
    throw new Error('who proposed may not approve');
});

test('a finding is judged: whose it is, how bad, and that it does not hold here', { skip }, async () => {
  await officer.getByRole('button', { name: 'Assign to me' }).click();
  await officer.getByText(/Sigrid works on it\./).waitFor();
  await officer.getByRole('button', { name: 'Change severity' }).click();
  await choose(officer, 'Severity', 'low');
  await officer.getByLabel('How that is known').fill('it is in a closed network');
  await officer.getByRole('dialog').getByRole('button', { name: 'Change severity' }).click();
  await officer.getByRole('row', { name: /Severity changed/ }).waitFor();
  await officer.getByRole('button', { name: 'Not affected' }).click();
  await looksRight(world, officer, 'assurance-judge', 'all');
  await officer.getByLabel('Version that is not affected').fill('2.1');
  await officer.getByLabel('How that is known').fill('there is no such port in it');
  await officer.getByRole('button', { name: 'Close as not affected' }).click();
  await officer.getByText(/^Not affected;/).waitFor();
});

test('a run shows what each test said, and what that rests on, by its hash', { skip }, async () => {
  const { id } = await (await world.program('security')).room.assurance.begin(['NET-04', 'PRIVACY-04']);
  await go(officer, 'Runs');
  await officer
    .getByRole('row', { name: new RegExp(id) })
    .getByRole('link')
    .click({ timeout: 60_000 });
  await officer.getByRole('row', { name: /NET-04.*passed/ }).waitFor();
  await looksRight(world, officer, 'assurance-run', 'all');
  await officer.getByRole('button', { name: 'what NET-04 rests on' }).click();
  await officer.getByText('these are its bytes').waitFor();
  await looksRight(world, officer, 'assurance-evidence', 'all');
  await officer.keyboard.press('Escape');
  // of the many that stand in posture, those alone that somebody wants to see
  await go(officer, 'Posture');
  const listed = officer.getByRole('region', { name: /^\d+ control tests$/ }).locator('tbody tr');
  await officer
    .getByRole('radiogroup', { name: 'which control tests' })
    .getByText(/^unknown \d+$/)
    .click();
  await listed.filter({ hasText: 'NET-04' }).waitFor({ state: 'detached' });
  await officer.getByText(/^all \d+$/).click();
  await listed.filter({ hasText: 'NET-04' }).waitFor();
});

test('the page of a run that goes on says that it does, and then how it ended', { skip }, async () => {
  const [run] = await world.db<{ id: string }[]>`
    insert into assurance.runs (run_id, asked_by, tests, state, started_at, beat_at, version, ord)
    values (gen_random_uuid(), 'system', '{NET-04,PRIVACY-04}', 'running', now(), now(), '0', 1000000) returning run_id as id`;
  await officer.goto(`${world.url}/console/assurance/runs/${publicId('run', run?.id as Uuid)}`);
  await officer.getByText('It goes on: 0 of 2 tests ended so far.').waitFor();
  await officer.getByText('No result yet').waitFor();
  await looksRight(world, officer, 'assurance-run-goes-on');
  await world.db`update assurance.runs set state = 'failed', because = 'its server is gone', ended_at = now() where run_id = ${run?.id as Uuid}`;
  await officer.getByText('It ended before its first test did.').waitFor();
  await officer.getByText('its server is gone').waitFor();
});

test('attacks are armed by two, and all tests stop at once', { skip }, async () => {
  await go(officer, 'Arming');
  await officer.getByText('Nobody armed anything').waitFor();
  await officer.getByLabel(/^Why( \*)?$/).fill('the nightly run');
  await officer.getByRole('button', { name: 'Propose' }).click();
  await officer.getByRole('row', { name: /attack.*proposed/ }).waitFor();
  await looksRight(world, officer, 'assurance-arming', 'all');
  if (await officer.getByRole('button', { name: 'Approve' }).isEnabled())
    throw new Error('who proposed may not approve');
  second = await comeInWithPasskey(world, 'Dora', 'dpo');
  await go(second, 'Arming');
  await second.getByRole('button', { name: 'Approve' }).click();
  await second.getByRole('row', { name: /attack.*armed/ }).waitFor();
  await second.getByLabel('Why they stop').fill('a migration');
  await second.getByRole('button', { name: 'Stop all tests' }).click();
  await second.getByText('Tests are switched off').waitFor();
  await second.getByRole('button', { name: 'Let tests run again' }).click();
  await second.getByText('Tests are not stopped').waitFor();
});

test('what others found is brought, and scanners that are here say how they are', { skip }, async () => {
  await go(officer, 'Reports and scanners');
  await officer.getByRole('row', { name: /^nmap/ }).waitFor();
  const bring = async (name: string, content: string): Promise<void> => {
    await officer.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) }); // prettier-ignore
    await officer.getByRole('button', { name: 'Take the file in' }).click();
  };
  await bring('scan.csv', 'title,severity,asset,place,rule,tool\nAn open ftp port,low,web,tcp/21,net:21,our-scanner\n');
  await officer.getByText(/our-scanner: 1 finding, 1 new/).waitFor();
  await choose(officer, 'What it is', 'VEX: who says that a version is not affected');
  await bring('vex.json', '{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}');
  await officer.getByText(/^0 statements/).waitFor();
  await bring('vex.json', '{}');
  await officer.getByRole('alert').filter({ hasText: 'ASSURANCE_ADVISORY_MALFORMED' }).waitFor();
  await looksRight(world, officer, 'assurance-brought', 'all');
});

test('others test this system: two let them, a key is shown once, what they report is found, and it ends', { skip }, async () => {
  await go(officer, 'Tests by others');
  await officer.getByText('Nobody from outside has tested this').waitFor();
  const fill = (label: string, value: string) => officer.getByLabel(label).fill(value);
  await fill('Title', 'The yearly test');
  await fill('Who tests', 'A firm');
  await fill('What they may try', 'the API and this console');
  await fill('By which rules', 'no customers, no load');
  await fill('From which networks', '0.0.0.0/0');
  await looksRight(world, officer, 'assurance-engagements', 'all');
  await officer.getByRole('button', { name: 'Propose' }).click();
  await officer.getByText('ASSURANCE_SOURCE_MALFORMED').waitFor();
  await fill('From which networks', '127.0.0.1\n192.0.2.0/28');
  await officer.getByRole('button', { name: 'Propose' }).click();
  await officer.getByRole('row', { name: /The yearly test.*proposed.*A firm/ }).waitFor();
  await officer.getByRole('link', { name: 'The yearly test' }).click();
  await officer.getByRole('row', { name: /From which networks.*192\.0\.2\.0\/28/ }).waitFor();
  if (await officer.getByRole('button', { name: 'Approve' }).isEnabled()) throw new Error('who proposed may not approve');
  await looksRight(world, officer, 'assurance-engagement-proposed', 'all');

  await go(second, 'Tests by others');
  await second.getByRole('link', { name: 'The yearly test' }).click();
  await second.getByRole('button', { name: 'Approve' }).click();
  await second.getByText('running', { exact: true }).waitFor();

  await officer.reload();
  await officer.getByRole('combobox', { name: 'Role' }).fill('auditor');
  // what it offers lies over the button
  await officer.getByRole('combobox', { name: 'Role' }).press('Tab');
  await officer.getByRole('button', { name: 'Make a key' }).click();
  await officer.getByText('ASSURANCE_ROLE_UNFIT').waitFor();
  await officer.getByRole('combobox', { name: 'Role' }).fill('support');
  await officer.getByRole('combobox', { name: 'Role' }).press('Tab');
  await officer.getByRole('button', { name: 'Make a key' }).click();
  await officer.getByRole('status').filter({ hasText: /srk_[^]*rec_/ }).waitFor();
  await officer.getByText('There is 1 so far.').waitFor();
  const csv = 'title,severity,asset,place,rule,tool\nAn id of another is read,high,web,GET /v1/records,idor,by hand\n';
  await officer.locator('input[type=file]').setInputFiles({ name: 'report.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await officer.getByRole('button', { name: 'Take the report in' }).click();
  await officer.getByRole('row', { name: /An id of another is read.*high.*new/ }).waitFor();
  await looksRight(world, officer, 'assurance-engagement', 'all');
  const [report] = await Promise.all([officer.waitForEvent('download'), officer.getByRole('button', { name: 'Download the report' }).click()]);
  if (!/^eng_[0-9a-z]+\.json$/.test(report.suggestedFilename())) throw new Error(report.suggestedFilename());
  await officer.getByRole('button', { name: 'End it' }).click();
  await officer.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
  await officer.getByText('over', { exact: true }).waitFor();
  await officer.getByRole('button', { name: 'Make a key' }).waitFor({ state: 'detached' });
}); // prettier-ignore
