import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { createAllowance } from './allowance.ts';
import { doorParts, textParts, type Asked } from './asked.ts';
import { createInspection } from './inspection.ts';
import { createInspector, type Part } from './index.ts';

const asked = (more: Partial<Asked> = {}): Asked => ({
  url: '/',
  headers: {},
  params: {},
  inspect: undefined,
  ...more,
});
const trouble = (): never => {
  throw new Error('trouble');
};
const inspection = (mode: 'monitor' | 'refuse' = 'refuse', budgetMs = 5000) =>
  createInspection({ mode, inspector: () => createInspector({ budgetMs }), onTrouble: trouble });
const named = (parts: readonly Part[]) => parts.map(({ place, name, value }) => [place, name, value]);

test('what a schema leaves free is looked at: path, query, headers, and text that the route names', () => {
  const parts = doorParts(
    asked({
      url: '/v1/vault/records/..%2f?fields=a%20b&x=1&x=%27&note+x=+y',
      params: { id: '../', other: 'rec_0123456789abcdefghjkmnpqrs' },
      headers: { host: 'vault.example.org', 'user-agent': 'curl/8', 'strongroom-reason': 'they%20called', referer: 'http://localhost:7700/console?q=%3Cb', cookie: 'sr=abc.def; theme=dark', authorization: 'Bearer srk_0123.abc-_', 'x-many': ['a, b', 'c'] },
      inspect: { text: ['headers.strongroom-reason'] },
    }),
  ); // prettier-ignore

  assert.deepEqual(named(parts), [
    ['path', 'id', '../'],
    ['query', 'fields', 'a b'],
    ['query', 'x', '1'],
    ['query', 'x', "'"],
    ['query', 'note x', ' y'],
    ['header', 'host', 'vault.example.org'],
    ['agent', 'user-agent', 'curl/8'],
    ['text', 'strongroom-reason', 'they called'],
    ['header', 'referer', '/console?q=%3Cb'],
    ['header', 'x-many', 'a, b'],
    ['header', 'x-many', 'c'],
  ]);
  // in the place of credentials, what is none
  const odd = doorParts(asked({ headers: { cookie: 'a="${jndi:ldap://x}"', authorization: "Bearer ' or 1=1 --" } }));
  assert.deepEqual(odd.map(({ place, name }) => [place, name]), [['header', 'cookie'], ['header', 'authorization']]); // prettier-ignore
  // where there is no route, all of the address
  assert.deepEqual(named(doorParts(asked({ url: '/.git/config?a', params: null }))), [
    ['path', '', '/.git/config'],
    ['query', 'a', ''],
  ]);
  // the router takes what follows a # for a query too; and who sends an id still chose the name before it
  assert.deepEqual(named(doorParts(asked({ url: "/a#x='" }))), [['query', 'x', "'"]]);
  const operator = doorParts(asked({ url: '/a?user[$ne]=rec_0123456789abcdefghjkmnpqrs' }));
  assert.deepEqual(named(operator), [['query', 'user[$ne]', '']]);
  const body = { reason: 'why', deep: { note: 'n' }, fields: { last_name: 'x' }, list: ['y'] };
  const text = ['body.reason', 'body.deep.note', 'body.list', 'body.gone', 'body.constructor', 'headers.x'];
  assert.deepEqual(named(textParts(body, { text })), [
    ['text', 'body.reason', 'why'],
    ['text', 'body.deep.note', 'n'],
  ]);
});

test('what a route says is data is no part, whatever it looks like, nor is a body that the route says nothing of', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (text) => {
      const value = `canary ${text}`;
      const data = ['headers.strongroom-name', 'query.filter', 'path.id'];
      const url = `/a?filter=${encodeURIComponent(value.toWellFormed())}`;
      const headers = { 'strongroom-name': value };
      const parts = doorParts(asked({ url, headers, params: { id: value }, inspect: { data } }));
      const body = { fields: { a: value }, reason: value };

      assert.deepEqual([...parts, ...textParts(body, undefined), ...textParts(body, { data: ['body.reason'] })], []);
      assert.deepEqual(doorParts(asked({ url, inspect: { data: ['query'] } })), []);
    }),
    { numRuns: 200 },
  );
});

