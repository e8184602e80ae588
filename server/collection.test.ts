/** The catalogue on the whole system: two servers on one database, over HTTP. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
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

/** As a person types it, with the key of a role. */
async function cli(role: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const program = args[1] === 'scan' ? 'server/main.ts' : 'cli/main.ts';
  const env = { PATH: process.env['PATH'], STRONGROOM_URL: urls[0], STRONGROOM_KEY: keys[role] };
  const child = execFile(process.execPath, [program, ...args], { cwd: join(import.meta.dirname, '..'), env });
  let [out, err] = ['', ''];
  child.stdout?.on('data', (text: string) => (out += text));
  child.stderr?.on('data', (text: string) => (err += text));
  const code = await new Promise<number>((resolve) => child.on('close', (ended) => resolve(ended ?? -1)));
  return { code, out, err };
}
const entriesOf = async (action: string): Promise<{ outcome: string; detail: Record<string, unknown> }[]> => {
  const { audit } = systems[0] as System;
  return (await audit.read(0, await audit.size()))
    .map(
      ({ bytes }) => JSON.parse(String(bytes)) as { action: string; outcome: string; detail: Record<string, unknown> },
    )
    .filter((entry) => entry.action === action);
};

test('a scan is kept without a value, its differences are decided by name and reason, and end with the catalogue', async () => {
  const csv = join(home, 'crm.csv');
  await writeFile(
    csv,
    `CustomerId,Email,Passport\n${Array.from({ length: 30 }, (_, n) => `${n},canary${n}@example.org,C01X00T47`).join('\n')}\n`,
  );
  const args = ['collection', 'scan', csv, '--report', '--collection', 'customer', '--json', '--fail-on', 'suggest'];

  const first = await cli('engineer', ...args);

  assert.equal(first.code, 1, first.err);
  const { scan: id } = JSON.parse(first.out) as { scan: string };
  const kept = await as('dpo', 1).collection.scan(id);
  const passport = kept.drifts.find(({ column }) => column === 'Passport');
  assert.deepEqual([passport?.kind, passport?.state, passport?.collection], ['undeclared', 'open', 'customer']);
  assert.doesNotMatch(JSON.stringify([kept, await fresh.db`select * from collection.scans`]), /canary|C01X/);
  const drift = passport?.id as string;

  // refused, and nothing is kept: a value, another scan of that moment, one from the future, a decision without its day, and who may not
  const handed = { report: { ...kept.report, schema: 'strongroom/scan/1', source: 'crm.csv', kind: 'csv', startedAt: kept.scan.startedAt, seconds: 1 } } as const; // prettier-ignore
  const withValue = { report: { ...handed.report, warnings: ['such as canary1@example.org'] } };
  await assert.rejects(as('dpo').collection.reportScan(withValue), (thrown: Error & { code: string }) => thrown.code === 'COLLECTION_SCAN_HOLDS_VALUE' && !thrown.message.includes('canary')); // prettier-ignore
  await assert.rejects(as('dpo').collection.reportScan(handed), { code: 'COLLECTION_SCAN_OTHER' });
  await assert.rejects(as('dpo').collection.reportScan({ report: { ...handed.report, startedAt: '2026-02-31T00:00:00Z' } }), { code: 'COLLECTION_SCAN_INVALID' }); // prettier-ignore
  await assert.rejects(as('support').collection.reportScan(handed), { code: 'ACCESS_DENIED' });
  await assert.rejects(as('application').collection.scans(), { code: 'ACCESS_DENIED' });
  await assert.rejects(as('engineer').collection.decideDrift(id, drift, { decision: 'resolved', reason: 'mine' }), { code: 'ACCESS_DENIED' }); // prettier-ignore
  for (const reviewBy of [undefined, '2020-01-01', '2099-02-31'])
    await assert.rejects(as('dpo').collection.decideDrift(id, drift, { decision: 'ignored', reason: 'why', ...(reviewBy === undefined ? {} : { reviewBy }) }), { code: 'COLLECTION_DRIFT_INVALID' }); // prettier-ignore
  assert.equal((await as('dpo').collection.scans()).scans.length, 1);

  const ignored = await as('dpo').collection.decideDrift(id, drift, { decision: 'ignored', reason: 'a trial of one month', reviewBy: '2099-01-01' }); // prettier-ignore
  assert.deepEqual([ignored.state, ignored.decided?.reason], ['ignored', 'a trial of one month']);
  const second = await cli('engineer', ...args);
  assert.equal(second.code, 0, `what was ignored fails nothing: ${second.err}`);
  const resolved = await cli('dpo', 'collection', 'discovery', 'resolve', id, drift, '--reason', 'the column is gone');
  assert.match(resolved.out, /resolved .*the column is gone/s);
  const third = JSON.parse((await cli('engineer', ...args)).out) as { scan: string };
  const again = (await as('dpo').collection.scan(third.scan)).drifts.find((each) => each.id === drift);
  assert.deepEqual([again?.state, again?.again], ['open', 'found']);

  const [newest, ...older] = (await as('dpo').collection.scans()).scans;
  assert.deepEqual([newest?.id, newest?.current, older.map(({ current }) => current)], [third.scan, true, [false, false]]); // prettier-ignore
  const open = newest?.drift?.open as number;
  const field = '      passport: {type: text, class: sensitive, purposes: [service.support]}\n      phone:';
  await adopt((await text()).replace('      phone:', field));
  const [now] = (await as('dpo', 1).collection.scans()).scans;
  assert.equal(now?.drift?.open, open - 1, 'what the catalogue declares by now is no difference');
  assert.equal((await entriesOf('collection.scan.report')).filter(({ outcome }) => outcome === 'done').length, 3);
  assert.deepEqual((await entriesOf('collection.scan.decide')).filter(({ outcome }) => outcome === 'done').map(({ detail }) => detail['decision']), ['ignored', 'resolved']); // prettier-ignore
});

