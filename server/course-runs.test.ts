/** Courses made elsewhere, over HTTP: taken in, begun, served on another origin, told of once. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Server } from 'node:http';

import { zipOf } from '#platform/testing';

import { type Json } from './testing.ts';
import { staffedSystems, type Invited, type Staffed } from './testing-education.ts';

const ORIGIN = 'https://courses.example';
const FILM = randomBytes(600_000);
const PAGE = '<!doctype html><title>x</title><p>A course';
const manifest = (mastery: string): string => `<manifest xmlns:adlcp="x"><metadata><schemaversion>1.2</schemaversion></metadata><organizations><organization identifier="o"><title>Fire safety</title><item identifierref="r">${mastery}</item></organization></organizations><resources><resource identifier="r" adlcp:scormtype="sco" href="index.html"/></resources></manifest>`; // prettier-ignore
const zip = (mastery = '', page = PAGE): Buffer =>
  zipOf([{ name: 'imsmanifest.xml', bytes: manifest(mastery) }, { name: 'index.html', bytes: page }, { name: 'a b/film.mp4', bytes: FILM, packed: false }]); // prettier-ignore

let staffed: Staffed;
let ada: Invited;
let bea: Invited;
let officer: string;
let contents: Server;
let at: string;
const faults: unknown[] = [];
before(async () => {
  staffed = await staffedSystems({ STRONGROOM_COURSES_URL: ORIGIN, STRONGROOM_COURSES_PORT: '0' });
  [ada, bea] = [await staffed.somebody(['support']), await staffed.somebody(['support'])];
  officer = (await staffed.two.newKey('security')).key;
  contents = staffed.two.systems[1].education.contents((thrown) => void faults.push(thrown));
  await new Promise<void>((resolve) => contents.listen(0, '127.0.0.1', resolve));
  at = `http://127.0.0.1:${(contents.address() as AddressInfo).port}`;
});
after(async () => {
  contents?.closeAllConnections();
  contents?.close();
  await staffed.two.close();
});

const take = async (id: string, bytes: Buffer, query = '', key = officer) => {
  const response = await fetch(`${staffed.two.urls[1]}/v1/education/packages/${id}${query}`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/zip' }, body: new Uint8Array(bytes) }); // prettier-ignore
  return { status: response.status, body: (await response.json()) as Json };
};
const call = (method: string, path: string, sent: object) =>
  staffed.two.call(method, `/v1/education${path}`, { ...sent, server: 1 });
const begin = (course: string, cookie = ada.cookie) => call('POST', `/courses/${course}/runs`, { cookie });
const tell = (run: string, status: string, score: number | null = null, cookie = ada.cookie, saved: string | null = null) =>
  call('POST', `/runs/${run}/result`, { cookie, body: { status, score, saved } }); // prettier-ignore
const dutyOf = async (course: string): Promise<string | undefined> =>
  ((await call('GET', '/mine', { cookie: ada.cookie })).body.duties as Json[]).find(({ id }) => id === course)?.state as string | undefined; // prettier-ignore

test('a course is taken in by who publishes texts, and a bad one is refused over HTTP with what is wrong', async () => {
  const taken = await take('fire', zip());
  assert.deepEqual([taken.status, taken.body.title, taken.body.counts], [201, 'Fire safety', false], JSON.stringify(taken.body)); // prettier-ignore
  const again = await take('fire', zip());
  assert.deepEqual([again.status, again.body.code], [409, 'EDUCATION_TEXT_CHANGED']);
  const bad = await take('bad', zipOf([{ name: '../x', bytes: '' }]));
  assert.deepEqual([bad.status, bad.body.code], [422, 'EDUCATION_PACKAGE_INVALID']);
  assert.equal((await take('none', zip(), '', (await staffed.two.newKey('application')).key)).status, 403);
  const { body } = await call('GET', '/mine', { cookie: ada.cookie });
  assert.ok((body.courses as Json[]).some(({ id, title }) => id === 'fire' && title === 'Fire safety'));
});

test('its files are on another origin, by a token, with a policy that reaches no other server; nothing else is there', async () => {
  const { status, body } = await begin('fire');
  assert.equal(status, 201, JSON.stringify(body));
  assert.ok((body.url as string).startsWith(`${ORIGIN}/`));
  const path = new URL(body.url as string).pathname;
  const get = (rest: string, init: RequestInit = {}) => fetch(`${at}${path}${rest}`, init);
  const player = await get('');
  assert.equal(player.status, 200);
  const policy = player.headers.get('content-security-policy') ?? '';
  assert.match(policy, new RegExp(`frame-ancestors ${staffed.two.urls[1]}$`));
  assert.doesNotMatch(policy, /unsafe/);
  assert.match(await player.text(), /data-launch="c\/index.html"/);
  for (const script of ['api.js', 'player.js']) assert.match((await get(script)).headers.get('content-type') ?? '', /^text\/javascript/); // prettier-ignore
  assert.match(await (await get('api.js')).text(), /^this\.Scorm12API/);
  const page = await get('c/index.html');
  const own = page.headers.get('content-security-policy') ?? '';
  for (const part of ["connect-src 'self'", "worker-src 'none'", "form-action 'none'", 'sandbox allow-scripts']) assert.ok(own.includes(part), part); // prettier-ignore
  assert.equal(page.headers.get('set-cookie'), null);
  assert.equal(await page.text(), PAGE);
  assert.ok(Buffer.from(await (await get('c/a%20b/film.mp4')).arrayBuffer()).equals(FILM));
  const part = await get('c/a%20b/film.mp4', { headers: { range: 'bytes=262100-524300' } });
  assert.deepEqual([part.status, part.headers.get('content-range')], [206, `bytes 262100-524300/${FILM.length}`]);
  assert.ok(Buffer.from(await part.arrayBuffer()).equals(FILM.subarray(262_100, 524_301)));

  for (const [where, wanted] of [
    [`${path}c/imsmanifest.xml`, 200], [`${path}c/gone.html`, 404], [`${path}c/%2e%2e/%2e%2e/etc/passwd`, 404], [`${path}c/..%2f..%2fpackage.json`, 404],
    [`${path}c/%00`, 404], [`${path}c/%zz`, 404], [`${path}other`, 404], [`/${'A'.repeat(32)}/`, 404], ['/', 404], ['/v1/openapi.json', 404], ['/console/', 404],
  ] as const) assert.equal((await fetch(`${at}${where}`)).status, wanted, where); // prettier-ignore
  assert.equal((await get('', { method: 'POST', body: 'x' })).status, 405);
  assert.deepEqual(faults, []);

  // begun anew, the old address is nobody's
  const next = await begin('fire');
  assert.equal(next.body.id, body.id);
  assert.equal((await get('')).status, 404);
});

test('what it says of itself is noted as that, once: a replay, another person and a key are refused', async () => {
  await call('POST', '/assignments', { key: officer, body: { people: [ada.id], kind: 'course', id: 'fire' } });
  assert.equal(await dutyOf('fire'), 'due');
  const { body: run } = await begin('fire');
  const saved = JSON.stringify({ location: 'page 2', data: 'x'.repeat(5000) });
  assert.equal((await tell(run.id as string, 'incomplete', 20, ada.cookie, saved)).body.state, 'open');
  assert.equal((await begin('fire')).body.saved, saved);
  assert.equal(await dutyOf('fire'), 'due');
  assert.equal((await tell(run.id as string, 'passed', 90, bea.cookie)).body.code, 'EDUCATION_RUN_NOT_FOUND');
  assert.equal((await call('POST', `/runs/${run.id}/result`, { key: officer, body: { status: 'passed', score: 1, saved: null } })).body.code, 'ACCESS_SESSION_NEEDED'); // prettier-ignore

  const all = await Promise.all([tell(run.id as string, 'passed'), tell(run.id as string, 'passed'), tell(run.id as string, 'failed')]); // prettier-ignore
  assert.deepEqual(
    all.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409, 409],
  );
  const { body: more } = await begin('fire');
  if ((await dutyOf('fire')) !== 'passed') assert.equal((await tell(more.id as string, 'passed')).body.state, 'passed');
  assert.equal(await dutyOf('fire'), 'passed');
  assert.equal((await tell(run.id as string, 'passed')).body.code, 'EDUCATION_RUN_OVER');
  const [entry] = (await staffed.two.entriesOf('education.course.pass')).filter(
    ({ detail }) => detail.course === 'fire',
  );
  assert.deepEqual([entry?.actor.id, entry?.detail.evidence], [ada.id, 'client']);
  const { body } = await call('GET', '/certificates', { cookie: ada.cookie });
  assert.deepEqual(
    (body.certificates as Json[]).map(({ text, evidence }) => [text, evidence]),
    [['fire', 'client']],
  );
  await assert.rejects(staffed.two.fresh.db`update education.course_runs set state = 'passed' where state = 'failed' or state = 'passed'`, /ends once/); // prettier-ignore
});

test('below the score of its manifest it is not passed, whatever it says; one whose time is over tells nothing more', async () => {
  assert.equal((await take('scored', zip('<adlcp:masteryscore>80</adlcp:masteryscore>'))).status, 201);
  const { body: run } = await begin('scored');
  assert.equal((await tell(run.id as string, 'passed', 79)).body.state, 'failed');
  const { body: next } = await begin('scored');
  assert.notEqual(next.id, run.id);
  await staffed.two.fresh
    .db`update education.course_runs set ends_at = began_at where state = 'open' and course = 'scored'`;
  assert.equal((await tell(next.id as string, 'passed', 100)).body.code, 'EDUCATION_RUN_OVER');
  assert.equal((await fetch(`${at}${new URL(next.url as string).pathname}`)).status, 404);
});

test('where no other origin is set up, or one of the console’s own host, nothing is shown', async () => {
  const off = await staffed.two.call('POST', '/v1/education/courses/fire/runs', { cookie: ada.cookie, server: 0 });
  assert.deepEqual([off.status, off.body.code], [409, 'EDUCATION_COURSES_OFF']);
  const { runs } = staffed.two.systems[1].education;
  const by = { actor: { kind: 'staff', id: ada.id }, person: ada.id, requestId: 'test' } as const;
  await assert.rejects(runs.begin(by, ada.id, 'fire', 'https://courses.example:9'), { code: 'EDUCATION_COURSES_OFF' });
});
