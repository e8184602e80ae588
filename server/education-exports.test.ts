/** What leaves of training, over HTTP and the command line: to whom, with what in the log, and back in again. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { unzip } from '#platform/testing';

import type { Json } from './testing.ts';
import { staffedSystems, type Invited, type Staffed } from './testing-education.ts';
import { passCourse, signPolicy } from './testing-taught.ts';

const LEARNER = 'Ada Lovelace-Export';
let staffed: Staffed;
let ada: Invited;
let dpo: string;
let folder: string;
before(async () => {
  staffed = await staffedSystems({ STRONGROOM_COURSES_URL: 'https://courses.example', STRONGROOM_COURSES_PORT: '0' });
  ada = await staffed.somebody(['support']);
  await passCourse(staffed.two, ada.cookie, 'phishing');
  await signPolicy(staffed.two, ada.cookie, 'customer-data');
  dpo = (await staffed.two.newKey('dpo')).key;
  folder = mkdtempSync(join(tmpdir(), 'sr-exports-'));
});
after(async () => {
  await staffed.two.close();
  rmSync(folder, { recursive: true, force: true });
});

type Sent = Readonly<{ key?: string; cookie?: string; body?: object; server?: 0 | 1 }>;
async function post(path: string, { key, cookie, body = {}, server = 1 }: Sent) {
  const headers = {
    'content-type': 'application/json',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(cookie === undefined ? {} : { cookie, 'sec-fetch-site': 'same-origin' }),
  };
  const url = `${staffed.two.urls[server]}/v1/education${path}`;
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}
const codeOf = ({ bytes }: { bytes: Buffer }): unknown => (JSON.parse(bytes.toString()) as Json).code;
const course = (as: string, sent: Sent, id = 'phishing') => post(`/courses/${id}/export`, { ...sent, body: { as } });
const history = (sent: Sent, body: object = {}) => post('/history/export', { ...sent, body: { as: 'xapi', ...body } });
/** Who made keys of other roles makes none of an auditor: one comes in by an invitation. */
const asRole = async (role: string): Promise<Sent> =>
  role === 'auditor'
    ? { cookie: (await staffed.somebody(['auditor'])).cookie }
    : { key: role === 'admin' ? staffed.two.admin : (await staffed.two.newKey(role)).key };

test('a course leaves to who may read the key of its quiz, and to nobody else, whatever their role or session', async () => {
  for (const role of ['dpo', 'security']) {
    const { status, headers, bytes } = await course('scorm12', { key: (await staffed.two.newKey(role)).key });
    assert.deepEqual([status, headers.get('content-type')], [200, 'application/zip'], role);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.match(headers.get('content-disposition') ?? '', /^attachment; filename="phishing-1-scorm12\.zip"$/);
    assert.match(String(unzip(bytes).get('quiz.js')), /"right": true/);
  }
  for (const role of ['admin', 'auditor', 'support', 'application', 'collector']) {
    const refused = await course('scorm12', await asRole(role));
    assert.equal(refused.status, 403, role);
    assert.ok(!refused.bytes.includes('right'), role);
  }
  // who learns it is the last to have the key of it
  assert.equal((await course('cmi5', { cookie: ada.cookie })).status, 403);
  assert.equal((await course('cmi5', {})).status, 401);
});

test('what left is in the log with its hash, and is the published version: the same bytes for both servers', async () => {
  const before = (await staffed.two.entriesOf('education.course.export')).length;
  const { bytes } = await course('cmi5', { key: dpo });
  const again = await course('cmi5', { key: dpo, server: 0 });
  assert.ok(again.bytes.equals(bytes));
  const [entry] = (await staffed.two.entriesOf('education.course.export')).slice(before);
  assert.deepEqual([entry?.outcome, entry?.detail.as, entry?.detail.course, entry?.detail.seq], ['done', 'cmi5', 'phishing', 1]);
  assert.equal(entry?.detail.sha256, createHash('sha256').update(bytes).digest('hex'));
  const { body } = await staffed.two.call('GET', '/v1/education/texts', { key: dpo });
  const hash = (kind: string) => (body.texts as Json[]).find((each) => each.kind === kind && each.id === 'phishing')?.hash;
  assert.deepEqual([entry?.detail.lesson, entry?.detail.quiz], [hash('lesson'), hash('quiz')]);
}); // prettier-ignore

