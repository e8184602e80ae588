/** Rules about the system's own requests speak of what its sensor really tells, and ask for routes that there are. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';

import type { AuditEvent } from '#platform/audit';
import { uuidv7, type SubjectId } from '#platform/ids';

import { shippedRules } from '../detect/rule-shelf.ts';
import type { TrafficEvent } from '../event.ts';
import { createRequestSensor, type Finished } from '../sensors/requests.ts';
import { createSigma, readRules } from '../sigma/index.ts';

const shipped = shippedRules();
const own = shipped.filter(({ name }) => name.startsWith('own/'));
const { rules } = readRules([...own, ...shipped.filter(({ name }) => name.startsWith('authentication/'))]);

type Asked = Readonly<{
  method?: string;
  route: string;
  status: number;
  actor?: string;
  address?: string;
  session?: string;
  /** Entries that are written meanwhile. */
  log?: readonly Pick<AuditEvent, 'action' | 'outcome' | 'actor' | 'subjects' | 'purpose'>[];
}>;

const staff = (id: string) => ({ kind: 'staff', id }) as const;
const some = (n: number): SubjectId[] => Array.from({ length: n }, () => uuidv7() as unknown as SubjectId);
const times = <Item>(n: number, item: Item): Item[] => Array.from({ length: n }, () => item);

/** What the rules say of requests that pass the sensor, one each five seconds. */
async function saidOf(asked: readonly Asked[]): Promise<string[]> {
  let now = Date.UTC(2026, 2, 11, 12);
  const events: TrafficEvent[] = [];
  const sensor = createRequestSensor({
    recorder: { record: async (_name, _node, seen) => void events.push(...seen.events) },
    clock: () => new Date(now),
    node: 'test',
  });
  for (const [i, { method = 'GET', route, status, actor, address = '198.51.100.7', session, log = [] }] of asked.entries()) {
    const id = `req-${i}`;
    now += 5000;
    for (const entry of log) sensor.entry({ ...entry, requestId: id });
    const who = actor === undefined ? null : { id: actor, role: 'support', session };
    const request: Finished = { id, method, route, address, status, bytes: 10, ms: 3, userAgent: 'test', actor: who };
    sensor.finished(request);
  }
  await sensor.flush();
  // detections of the server that wrote them take them as they are, those of others read them
  assert.deepStrictEqual(JSON.parse(JSON.stringify(events)), events);
  const sigma = createSigma({ rules, most: 1000 });
  return [...new Set(events.flatMap((event) => sigma.feed(event)).map(({ title }) => title))].toSorted();
} // prettier-ignore

const signIn = (person: string, done: boolean): Asked => ({
  method: 'POST',
  route: '/v1/access/session',
  status: done ? 201 : 401,
  log: [{ action: 'access.session.begin', actor: staff(person), outcome: done ? 'done' : 'denied' }],
});
const read = (action: string, actor: string, subjects: number, route: string): Asked => ({
  method: 'POST',
  route,
  status: 200,
  actor,
  log: [{ action, actor: { kind: 'service', id: actor }, outcome: 'done', subjects: some(subjects), purpose: 'support' }],
}); // prettier-ignore
const refused = (route: string): Asked => ({ route, status: 403, actor: 'key_1', log: [{ action: 'access.denied', actor: { kind: 'service', id: 'key_1' }, outcome: 'denied' }] }); // prettier-ignore

test('what the sensor tells of guessed passwords, of keys and of exports is what the rules are made for', async () => {
  assert.deepEqual(await saidOf([...times(15, signIn('person_1', false)), signIn('person_1', true)]), [
    'Guessed, then let in',
    'Logon succeeds after many failures',
    'Passwords of one account tried',
    'Passwords tried on the system itself',
  ]);
  // whom nobody knows is no account: only where from counts
  assert.deepEqual(await saidOf(times(15, signIn('unknown', false))), ['Passwords tried on the system itself']);
  assert.deepEqual(await saidOf(times(5, read('vault.export', 'key_1', 10, '/v1/vault/export'))), ['Exports in series']);
  assert.deepEqual(
    await saidOf([
      { method: 'POST', route: '/v1/access/keys', status: 201, actor: 'person_1', session: 's' },
      read('vault.search', 'key_9', 100, '/v1/vault/records/search'),
    ]),
    ['A key is made, and many customers are read from the same address'],
  );
  assert.deepEqual(
    await saidOf([
      { method: 'POST', route: '/v1/access/break-glass', status: 201, actor: 'person_1', session: 's' },
      read('vault.search', 'person_1', 100, '/v1/vault/records/search'),
    ]),
    ['The glass is broken, then customers leave in bulk'],
  );
  assert.deepEqual(await saidOf(times(20, refused('/v1/vault/records/:id'))), ['One actor is refused again and again']);
  assert.deepEqual(await saidOf([refused('/v1/audit/entries')]), ['The audit log is asked for by somebody who may not']);
  assert.deepEqual(await saidOf(times(50, { route: '/v1/vault/records/:id', status: 401 })), ['Keys tried out']);
  const erase = { method: 'DELETE', status: 200, actor: 'key_1' };
  assert.deepEqual(await saidOf(times(25, { ...erase, route: '/v1/vault/subjects/:id' })), ['Many customers erased one by one']);
  assert.deepEqual(await saidOf(times(60, { ...erase, route: '/v1/vault/subjects/:id/restriction' })), []);
  const moves = [1, 2, 3, 4].map((i) => ({ route: '/v1/access/session', status: 200, actor: 'person_1', session: 's', address: `203.0.113.${i}` }));
  assert.deepEqual(await saidOf(moves), ['One session from many addresses']);
}); // prettier-ignore

