/** The console as who looks after backups uses it: before there are any, taking one, what was measured, the report. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { makeIdentity } from '#practices/backups';
import type { Strongroom } from '@strongroom/sdk';
import type { Page } from 'playwright-core';

import { comeInWithPasskey, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let engineer: Page;
let stores: string;
const rooms: Record<string, Strongroom> = {};
const as = (role: string): Strongroom => rooms[role] as Strongroom;

before(async () => {
  if (skip !== false) return;
  stores = await mkdtemp(join(tmpdir(), 'sr-e2e-stores-'));
  world = await openWorld({ STRONGROOM_BACKUPS: `directory:${stores}` });
  // as long as there are no people, one key makes them all
  for (const role of ['custodian', 'application', 'dpo', 'engineer', 'auditor'])
    rooms[role] = (await world.program(role)).room;
  engineer = await comeInWithPasskey(world, 'Egon', 'engineer');
});
after(async () => {
  if (skip !== false) return;
  await world.close();
  await rm(stores, { recursive: true, force: true });
});

test('before there is anybody who could open a backup, the page says what to do', { skip }, async () => {
  await go(engineer, 'Backups');
  await engineer.getByText('There are no backups').waitFor();
  await looksRight(world, engineer, 'backups-empty');
});

test('backups begin by themselves, another is taken by hand, and what was measured is seen', { skip }, async () => {
  const { recipient, fingerprint } = await makeIdentity();
  await as('custodian').backups.trust(recipient);
  const made = await as('application').records.create({ collection: 'customer', fields: { last_name: 'Gone' } });
  await as('dpo').subjects.erase(made.subjectId, { purpose: 'legal.request' });
  const looking = as('engineer').backups;
  const done = async (seq: number): Promise<void> => {
    for (let n = 0; n < 240; n += 1) {
      if (((await looking.status()).newest.data?.seq ?? 0) >= seq) return;
      await engineer.waitForTimeout(250);
    }
    assert.fail(`backup ${seq} is not there`);
  };
  await done(1);
  await engineer.reload();
  await engineer.getByText('3-2-1 needs another place').waitFor();
  await engineer.getByRole('button', { name: 'Back up now' }).click();
  await done(2);
  await engineer.reload();
  await engineer.getByRole('row', { name: /data 2.*done/s }).waitFor();
  await engineer
    .getByRole('table', { name: /^RPO of each (backup|hour)$/ })
    .waitFor({ state: 'attached', timeout: 90_000 });
  const line = engineer.getByRole('table', { name: 'what happened to backups, in order' });
  await line
    .getByRole('row', { name: /Ledger of erasures.*1 in this hour/ })
    .waitFor({ state: 'attached', timeout: 90_000 });
  await engineer.getByRole('row', { name: new RegExp(fingerprint) }).waitFor();
  await engineer.getByRole('button', { name: 'Read back' }).click();
  await engineer.getByText('0 are not as written').waitFor();
  await looksRight(world, engineer, 'backups', 'all');
});

test('an auditor takes the report along, and the custodians their cover sheet', { skip }, async () => {
  for (const [name, file] of [
    ['Report (PDF, 90 days)', 'backups-report.pdf'],
    ['Cover sheet', 'backups-cover.pdf'],
  ] as const) {
    const [download] = await Promise.all([
      engineer.waitForEvent('download'),
      engineer.getByRole('link', { name }).click(),
    ]);
    assert.equal(download.suggestedFilename(), file);
    assert.match((await readFile(await download.path())).subarray(0, 8).toString(), /^%PDF-1/);
  }
  const { report, signed } = await as('auditor').backups.report(7);
  assert.deepEqual([report.backups, report.ledger.erasures, report.horizon.proven], [{ done: 2, failed: 0 }, 1, true]);
  assert.deepEqual(
    signed
      ?.split('\n')
      .map((line) => line.split(' ')[0])
      .slice(1),
    ['ed25519', 'ml-dsa-65', ''],
  );
});

test('nothing was found against a page', { skip }, () => {
  assert.deepEqual([world.faults, world.complaints], [[], []]);
});