test('what is no course of ours is refused with what it is', async () => {
  assert.deepEqual([(await course('scorm12', { key: dpo }, 'no-such')).status, codeOf(await course('scorm12', { key: dpo }, 'no-such'))], [404, 'EDUCATION_TEXT_NOT_FOUND']); // prettier-ignore
  assert.equal((await course('scorm2004', { key: dpo })).status, 400);
  const { bytes } = await course('scorm12', { key: dpo }, 'devices');
  const url = `${staffed.two.urls[0]}/v1/education/packages/from-elsewhere?minutes=6`;
  const headers = { authorization: `Bearer ${dpo}`, 'content-type': 'application/zip' };
  const taken = await fetch(url, { method: 'POST', headers, body: new Uint8Array(bytes) });
  const { title, schema, files } = (await taken.json()) as Json;
  assert.deepEqual([taken.status, schema, files], [201, '1.2', 8], 'our own import takes it');
  assert.ok(typeof title === 'string' && title.length > 0);
  const refused = await course('scorm12', { key: dpo }, 'from-elsewhere');
  assert.deepEqual([refused.status, codeOf(refused)], [409, 'EDUCATION_NOT_OURS']);
});

test('history leaves to who sees how people stand, without a name; one of the log says who took it, first', async () => {
  for (const role of ['support', 'application', 'collector'])
    assert.equal((await history({ key: (await staffed.two.newKey(role)).key })).status, 403, role);
  assert.equal((await history({ cookie: ada.cookie })).status, 403);
  const before = (await staffed.two.entriesOf('education.history.export')).length;
  for (const role of ['dpo', 'security', 'admin', 'auditor']) {
    const { status, headers, bytes } = await history(await asRole(role), { person: ada.id });
    assert.deepEqual([status, headers.get('content-type')], [200, 'application/json'], role);
    const all = JSON.parse(bytes.toString()) as { verb: { display: { en: string } } }[];
    const verbs = new Set(all.map(({ verb }) => verb.display.en));
    for (const verb of ['registered', 'launched', 'passed', 'acknowledged']) assert.ok(verbs.has(verb), verb);
    for (const never of [ada.id, ada.email, LEARNER, '@']) assert.ok(!bytes.includes(never), never);
  }
  const mine = (await staffed.two.entriesOf('education.history.export')).slice(before);
  assert.deepEqual(mine.map(({ detail }) => [detail.as, detail.of, detail.people]), Array.from({ length: 4 }, () => ['xapi', ada.id, 1])); // prettier-ignore
  const nobody = await history({ key: dpo }, { person: 'per_00000000000000000000000000' });
  assert.deepEqual([nobody.status, codeOf(nobody)], [404, 'EDUCATION_PERSON_NOT_FOUND']);
  assert.equal((await history({ key: dpo }, { since: 'yesterday' })).status, 400);
  assert.equal((await history({ key: dpo }, { as: 'csv' })).status, 400);
});

test('the command line writes both to new files that are nobody else’s, and says what is in them', async () => {
  const run = (key: string, ...args: string[]) => staffed.two.command(args, { noun: 'education', key });
  const zip = join(folder, 'phishing.zip');
  const made = await run(dpo, 'courses', 'export', 'phishing', '--as', 'scorm12', '--out', zip);
  assert.deepEqual([made.code, /with the key of its quiz in it/.test(made.out)], [0, true], made.err);
  assert.equal(statSync(zip).mode & 0o777, 0o600);
  assert.ok(unzip(readFileSync(zip)).has('imsmanifest.xml'));
  const before = readFileSync(zip);
  // what cannot be written is not asked for: it would be in the log as having left
  const left = async () => [await staffed.two.entriesOf('education.course.export'), await staffed.two.entriesOf('education.history.export')].map(({ length }) => length); // prettier-ignore
  const asked = await left();
  for (const words of [
    ['course', 'export', 'phishing', '--as', 'cmi5'],
    ['history', 'export', '--as', 'xapi', '--lines'],
  ]) {
    const there = await run(dpo, ...words, '--out', zip);
    assert.deepEqual([there.code, /is there already/.test(there.err)], [2, true]);
  }
  assert.deepEqual(await left(), asked);
  assert.ok(readFileSync(zip).equals(before), 'a file that is there stays');
  assert.equal((await run(dpo, 'course', 'export', 'phishing', '--as', 'zip', '--out', `${zip}2`)).code, 2);
  const { key: support } = await staffed.two.newKey('support');
  assert.equal((await run(support, 'course', 'export', 'phishing', '--as', 'cmi5', '--out', `${zip}2`)).code, 3);
  const file = join(folder, 'history.ndjson');
  assert.equal((await run(support, 'history', 'export', '--as', 'xapi', '--out', file)).code, 3);
  assert.ok(
    ![file, `${file}.part`, `${zip}2`, `${zip}2.part`].some((each) => existsSync(each)),
    'who is refused has no file',
  );
  const told = await run(dpo, 'history', 'export', '--as', 'xapi', '--since', '2020-01-01', '--lines', '--out', file);
  assert.equal(told.code, 0, told.err);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  assert.ok(lines.length > 3 && lines.every((line) => JSON.parse(line) !== null));
  assert.equal((await run(dpo, 'history', 'export', '--as', 'xapi', '--since', 'never', '--out', `${file}2`)).code, 2);
});
