import assert from 'node:assert/strict';
import { test } from 'node:test';

import { npmComponent } from './component.ts';
import { match, feedAges, readEpss, readKev, readSbom, readVex, uploadedRecords, type Matched, type OsvRecord } from './index.ts'; // prettier-ignore

const now = new Date('2026-11-27T00:00:00Z');
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const ws = 'pkg:npm/ws@8.17.0';

const osv = (id: string, more: object = {}, fixed = '8.17.1') => ({
  schema_version: '1.7.0',
  id,
  modified: '2026-11-20T10:00:00Z',
  summary: `${id} in ws`,
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' }],
  affected: [
    {
      package: { ecosystem: 'npm', name: 'ws', purl: 'pkg:npm/ws' },
      ranges: [{ type: 'SEMVER', events: [{ introduced: '8.0.0' }, { fixed }] }],
    },
  ],
  references: [{ type: 'ADVISORY', url: `https://example.org/${id}` }],
  ...more,
});
const recordsOf = (...records: readonly object[]): readonly OsvRecord[] => [...uploadedRecords(json(records))];
const matched = (records: readonly object[], more: object = {}): Matched =>
  match({ components: [npmComponent('ws', '8.17.0')], records: recordsOf(...records), now, ...more });
const ids = ({ affected }: Matched): readonly string[] => affected.map(({ id }) => id);

test('an affected part is found with its fix; another version, another name and another ecosystem are not', () => {
  const [advisory, ...more] = matched([osv('GHSA-1')]).affected;

  assert.deepEqual(more, []);
  assert.equal(advisory?.component.purl, ws);
  assert.deepEqual([advisory?.severity, advisory?.fixedIn, advisory?.upgradeTo], ['high', ['8.17.1'], '8.17.1']);
  const others = { components: [npmComponent('ws', '8.17.1'), npmComponent('@x/ws', '8.17.0')] };
  assert.deepEqual(ids(matched([osv('GHSA-1')], others)), []);
  const python = osv('P', { affected: [{ package: { ecosystem: 'PyPI', name: 'ws' }, versions: ['8.17.0'] }] });
  assert.deepEqual(ids(matched([python])), []);
});

test('a record that was withdrawn affects nothing', () => {
  assert.deepEqual(ids(matched([osv('GHSA-1', { withdrawn: '2026-11-21T00:00:00Z' })])), []);
});

test('records that name each other are one, also by a third name; it goes by its CVE', () => {
  const found = matched([
    osv('GHSA-1', { aliases: ['CVE-2024-1'] }),
    osv('NPM-7', { aliases: ['CVE-2024-1', 'X-2'] }),
    osv('X-2'),
  ]);

  assert.deepEqual(ids(found), ['CVE-2024-1']);
  assert.deepEqual(found.affected[0]?.ids, ['CVE-2024-1', 'GHSA-1', 'NPM-7', 'X-2']);
  assert.equal(
    matched([osv('GHSA-1'), osv('GHSA-2', { related: ['GHSA-1'] })]).affected.length,
    2,
    'related is not the same',
  );
});

test('what is told to upgrade to is not affected by another record', () => {
  const found = matched([
    osv('GHSA-1', { affected: [{ package: { ecosystem: 'npm', name: 'ws' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '8.17.1' }, { introduced: '8.18.0' }, { fixed: '8.19.0' }] }] }] }), // prettier-ignore
    osv('GHSA-2', { affected: [{ package: { ecosystem: 'npm', name: 'ws' }, versions: ['8.17.1'] }] }),
  ]);

  assert.deepEqual(ids(found), ['GHSA-1']);
  assert.deepEqual(found.affected[0]?.fixedIn, ['8.17.1', '8.19.0']);
  assert.equal(found.affected[0]?.upgradeTo, '8.19.0');
  assert.equal(matched([osv('GHSA-1', {}, '8.17.0'), osv('GHSA-2', { affected: [{ package: { ecosystem: 'npm', name: 'ws' }, versions: ['8.17.0'] }] })]).affected[0]?.upgradeTo, null); // prettier-ignore
});

test('an unclear version is told as such', () => {
  const { affected } = matched([osv('GHSA-1')], { components: [{ ...npmComponent('ws', '8.17.0'), version: 'git' }] });

  assert.deepEqual(
    affected.map(({ hit }) => hit),
    ['unclear'],
  );
});

