/** Correlations: what counts together, in windows of the events' own clock, in bounded memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import type { Alert } from '../alert.ts';
import { eventOf, type TrafficEvent } from '../event.ts';
import { createSigma, readRules, type Sigma } from './index.ts';
import { emptyWindow, enter, type Entry } from './window.ts';

const NOON = Date.UTC(2026, 2, 11, 12);
const MINUTE = 60_000;

type Given = Readonly<{ ip?: string; path?: string; query?: string; code?: number; bytes?: number; user?: string; uid?: string; logged?: number }>; // prettier-ignore
const at = (time: number, { ip = '198.51.100.7', path = '/a', query, code = 200, bytes = 1, user, uid = `e${time}`, logged = time }: Given = {}): TrafficEvent =>
  eventOf(
    { log_name: 'l', product: 'p' },
    {
      class: 'http', uid, time, src_endpoint: { ip }, http_response: { code, length: bytes },
      http_request: { http_method: 'GET', url: { path, ...(query === undefined ? {} : { query_string: query }) } },
      ...(user === undefined ? {} : { actor: { user: { uid: user } } }),
    },
    logged,
  ); // prettier-ignore

const part = (name: string, path: string): string =>
  `title: Part ${name}\nid: ${name}-id\nname: ${name}\nlogsource: {category: webserver}\ndetection: {s: {cs-uri-stem: ${path}}, condition: s}\n---\n`;
const correlation = (type: string, more: string, id = 'whole'): string =>
  `title: Whole ${id}\nid: ${id}\nlevel: high\ncorrelation:\n  type: ${type}\n  timespan: 5m\n  ${more.replaceAll('\n', '\n  ')}\n---\n`;
const sigmaOf = (text: string, most = 1000): Sigma => {
  const { rules, faults } = readRules([{ name: 'r.yml', text }]);
  assert.deepEqual(faults, []);
  return createSigma({ rules, most });
};
const fed = (sigma: Sigma, events: readonly TrafficEvent[]): Alert[] =>
  events.flatMap((event) => [...sigma.feed(event)]);
const every = (ms: number, times: number, given: Given = {}, from = NOON): TrafficEvent[] =>
  Array.from({ length: times }, (_, i) => at(from + i * ms, given));

const COUNT = part('a', '/a') + correlation('event_count', 'rules: [a]\ngroup-by: [c-ip]\ncondition: {gte: 5}');

test('event_count: as many as are asked for, of one key, within the timespan; said once, with its events', () => {
  assert.equal(fed(sigmaOf(COUNT), every(1000, 4)).length, 0);
  assert.equal(fed(sigmaOf(COUNT), every(75_000, 20)).length, 0, 'five do not fit into five minutes');
  assert.equal(
    fed(
      sigmaOf(COUNT),
      Array.from({ length: 20 }, (_, i) => at(NOON + i, { ip: `10.0.0.${i}` })),
    ).length,
    0,
  );
  const [alert, ...more] = fed(sigmaOf(COUNT), every(1000, 50));

  assert.deepEqual(more, []);
  assert.deepEqual(alert?.entity, { address: '198.51.100.7' });
  assert.equal(alert?.key, 'address=198.51.100.7');
  assert.equal(alert?.severity, 'high');
  assert.deepEqual(
    alert?.events,
    [0, 1, 2, 3, 4].map((i) => `e${NOON + i * 1000}`),
  );
  assert.deepEqual(alert?.measure, { name: 'matches', value: 5, usual: 0, limit: 5 });
  assert.equal(alert?.reason, '5 matches of «Part a» within 5 minutes (these in 4 seconds)');
});

test('the same events looked at again, by another process, give alerts of the same uid', () => {
  const events = every(1000, 9);
  const [first, again] = [fed(sigmaOf(COUNT), events), fed(sigmaOf(COUNT), [at(NOON - 2000), ...events])];
  assert.equal(first[0]?.uid, again[0]?.uid);
  assert.notEqual(first[0]?.uid, fed(sigmaOf(COUNT), every(1000, 9, {}, NOON + 3_600_000))[0]?.uid);
});

test('a range, and what has no value to be grouped by', () => {
  const range =
    part('a', '/a') + correlation('event_count', 'rules: [a]\ngroup-by: [User]\ncondition: {gt: 2, lte: 4}');
  assert.equal(fed(sigmaOf(range), every(1000, 3, { user: 'u' })).length, 1);
  assert.equal(fed(sigmaOf(range), every(1000, 30)).length, 0, 'nobody is not somebody');
});

test('value_count counts different values, value_sum and value_avg what they come to', () => {
  const distinct =
    part('a', '/a') +
    correlation('value_count', 'rules: [a]\ngroup-by: [c-ip]\ncondition: {field: cs-uri-query, gte: 4}');
  const asking = (n: number): TrafficEvent[] =>
    Array.from({ length: 40 }, (_, i) => at(NOON + i * 1000, { query: `q=${i % n}` }));
  assert.equal(
    fed(
      sigmaOf(
        part('a', '/a') +
          correlation(
            'value_count',
            'rules: [a]\ngroup-by: [c-ip]\ncondition: {field: http_request.url.query_string, gte: 4}',
          ),
      ),
      asking(3),
    ).length,
    0,
  );
  assert.match(fed(sigmaOf(distinct), asking(4))[0]?.reason ?? '', /different values of cs-uri-query/u);

  const sum =
    part('a', '/a') + correlation('value_sum', 'rules: [a]\ngroup-by: [c-ip]\ncondition: {field: sc-bytes, gt: 1000}');
  assert.equal(fed(sigmaOf(sum), every(1000, 10, { bytes: 100 })).length, 0);
  assert.equal(fed(sigmaOf(sum), every(1000, 11, { bytes: 100 })).length, 1);
  assert.equal(fed(sigmaOf(sum), every(60_000, 60, { bytes: 150 })).length, 0);
  const mean =
    part('a', '/a') + correlation('value_avg', 'rules: [a]\ngroup-by: [c-ip]\ncondition: {field: sc-bytes, gte: 90}');
  assert.equal(fed(sigmaOf(mean), every(1000, 10, { bytes: 80 })).length, 0);
  assert.equal(fed(sigmaOf(mean), [...every(1000, 2, { bytes: 80 }), at(NOON + 3000, { bytes: 200 })]).length, 1);
});

const AB = part('a', '/a') + part('b', '/b') + part('c', '/c');
test('temporal takes any order, temporal_ordered only its own', () => {
  const any = sigmaOf(AB + correlation('temporal', 'rules: [a, b, c]\ngroup-by: [c-ip]'));
  const path = (paths: string, gap = 1000): TrafficEvent[] =>
    [...paths].map((each, i) => at(NOON + i * gap, { path: `/${each}` }));
  assert.equal(fed(any, path('cba')).length, 1);
  assert.equal(
    fed(sigmaOf(AB + correlation('temporal', 'rules: [a, b, c]\ngroup-by: [c-ip]\ncondition: {gte: 2}')), path('ab'))
      .length,
    1,
  );
  const ordered = (): Sigma => sigmaOf(AB + correlation('temporal_ordered', 'rules: [a, b, c]\ngroup-by: [c-ip]'));
  for (const [paths, expected] of [['abc', 1], ['cba', 0], ['acb', 0], ['aabbbc', 1], ['bacabc', 1], ['abab', 0], [`a${'b'.repeat(100)}c`, 1]] as const) assert.equal(fed(ordered(), path(paths)).length, expected, paths); // prettier-ignore
  assert.equal(fed(ordered(), path('abc', 3 * MINUTE)).length, 0);
  // c is written late, with the time that it had
  assert.equal(
    fed(ordered(), [at(NOON, { path: '/a' }), at(NOON + 9000, { path: '/c' }), at(NOON + 5000, { path: '/b' })]).length,
    1,
  );
});

test('correlations stand on correlations; aliases join fields of different names', () => {
  const chain =
    part('a', '/a') + part('b', '/b') +
    'title: Many\nid: many-id\nname: many\ncorrelation:\n  type: event_count\n  rules: [a]\n  group-by: [c-ip]\n  timespan: 1m\n  condition: {gte: 3}\n---\n' +
    correlation('temporal_ordered', 'rules: [many, b]\ngroup-by: [c-ip]'); // prettier-ignore
  assert.equal(fed(sigmaOf(chain), [...every(1000, 3), at(NOON + 9000, { path: '/b' })]).length, 1);
  assert.equal(fed(sigmaOf(chain), [...every(1000, 2), at(NOON + 9000, { path: '/b' })]).length, 0);
  assert.equal(sigmaOf(chain).windowMs, 6 * MINUTE);

  const alias = part('a', '/a') + part('b', '/b') + correlation('temporal', 'rules: [a, b]\ngroup-by: [whom]\naliases:\n  whom:\n    a: c-ip\n    b: cs-username'); // prettier-ignore
  assert.equal(fed(sigmaOf(alias), [at(NOON, { path: '/a', ip: '10.0.0.1' }), at(NOON + 1, { path: '/b', ip: '10.9.9.9', user: '10.0.0.1' })]).length, 1); // prettier-ignore
  assert.equal(fed(sigmaOf(alias), [at(NOON, { path: '/a', ip: '10.0.0.1' }), at(NOON + 1, { path: '/b', ip: '10.0.0.1', user: 'x' })]).length, 0); // prettier-ignore
});

test('rules that a correlation stands on are silent unless it says generate', () => {
  const text = (generate: boolean): string =>
    part('a', '/a').replace('name: a', 'name: a\nlevel: low') +
    correlation('event_count', `rules: [a]\ngroup-by: [c-ip]\ncondition: {gte: 3}\ngenerate: ${generate}`);
  assert.deepEqual(fed(sigmaOf(text(false)), every(1, 3)).map(({ rule }) => rule), ['whole']); // prettier-ignore
  assert.deepEqual(fed(sigmaOf(text(true)), every(1, 3)).map(({ rule }) => rule), ['a-id', 'whole']); // prettier-ignore
});

test('steps of clocks neither end a window nor make one', () => {
  const year = 365 * 86_400_000;
  const stepped = [
    ...every(1000, 4),
    at(NOON + year, { logged: NOON + 4000 }),
    at(NOON - year, { logged: NOON + 4500 }),
  ];
  assert.equal(fed(sigmaOf(COUNT), stepped).length, 0, 'times far away do not count together');
  assert.equal(fed(sigmaOf(COUNT), [...stepped, at(NOON + 5000)]).length, 1, 'nor do they wipe out what there was');
  const stepOfOurs = [...every(1000, 3), at(NOON + year), at(NOON + year + 1), at(NOON + 4000), at(NOON + 5000)];
  assert.equal(fed(sigmaOf(COUNT), stepOfOurs).length, 1, 'a step of our own clock and back wipes nothing out either');
  const ahead = [at(NOON + year), at(NOON + year + 1), ...every(1000, 5)];
  assert.equal(fed(sigmaOf(COUNT), ahead).length, 1, 'after our own clock was put right, what is now counts');
  assert.equal(fed(sigmaOf(COUNT), every(1000, 5).toReversed()).length, 1, 'the order of arrival does not matter');
});

test('a flood of keys holds no more than is stated, and what is flooded keeps its own key', () => {
  const sigma = sigmaOf(COUNT, 100);
  for (let i = 0; i < 5000; i += 1) {
    sigma.feed(at(NOON + i, { ip: `10.${i >> 8}.${i & 255}.1` }));
    if (i % 20 === 0) sigma.feed(at(NOON + i, { ip: '203.0.113.1', uid: `x${i}` }));
    assert.ok(sigma.held().keys <= 100);
  }
  const whole = sigmaOf(COUNT, 100);
  const alerts = Array.from({ length: 200 }, (_, i) => [at(NOON + i, { ip: `10.0.${i}.1` }), ...(i % 20 === 0 ? [at(NOON + i, { ip: '203.0.113.1' })] : [])]).flatMap((events) => fed(whole, events)); // prettier-ignore
  assert.deepEqual(alerts.map(({ key }) => key), ['address=203.0.113.1']); // prettier-ignore
});

test('who floods one rule with keys blinds no other', () => {
  const other = correlation('event_count', 'rules: [b]\ngroup-by: [username]\ncondition: {gte: 5}', 'other');
  const sigma = sigmaOf(COUNT + part('b', '/b') + other, 100);
  const alerts: Alert[] = [];
  // a thousand addresses between any two tries of what the other rule is for
  for (let i = 0; i < 5000; i += 1) {
    alerts.push(...sigma.feed(at(NOON + i, { ip: `10.${i >> 8}.${i & 255}.1` })));
    if (i % 1000 === 0) alerts.push(...sigma.feed(at(NOON + i, { path: '/b', user: 'key_1' })));
    assert.ok(sigma.held().keys <= 100);
  }
  assert.deepEqual(alerts.map(({ rule, key }) => [rule, key]), [['other', 'actor=key_1']]); // prettier-ignore

  const both = sigmaOf(COUNT + part('b', '/b') + other, 100);
  for (let i = 0; i < 5000; i += 1) {
    both.feed(at(NOON + i, { ip: `10.${i >> 8}.${i & 255}.1` }));
    both.feed(at(NOON + i, { path: '/b', user: `key_${i}` }));
    assert.ok(both.held().keys <= 100, 'two floods share one room');
  }
});

test('long values that begin alike are different values', () => {
  const breadth = part('a', '/a*') + correlation('value_count', 'rules: [a]\ngroup-by: [c-ip]\ncondition: {field: cs-uri-stem, gte: 5}'); // prettier-ignore
  const paths = Array.from({ length: 5 }, (_, i) => at(NOON + i, { path: `/a${'x'.repeat(300)}${i}` }));
  assert.equal(fed(sigmaOf(breadth), paths).length, 1);
});

test('any stretch that an entry lies in is counted as a slow reader counts it, whatever the order of arrival', () => {
  const times = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 8 }), fc.constantFrom('event_count' as const, 'temporal' as const), (list, limit, type) => {
      const timespanMs = 10;
      const given = { type, rules: ['a', 'b', 'c', 'd'], groupBy: [], timespanMs, bounds: [{ op: 'gte' as const, value: limit }], field: null, aliases: new Map(), generate: false };
      const window = emptyWindow();
      const seen: Entry[] = [];
      for (const [index, time] of list.entries()) {
        const entry = { time, uid: `${index}`, stage: time % 4, value: null, sum: 0, count: 1 };
        seen.push(entry);
        const fires = enter(window, { ...entry }, given) !== null;
        const stretches = seen.map(({ time: end }) => seen.filter((each) => each.time <= end && each.time > end - timespanMs)).filter((stretch) => stretch.includes(entry));
        const slow = stretches.some((stretch) => (type === 'event_count' ? stretch.length : new Set(stretch.map(({ stage }) => stage)).size) >= limit);
        assert.equal(fires, slow);
      }
    }),
    { numRuns: 500 },
  ); // prettier-ignore
});
