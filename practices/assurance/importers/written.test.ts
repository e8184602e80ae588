/** Reports of tools that Debian does not have, written here as their documentation says they look. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isFailure } from '#platform/failure';

import { parse, recognise, type FormatName, type Imported } from './index.ts';

const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const short = ({ rule, severity, asset, place, parameter }: Imported): string =>
  [rule, severity, asset, place, ...(parameter === undefined ? [] : [parameter])].join(' | ');
const read = (format: FormatName, value: unknown): readonly string[] => {
  assert.equal(recognise(bytes(value).toString()), format);
  return parse(bytes(value)).map(short);
};

const result = (more: object = {}): object => ({ ruleId: 'no-eval', message: { text: 'eval is evil' }, locations: [{ physicalLocation: { artifactLocation: { uri: 'src/a.ts' }, region: { startLine: 7 } } }], ...more }); // prettier-ignore
const sarif = (results: readonly object[], driver: object = {}, run: object = {}): object => ({
  version: '2.1.0',
  runs: [{ tool: { driver: { name: 'Linter', semanticVersion: '1.2.3', ...driver } }, results, ...run }],
});

test('SARIF: levels, scores, logical places; a line is no part of the place', () => {
  const rules = [{ id: 'no-eval', defaultConfiguration: { level: 'error' }, helpUri: 'https://example.org/no-eval' }, { id: 'sqli', properties: { 'security-severity': '9.8' } }]; // prettier-ignore
  const found = parse(bytes(sarif([result(), result({ ruleId: 'sqli', ruleIndex: 1, level: 'note', locations: [{ logicalLocations: [{ fullyQualifiedName: 'shop.items' }] }] }), result({ ruleId: 'other', message: { text: 'see {0}', arguments: ['this'] } })], { rules }))); // prettier-ignore

  assert.deepEqual(found.map(short), [
    'linter:no-eval | high | source | src/a.ts',
    'linter:sqli | critical | source | shop.items',
    'linter:other | medium | source | src/a.ts',
  ]);
  assert.deepEqual(found[0]?.references, ['https://example.org/no-eval']);
  assert.equal(found[2]?.description, 'see this');
  const moved = result({ locations: [{ physicalLocation: { artifactLocation: { uri: 'src/a.ts' }, region: { startLine: 99 } } }] }); // prettier-ignore
  assert.equal(parse(bytes(sarif([moved], { rules })))[0]?.fingerprint, found[0]?.fingerprint);
});

test('SARIF: what passed, is gone or was suppressed is no finding; a suppression that was rejected is none', () => {
  const quiet = [
    result({ kind: 'pass' }),
    result({ kind: 'notApplicable' }),
    result({ baselineState: 'absent' }),
    result({ suppressions: [{ kind: 'inSource' }] }),
    result({ suppressions: [{ kind: 'external', status: 'accepted' }] }),
  ];

  assert.deepEqual(read('sarif', sarif(quiet)), []);
  assert.equal(read('sarif', sarif([result({ suppressions: [{ kind: 'external', status: 'rejected' }] })])).length, 1);
});

test('SARIF: two in one file are two where the tool tells them apart; a run that failed is refused; the repository is the asset', () => {
  const two = ['a', 'b'].map((print) => result({ partialFingerprints: { primaryLocationLineHash: print } }));

  assert.equal(parse(bytes(sarif(two))).length, 2);
  assert.throws(
    () => parse(bytes(sarif([result()], {}, { invocations: [{ executionSuccessful: false }] }))),
    (thrown) => isFailure(thrown, 'ASSURANCE_IMPORT_INCOMPLETE'),
  );
  const run = { versionControlProvenance: [{ repositoryUri: 'https://user:secret@git.example/team/shop.git' }] };
  assert.equal(parse(bytes(sarif([result()], {}, run)))[0]?.asset, 'git.example/team/shop');
});

test('CycloneDX: by package without its version; what is settled is none', () => {
  const bom = (state: string) => ({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { name: 'shop' }, tools: { components: [{ name: 'scanner', version: '2' }] } },
    components: [{ 'bom-ref': 'r1', name: 'ws', purl: 'pkg:npm/ws@8.17.0' }],
    vulnerabilities: [{ id: 'CVE-2024-37890', ratings: [{ severity: 'high', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' }], affects: [{ ref: 'r1' }], analysis: { state } }], // prettier-ignore
  });

  assert.deepEqual(read('cyclonedx', bom('exploitable')), ['CVE-2024-37890 | high | shop | pkg:npm/ws']);
  for (const state of ['resolved', 'not_affected', 'false_positive'])
    assert.deepEqual(read('cyclonedx', bom(state)), []);
});

const osvRecord = { id: 'GHSA-3h5v-q93c-6h6q', modified: '2024-06-18T00:00:00Z', summary: 'ws: DoS', severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' }], affected: [{ package: { ecosystem: 'npm', name: 'ws' } }] }; // prettier-ignore

test('OSV: a record, a list, what osv-scanner writes; a withdrawn record is none', () => {
  const place = 'GHSA-3h5v-q93c-6h6q | high | source | pkg:npm/ws';

  assert.deepEqual(read('osv', osvRecord), [place]);
  assert.deepEqual(read('osv', [osvRecord]), [place]);
  const scan = { results: [{ source: { path: 'package-lock.json' }, packages: [{ package: { name: 'ws', version: '8.17.0', ecosystem: 'npm' }, vulnerabilities: [osvRecord] }] }] }; // prettier-ignore
  assert.deepEqual(read('osv', scan), [place]);
  assert.deepEqual(read('osv', { ...osvRecord, withdrawn: '2024-07-01T00:00:00Z' }), []);
});

test('npm audit: advisories once, not again for each package that stands on another; npm 6 is refused', () => {
  const report = {
    auditReportVersion: 2,
    vulnerabilities: {
      ws: { name: 'ws', severity: 'high', via: [{ source: 1098392, name: 'ws', dependency: 'ws', title: 'ws affected by a DoS', url: 'https://github.com/advisories/GHSA-3h5v-q93c-6h6q', severity: 'high', cvss: { score: 7.5, vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' }, range: '>=8.0.0 <8.17.1' }] }, // prettier-ignore
      jsdom: { name: 'jsdom', severity: 'high', via: ['ws'] },
    },
    metadata: {},
  };

  assert.deepEqual(read('npm-audit', report), ['GHSA-3h5v-q93c-6h6q | high | source | pkg:npm/ws']);
  assert.throws(
    () => parse(bytes({ advisories: {} }), { format: 'npm-audit' }),
    (thrown) => isFailure(thrown, 'ASSURANCE_IMPORT_MALFORMED'),
  );
});

test('ZAP: the same from JSON and from XML; what somebody called a false positive is none', () => {
  const alert = { pluginid: '40018', alertRef: '40018-1', alert: 'SQL Injection', name: 'SQL Injection', riskcode: '3', confidence: '2', desc: '<p>SQL injection may be possible.</p><p>Really.</p>', reference: '<p>https://owasp.org/a</p><p>https://owasp.org/b</p>', instances: [{ uri: 'http://shop.example:8080/items/17?id=1', method: 'GET', param: 'id', attack: "1'", evidence: 'x' }, { uri: 'http://shop.example:8080/items/18?id=2', method: 'GET', param: 'id' }] }; // prettier-ignore
  const json = { '@programName': 'ZAP', '@version': '2.15.0', site: [{ '@name': 'http://shop.example:8080', '@host': 'shop.example', alerts: [alert, { ...alert, pluginid: '1', alertRef: '1', confidence: '0' }] }] }; // prettier-ignore
  const xml = `<?xml version="1.0"?><OWASPZAPReport programName="ZAP" version="2.15.0"><site name="http://shop.example:8080" host="shop.example" port="8080"><alerts><alertitem><pluginid>40018</pluginid><alertRef>40018-1</alertRef><alert>SQL Injection</alert><name>SQL Injection</name><riskcode>3</riskcode><confidence>2</confidence><desc>&lt;p&gt;SQL injection may be possible.&lt;/p&gt;</desc><instances><instance><uri>http://shop.example:8080/items/17?id=1</uri><method>GET</method><param>id</param></instance></instances></alertitem></alerts></site></OWASPZAPReport>`; // prettier-ignore

  assert.deepEqual(read('zap', json), ['zap:40018-1 | high | shop.example | GET /items/{n} | id']);
  assert.deepEqual(read('zap-xml', xml), read('zap', json));
  const [found] = parse(bytes(json));
  assert.equal(found?.description, 'SQL injection may be possible.\nReally.');
  assert.deepEqual(found?.references, ['https://owasp.org/a', 'https://owasp.org/b']);
});

test('one fault that is reported several times is one, and the worst of them', () => {
  const rows = (...severities: readonly string[]): string => `title,severity,asset,rule\n${severities.map((each) => `x,${each},a,R\n`).join('')}`; // prettier-ignore

  for (const order of [
    ['low', 'critical', 'medium'],
    ['critical', 'low'],
    ['info', 'low', 'critical'],
  ])
    assert.deepEqual(read('csv', rows(...order)), ['R | critical | a | the whole']);
});

test('nuclei: a line each; a line that is none is named', () => {
  const hit = { 'template-id': 'git-config', info: { name: 'Git Config', severity: 'medium', reference: ['https://example.org/git'] }, type: 'http', host: 'http://shop.example:81', 'matched-at': 'http://shop.example:81/.git/config', 'matcher-name': 'config', response: 'somebody@example.org' }; // prettier-ignore
  const lines = `${JSON.stringify(hit)}\n${JSON.stringify({ ...hit, 'template-id': 'CVE-2021-41773', info: { name: 'x', severity: 'unknown', classification: { 'cvss-score': 9.8 } } })}\n`; // prettier-ignore

  assert.deepEqual(read('nuclei', lines), [
    'nuclei:git-config | medium | shop.example | /.git/config | config',
    'nuclei:CVE-2021-41773 | info | shop.example | /.git/config | config',
  ]);
  assert.ok(!JSON.stringify(parse(bytes(lines))).includes('somebody'), 'what was answered is not kept');
  assert.throws(() => parse(bytes(`${lines}{"no":`)), /line 3 of the report is not JSON/);
  assert.throws(() => parse(bytes(`${lines}{"no":1}`)), /item 3 has no template-id/);
});

test('sqlmap: its results of several targets as CSV', () => {
  const csv = 'Target URL,Place,Parameter,Technique(s),Note(s)\nhttp://shop.example:81/items?id=1,GET,id,BE,\nhttp://shop.example/b,,,,\n'; // prettier-ignore

  assert.deepEqual(read('sqlmap', csv), ['sqlmap:sql-injection | critical | shop.example | GET /items | id']);
});

test('nmap: a script that says vulnerable is a finding, by its risk; one that says not is none', () => {
  const port = (id: string, output: string): string => `<port protocol="tcp" portid="443"><state state="open"/><script id="${id}" output="${output}"/></port>`; // prettier-ignore
  const run = (inner: string): string => `<nmaprun version="7.93"><host><address addr="192.0.2.1" addrtype="ipv4"/><hostnames><hostname name="a.example" type="user"/></hostnames><ports>${inner}</ports></host><runstats><finished exit="success"/></runstats></nmaprun>`; // prettier-ignore

  assert.deepEqual(read('nmap', run(port('ssl-poodle', '&#xa;  VULNERABLE:&#xa;  State: VULNERABLE&#xa; Risk factor: Medium IDs: CVE:CVE-2014-3566'))), ['nmap:open-port | info | a.example | tcp/443', 'nmap:ssl-poodle | medium | a.example | tcp/443']); // prettier-ignore
  assert.deepEqual(read('nmap', run(port('ssl-poodle', '&#xa;  NOT VULNERABLE:&#xa;'))), ['nmap:open-port | info | a.example | tcp/443']); // prettier-ignore
});

test('generic: CSV as spreadsheets write it, and JSON; what has no title, severity or asset is refused by its row', () => {
  const csv =
    '\uFEFFTitle;Severity;Asset;Place;Description\r\n"Door; open";Major;hq;lobby;"says ""hello"",\nand more"\r\n';

  assert.throws(() => parse(bytes(csv)), /row 2 has no title, or no severity/);
  assert.deepEqual(read('csv', csv.replace('Major', 'High')), ['Door; open | high | hq | lobby']);
  assert.equal(parse(bytes(csv.replace('Major', 'High')))[0]?.description, 'says "hello",\nand more');
  const json = { tool: { name: 'pen test' }, findings: [{ title: 'a', severity: 'low', asset: 'x', place: 'y', parameter: 'z', rule: 'R1' }] }; // prettier-ignore
  assert.deepEqual(read('json', json), ['R1 | low | x | y | z']);
  assert.throws(
    () => parse(bytes([{ title: 'a', severity: 'low' }])),
    (thrown) => isFailure(thrown, 'ASSURANCE_IMPORT_NO_ASSET'),
  );
  assert.deepEqual(parse(bytes([{ title: 'a', severity: 'low' }]), { asset: 'x' }).map(short), ['a | low | x | the whole']); // prettier-ignore
});