test('severity: the newest vector, else the word, else medium', () => {
  const four = { type: 'CVSS_V4', score: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N' };
  const severityOf = (more: object): string | undefined => matched([osv('A', more)]).affected[0]?.severity;

  assert.equal(severityOf({ severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L' }, four] }), 'critical'); // prettier-ignore
  assert.equal(severityOf({ severity: [], database_specific: { severity: 'LOW' } }), 'low');
  assert.equal(severityOf({ severity: [{ type: 'CVSS_V3', score: 'nonsense' }] }), 'medium');
});

test('KEV and EPSS are found by any of its names', () => {
  const kev = readKev(json({ title: 'KEV', catalogVersion: '2026.11.20', dateReleased: '2026-11-20T17:00:00.1234Z', count: 1, vulnerabilities: [{ cveID: 'CVE-2024-1111', dateAdded: '2024-06-01', dueDate: '2024-06-22', knownRansomwareCampaignUse: 'Known' }] })); // prettier-ignore
  const epss = readEpss(Buffer.from('#model_version:v2025.03.14,score_date:2026-11-26T12:55:00Z\ncve,epss,percentile\nCVE-2024-1111,0.97,0.999\nCVE-1999-0001,0.0142,0.8\n')); // prettier-ignore
  const [advisory] = matched([osv('GHSA-1', { aliases: ['CVE-2024-1111'] })], { kev, epss }).affected;

  assert.deepEqual(advisory?.kev, { addedAt: new Date('2024-06-01T00:00:00Z'), ransomware: true });
  assert.deepEqual(advisory?.epss, { score: 0.97, percentile: 0.999 });
  assert.deepEqual(feedAges({ newestRecord: new Date('2026-11-26T00:00:00Z'), kev, epss }, now).map(({ feed, state, days }) => [feed, state, Math.floor(days ?? -1)]), [['OSV', 'fresh', 1], ['KEV', 'fresh', 6], ['EPSS', 'fresh', 0]]); // prettier-ignore
});

test('feeds that stopped, are not there or are of tomorrow are told apart', () => {
  const states = (at: Date, newestRecord: Date | null) => feedAges({ newestRecord }, at).map(({ state }) => state);

  assert.deepEqual(states(now, new Date('2026-11-19T00:00:00Z')), ['stale', 'missing', 'missing']);
  assert.deepEqual(states(now, new Date('2026-11-20T00:00:00Z')), ['fresh', 'missing', 'missing']);
  assert.deepEqual(states(now, new Date('2027-01-01T00:00:00Z')), ['future', 'missing', 'missing']);
  assert.deepEqual(states(now, null), ['missing', 'missing', 'missing']);
});

const openVex = (more: object = {}, product: unknown = { '@id': ws }): Buffer =>
  json({ '@context': 'https://openvex.dev/ns/v0.2.0', '@id': 'x', author: 'a', timestamp: '2026-11-01T00:00:00Z', statements: [{ vulnerability: { name: 'GHSA-1' }, products: [product], status: 'not_affected', justification: 'vulnerable_code_not_in_execute_path', ...more }] }); // prettier-ignore

test('VEX settles what it is about, of its version, with its reason', () => {
  const { statements } = readVex(openVex());
  const { affected, settled, faults } = matched([osv('GHSA-1'), osv('GHSA-2')], { vex: statements });

  assert.deepEqual(
    affected.map(({ id }) => id),
    ['GHSA-2'],
  );
  assert.deepEqual(settled.map(({ advisory, by, reason }) => [advisory.id, by, reason]), [['GHSA-1', 'VEX', 'vulnerable_code_not_in_execute_path']]); // prettier-ignore
  assert.deepEqual(faults, []);
  const part = readVex(openVex({}, { '@id': 'pkg:npm/shop@1', subcomponents: [{ '@id': ws }] })).statements;
  assert.equal(matched([osv('GHSA-1')], { vex: part }).settled.length, 1, 'a part of the product');
});

test('VEX without a reason or without a version is not taken, and that is said', () => {
  for (const [vex, says] of [
    [openVex({ justification: undefined }), /gives no reason/],
    [openVex({}, { '@id': 'pkg:npm/ws' }), /names no version/],
    [openVex({ vulnerability: {} }), /names no vulnerability/],
  ] as const) {
    const { statements, refused } = readVex(vex);
    assert.deepEqual(statements, []);
    assert.match(refused.join(), says);
  }
});

test('a statement about the version before does not settle this one, and is a fault', () => {
  const { statements } = readVex(openVex({}, { '@id': 'pkg:npm/ws@8.16.0' }));
  const { affected, faults } = matched([osv('GHSA-1')], { vex: statements });

  assert.equal(affected.length, 1);
  assert.match(faults.join(), /is about pkg:npm\/ws@8\.16\.0; here it is 8\.17\.0 now/);
});

test('of several statements the last one holds; affected and under investigation settle nothing', () => {
  const both = [...readVex(openVex()).statements, ...readVex(openVex({ status: 'affected', timestamp: '2026-11-10T00:00:00Z' })).statements]; // prettier-ignore

  assert.equal(matched([osv('GHSA-1')], { vex: both }).affected.length, 1);
  assert.equal(matched([osv('GHSA-1')], { vex: readVex(openVex({ status: 'under_investigation' })).statements }).affected.length, 1); // prettier-ignore
});

test('VEX as CycloneDX, by its analysis', () => {
  const bom = { bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ 'bom-ref': 'r', name: 'ws', purl: ws }], vulnerabilities: [{ id: 'GHSA-1', analysis: { state: 'not_affected', justification: 'code_not_reachable', detail: 'only as a client' }, affects: [{ ref: 'r' }] }] }; // prettier-ignore

  assert.equal(matched([osv('GHSA-1')], { vex: readVex(json(bom)).statements }).settled[0]?.reason, 'code_not_reachable: only as a client'); // prettier-ignore
});

test('an exception settles until its date; stale, endless, without a reason or about nothing it is a fault', () => {
  const exception = { id: 'GHSA-1', purl: ws, until: new Date('2026-12-01T00:00:00Z'), reason: 'no route reaches it' };
  const settledWith = (more: object) => matched([osv('GHSA-1')], { exceptions: [{ ...exception, ...more }] });

  assert.deepEqual([settledWith({}).settled[0]?.by, settledWith({}).affected, settledWith({}).faults], ['exception', [], []]); // prettier-ignore
  assert.equal(settledWith({ until: now }).affected.length, 1);
  assert.match(settledWith({ until: now }).faults.join(), /ended on 2026-11-27/);
  assert.match(settledWith({ until: new Date('2027-11-27') }).faults.join(), /more than 180 days/);
  assert.match(settledWith({ reason: ' ' }).faults.join(), /gives no reason/);
  assert.match(settledWith({ purl: 'pkg:npm/ws@8.18.0' }).faults.join(), /excepts nothing any more/);
  assert.equal(settledWith({ purl: 'pkg:npm/ws@8.18.0' }).affected.length, 1, 'of another version');
});

test('a name with a scope is one, however its purl is spelled', () => {
  const lock = readSbom(json({ lockfileVersion: 3, packages: { '': { name: 'shop' }, 'node_modules/@a/b': { version: '1.0.0' }, 'node_modules/c/node_modules/@a/b': { version: '2.0.0' }, 'node_modules/d': { link: true }, 'node_modules/alias': { name: 'real', version: '3.0.0' }, 'sdk': { version: '1.0.0' } } })); // prettier-ignore
  const bom = readSbom(json({ bomFormat: 'CycloneDX', components: [{ name: 'b', purl: 'pkg:npm/%40a/b@1.0.0?vcs_url=x', components: [{ name: 'n', purl: 'pkg:npm/n@1.0.0' }] }, { name: 'firmware' }, { name: 'j', purl: 'pkg:maven/org.x/j@1.0' }] })); // prettier-ignore

  assert.deepEqual(lock.components.map(({ name, version }) => `${name} ${version}`), ['@a/b 1.0.0', '@a/b 2.0.0', 'real 3.0.0']); // prettier-ignore
  assert.deepEqual(bom.components.map(({ ecosystem, name }) => `${ecosystem} ${name}`), ['npm @a/b', 'npm n', 'Maven org.x:j']); // prettier-ignore
  assert.deepEqual(bom.unnamed, ['firmware']);
  assert.equal(lock.components[0]?.purl, bom.components[0]?.purl);
  const scoped = osv('S', { affected: [{ package: { ecosystem: 'npm', name: '@a/b' }, versions: ['1.0.0'] }] });
  const spelled = [{ id: 'S', purl: 'pkg:npm/@a/b@1.0.0', until: new Date('2026-12-01T00:00:00Z'), reason: 'x' }];
  const found = match({ components: lock.components, records: recordsOf(scoped), exceptions: spelled, now });
  assert.deepEqual([found.affected.length, found.settled.length, found.faults], [0, 1, []]);
});
