/** Zips of courses: good ones become versions, hostile ones leave nothing behind. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { test } from 'node:test';

import { zipOf } from '#platform/testing';

import { byPerson, educationWorlds, passWithoutQuiz } from '../testing-gate.ts';
import { good12, good2004, manifest12 } from '../testing-packages.ts';
import { readManifest } from './manifest.ts';
import type { ScormPackage } from './package.ts';
import { verdictOf } from './runs.ts';
import { withPackage } from './take-in.ts';
import type { ZipLimits } from './zip.ts';

const { fresh, world } = educationWorlds();
const by = byPerson('per_officer');
const looked = (zip: Buffer, limits?: ZipLimits) => withPackage(Readable.from([zip]), async (taken) => taken, limits);
const took = async (of: Awaited<ReturnType<typeof world>>, zip: Buffer, change: object = {}) =>
  of.one.packages.take(by, {
    id: 'bought',
    replaces: null,
    material: false,
    locale: 'en',
    validityDays: 365,
    minutes: 20,
    upload: Readable.from([zip]),
    ...change,
  });
const rows = async (): Promise<number> =>
  ((await fresh().db<{ n: number }[]>`select count(*)::int as n from education.package_files`)[0] as { n: number }).n;
const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('strongroom-course-'));

test('a course of 1.2 and one of 2004 are taken in, each file byte by byte, and the version is the hash of all', async () => {
  const of = await world('packaged');
  // more than one chunk, and not a whole number of them
  const film = randomBytes(700_001);
  const zip = good12('', { mastery: 80 }, [{ name: 'media/film.mp4', bytes: film, packed: false }]);
  const { version } = await took(of, zip);
  const { title, schema, mastery, files, launch } = version.text() as ScormPackage;
  assert.deepEqual([title, schema, mastery, files, launch], ['Bought: fire & water', '1.2', 80, 3, { path: 'index.html', search: '' }]);
  const chunks = await of.db<{ bytes: Buffer }[]>`select bytes from education.package_chunks where package = ${version.hash} and path = 'media/film.mp4' order by n`;
  assert.ok(chunks.length === 3 && Buffer.concat(chunks.map(({ bytes }) => bytes)).equals(film));
  assert.equal((await looked(zip)).hash, version.hash);
  assert.notEqual((await looked(good12('1', { mastery: 80 }))).hash, version.hash);

  const other = await took(of, good2004(), { id: 'bought-2004', validityDays: null });
  const read = other.version.text() as ScormPackage;
  assert.deepEqual([read.schema, read.mastery, read.validityDays, read.launch], ['2004', 70, null, { path: 'content/start here.html', search: '?lang=en' }]);
  assert.deepEqual((await of.other.packages.list()).map(({ version: { id }, counts }) => [id, counts]), [['bought', false], ['bought-2004', false]]);
  assert.equal(of.entries.filter(({ action }) => action === 'education.package.publish').length, 2);
}); // prettier-ignore

test('a version goes on top of the one that was read, and no course takes the name of a lesson, or a lesson that of a course', async () => {
  const of = await world('packaged-twice');
  const first = await took(of, good12('1'), { id: 'twice' });
  await assert.rejects(took(of, good12('2'), { id: 'twice' }), { code: 'EDUCATION_TEXT_CHANGED' });
  const second = await took(of, good12('2'), { id: 'twice', replaces: first.version.hash });
  assert.equal(second.version.seq, 2);
  // what came before comes back: its files are there
  assert.equal((await took(of, good12('1'), { id: 'twice', replaces: second.version.hash })).version.seq, 3);
  await assert.rejects(took(of, good12(), { id: 'phishing' }), { code: 'EDUCATION_TEXT_TAKEN' });
});

test('paths that lead out, links, two of a name, encryption and other machines’ drives are refused, and nothing of them is kept', async () => {
  const of = await world('packaged-badly');
  const before = await rows();
  const page = { name: 'index.html', bytes: 'x' };
  const manifest = { name: 'imsmanifest.xml', bytes: manifest12() };
  const bad: Record<string, Parameters<typeof zipOf>[0]> = {
    'up': [manifest, page, { name: '../../etc/cron.d/x', bytes: 'x' }],
    'up in the middle': [manifest, page, { name: 'a/../../x', bytes: 'x' }],
    'up, as Windows writes it': [manifest, page, { name: '..\\x', bytes: 'x' }],
    'absolute': [manifest, page, { name: '/etc/passwd', bytes: 'x' }],
    'a drive': [manifest, page, { name: 'C:/x', bytes: 'x' }],
    'a null': [manifest, page, { name: 'a\0.html', bytes: 'x' }],
    'a link': [manifest, page, { name: 'link', bytes: '/etc/passwd', mode: 0o120777 }],
    'a device': [manifest, page, { name: 'device', bytes: '', mode: 0o020666 }],
    'twice': [manifest, page, page],
    'encrypted': [manifest, { ...page, flags: 1 }],
    'no manifest': [page],
    'a manifest deeper down': [{ ...manifest, name: 'course/imsmanifest.xml' }, page],
    'its first page is not there': [{ ...manifest, bytes: manifest12({ href: 'gone.html' }) }, page],
    'a file that says it is smaller': [manifest, { ...page, bytes: 'x'.repeat(5000), saysSize: 10 }],
    'a file that says it is larger': [manifest, { ...page, saysSize: 5000 }],
  };
  for (const [name, parts] of Object.entries(bad))
    await assert.rejects(took(of, zipOf(parts), { id: 'bad' }), { code: 'EDUCATION_PACKAGE_INVALID' }, name);
  for (const zip of [Buffer.alloc(0), Buffer.from('no zip'), good12().subarray(0, 300)])
    await assert.rejects(took(of, zip, { id: 'bad' }), { code: 'EDUCATION_PACKAGE_INVALID' });
  assert.deepEqual([await rows(), folders()], [before, []]);
  assert.equal((await of.one.packages.list()).some(({ version }) => version.id === 'bad'), false);
}); // prettier-ignore

test('bombs are refused before they go off: too many files, too much in them, packed too tightly, one over the other', async () => {
  const many = zipOf(Array.from({ length: 60 }, (_, n) => ({ name: `f${n}`, bytes: 'x' })));
  const tight = good12('', {}, [{ name: 'bomb', bytes: Buffer.alloc(30 * 2 ** 20) }]);
  const limits = { entries: 50, unpackedBytes: 2 ** 20, ratio: 100 };
  const large = good12('', {}, [{ name: 'large', bytes: randomBytes(2 ** 20), packed: false }]);
  for (const [zip, of] of [[many, limits], [large, limits], [tight, undefined], [good12('', {}, [{ name: 'x', bytes: 'x', saysSize: 0xfffffff0 }]), undefined]] as const)
    await assert.rejects(looked(zip, of), { code: 'EDUCATION_PACKAGE_TOO_LARGE' });
  const endless = Readable.from((function* () { for (;;) yield Buffer.alloc(2 ** 20); })());
  await assert.rejects(withPackage(endless, async () => undefined), { code: 'EDUCATION_PACKAGE_TOO_LARGE' });
  assert.deepEqual(folders(), []);
}); // prettier-ignore

test('a manifest declares nothing, fetches nothing, and leads nowhere but into the package', () => {
  const says = (xml: string): string => {
    const read = readManifest(xml);
    return read.ok ? 'taken' : read.says;
  };
  assert.equal(says(manifest12()), 'taken');
  for (const head of ['<!DOCTYPE manifest SYSTEM "file:///etc/passwd">', '<!DOCTYPE manifest [<!ENTITY x SYSTEM "http://127.0.0.1/">]>', '<!DOCTYPE m [<!ENTITY a "a"><!ENTITY b "&a;&a;">]>', '<!DOCTYPE manifest>'])
    assert.match(says(manifest12({ head, title: '&x;' })), /DOCTYPE/, head);
  assert.match(says(manifest12({ title: '&x;' })), /is not XML/);
  for (const href of ['http://evil.example/x', '//evil.example/x', '/etc/passwd', '../x', 'a/../../x', '%2e%2e/x', '%2e%2e%2fx', '..\\x', 'javascript:alert(1)', 'data:text/html,x', '', '?x', '#x', 'a%zz'])
    assert.match(says(manifest12({ href })), /no address within the package/, href);
  assert.match(says(manifest12({ more: '<item identifier="j" identifierref="r"/>' })), /more than one part/);
  assert.match(says(manifest12({ more: '<item identifier="j" identifierref="gone"/>' })), /leads to no <resource>/);
  assert.match(says(manifest12().replace('"sco"', '"asset"')), /reports a result/);
  assert.match(says(manifest12().replace('>1.2<', '>1.1<')), /another version/);
  assert.match(says('<manifest/>'), /no version/);
  assert.match(says(`${'<a>'.repeat(100)}${'</a>'.repeat(100)}`), /larger or deeper/);
  assert.match(says('nothing'), /is not XML|no <manifest>/);
}); // prettier-ignore

test('where the manifest names a score, it counts for more than a word', () => {
  const verdict = (status: Parameters<typeof verdictOf>[0]['status'], score: number | null, mastery: number | null) =>
    verdictOf({ status, score }, mastery);
  assert.deepEqual(
    [verdict('passed', 79, 80), verdict('passed', 80, 80), verdict('completed', 0, null)],
    ['failed', 'passed', 'passed'],
  );
  assert.equal(verdict('completed', null, 80), 'open', 'seen to its end, and the score is not there yet');
  assert.deepEqual([verdict('failed', 100, 80), verdict('incomplete', 100, 80)], ['failed', 'open']);
});

test('what a course says of itself is enough for a role once the training team says so, and no more when it takes that back', async () => {
  const of = await world('packaged-role', { courses: ['selfmade'], policies: [] });
  const { version } = await took(of, good12('counts'), { id: 'selfmade' });
  const [ada, bea] = [of.hire(), of.hire()];
  assert.equal(await of.effect(ada), 'denied');
  await passWithoutQuiz(of.db, { person: ada, course: 'selfmade', hash: version.hash, at: new Date('2026-03-02T10:00:00Z'), evidence: 'client' });
  of.set(new Date('2026-03-02T11:00:00Z'));
  assert.equal(await of.effect(ada), 'denied', 'it says so by itself');
  await of.one.packages.sayCounts(by, 'selfmade', true);
  assert.deepEqual([await of.effect(ada, of.other), await of.effect(bea, of.other)], ['open', 'denied']);
  await of.one.packages.sayCounts(by, 'selfmade', false);
  assert.equal(await of.effect(ada, of.other), 'denied');
  assert.deepEqual(of.entries.filter(({ action }) => action === 'education.package.counts').map(({ detail }) => detail?.counts), [true, false]);
  await assert.rejects(of.one.packages.sayCounts(by, 'phishing', true), { code: 'EDUCATION_TEXT_NOT_FOUND' });
}); // prettier-ignore

test('it is enough for who was assigned it', async () => {
  const of = await world('packaged-assigned', { courses: [], policies: [] });
  const { version } = await took(of, good12('assigned'), { id: 'assigned' });
  const ada = of.hire();
  await of.one.manage.assign(by, [ada], { kind: 'course', id: 'assigned' });
  const stateOf = async () => {
    await of.one.gate.refresh();
    return (await of.one.gate.duties(ada, [])).find(({ id }) => id === 'assigned')?.standing.state;
  };
  assert.equal(await stateOf(), 'due');
  await passWithoutQuiz(of.db, { person: ada, course: 'assigned', hash: version.hash, at: new Date('2026-03-02T10:00:00Z'), evidence: 'client' });
  of.set(new Date('2026-03-02T11:00:00Z'));
  assert.equal(await stateOf(), 'passed');
}); // prettier-ignore
