/** What Sigma's specification says a rule means, sentence by sentence. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { eventOf, type Observed, type TrafficEvent } from '../event.ts';
import { createSigma, readRules } from './index.ts';

const NOON = Date.UTC(2026, 2, 11, 12);
const event = (observed: Partial<Observed> = {}, at = NOON): TrafficEvent =>
  eventOf({ log_name: 'access', product: 'nginx' }, { class: 'http', uid: `e${at}`, time: at, ...observed }, at);
const asking = (query: string): TrafficEvent =>
  event({
    src_endpoint: { ip: '198.51.100.7' },
    http_request: { http_method: 'GET', url: { path: '/', query_string: query } },
  });

const rule = (detection: string, logsource = '{category: webserver}'): string =>
  `title: Test\nid: 00000000-0000-4000-8000-000000000001\nlogsource: ${logsource}\nlevel: low\ndetection:\n${detection.replaceAll(/^/gm, '  ')}\n`;

function matches(detection: string, of: TrafficEvent, logsource?: string): boolean {
  const { rules, faults } = readRules([{ name: 'test.yml', text: rule(detection, logsource) }]);
  assert.deepEqual(faults.filter(({ weight }) => weight === 'error'), []); // prettier-ignore
  // a rule that matches all of an ordinary day waits suspended: here it is meant
  const sigma = createSigma({ rules, most: 100, meant: ['00000000-0000-4000-8000-000000000001'] });
  return sigma.feed(of).length > 0;
}

const Q = 'http_request.url.query_string';
const one = (field: string, value: string): string => `s:\n  ${field}: ${value}\ncondition: s`;
const says = (pairs: readonly (readonly [detection: string, query: string, expected: boolean])[]): void => {
  for (const [detection, query, expected] of pairs)
    assert.equal(matches(detection, asking(query)), expected, `${detection} of ${query}`);
};

describe('values', () => {
  test('a plain value is the whole field, in any case; cased is in one case', () => {
    says([
      [one(Q, 'Abc'), 'aBC', true],
      [one(Q, 'abc'), 'abcd', false],
      [one(`${Q}|cased`, 'Abc'), 'Abc', true],
      [one(`${Q}|cased`, 'Abc'), 'abc', false],
      [one(`${Q}|contains|cased`, 'bC'), 'abCd', true],
      [one(`${Q}|contains|cased`, 'bC'), 'abcd', false],
      [one(Q, "'ΣΑΣ'"), 'σας', true],
    ]);
  });

  test('* is any text and ? one character, escaped they are themselves', () => {
    says([
      [one(Q, "'a*c'"), 'abbc', true],
      [one(Q, "'a*c'"), 'abbcd', false],
      [one(Q, "'a?c'"), 'abc', true],
      [one(Q, "'a?c'"), 'ac', false],
      [one(Q, "'a?c'"), 'a😀c', true],
      [one(Q, "'a??c'"), 'a😀c', false],
      [one(Q, "'a\\*c'"), 'a*c', true],
      [one(Q, "'a\\*c'"), 'abc', false],
      [one(Q, "'a\\\\*c'"), 'a\\xc', true],
      [one(Q, "'a\\\\\\*c'"), 'a\\*c', true],
      [one(Q, "'a\\\\\\*c'"), 'a\\xc', false],
      [one(Q, "'a\\b'"), 'a\\b', true],
      [one(Q, "'a\\\\b'"), 'a\\b', true],
      [one(Q, "'a\\\\\\\\b'"), 'a\\\\b', true],
      [one(Q, "'*ab*ab*'"), 'abab', true],
      [one(Q, "'ab*ab'"), 'ab', false],
    ]);
  });

  test('contains, startswith and endswith; a list is one of, all is each of', () => {
    says([
      [one(`${Q}|contains`, 'bc'), 'aBCd', true],
      [one(`${Q}|startswith`, 'ab'), 'abc', true],
      [one(`${Q}|startswith`, 'bc'), 'abc', false],
      [one(`${Q}|endswith`, 'bc'), 'abc', true],
      [one(`${Q}|contains`, "'b?d'"), 'abcde', true],
      [one(`${Q}|contains`, '[x, b]'), 'abc', true],
      [one(`${Q}|contains|all`, '[x, b]'), 'abc', false],
      [one(`${Q}|all|contains`, '[c, b]'), 'abc', true],
    ]);
  });

  test('numbers, null, empty text, exists and neq', () => {
    const found = event({
      http_response: { code: 404 },
      http_request: { http_method: 'GET', url: { path: '/' }, user_agent: '' },
    });
    const holds = (detection: string): boolean => matches(detection, found);
    assert.equal(holds(one('sc-status', '404')), true);
    assert.equal(holds(one('sc-status', "'404'")), true);
    assert.equal(holds(one('sc-status', "'4*'")), true);
    assert.equal(holds(one('sc-status|gte', '400')), true);
    assert.equal(holds(one('sc-status|lt', '404')), false);
    assert.equal(holds(one('sc-status|lte', '404')), true);
    assert.equal(holds(one('sc-status|gt', '404')), false);
    assert.equal(holds(one('sc-status|neq', '200')), true);
    assert.equal(holds(one('sc-status|neq', '[200, 404]')), false);
    assert.equal(holds(one('cs-referer', 'null')), true);
    assert.equal(holds(one('c-useragent', 'null')), false);
    assert.equal(holds(one('c-useragent', "''")), true);
    assert.equal(holds(one('c-useragent|exists', 'true')), true);
    assert.equal(holds(one('cs-referer|exists', 'true')), false);
    assert.equal(holds(one('cs-referer|exists', 'false')), true);
  });

  test('re is looked for anywhere, in one case unless i, with m and s', () => {
    says([
      [one(`${Q}|re`, "'b.d'"), 'abcde', true],
      [one(`${Q}|re`, "'B.d'"), 'abcde', false],
      [one(`${Q}|re|i`, "'B.d'"), 'abcde', true],
      [one(`${Q}|re|m`, "'^b$'"), 'a\nb\nc', true],
      [one(`${Q}|re`, "'^b$'"), 'a\nb\nc', false],
      [one(`${Q}|re|s`, "'a.c'"), 'a\nc', true],
      [one(`${Q}|re`, "'a.c'"), 'a\nc', false],
    ]);
  });

  test('base64, base64offset, utf16 and windash', () => {
    const b64 = (text: string, shift = 0): string => Buffer.from(`${'x'.repeat(shift)}${text}`).toString('base64');
    says([
      [one(`${Q}|base64|contains`, 'evil command'), `a=${b64('evil command')}`, true],
      [one(`${Q}|base64offset|contains`, 'evil command'), b64('evil command and more', 1), true],
      [one(`${Q}|base64offset|contains`, 'evil command'), b64('evil command!', 2), true],
      [one(`${Q}|base64offset|contains`, 'evil command'), b64('good command!', 2), false],
      [one(`${Q}|wide|base64offset|contains`, 'ping'), Buffer.from('xping', 'utf16le').toString('base64'), true],
      [one(`${Q}|utf16be|base64|startswith`, 'ping'), Buffer.from('ping', 'utf16le').swap16().toString('base64'), true],
      [one(`${Q}|utf16|base64`, 'ping'), Buffer.from('\uFEFFping', 'utf16le').toString('base64'), true],
      [one(`${Q}|windash|contains`, "' -enc'"), 'cmd /enc x', true],
      [one(`${Q}|windash|contains`, "' -enc'"), 'cmd –enc x', true],
      [one(`${Q}|windash|contains`, "' -enc'"), 'cmd enc x', false],
      [one(`${Q}|windash|contains`, "'a-b'"), 'a/b', false],
    ]);
  });

  test('cidr knows both families, and IPv4 inside IPv6', () => {
    const from = (ip: string): TrafficEvent => event({ src_endpoint: { ip } });
    const inside = (network: string, ip: string): boolean => matches(one('src_ip|cidr', network), from(ip));
    assert.equal(inside('10.0.0.0/8', '10.255.0.1'), true);
    assert.equal(inside('10.0.0.0/8', '11.0.0.1'), false);
    assert.equal(inside('10.0.0.0/8', '::ffff:10.1.2.3'), true);
    assert.equal(inside('2001:db8::/32', '2001:DB8:ffff::1'), true);
    assert.equal(inside('2001:db8::/32', '2001:db9::1'), false);
    assert.equal(inside('fe80::/10', 'fe80::1%eth0'), true);
    assert.equal(inside('0.0.0.0/0', '::1'), false);
    assert.equal(inside('[192.0.2.0/24, 198.51.100.7]', '198.51.100.7'), true);
    assert.equal(inside('10.0.0.0/8', 'not an address'), false);
  });

  test('parts of times are those of UTC, alone and compared', () => {
    const at = event({}, Date.UTC(2026, 0, 1, 23, 59));
    for (const [part, value] of Object.entries({ minute: 59, hour: 23, day: 1, week: 1, month: 1, year: 2026 })) {
      assert.equal(matches(one(`time|${part}`, String(value)), at), true, part);
      assert.equal(matches(one(`time|${part}`, String(value + 1)), at), false, part);
    }
    assert.equal(matches(one('time|hour|gte', '22'), at), true);
    assert.equal(matches(one('time|hour|lt', '6'), at), false);
  });

  test('fieldref compares two fields of one event', () => {
    const same = event({ src_endpoint: { ip: '10.0.0.1' }, dst_endpoint: { ip: '10.0.0.1' } });
    const other = event({ src_endpoint: { ip: '10.0.0.1' }, dst_endpoint: { ip: '10.0.0.2' } });
    assert.equal(matches(one('src_ip|fieldref', 'dst_ip'), same), true);
    assert.equal(matches(one('src_ip|fieldref', 'dst_ip'), other), false);
    assert.equal(matches(one('src_ip|fieldref|neq', 'dst_ip'), other), true);
  });

  test('keywords are looked for in the whole event, and names of fields in what the source said besides', () => {
    const said = event({
      unmapped: { message: 'Failed password for root', __proto__x: 1 },
      tls: { alpn: ['h2', 'http/1.1'] },
    });
    assert.equal(matches("k: ['failed PASSWORD']\ncondition: k", said), true);
    assert.equal(matches("k: ['failed*root', nothing]\ncondition: k", said), true);
    assert.equal(matches("k:\n  '|all': [failed, nothing]\ncondition: k", said), false);
    assert.equal(matches(one('message|contains', 'root'), said), true);
    assert.equal(matches(one('tls.alpn', 'h2'), said), true);
    assert.equal(matches(one('constructor|exists', 'true'), said), false);
    assert.equal(matches(one('unmapped.constructor|exists', 'true'), said), false);
  });
});

describe('conditions', () => {
  const three = `a1:\n  ${Q}|contains: x\na2:\n  ${Q}|contains: y\nb:\n  ${Q}|contains: z\n_hidden:\n  ${Q}|contains: q\ncondition: `;

  test('not binds tighter than and, and tighter than or; «of» counts, and them leaves out what begins with _', () => {
    says([
      [`${three}a1 or a2 and b`, 'x', true],
      [`${three}(a1 or a2) and b`, 'x', false],
      [`${three}not a1 and b`, 'z', true],
      [`${three}not (a1 and b)`, 'x', true],
      [`${three}a1 and not not b`, 'xz', true],
      [`${three}1 of a*`, 'y', true],
      [`${three}all of a*`, 'y', false],
      [`${three}all of a*`, 'xy', true],
      [`${three}2 of them`, 'xz', true],
      [`${three}2 of them`, 'xq', false],
      [`${three}all of them`, 'xyz', true],
      [`${three}1 of them`, 'q', false],
      [`${three}any of _*`, 'q', true],
      [`${three}ALL OF a* AND NOT b`, 'xy', true],
      [`${three}[a1, b]`, 'z', true],
    ]);
  });

  test('a list of maps is one of them', () => {
    const either = `s:\n  - ${Q}: x\n    cs-method: POST\n  - ${Q}: y\ncondition: s`;
    says([[either, 'y', true], [either, 'x', false]]); // prettier-ignore
  });
});

test('names of the community mean OCSF paths', () => {
  const web = event({
    src_endpoint: { ip: '198.51.100.7' },
    http_request: {
      http_method: 'GET',
      url: { path: '/a/b.php', query_string: 'x=1', hostname: 'shop.example' },
      user_agent: 'curl',
    },
    http_response: { code: 200 },
  });
  for (const [name, value] of Object.entries({
    'cs-method': 'GET',
    'cs-uri-stem': '/a/b.php',
    'c-uri-query': 'x=1',
    'c-uri': '/a/b.php?x=1',
    'cs-host': 'shop.example',
    'c-useragent': 'curl',
    'sc-status': '200',
    'c-ip': '198.51.100.7',
    'c-uri-extension': 'php',
  }))
    // prettier-ignore
    assert.equal(matches(one(name, `'${value.replaceAll('?', '\\?')}'`), web), true, name);
  assert.equal(matches(one('cs-uri-query|contains', 'b.php?x'), web), true);
  assert.equal(matches(one('uri|endswith', 'x=1'), web, '{product: zeek, service: http}'), true);
});

test('what is percent-encoded, once or thrice, overlong or wide, is seen decoded', () => {
  const seen = (path: string): boolean =>
    matches(one('uri_decoded|contains', "'../'"), event({ http_request: { http_method: 'GET', url: { path } } }));
  for (const path of [
    '/../',
    '/%2e%2e%2f',
    '/%252e%252e%252f',
    '/%25252e%25252e/',
    '/%c0%ae%c0%ae/',
    '/%u002e%u002e/',
    '/.%2E/',
  ])
    assert.equal(seen(path), true, path);
  for (const path of ['/%', '/%2', '/%zz..', '/%c0', '/%u00', '/a..b', '%'.repeat(50_000)])
    assert.equal(seen(path), false, path.slice(0, 20));
});
