/** The catalogue on the whole system: two servers on one database, over HTTP. */
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
import { scansAreDecided } from './collection-scans.tests.ts';
import { consentsAllow } from './collection-consents.tests.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let systems: System[];
let urls: string[];
/** By role, on each server. */
let keys: Readonly<Record<string, string>>;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-collection-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const config = readConfig({ STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent' });
  systems = [await composeSystem(config, createLog('silent'))];
  systems.push(await composeSystem(config, createLog('silent')));
  urls = await Promise.all(systems.map((system) => system.http.listen({ host: '127.0.0.1', port: 0 })));
  const admin = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
  const made = { admin } as Record<string, string>;
  const room = createStrongroom({ url: urls[0] as string, key: admin });
  for (const role of ['dpo', 'application', 'support', 'engineer'])
    made[role] = (await room.keys.create({ name: role, role })).key;
  keys = made;
});
after(async () => {
  for (const system of systems) await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

const as = (role: string, server = 0): Strongroom =>
  createStrongroom({ url: urls[server] as string, key: keys[role] as string, purpose: 'service.support', retries: 0 });
const text = async (): Promise<string> => (await as('admin').collection.version('active')).document;

/** Proposed by the administrator, approved by the officer, active on the first server. */
async function adopt(document: string): Promise<string | null> {
  const { version } = await as('admin').collection.propose(document, 'a test');
  await as('dpo').collection.approve(version.id, version.hash);
  return (await as('admin').collection.activate(version.id)).indexWork;
}
const customer = (fields: Record<string, unknown>) => ({ collection: 'customer', fields: fields as never });

test('a field that one server was told of is stored by the other one, at once, and found', async () => {
  const loyalty = '      loyalty: {type: text, class: internal, purposes: [service.support]}\n      phone:';
  await assert.rejects(as('application', 1).records.create(customer({ last_name: 'A', loyalty: 'gold' })), { code: 'VAULT_FIELD_UNKNOWN' }); // prettier-ignore

  assert.equal(await adopt((await text()).replace('      phone:', loyalty)), null, 'nothing of it is stored: no index');
  const made = await as('application', 1).records.create(customer({ last_name: 'A', loyalty: 'gold' }));

  const read = await as('support').records.get(made.id);
  assert.deepEqual(read.fields['loyalty'], { state: 'clear', value: 'gold' });
  const work = await adopt((await text()).replace('loyalty: {type: text,', 'loyalty: {type: text, search: exact,'));
  assert.match(String(work), /^work_/);
  await (systems[1] as System).vault.runWorks(() => false);
  const found = await as('application', 1).search.page({ collection: 'customer', where: { loyalty: 'gold' } });
  assert.deepEqual(found.records.map(({ id }) => id), [made.id]); // prettier-ignore

  const gone = (await text()).replace(/ {6}loyalty: .*\n/, '');
  await assert.rejects(adopt(gone), { code: 'COLLECTION_CATALOG_ORPHANS', status: 409 });
  await as('application').records.update(made.id, 1, { fields: { loyalty: null } });
  assert.match(String(await adopt(gone)), /^work_/);
  await assert.rejects(as('application', 1).records.create(customer({ last_name: 'B', loyalty: 'gold' })), { code: 'VAULT_FIELD_UNKNOWN' }); // prettier-ignore
});

test('writers who go on while versions change are stored whole, by one version or the other', async () => {
  const nick = '      nick: {type: text, class: internal, purposes: [service.support], search: exact}\n      phone:';
  const state = { stop: false };
  const stored: string[] = [];
  const writers = [0, 1].map(async (server) => {
    for (let n = 0; !state.stop || n < 2; n += 1) {
      const { id } = await as('application', server).records.create(customer({ last_name: `W${server}${n}` }));
      stored.push(id);
    }
  });
  const before = await text();
  await adopt(before.replace('      phone:', nick));
  await adopt(before);
  state.stop = true;
  await Promise.all(writers);

  assert.ok(stored.length > 2);
  assert.equal((await as('application').records.read(stored.slice(0, 100))).records.length, Math.min(100, stored.length)); // prettier-ignore
});

test('what comes in is made coarser on every way, and what passes the gate is counted without its value', async () => {
  const fields = `      adult: {type: boolean, class: internal, purposes: [service.support], minimise: "age>=18"}
      area: {type: postcode, class: internal, purposes: [service.billing], minimise: "prefix:2"}
      phone:`;
  const before = await text();
  await adopt(before.replace('      phone:', fields).replace('    owner: head-of-sales', '    owner: head-of-sales\n    gate: warn')); // prettier-ignore
  const born = { adult: '1984-05-17', area: '76131' };

  const made = await as('application').records.create(customer({ last_name: 'G', ...born }));
  const batch = { collection: 'customer', values: 'text', records: [{ fields: { last_name: 'H', ...born } }] } as const;
  const imported = await as('application', 1).records.batch(batch);
  assert.deepEqual(made.warnings, [{ field: 'area', says: 'is not collected for service.support' }]);
  assert.deepEqual(imported.results[0]?.warnings, made.warnings);
  const changed = await as('application', 1).records.update(made.id, 1, { fields: { adult: '2020-01-01' } });
  assert.equal(changed.warnings, undefined);
  const clear = { purpose: 'legal.request' };
  const states = (await as('dpo').records.read([made.id, imported.results[0]?.id as string], clear)).records.map(({ fields }) => [fields['adult'], fields['area']]); // prettier-ignore
  assert.deepEqual(states, [
    [
      { state: 'clear', value: false },
      { state: 'clear', value: '76' },
    ],
    [
      { state: 'clear', value: true },
      { state: 'clear', value: '76' },
    ],
  ]);
  await assert.rejects(as('application').records.create(customer({ last_name: 'G', secret: 'x' })), { code: 'VAULT_FIELD_UNKNOWN' }); // prettier-ignore
  await assert.rejects(as('application').records.create(customer({ last_name: 'G' }), { purpose: 'no.such' }), { code: 'VAULT_PURPOSE_UNKNOWN' }); // prettier-ignore

  // the loop's own flush may be under way: who flushes then waits for it, too
  const { collection: gate } = systems[0] as System;
  const flushed = { second: false };
  const both = await fresh.db.begin(async (tx) => {
    await tx`lock table collection.gate_counts in exclusive mode`;
    await as('application').records.create(customer({ last_name: 'G', area: '76131' }));
    const flushes = [gate.flush(), gate.flush().then(() => (flushed.second = true))];
    for (let waits = 0; waits === 0;) {
      const [row] = await fresh.db<{ n: number }[]>`select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%gate_counts%'`; // prettier-ignore
      waits = row?.n ?? 0;
    }
    assert.equal(flushed.second, false, 'what the first has taken is not there yet');
    return { done: Promise.all(flushes) };
  });
  await both.done;
  for (const { collection } of systems) await collection.flush();
  const report = await as('dpo').collection.gate();
  const said = report.counts.map(({ field, finding, outcome, times }) => `${field} ${finding} ${outcome} ${times}`);
  for (const each of ['adult precision coarsened 3', 'area precision coarsened 3', 'area purpose passed 3'])
    assert.ok(said.includes(each), `${each} in ${said.join('; ')}`);
  assert.match(said.join('; '), /(^|; )- undeclared refused [1-9]/);
  assert.equal(report.wouldRefuse, 3);
  assert.equal(report.collections[0]?.mode, 'warn');
  assert.doesNotMatch(JSON.stringify(report), /1984|76131|secret/);
  await adopt(before.replace('      phone:', fields));
});

test('who may do what: lint and propose, approve, activate; each refusal is in the log', async () => {
  const document = (await text()).replace('class: internal', 'class: interior');
  const linted = await as('engineer').collection.lint(document);
  assert.equal(linted.ok, false);
  assert.ok(linted.problems[0]?.path.endsWith('.class') && Number(linted.problems[0]?.line) > 1);
  await assert.rejects(as('engineer').collection.propose(document, 'x'), { code: 'COLLECTION_CATALOG_INVALID' });
  await assert.rejects(as('support').collection.versions(), { code: 'ACCESS_DENIED' });
  await assert.rejects(as('support').collection.lint(document), { code: 'ACCESS_DENIED' });

  const { version, diff } = await as('engineer').collection.propose(
    (await text()).replace('for: P2Y', 'for: P3Y'),
    'x',
  );
  assert.ok(diff.changes.every(({ kind, effect }) => kind === 'retention-longer' && effect === 'notice'));
  await assert.rejects(as('engineer').collection.approve(version.id, version.hash), { code: 'ACCESS_DENIED' });
  await assert.rejects(as('dpo').collection.approve(version.id, '0'.repeat(64)), {
    code: 'COLLECTION_CATALOG_CHANGED',
  });
  const refused = (await entriesOf('collection.catalog.approve')).filter(
    ({ detail }) => detail['hash'] === '0'.repeat(64),
  );
  assert.deepEqual(refused.map(({ outcome }) => outcome), ['denied']); // prettier-ignore
  await as('dpo').collection.approve(version.id, version.hash);
  await assert.rejects(as('engineer').collection.activate(version.id), { code: 'ACCESS_DENIED' });
});

test('a file changed on disk waits for approval: a server that starts goes on by what holds', async () => {
  const holds = (await as('admin').collection.catalog()).version;
  await writeFile(join(home, 'catalog.yaml'), (await text()).replace('P2Y', 'P9Y'));
  const config = readConfig({ STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent' });
  const third = await composeSystem(config, createLog('silent'));

  assert.equal(third.vault.core.catalog().version, holds);
  const [newest] = (await as('admin').collection.versions()).versions;
  assert.deepEqual([newest?.state, newest?.proposedBy], ['proposed', 'system']);
  await third.close();
});

const entriesOf = async (action: string): Promise<{ outcome: string; detail: Record<string, unknown> }[]> => {
  const { audit } = systems[0] as System;
  return (await audit.read(0, await audit.size()))
    .map(
      ({ bytes }) => JSON.parse(String(bytes)) as { action: string; outcome: string; detail: Record<string, unknown> },
    )
    .filter((entry) => entry.action === action);
};

/** What the parts are handed, as it is when they ask. */
const running = () => ({ fresh, home, systems, urls, keys, as, text, adopt, customer, entriesOf });
export type Running = ReturnType<typeof running>;

scansAreDecided(running);
consentsAllow(running);
