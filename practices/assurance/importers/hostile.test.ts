import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import fc from 'fast-check';

import { isFailure } from '#platform/failure';

import { FORMATS, parse, type FormatName } from './index.ts';
import { readCsv } from './read-csv.ts';
import { webPlaceOf } from './web-place.ts';

const refused = (bytes: Uint8Array | string, code: string, format?: FormatName): void => {
  assert.throws(
    () => parse(Buffer.from(bytes), format === undefined ? {} : { format }),
    (thrown) => isFailure(thrown, `ASSURANCE_${code}`) || assert.fail(`${String(thrown)}, and not ${code}`),
  );
};

test('entities, and what would be fetched, are refused: in nmap, in ZAP, and where the format is not known', () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE nmaprun [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><nmaprun>&b;</nmaprun>`;
  const file = `<!DOCTYPE nmaprun SYSTEM "file:///etc/passwd"><nmaprun/>`;
  const outside = `<!DOCTYPE nmaprun [<!ENTITY x SYSTEM "file:///etc/passwd">]><nmaprun version="&x;"/>`;

  for (const text of [bomb, file, outside]) {
    refused(text, 'IMPORT_MALFORMED');
    refused(text, 'IMPORT_MALFORMED', 'nmap');
    refused(text.replaceAll('nmaprun', 'OWASPZAPReport'), 'IMPORT_MALFORMED', 'zap-xml');
  }
  refused('<nmaprun>&unknown;</nmaprun>', 'IMPORT_MALFORMED');
  refused('<nmaprun><a></nmaprun>', 'IMPORT_MALFORMED');
});

test('depth has an end, in XML and in JSON, whatever the format', () => {
  refused(`<nmaprun>${'<a>'.repeat(5000)}`, 'IMPORT_MALFORMED');
  for (const format of [undefined, 'sarif', 'zap', 'wapiti', 'json'] as const) {
    refused('['.repeat(200_000), 'IMPORT_MALFORMED', format);
    refused('{"a":'.repeat(200_000), 'IMPORT_MALFORMED', format);
    refused(`{"version":"2.1.0","runs":${'['.repeat(100)}${']'.repeat(100)}}`, 'IMPORT_MALFORMED', format);
  }
});

test('archives and other bytes are refused for what they are', () => {
  refused(gzipSync('{}'), 'IMPORT_PACKED');
  refused(Buffer.from('504b0304140000000800', 'hex'), 'IMPORT_PACKED');
  refused(Buffer.from('fd377a585a000004', 'hex'), 'IMPORT_PACKED');
  refused(Buffer.of(0xff, 0xfe, 0x7b, 0x00), 'IMPORT_MALFORMED');
  refused('{"a":1}\0', 'IMPORT_MALFORMED');
  refused('', 'IMPORT_UNKNOWN_FORMAT');
  refused('hello', 'IMPORT_UNKNOWN_FORMAT');
  refused('<html></html>', 'IMPORT_UNKNOWN_FORMAT');
  refused('{"hello":1}', 'IMPORT_UNKNOWN_FORMAT');
});

test('size has an end: of the whole, of a line, of the number of findings', () => {
  refused(Buffer.alloc(32 * 1024 * 1024 + 1, 0x20), 'IMPORT_TOO_LARGE');
  refused(`{"template-id":"a","info":{},"x":"${'x'.repeat(1024 * 1024)}"}\n{}`, 'IMPORT_TOO_LARGE', 'nuclei');
  refused(`report_version_major=1\nlynis_version=3\nwarning[]=${'x'.repeat(1024 * 1024)}`, 'IMPORT_TOO_LARGE');
  refused(`title,severity,asset\n${'a,low,b\n'.repeat(50_002)}`, 'IMPORT_TOO_LARGE');
  refused(`title,severity\n${',a'.repeat(200)}\n`, 'IMPORT_TOO_LARGE');
});

test('one line of a megabyte, and patterns that would take long, are read at once', () => {
  const long = 'a'.repeat(1024 * 1024 - 200);
  const began = process.threadCpuUsage();
  for (const text of [
    `sqlmap.org\n${long}`,
    `sqlmap identified the following injection point\nParameter: ${long}`,
    `title,severity,asset\n"${long}",low,b\n`,
    `<!--${long}-->`,
    `<${'?'.repeat(4000)}`,
    `{"a":"${long}"}`,
    JSON.stringify([{ title: `${'<'.repeat(500_000)}${'/'.repeat(300_000)}`, severity: 'low', asset: 'x', description: '<a '.repeat(300_000) }]), // prettier-ignore
  ])
    for (const format of FORMATS)
      try {
        parse(Buffer.from(text), { format, asset: 'x' });
      } catch (thrown) {
        assert.ok(isFailure(thrown), String(thrown));
      }
  // about 2 s on a slow machine; a pattern that goes back and forth would take minutes
  assert.ok(process.threadCpuUsage(began).user < 60_000_000);
});

test('nothing but failures of ours comes out, whatever the JSON of any format looks like', () => {
  const start: Readonly<Record<string, unknown>> = {
    sarif: { version: '2.1.0', runs: [{ tool: { driver: { name: 'x', rules: [{}] } }, results: [{ ruleId: 'a', message: {}, locations: [{}] }] }] }, // prettier-ignore
    cyclonedx: { bomFormat: 'CycloneDX', components: [{}], vulnerabilities: [{ id: 'a', affects: [{ ref: 'b' }] }] },
    'npm-audit': { auditReportVersion: 2, vulnerabilities: { a: { via: [{ url: 'x' }] } } },
    zap: { '@programName': 'ZAP', site: [{ alerts: [{ instances: [{ uri: 'http://x' }] }] }] },
    wapiti: { vulnerabilities: { a: [{ path: '/' }] }, infos: { target: 'http://x' }, classifications: {} },
    ffuf: { commandline: 'x', results: [{ url: 'http://x' }], config: {} },
    testssl: [{ id: 'a', ip: 'b', severity: 'HIGH', finding: 'c' }],
    nuclei: [{ 'template-id': 'a', info: {}, host: 'x' }],
    osv: { id: 'a', modified: 'b', affected: [{}] },
    json: [{ title: 'a', severity: 'low', asset: 'b' }],
  };
  for (const [format, value] of Object.entries(start))
    fc.assert(
      fc.property(fc.nat(30), fc.jsonValue({ maxDepth: 3 }), (at, other) => {
        let n = 0;
        // one value somewhere in it is another
        const text = JSON.stringify(value, (_, each: unknown) => ((n += 1) === at + 1 ? other : each)) ?? 'null';
        try {
          for (const one of parse(Buffer.from(text), { format: format as FormatName, asset: 'x' })) {
            assert.match(one.fingerprint, /^[0-9a-f]{64}$/);
            assert.ok(one.title.length <= 200 && one.description.length <= 2000 && one.title.isWellFormed());
            assert.ok(!/[\p{Cc}\u202e]/u.test(`${one.title}${one.asset}${one.place}`));
          }
        } catch (thrown) {
          assert.ok(isFailure(thrown), `${format}: ${String(thrown)}`);
        }
      }),
      { numRuns: 300 },
    );
});

test('nothing but failures of ours comes out of text that is cut or turned anywhere', () => {
  const files = ['sqlmap-stdout.txt', 'wapiti.json', 'nmap.xml', 'sslscan.xml', 'testssl.json', 'lynis-report.dat', 'ffuf.json']; // prettier-ignore
  for (const name of files) {
    const bytes = readFileSync(`vectors/scanners/${name}`);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const other = cut ? bytes.subarray(0, at) : Buffer.from(bytes);
        if (!cut) other[at] = byte;
        try {
          parse(other);
        } catch (thrown) {
          assert.ok(isFailure(thrown), `${name} at ${at}: ${String(thrown)}`);
        }
      }),
      { numRuns: 100 },
    );
  }
});

test('CSV: what was written is what is read', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r\n', ' ', 'ü') });
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 }), (rows) => {
      const text = [['x', 'y'], ...rows].map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(',')).join('\r\n'); // prettier-ignore
      assert.deepEqual(readCsv(text), [['x', 'y'], ...rows]);
    }),
  );
});

test('places: one fault of many records is one; a path that people gave a name keeps it', () => {
  const path = (address: string): string | undefined => webPlaceOf(address)?.path;

  assert.equal(path('https://Shop.Example:8443/records/17/files/9'), '/records/{n}/files/{n}');
  assert.equal(path('https://a/x/0190a3b2-7c1d-7e2f-8a3b-4c5d6e7f8a9b'), '/x/{id}');
  assert.equal(path('https://a/x/rec_01h8xgjwbwbaq4z9k2m3n4p5q6'), '/x/{id}');
  assert.equal(path('https://a/password-reset-requests'), '/password-reset-requests');
  assert.equal(path('https://a'), '/');
  assert.equal(webPlaceOf('https://Shop.Example:8443/')?.asset, 'shop.example');
  assert.equal(webPlaceOf('::::'), null);
});