test('browsers, tools and programs are let through as they are', () => {
  const looks = inspection();
  const browser = { 'sec-ch-ua': '"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"', 'sec-ch-ua-platform': '"Linux"', 'sec-fetch-site': 'same-origin', accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7', 'accept-encoding': 'gzip, deflate, br, zstd', 'accept-language': 'de-DE,de;q=0.9,en;q=0.8' }; // prettier-ignore
  const quiet: Partial<Asked>[] = [
    { headers: { ...browser, host: 'localhost:7700', origin: 'http://localhost:7700', referer: 'http://127.0.0.1:7700/console/customers?purpose=service.support', 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36', 'upgrade-insecure-requests': '1', priority: 'u=0, i', cookie: '__Host-strongroom=AbC_d-ef.gh' } },
    { headers: { host: '[::1]:7700', 'user-agent': 'node', accept: '*/*', 'content-type': 'application/json', 'content-length': '1234', authorization: 'Bearer srk_abc', 'idempotency-key': '5f6b7d1e-0f0e-4a43-9f6e-b1e0ad8f4c11', 'strongroom-purpose': 'service.support', traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' } },
    { headers: { host: 'a', 'x-forwarded-for': '203.0.113.7, 10.0.0.1', 'x-forwarded-proto': 'https', forwarded: 'for="[2001:db8::1]";proto=https', via: '1.1 proxy', 'if-none-match': 'W/"a1b2"', range: 'bytes=0-1023', 'repr-digest': 'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:', te: 'trailers', dnt: '1', 'sec-gpc': '1' } },
    { url: '/v1/traffic/live?minutes=60' },
    { url: '/v1/vault/records/rec_1?fields=last_name,email,address.street&show=masked', params: { id: 'rec_1' } },
    { url: '/v1/traffic/events?from=2026-11-26T12:00:00.000Z&to=2026-11-26T13%3A00%3A00%2B01%3A00&address=2001:db8::1&failed=true' },
    { url: '/v1/audit/tile/entries/x001/234', params: { '*': 'x001/234' } },
    { url: '/favicon.ico', params: null }, { url: '/robots.txt', params: null }, { url: '/console/customers/sub_01', params: null },
  ]; // prettier-ignore
  for (const each of quiet) assert.equal(looks.look('192.0.2.1', doorParts(asked(each))), null, JSON.stringify(each));
  assert.equal(looks.health().matched + looks.health().unsure, 0);
  looks.close();
});

test('what is said of a request is signature and place, and refused or not by the mode', () => {
  const [monitor, refuse] = [inspection('monitor'), inspection('refuse')];
  const parts = doorParts(asked({ url: "/a?canary1=x'+UNION+SELECT+canary2", headers: { 'x-canary3': '${jndi:ldap://canary4}' } })); // prettier-ignore

  const [told, refused] = [monitor.look('192.0.2.1', parts), refuse.look('192.0.2.1', parts)];

  assert.deepEqual([told?.verdict, told?.refused, refused?.refused], ['match', null, 'SUSPICIOUS_REQUEST']);
  assert.ok(refused?.found.some(({ rule, place }) => rule === 'sql-union' && place === 'query'));
  assert.ok(refused?.found.some(({ rule, place }) => rule === 'lookup' && place === 'header'));
  assert.doesNotMatch(JSON.stringify([told, refused]), /canary/);
  const { looked, matched, unsure, refused: count } = refuse.health();
  assert.deepEqual([looked, matched, unsure, count, monitor.health().refused], [1, 1, 0, 1, 0]);
  monitor.turn('off');
  assert.equal(monitor.look('192.0.2.1', parts), null);
  for (const each of [monitor, refuse]) each.close();
});

test('what was cut off, ran out of time or met a fault is not clean: refused where that is set, told of where not', () => {
  const many = Array.from({ length: 2001 }, (_, at) => `a${at}=!`).join('&');
  const looks = inspection();
  assert.deepEqual(looks.look('192.0.2.1', doorParts(asked({ url: `/?${many}` })))?.refused, 'UNINSPECTED');
  looks.close();
  const novel = (at: number): Part[] => Array.from({ length: 200 }, (_, n) => ({ place: 'query', name: 'q', value: `select ${at} ${n} from b `.repeat(60) })); // prettier-ignore
  const hurried = inspection('refuse', 0.001);
  assert.deepEqual(hurried.look('192.0.2.1', novel(1))?.refused, 'INSPECTION_BUSY');
  hurried.close();
  const told: object[] = [];
  const broken = createInspection({
    mode: 'refuse',
    inspector: () => {
      const inspector = createInspector();
      inspector.close();
      return inspector;
    },
    onTrouble: (...what) => told.push(what),
  });
  for (let n = 0; n < 3; n += 1) assert.equal(broken.look('192.0.2.1', [{ place: 'query', name: 'q', value: `canary ${n}` }])?.refused, 'UNINSPECTED'); // prettier-ignore
  assert.equal(told.length, 1, 'once, not for each request');
  assert.doesNotMatch(JSON.stringify(told), /canary/);
});

test('who floods spends their own allowance: it is bounded, what it did not buy is unsure, and others are looked at', () => {
  const looks = createInspection({
    mode: 'monitor',
    inspector: () => createInspector({ budgetMs: 20 }),
    onTrouble: trouble,
    allow: { one: 20, all: 1000, withinSeconds: 60 },
  });
  const novel = (n: number): Part[] => [{ place: 'query', name: 'q', value: `what ${n} is it that you want? `.repeat(40) }]; // prettier-ignore
  let busy = 0;
  for (let n = 0; n < 3000; n += 1) if (looks.look('203.0.113.9', novel(n))?.verdict === 'unsure') busy += 1;

  const { spentMs, slowestMs } = looks.health();
  assert.ok(busy > 1500, `${busy} were not looked at`);
  // the allowance, what comes back meanwhile, what one request takes beyond, and asking 3,000 times
  assert.ok(spentMs < 20 + slowestMs + 500, `${spentMs} ms`);
  const other: Part[] = [{ place: 'query', name: 'q', value: "x' UNION SELECT 1 --" }];
  assert.equal(looks.look('198.51.100.7', other)?.verdict, 'match');
  // IPv6: all addresses of one subscriber are one neighbour
  for (let n = 0; n < 3000; n += 1) looks.look(`2001:db8::${(n + 1).toString(16)}`, novel(n + 5000));
  assert.equal(looks.look('2001:db8::ffff:1', novel(9999))?.verdict, 'unsure');
  looks.close();
});

test('an allowance comes back evenly, is of each and of all, and remembers a bounded number', () => {
  let now = 0;
  const allowance = createAllowance({ one: 10, all: 25, withinSeconds: 10, now: () => now, most: 3 });
  allowance.spend('a', 12);
  assert.deepEqual([allowance.has('a'), allowance.has('b')], [false, true]);
  now = 2500;
  assert.equal(allowance.has('a'), true, '12 spent, 2.5 back');
  for (const who of ['b', 'c', 'd']) allowance.spend(who, 9);
  assert.equal(allowance.has('e'), false, 'all together');
  now = 12_500;
  assert.equal(allowance.has('e'), true);
  assert.equal(allowance.has('a'), true, 'the first is forgotten');
});
