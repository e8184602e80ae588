/** The catalogue, as people meet it: what is held, a change that another approves, what the gate found, the record to take along. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { comeInWithPasskey, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let officer: Page;
let other: Page;

before(async () => {
  if (skip !== false) return;
  world = await openWorld();
  officer = await comeInWithPasskey(world, 'Olga', 'dpo');
  other = await comeInWithPasskey(world, 'Pia', 'dpo');
  const { room } = await world.program('application');
  // the example's notes on a company are free text: a card number in one is seen, and stored, while the gate observes
  const fields = { last_name: 'Gate', company: 'pays with 4111 1111 1111 1111', city: 'Karlsruhe' };
  for (let n = 0; n < 3; n += 1) await room.records.create({ collection: 'customer', fields });
});
after(async () => {
  if (skip === false) await world.close();
});

test('what is held is seen by class and field', { skip }, async () => {
  await go(officer, 'Catalogue');
  await officer.getByRole('list', { name: 'fields by class' }).waitFor();
  await officer.getByRole('row', { name: /Care notes/ }).waitFor();
  await looksRight(world, officer, 'catalogue', 'all');
});

test('a change is looked at, proposed, approved by another, and holds', { skip }, async () => {
  await officer.getByRole('link', { name: 'Propose a change' }).click();
  const editor = officer.getByLabel('catalog.yaml');
  const text = await editor.inputValue();
  await editor.fill(text.replace('type: name', 'type: nam'));
  await officer.getByRole('button', { name: 'What would it change?' }).click();
  await officer.getByText(/Problem in line \d+/).waitFor();
  const loyalty =
    '      loyalty: {type: text, class: internal, purposes: [service.support], search: exact}\n      phone:';
  await editor.fill(text.replace('      phone:', loyalty).replace('for: P2Y', 'for: P3Y'));
  assert.equal(await officer.getByRole('button', { name: 'Propose', exact: true }).isDisabled(), true, 'look first');
  await officer.getByRole('button', { name: 'What would it change?' }).click();
  await officer.getByRole('region', { name: 'what changes' }).waitFor();
  await officer.getByLabel('What is it for?').fill('a loyalty number');
  await looksRight(world, officer, 'catalogue-draft');
  await officer.getByRole('button', { name: 'Propose', exact: true }).click();
  await officer.getByText('Somebody else has to approve it.').waitFor();

  await go(other, 'Catalogue');
  await other.getByRole('link', { name: 'Versions' }).click();
  await other.getByText('proposed', { exact: true }).first().waitFor();
  await looksRight(world, other, 'catalogue-versions');
  await other.goto(officer.url());
  await other.getByText('kept longer').first().waitFor();
  await looksRight(world, other, 'catalogue-version', 'all');
  await other.getByRole('button', { name: 'Approve' }).click();
  await other.getByRole('button', { name: 'Activate' }).click();
  await other.getByRole('dialog').getByRole('button', { name: 'Activate' }).click();
  await other.getByText('The search index is made anew').waitFor();
  const { room } = await world.program('application');
  await room.records.create({ collection: 'customer', fields: { last_name: 'New', loyalty: 'gold' } });
});

test('the gate says what passed that it would refuse, by name and kind', { skip }, async () => {
  await go(officer, 'Gate');
  for (let n = 0; n < 60 && (await officer.getByText('payment card').count()) === 0; n += 1) {
    await officer.waitForTimeout(250);
    await officer.reload();
    await officer.getByRole('heading', { name: 'Gate' }).waitFor();
    await officer.waitForLoadState('networkidle');
  }
  await officer.getByRole('row', { name: /Company.*payment card/s }).waitFor();
  assert.doesNotMatch(await officer.content(), /4111/);
  await looksRight(world, officer, 'gate', 'all');
});

const share = { share: 1, low: 0.89, high: 1, of: 30 };
const column = (name: string, type: 'email' | 'passport' | null, level: 'certain' | 'suggest' | 'none') =>
  ({
    name, sqlType: 'text', key: null, type, detail: null, class: type === 'passport' ? 'sensitive' : type === null ? null : 'personal', level,
    confidence: level === 'certain' ? 0.99 : 0.88, prevalence: type === 'email' ? share : null, inText: [],
    reasons: type === null ? [] : [{ says: 'most columns are not personal', adds: -3 }, { says: `the name says “${name}”`, adds: 5 }],
  }) as const; // prettier-ignore

test(
  'what a scan found is seen with its reasons, and a difference is decided by a person who says why',
  { skip },
  async () => {
    await go(officer, 'Discovery');
    await officer.getByText('No scan was handed in').waitFor();
    await looksRight(world, officer, 'discovery-empty');
    const { room } = await world.program('engineer');
    await room.collection.reportScan({
    report: {
      schema: 'strongroom/scan/1', source: 'postgres://db.example.org:5432/shop', kind: 'postgres', startedAt: '2026-01-01T00:00:00Z', seconds: 2,
      tables: [{ name: 'public.customer', kind: 'table', rows: 59, sampled: 59, columns: [column('email', 'email', 'certain'), column('passport', 'passport', 'suggest'), column('total', null, 'none')] }],
      missing: [{ name: 'public.orders', because: 'statement timeout' }], warnings: ['the account may write'],
    },
  }); // prettier-ignore
    await officer.reload();
    await officer
      .getByRole('region', { name: 'found columns', exact: true })
      .getByText('the name says “passport”')
      .waitFor();
    await officer.getByText('Scan it again: 1').waitFor();
    await officer.getByRole('button', { name: 'Decide on public.customer.passport: not declared' }).click();
    await officer.getByLabel('Ignore it until').fill('2099-01-01');
    await officer.getByLabel('Why').fill('    ');
    for (const name of ['Ignore', 'Resolved'])
      assert.ok(await officer.getByRole('button', { name, exact: true }).isDisabled(), 'blanks are no reason');
    await officer.getByLabel('Why').fill('a trial of one month');
    await looksRight(world, officer, 'discovery-decide');
    await officer.getByRole('button', { name: 'Ignore', exact: true }).click();
    await officer.getByText('a trial of one month (until 1/1/2099)').waitFor();
    await looksRight(world, officer, 'discovery', 'all');
  },
);

test('the record of processing is read, and taken along as PDF', { skip }, async () => {
  await go(officer, 'Record of processing');
  await officer.getByRole('region', { name: 'The monthly newsletter' }).waitFor();
  await looksRight(world, officer, 'record');
  const [download] = await Promise.all([
    officer.waitForEvent('download'),
    officer.getByRole('link', { name: 'PDF' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'record-of-processing.pdf');
  await officer.getByRole('tab', { name: 'Data map' }).click();
  await officer.getByRole('region', { name: 'To whom it goes', exact: true }).waitFor();
  await looksRight(world, officer, 'data-map');
});

test('what falls due is planned and approved by a person, and a hold waits for another', { skip }, async () => {
  const { room } = await world.program('application');
  const made = await room.records.create({ collection: 'customer', fields: { last_name: 'Due', city: 'Bonn' } });
  const event = { subject: { id: made.subjectId }, event: 'account.closed', at: '2020-01-31T00:00:00Z' };
  assert.equal((await room.retention.record([event])).results[0]?.status, 'recorded');
  await go(officer, 'Retention');
  await officer.getByRole('button', { name: 'Plan now' }).click();
  await officer.getByRole('table', { name: 'values that fall due in a month' }).getByText('2023-01').waitFor({ state: 'attached' }); // prettier-ignore
  await officer.getByRole('button', { name: 'Ask for a hold' }).click();
  const ask = { Matter: 'M-1', 'Subject (sub_…)': made.subjectId, Why: 'a suit', 'Who says so': 'counsel', 'Review by': '2099-01-01' }; // prettier-ignore
  for (const [label, value] of Object.entries(ask)) await officer.getByLabel(label).fill(value);
  await officer.getByRole('button', { name: 'Ask', exact: true }).click();
  await officer.getByRole('row', { name: /M-1.*requested/s }).waitFor();
  await looksRight(world, officer, 'retention', 'all');
  await officer.getByRole('button', { name: /Approve the plan of/ }).click();
  await officer.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await officer.getByRole('button', { name: 'Certificate' }).waitFor();
  await officer.getByRole('button', { name: 'Prove that nothing is left' }).click();
  await officer.getByText('Nothing is left that should have gone').waitFor();
});

test('each field says how it is used, and how old its values are', { skip }, async () => {
  await go(officer, 'Review of fields');
  await officer.getByRole('row', { name: /Last name/ }).waitFor();
  await looksRight(world, officer, 'fields', 'all');
  await officer.getByRole('button', { name: 'Last name' }).click();
  await officer.getByRole('table', { name: 'values by the month their record is from' }).waitFor({ state: 'attached' });
  await looksRight(world, officer, 'field-age');
  await officer.keyboard.press('Escape');
});

test('an export is proposed, approved by another and run; a count is paid from its budget', { skip }, async () => {
  const propose = async (page: Page, profile: object): Promise<void> => {
    await page.getByRole('button', { name: 'Propose a profile' }).click();
    await page.getByRole('textbox', { name: 'Profile' }).fill(JSON.stringify(profile));
    await page.getByRole('button', { name: 'Propose', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  };
  const whom = { collection: 'customer', purpose: 'analytics.product', recipient: { name: 'desk', where: 'inside' } };
  await go(officer, 'Exports');
  await officer.getByText('There is no profile yet').waitFor();
  await looksRight(world, officer, 'exports-empty');
  await propose(officer, { ...whom, kind: 'records', name: 'cities', fields: { '@subject': { as: 'pseudonym' }, city: { as: 'clear', role: 'quasi', steps: ['prefix:1'] } }, k: 2, maxSuppressedPercent: 20 }); // prettier-ignore
  await propose(officer, { ...whom, kind: 'counts', name: 'people', dimensions: { active: {}, city: { values: ['Karlsruhe'] } }, budgetMilli: 1000, maxEpsilonMilli: 500 }); // prettier-ignore

  await go(other, 'Exports');
  for (const name of ['cities', 'people']) {
    await other.getByRole('button', { name: `Approve the profile ${name}` }).click();
    await other.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await other.getByRole('row', { name: new RegExp(`${name}.*approved by`, 's') }).waitFor();
  }
  const [download] = await Promise.all([
    other.waitForEvent('download'),
    other.getByRole('button', { name: 'Run cities' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'cities.jsonl');
  await other.getByRole('table').getByText(/\d+ groups?, the smallest of \d+/).waitFor(); // prettier-ignore
  await other.getByLabel('city').check();
  await other.getByRole('button', { name: 'Count', exact: true }).click();
  await other.getByRole('row', { name: /^Karlsruhe/ }).waitFor();
  await other.getByText('desk has spent ε 0.1 of 1').waitFor();
  await looksRight(world, other, 'exports', 'all');
});

test('nothing was found against a page', { skip }, () => {
  assert.deepEqual([world.faults, world.complaints], [[], []]);
});
