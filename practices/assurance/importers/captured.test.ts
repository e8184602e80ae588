/** Reports that tools of Debian wrote about vectors/scanners/planted-server.mjs; capture.sh beside it says how. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { isFailure } from '#platform/failure';

import { parse, recognise, type FormatName, type Imported } from './index.ts';

const captured = (name: string): Buffer => readFileSync(`vectors/scanners/${name}`);
const short = ({ rule, severity, asset, place, parameter }: Imported): string =>
  [rule, severity, asset, place, ...(parameter === undefined ? [] : [parameter])].join(' | ');
const CAPTURED: readonly (readonly [name: string, format: FormatName])[] = [
  ['sqlmap-log.txt', 'sqlmap'],
  ['sqlmap-stdout.txt', 'sqlmap'],
  ['sqlmap-none.txt', 'sqlmap'],
  ['wapiti.json', 'wapiti'],
  ['ffuf.json', 'ffuf'],
  ['nmap.xml', 'nmap'],
  ['sslscan.xml', 'sslscan'],
  ['testssl.json', 'testssl'],
  ['testssl-pretty.json', 'testssl'],
  ['lynis-report.dat', 'lynis'],
];

test('each report is known by what it begins with, and read as when its format is named', () => {
  for (const [name, format] of CAPTURED) {
    assert.equal(recognise(captured(name).toString()), format, name);
    assert.deepEqual(parse(captured(name)), parse(captured(name), { format }), name);
  }
});

test('sqlmap: the planted injection, from its log and from what it printed, is one finding', () => {
  const [log, printed] = ['sqlmap-log.txt', 'sqlmap-stdout.txt'].map((name) => parse(captured(name)));

  assert.deepEqual(log?.map(short), ['sqlmap:sql-injection | critical | 127.0.0.1 | GET /items | id']);
  assert.deepEqual(printed?.map(short), log?.map(short));
  assert.equal(printed?.[0]?.fingerprint, log?.[0]?.fingerprint);
  assert.equal(printed?.[0]?.tool.version, '1.7.2');
  assert.match(log?.[0]?.description ?? '', /AND boolean-based blind/);
});

test('sqlmap ends with 0 either way: what it did not find, and what it did not reach, are told apart', () => {
  assert.deepEqual(parse(captured('sqlmap-none.txt')), []);
  assert.throws(
    () => parse(captured('sqlmap-unreached.txt')),
    (thrown) => isFailure(thrown, 'ASSURANCE_IMPORT_INCOMPLETE'),
  );
});

test('sqlmap: a log without its address needs to be told whose it is', () => {
  const log = captured('sqlmap-log.txt').toString().split('\n').slice(1).join('\n');

  assert.throws(
    () => parse(Buffer.from(log)),
    (thrown) => isFailure(thrown, 'ASSURANCE_IMPORT_NO_ASSET'),
  );
  assert.deepEqual(parse(Buffer.from(log), { asset: 'http://127.0.0.1:9000/items' }).map((each) => each.fingerprint), parse(captured('sqlmap-log.txt')).map((each) => each.fingerprint)); // prettier-ignore
});

test('wapiti found headers and errors, and not the injection that sqlmap found: what it missed proves nothing', () => {
  const found = parse(captured('wapiti.json')).map(short);

  assert.ok(found.includes('wapiti:HTTP Secure Headers | low | 127.0.0.1 | GET / | X-Frame-Options is not set'));
  assert.ok(found.includes('wapiti:Internal Server Error | high | 127.0.0.1 | GET /items | id'));
  assert.ok(!found.some((each) => each.includes('SQL')), found.join('\n'));
});

test('ffuf: what answers is information, an error of the server is more', () => {
  assert.deepEqual(parse(captured('ffuf.json')).map(short), [
    'ffuf:server-error | low | 127.0.0.1 | GET /boom',
    'ffuf:answers | info | 127.0.0.1 | GET /items',
    'ffuf:answers | info | 127.0.0.1 | GET /backup.sql',
  ]);
});

test('nmap: open ports, of the host by its name; a closed one is none', () => {
  assert.deepEqual(parse(captured('nmap.xml')).map(short), [
    'nmap:open-port | info | localhost | tcp/8089',
    'nmap:open-port | info | localhost | tcp/8449',
  ]);
});

test('nmap that was stopped, and TLS scanners that reached nobody, prove nothing', () => {
  const stopped = captured('nmap.xml')
    .toString()
    .replace(/<runstats>[\s\S]*<\/runstats>/, '');
  const failed = captured('nmap.xml').toString().replace('exit="success"', 'exit="error"');

  for (const text of [stopped, failed, captured('sslscan-unreached.xml').toString()])
    assert.throws(
      () => parse(Buffer.from(text)),
      (thrown) => isFailure(thrown, 'ASSURANCE_IMPORT_INCOMPLETE'),
    );
  const fatal = JSON.parse(captured('testssl.json').toString()) as { severity: string }[];
  fatal.push({ ...fatal[1], id: 'scanProblem', severity: 'FATAL', finding: "Can't connect" } as never);
  assert.throws(
    () => parse(Buffer.from(JSON.stringify(fatal))),
    (thrown) => isFailure(thrown, 'ASSURANCE_IMPORT_INCOMPLETE'),
  );
});

test('sslscan: old protocols and a certificate signed by itself', () => {
  assert.deepEqual(parse(captured('sslscan.xml')).map(short), [
    'sslscan:old-protocol | medium | 127.0.0.1 | TLS | TLS 1.0',
    'sslscan:old-protocol | medium | 127.0.0.1 | TLS | TLS 1.1',
    'sslscan:self-signed | medium | 127.0.0.1 | TLS',
  ]);
});

test('testssl: the same from both of its forms; what is fine or only told is left out', () => {
  const flat = parse(captured('testssl.json'));
  const found = flat.map(short);

  assert.ok(found.includes('testssl:TLS1 | low | 127.0.0.1 | TLS'));
  assert.ok(found.includes('testssl:cert_chain_of_trust | critical | 127.0.0.1 | TLS'));
  assert.ok(found.includes('testssl:security_headers | medium | 127.0.0.1 | TLS'));
  assert.ok(!found.some((each) => each.includes('SSLv2') || each.includes('engine_problem')));
  // the pretty one was made without the look at headers
  const pretty = new Set(parse(captured('testssl-pretty.json')).map(({ fingerprint }) => fingerprint));
  assert.ok(pretty.size >= 8);
  assert.ok([...pretty].every((fingerprint) => flat.some((each) => each.fingerprint === fingerprint)));
});

test('lynis: suggestions, of the host by its name; a report that does not end is refused', () => {
  const found = parse(captured('lynis-report.dat'));

  assert.ok(found.map(short).includes('lynis:DEB-0280 | low | vm | host'));
  assert.equal(found[0]?.tool.version, '3.0.8');
  const half = captured('lynis-report.dat')
    .toString()
    .replace(/^report_datetime_end.*$/m, '');
  assert.throws(
    () => parse(Buffer.from(half)),
    (thrown) => isFailure(thrown, 'ASSURANCE_IMPORT_INCOMPLETE'),
  );
});

test('a scan repeated finds what it found: other ports, times and payloads change no fingerprint', () => {
  const again: Readonly<Record<string, (text: string) => string>> = {
    'sqlmap-log.txt': (text) =>
      text.replaceAll('8089', '41234').replaceAll('4330', '1717').replace('38 HTTP', '61 HTTP'),
    'sqlmap-stdout.txt': (text) =>
      text.replaceAll('8089', '41234').replaceAll('[00:4', '[13:4').replaceAll('4330', '2'),
    'wapiti.json': (text) => text.replaceAll('8089', '41234').replaceAll('27 Nov', '28 Nov').replaceAll('%27', '%28'),
    'ffuf.json': (text) => text.replaceAll('8089', '41234').replaceAll('"length":', '"length":1'),
    'nmap.xml': (text) => text.replaceAll('1795740', '1895740').replaceAll('Nov 27', 'Nov 28'),
    'sslscan.xml': (text) => text.replaceAll('8449', '41235').replaceAll('Nov 27', 'Nov 28'),
    'testssl.json': (text) => text.replaceAll('8449', '41235').replaceAll('2026', '2027'),
    'lynis-report.dat': (text) => text.replaceAll('00:46', '13:46'),
  };
  for (const [name, change] of Object.entries(again)) {
    const text = captured(name).toString();
    assert.notEqual(change(text), text, name);
    const prints = (of: string): readonly string[] => parse(Buffer.from(of)).map(({ fingerprint }) => fingerprint);
    assert.deepEqual(prints(change(text)), prints(text), name);
  }
});