test('connections that are cut off before the log knows of them do not fill up what sign-ins are kept in', async () => {
  let now = 0;
  const events: TrafficEvent[] = [];
  const sensor = createRequestSensor({
    recorder: { record: async (_name, _node, seen) => void events.push(...seen.events) },
    clock: () => new Date((now += 1)),
    node: 'test',
  });
  const entry = (requestId: string): AuditEvent => ({ action: 'access.session.begin', actor: staff('person_1'), outcome: 'denied', requestId }); // prettier-ignore
  for (let i = 0; i < 20_001; i += 1) sensor.entry(entry(`cut-${i}`));

  sensor.entry(entry('req'));
  sensor.finished({ id: 'req', method: 'POST', route: '/v1/access/session', address: '203.0.113.9', status: 401, bytes: 0, ms: 1, userAgent: '', actor: null }); // prettier-ignore
  await sensor.flush();

  assert.deepEqual(
    events.map(({ class_uid }) => class_uid),
    [3002, 6003],
  );
});

test('every path of a rule about own requests is that of a route, with its method', () => {
  // pages for people stand in no description of the API
  const pages = ['/tell/number', '/tell/answer'].map((path) => ({ method: 'POST', path }));
  const { paths } = JSON.parse(readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8')) as { paths: Record<string, Record<string, unknown>> }; // prettier-ignore
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path: path.replaceAll(/\{(\w+)\}/g, ':$1') })),
  ); // prettier-ignore
  const routes = [...described, ...pages];
  const list = (value: unknown): string[] => (value === undefined ? [] : [value].flat().map(String));
  const asked = own.flatMap(({ name, text }) =>
    parseAllDocuments(text).flatMap((document) => {
      const { detection = {} } = document.toJS() as { detection?: Record<string, unknown> };
      return Object.values(detection).flatMap((part) => {
        if (typeof part !== 'object' || part === null) return [];
        const fields = part as Record<string, unknown>;
        const path = 'http_request.url.path';
        const method = fields['http_request.http_method'];
        const tail = String(fields[`${path}|endswith`] ?? '');
        return [
          ...list(fields[path]).map((whole) => ({ name, method, is: (each: string) => each === whole, said: whole })),
          ...list(fields[`${path}|startswith`]).map((head) => ({ name, method, is: (each: string) => each.startsWith(head) && each.endsWith(tail), said: `${head}…${tail}` })),
        ];
      });
    }),
  ); // prettier-ignore

  assert.ok(asked.length >= 15);
  for (const { name, method, is, said } of asked)
    assert.ok(
      routes.some((route) => is(route.path) && (method === undefined || route.method === method)),
      `${name}: ${String(method ?? 'any')} ${said} is no route`,
    );
});

test('honey is touched also by who changes it, tries it in vain, or signs in as it; the system itself is nobody', async () => {
  const planted = uuidv7() as unknown as SubjectId;
  const seen: { events: TrafficEvent[]; touches: unknown[] } = { events: [], touches: [] };
  const sensor = createRequestSensor({
    recorder: { record: async (_name, _node, { events, touches = [] }) => void (seen.events.push(...events), seen.touches.push(...touches)) },
    clock: () => new Date(),
    node: 'test',
    isHoney: (subjectId) => subjectId === planted,
  });
  const asked: readonly Pick<AuditEvent, 'action' | 'outcome' | 'actor' | 'subjects'>[] = [
    { action: 'vault.write', outcome: 'done', actor: { kind: 'service', id: 'key_1' }, subjects: [planted, ...some(3)] },
    { action: 'access.denied', outcome: 'denied', actor: { kind: 'service', id: 'key_1' }, subjects: [planted] },
    { action: 'privacy.consent', outcome: 'done', actor: { kind: 'subject', id: 'cus_1' }, subjects: [planted] },
    { action: 'vault.expire', outcome: 'done', actor: { kind: 'system', id: 'vault' }, subjects: [planted] },
    { action: 'vault.write', outcome: 'done', actor: { kind: 'service', id: 'key_1' }, subjects: some(3) },
  ];
  for (const [i, entry] of asked.entries()) {
    sensor.entry({ ...entry, requestId: `h-${i}` });
    sensor.finished({ id: `h-${i}`, method: 'POST', route: '/x', address: '', status: 200, bytes: 0, ms: 1, userAgent: '', actor: null });
  }
  await sensor.flush();
  assert.deepEqual(seen.events.map(({ strongroom }) => [strongroom?.honey ?? 0, strongroom?.subjects]), [[1, 1], [1, 1], [1, 1], [0, 0], [0, 0]]);
  assert.equal(seen.touches.length, 2, 'who touched it is known; a customer is no actor');
}); // prettier-ignore
