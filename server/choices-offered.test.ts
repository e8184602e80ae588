/** What a customer is offered is what holds: a no is taken where it ends something, and a signal ends all that is shared. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import { createStrongroom, type Strongroom } from '@strongroom/sdk';

import { composeSystem, type System } from './compose.ts';
import { MIGRATIONS } from './migrations.ts';
import { code } from './testing-requests.ts';
import { visitor } from './visitor.ts';

const CATALOG = `schema: strongroom/catalog/1
purposes:
  service: {title: Serving, legalBasis: contract}
  partners: {title: Partners, sharedForAds: true}
  partners.shown: {title: What partners show, legalBasis: contract}
  partners.bills: {title: What partners are billed, legalBasis: contract, sharedForAds: false}
  legal: {title: The law, legalBasis: legal-obligation}
  legal.request: {title: Requests}
  legal.claims: {title: Our claims, legalBasis: legitimate-interest}
collections:
  customer:
    title: Customers
    owner: sales
    externalId: {name: customer_id}
    retention: {after: record.created, for: P2Y}
    fields:
      email: {type: email, class: personal, search: exact, purposes: [service, partners.shown, partners.bills, legal.request, legal.claims]}
`;

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let system: System;
let url: string;
const keys = new Map<string, string>();
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-offered-'));
  await writeFile(join(home, 'catalog.yaml'), CATALOG);
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const settings = { STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent', STRONGROOM_SITES: 'https://shop.example' };
  system = await composeSystem(readConfig(settings), createLog('silent'));
  url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  const admin = createStrongroom({ url, key: (await readFile(join(home, 'admin.key'), 'utf8')).trim() });
  for (const role of ['application', 'dpo']) keys.set(role, (await admin.keys.create({ name: role, role })).key);
}); // prettier-ignore
after(async () => {
  await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});
const as = (role: string, purpose: string): Strongroom =>
  createStrongroom({ url, key: keys.get(role) as string, purpose, retries: 0 });
const customer = (email: string) =>
  as('application', 'service').records.create({ collection: 'customer', fields: { email } });
const { ask, signIn } = visitor(() => system, () => url); // prettier-ignore
const reads = (role: string, purpose: string, id: string) => code(as(role, purpose).records.get(id));

test('a signal of the browser ends all that is shared for advertising, whatever it rests on, and keeps nobody from the center', async () => {
  const { id } = await customer('signal@example.org');
  const cookie = await signIn('signal@example.org');
  const shown = () => reads('application', 'partners.shown', id);
  assert.equal(await shown(), 'done');

  const { status, text } = await ask('/center/preferences', { cookie, headers: { 'sec-gpc': '1' } });

  assert.deepEqual([status, text.includes('What partners show'), text.includes('What partners are billed')], [200, true, false]);
  assert.deepEqual([await shown(), await reads('application', 'partners.bills', id), await reads('application', 'service', id)], ['VAULT_DENIED', 'done', 'done']);
  const site = { origin: 'https://shop.example', 'sec-gpc': '1', 'content-type': 'application/json' };
  const body = JSON.stringify({ answers: [{ purpose: 'partners.shown', answer: 'no' }] });
  assert.equal((await fetch(`${url}/v1/privacy/choices`, { method: 'POST', headers: site, body })).status, 200);
  const groups = await customer('group@example.org');
  assert.equal(await code(as('application', 'service').consents.record({ holder: { subject: groups.subjectId }, gpc: 'on', method: 'web' })), 'done');
}); // prettier-ignore

test('what serves the law is nobody’s choice, whatever it rests on: no page offers a no that nothing would hear', async () => {
  const { id, subjectId } = await customer('claims@example.org');
  const cookie = await signIn('claims@example.org');

  assert.ok(!(await ask('/center/preferences', { cookie })).text.includes('Our claims'));
  const said = [{ purpose: 'legal.claims', said: 'objected' as const }];
  assert.equal(await code(as('application', 'service').consents.record({ holder: { subject: subjectId }, said, method: 'web' })), 'PRIVACY_NOT_OPTIONAL');
  assert.equal(await reads('dpo', 'legal.claims', id), 'done');
}); // prettier-ignore
