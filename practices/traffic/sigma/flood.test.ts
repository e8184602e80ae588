/** Rules that match everything, and attackers in floods: what waits, what is suspended, what is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventOf, type Observed, type TrafficEvent } from '../event.ts';
import { createSigma, readRules } from './index.ts';

const head = 'title: T\nid: t-1\nlogsource: {category: webserver}\nlevel: low\n';
const read = (text: string) => readRules([{ name: 'r.yml', text }]);
const asking = (
  ip: string,
  time: number,
  { path = '/secret', status = 1 }: { path?: string; status?: 1 | 2 } = {},
): TrafficEvent =>
  eventOf(
    { log_name: 'l', product: 'p' },
    {
      class: 'http',
      uid: `${ip} ${time}`,
      time,
      status_id: status,
      src_endpoint: { ip },
      http_request: { http_method: 'GET', url: { path } },
    } satisfies Observed,
    time,
  );
const HOUR = 3_600_000;
const secret = read(`${head}detection:\n  s: {c-uri: /secret}\n  condition: s\n`).rules;
const addressOf = (n: number): string => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;

test('a rule that would match everything waits suspended from the start, until a person says that it is meant', () => {
  const everything = read(`${head}detection:\n  s: {cs-method|exists: true}\n  condition: s\n`).rules;
  const sigma = createSigma({ rules: everything, most: 1000 });
  assert.equal(sigma.states()[0]?.state, 'suspended');
  assert.match(sigma.states()[0]?.because ?? '', /4 of 4 events of an ordinary day/u);
  assert.deepEqual(sigma.feed(asking('10.0.0.1', 1000)), []);
  const meant = createSigma({ rules: everything, most: 1000, meant: ['t-1'] });
  meant.begun?.();
  assert.equal(meant.feed(asking('10.0.0.1', 1000)).length, 1);
});

test('a flood of attackers blinds no rule: what is beyond the budget is told together, and the newest are in it', () => {
  const sigma = createSigma({ rules: secret, most: 100_000 });
  const flood = (from: number, count: number, time: number) =>
    Array.from({ length: count }, (_, i) => sigma.feed(asking(addressOf(from + i), time + i))).flat();

  const alerts = flood(0, 5000, HOUR);
  const next = flood(5000, 60, 2 * HOUR);

  const together = alerts.filter(({ key }) => key === 'breadth');
  assert.equal(alerts.length - together.length, 50, 'each of the first is told by itself');
  assert.deepEqual(
    together.map(({ measure }) => measure?.value),
    [51, 102, 204, 408, 816, 1632, 3264],
  );
  assert.equal(new Set(together.map(({ uid }) => uid)).size, together.length);
  for (const { entity, events, notice, severity, title, reason } of together) {
    assert.deepEqual([entity, notice, severity, title], [{}, undefined, 'low', 'Many at once: T']);
    assert.ok(events.length > 0 && events.length <= 100);
    assert.match(reason, /alerts of this rule within an hour: the first 50 were told one by one/u);
  }
  assert.equal(together.at(-1)?.events.at(-1), `${addressOf(3263)} ${HOUR + 3263}`);
  assert.equal(sigma.states()[0]?.state, 'running');
  assert.equal(next.filter(({ key }) => key !== 'breadth').length, 50, 'the next hour begins anew');
});

test('hours of attacks alone suspend nothing: guessed passwords and probes fail; a rule with a past is no rule that matches everything', () => {
  const hours = (sigma: ReturnType<typeof createSigma>, status: 1 | 2, from: number) => {
    for (let hour = 0; hour < 8; hour += 1)
      for (let i = 0; i < 400; i += 1)
        sigma.feed(asking(addressOf(hour * 1000 + i), (from + hour) * HOUR + i, { status }));
    return sigma.states()[0]?.state;
  };
  const failing = createSigma({ rules: secret, most: 100_000 });
  const withPast = createSigma({ rules: secret, most: 100_000 });
  for (let i = 0; i < 4000; i += 1) withPast.feed(asking(addressOf(i), HOUR + i, { path: '/' }));

  assert.equal(hours(failing, 2, 1), 'running');
  assert.equal(hours(withPast, 1, 1), 'running');
});

test('a rule that shouts of what is ordinary, hour after hour, is suspended with a notice, and stays so until a person resumes it', () => {
  const create = (suspended: string[]) => createSigma({ rules: secret, most: 100_000, budget: 5, suspended });
  const shouting = create([]);
  const shout = (of: ReturnType<typeof create>, hours: number) =>
    Array.from({ length: hours * 500 }, (_, i) =>
      of.feed(asking(addressOf(i), HOUR * (1 + Math.floor(i / 500)) + (i % 500))),
    ).flat();
  assert.ok(!shout(shouting, 2).some(({ notice }) => notice), 'two hours may be anything');

  const again = create([]);
  const alerts = shout(again, 8);
  assert.equal(alerts.filter(({ notice }) => notice).length, 1);
  assert.equal(alerts.at(-1)?.notice, true);
  assert.match(
    alerts.at(-1)?.reason ?? '',
    /more than its budget of 5, and 100 % of all events that it was shown: it says nothing more until a person resumes it/u,
  );
  assert.equal(again.states()[0]?.state, 'suspended');

  // a person lets it run again: the detections are made anew, and shown what was, which is no new flood
  const resumed = create([]);
  shout(resumed, 8);
  resumed.begun?.();
  assert.equal(resumed.states()[0]?.state, 'running');
  assert.equal(resumed.feed(asking('10.99.1.1', 99 * HOUR)).length, 1);
  const still = create(['t-1']);
  still.begun?.();
  assert.equal(still.states()[0]?.state, 'suspended');
});

test('what is remembered of texts changes nothing, and strangers cannot fill it up', () => {
  const create = () => createSigma({ rules: secret, most: 100, budget: Infinity });
  const [sigma, fresh] = [create(), create()];
  const paths = ['/secret', '/SECRET', '/secre', '/secret/x', ''];
  const matched = (of: ReturnType<typeof create>, path: string): number => {
    of.feed(asking('10.0.0.1', HOUR, { path }));
    return of.states()[0]?.matches ?? 0;
  };

  for (let i = 0; i < 5000; i += 1) sigma.feed(asking('10.0.0.1', HOUR, { path: `/stranger-${i}` }));
  const found = [...paths, ...paths].map((path) => matched(sigma, path));

  assert.deepEqual(
    found,
    [...paths, ...paths].map((path) => matched(fresh, path)),
  );
  assert.deepEqual(found, [1, 2, 2, 2, 2, 3, 4, 4, 4, 4]);
});

test('events that lie about their time do not spread their alerts over many hours', () => {
  const liars = createSigma({ rules: secret, most: 1000, budget: 5, now: () => 0 });

  const lies = Array.from({ length: 200 }, (_, i) => liars.feed(asking(`10.0.0.${i}`, i * HOUR))).flat();

  assert.deepEqual(
    lies.flatMap(({ key, measure }) => (key === 'breadth' ? [measure?.value] : [])),
    [51, 102],
  );
  assert.equal(lies.length, 52);
});

test('a rule about what no sensor sees is loaded, idle, and says so; an id stands once', () => {
  const windows = `${head.replace('{category: webserver}', '{category: process_creation, product: windows}')}detection:\n  s: {Image|endswith: '\\cmd.exe'}\n  condition: s\n`;
  const { rules, faults } = read(`${windows}---\n${windows}`);

  assert.deepEqual(faults.map(({ line, says }) => `${line} ${says}`), ['10 "t-1" is already the id or name of a rule in r.yml']); // prettier-ignore
  const [state] = createSigma({ rules, most: 10 }).states();
  assert.equal(state?.state, 'idle');
  assert.equal(state?.because, 'no sensor makes events of process_creation/windows');
});