test('a withdrawn consent stops also what a version allowed a moment ago, on a server that has not heard of it', async (t) => {
  const nick =
    '      nick: {type: text, class: internal, purposes: [service.support, {id: analytics.product, retention: {after: consent.withdrawn, for: P0D, action: stop-use}}]}\n      phone:';
  await as('application', 1).collection.catalog();
  await adopt((await text()).replace('      phone:', nick));
  const { id, subjectId } = await as('application').records.create(customer({ last_name: 'N', nick: 'nicky' }));
  const state = async (): Promise<string | undefined> =>
    (await as('application').records.get(id, { purpose: 'analytics.product', fields: ['nick'] })).fields['nick']?.state;
  assert.equal(await state(), 'clear');

  const other = systems[1] as System;
  // on a slow machine its own round may have come by: then this run shows less, and nothing wrong
  if (other.collection.catalog.current().collections.get('customer')?.fields.has('nick') === true)
    t.diagnostic('the other server has heard of it already');
  const actor = { kind: 'service', id: 'test', role: 'application' } as never;
  await other.retention.events.record({ actor, requestId: 'r' }, [{ subject: { id: subjectId }, event: 'consent.withdrawn', purpose: 'analytics.product' }]); // prettier-ignore

  assert.equal(await state(), 'denied');
  for (const at of ['2026-02-31T00:00:00Z', '2025-02-29T10:00:00+01:00', '2026-04-31T00:00:00.5Z']) {
    const [result] = (
      await as('application').retention.record([{ subject: { id: subjectId }, event: 'account.closed', at }])
    ).results;
    assert.deepEqual([result?.status, result?.problem?.field], ['rejected', 'at'], at);
  }
  const hold = { matter: 'M', subject: subjectId, reason: 'r', authority: 'a', reviewBy: '2099-02-31' };
  await assert.rejects(as('dpo').holds.request(hold), { code: 'COLLECTION_HOLD_INVALID' });
});

test('what only a consent allows is stored once its subject has given it, and not after it is withdrawn, on every way', async () => {
  const promo = '      promo: {type: text, class: internal, purposes: [marketing.newsletter]}\n      phone:';
  const before = await text();
  await adopt(before.replace('      phone:', promo).replace('    owner: head-of-sales', '    owner: head-of-sales\n    gate: enforce')); // prettier-ignore
  const anyPurpose = createStrongroom({ url: urls[1] as string, key: keys['application'] as string, retries: 0 });
  const refused = { code: 'VAULT_FIELD_INVALID', message: /promo is not collected: its subject does not agree to marketing.newsletter/ }; // prettier-ignore
  const say = (subject: string, said: 'given' | 'withdrawn') =>
    as('application').consents.record({ holder: { subject }, said: [{ purpose: 'marketing.newsletter', said }], method: 'web', text: 'Send it', language: 'en' }); // prettier-ignore

  await assert.rejects(anyPurpose.records.create(customer({ last_name: 'P', promo: 'x' })), refused);
  const { id, subjectId } = await anyPurpose.records.create({ ...customer({ last_name: 'P' }), subject: { externalId: 'p-1' } }); // prettier-ignore
  await assert.rejects(anyPurpose.records.update(id, 1, { fields: { promo: 'x' } }), refused);
  await say(subjectId, 'given');
  const { version } = await anyPurpose.records.update(id, 1, { fields: { promo: 'x' } });
  await anyPurpose.records.create({ ...customer({ last_name: 'P', promo: 'y' }), subject: { id: subjectId } });
  await say(subjectId, 'withdrawn');
  await assert.rejects(anyPurpose.records.update(id, version, { fields: { promo: 'z' } }), refused);
  await assert.rejects(anyPurpose.records.create({ ...customer({ last_name: 'P', promo: 'z' }), subject: { id: subjectId } }), refused); // prettier-ignore
  const { results } = await anyPurpose.records.batch({
    collection: 'customer', onDuplicate: 'update', values: 'text',
    records: [
      { subject: { externalId: 'p-1' }, fields: { last_name: 'P', promo: 'z' } },
      { subject: { externalId: 'p-2' }, fields: { last_name: 'Q', promo: 'z' } },
      { subject: { externalId: 'p-3' }, fields: { last_name: 'R' } },
    ],
  }); // prettier-ignore
  assert.deepEqual(results.map(({ status }) => status), ['rejected', 'rejected', 'created']); // prettier-ignore
  assert.equal((await anyPurpose.records.update(id, version, { fields: { promo: null } })).version, version + 1, 'to take away needs no yes'); // prettier-ignore
  await adopt(before.replace('      phone:', promo));
});
