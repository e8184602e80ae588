/** cmi5.xml: what is taken of it, and what is refused with its reason; which parts, blocks and course are done by what was stated. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';

import { zipOf } from '#platform/testing';

import { withPackage } from '../packages/take-in.ts';
import { au, block, good5, manifest12, structure5 } from '../testing-packages.ts';
import { satisfiedIn, statesOf } from './satisfied.ts';
import { readCourseStructure, type CourseStructure } from './structure.ts';

const read = (inner: string): CourseStructure => {
  const found = readCourseStructure(structure5(inner));
  assert.ok(found.ok, found.ok ? '' : found.says);
  return found.manifest;
};
const says = (inner: string, head = ''): string => {
  const found = readCourseStructure(structure5(inner, head));
  return found.ok ? 'taken' : found.says;
};
const looked = (zip: Buffer) => withPackage(Readable.from([zip]), async (taken) => taken.manifest);
const A = 'https://maker.example/a';
const B = 'https://maker.example/b';
const C = 'https://maker.example/c';

test('parts come in their order, in their blocks, with what each asks for', () => {
  const inner = block(`${A}/block`, au({ id: A, url: 'a/start%20here.html?lang=en', moveOn: 'CompletedAndPassed', mastery: '0.85', more: '<launchParameters> {"a": 1,\n "b": 2} </launchParameters><entitlementKey>k-1</entitlementKey>' }) + block(`${B}/block`, au({ id: B }))) + au({ id: C, moveOn: 'NotApplicable' }); // prettier-ignore
  const { title, publisherId, parts, blocks } = read(inner);
  assert.deepEqual([title, publisherId], ['Bought: parts & blocks', 'https://maker.example/course']);
  assert.deepEqual(parts.map((each) => [each.publisherId, each.block, each.moveOn, each.masteryScore]), [[A, 0, 'CompletedAndPassed', 0.85], [B, 1, 'Passed', null], [C, null, 'NotApplicable', null]]); // prettier-ignore
  assert.deepEqual(blocks.map(({ publisherId: id, parent }) => [id, parent]), [[`${A}/block`, null], [`${B}/block`, 0]]); // prettier-ignore
  const [first] = parts;
  assert.deepEqual(first?.launch, { path: 'a/start here.html', search: '?lang=en' });
  assert.deepEqual([first?.launchParameters, first?.entitlementKey], ['{"a": 1,\n "b": 2}', 'k-1']);
});

test('a course of more than a thousand parts is taken', () => {
  const many = Array.from({ length: 1200 }, (_, n) => au({ id: `${A}/${n}` })).join('');
  assert.equal(read(many).parts.length, 1200);
});

test('blocks, attributes and an id have their bounds, and the refusal says which', () => {
  const blocks = (n: number) => Array.from({ length: n }, (_, at) => block(`${A}/b/${at}`, '')).join('');
  assert.equal(read(Array.from({ length: 1000 }, (_, n) => block(`${A}/b/${n}`, au({ id: `${A}/${n}` }))).join('')).blocks.length, 1000); // prettier-ignore
  const nested = (n: number): string => (n === 0 ? au() : block(`${A}/n/${n}`, nested(n - 1)));
  assert.match(says(nested(40) + Array.from({ length: 961 }, (_, n) => block(`${A}/b/${n}`, au({ id: `${A}/${n}` }))).join('')), /more than 1000 blocks/); // prettier-ignore
  assert.match(says(blocks(2)), /has no part in it/);
  const attributes = (n: number) => au().replace('<au ', `<au ${Array.from({ length: n }, (_, at) => `x${at}="1"`).join(' ')} `); // prettier-ignore
  assert.equal(says(attributes(97)), 'taken');
  assert.match(says(attributes(98)), /more than 100 attributes/);
  assert.match(says(au({ id: `${A}/${'x'.repeat(500)}` })), /no absolute address/);
});

test('an attribute of another namespace is none of cmi5’s, wherever it stands', () => {
  for (const odd of ['x:id="https://evil.example/x" x:moveOn="NotApplicable" x:masteryScore="0"', 'xmlns:id="urn:x" xmlns:moveon="NotApplicable"']) // prettier-ignore
    for (const part of [au({ id: A, mastery: '0.8' }).replace('>', ` ${odd}>`), au({ id: A, mastery: '0.8' }).replace('<au ', `<au ${odd} `)]) {
      const [found] = read(part).parts;
      assert.deepEqual([found?.publisherId, found?.moveOn, found?.masteryScore], [A, 'Passed', 0.8], part);
    } // prettier-ignore
  assert.match(says(au().replace('id=', 'xmlns:id=')), /no absolute address/);
});

test('what would lead out, open a window, be passed by nothing, or be two of one name is refused, and says so', () => {
  for (const [inner, wanted] of [
    ['', /no part/], [block(`${A}/x`, ''), /has no part in it/], [au({ moveOn: 'NotApplicable' }), /nothing in the course says/],
    [au({ launch: 'OwnWindow' }), /window of its own/], [au({ launch: 'ownwindow' }), /neither AnyWindow/], [au({ moveOn: 'passed' }), /moveOn of part 1/],
    [au({ mastery: '1.1' }), /masteryScore/], [au({ mastery: '0.12345' }), /masteryScore/], [au({ mastery: '85' }), /masteryScore/], [au({ mastery: '' }), /masteryScore/],
    [au({ id: 'no-iri' }), /id of part 1/], [au({ id: '' }), /id of part 1/], [au() + au(), /the same id/], [block(A, au()) + block(A, au({ id: B })), /the same id/],
    [au({ url: 'index.html?endpoint=https://evil.example' }), /"endpoint" of its own/], [au({ url: 'index.html?%66etch=1' }), /"fetch" of its own/],
    [au({ more: `<launchParameters>${'x'.repeat(8001)}</launchParameters>` }), /more than 8000/], [au().replace('A part', ' '), /title/],
  ] as const) assert.match(says(inner), wanted, inner.slice(0, 200)); // prettier-ignore
  for (const url of ['https://elsewhere.example/x', 'HTTP://elsewhere.example', '//elsewhere.example/x', 'app://x', 'javascript:alert(1)', 'data:text/html,x'])
    assert.match(says(au({ url })), /somewhere else/, url); // prettier-ignore
  for (const url of ['', '/etc/passwd', '../x', 'a/../../x', '%2e%2e/x', '..\\x', '?x', '#x'])
    assert.match(says(au({ url })), /no address within/, url);
  assert.match(says(au(), '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), /DOCTYPE/);
  for (const [xml, wanted] of [['<a/>', /no <courseStructure>/], ['<courseStructure/>', /no <course>/], ['x', /not XML|no <courseStructure>/]] as const) {
    const found = readCourseStructure(xml);
    assert.match(found.ok ? '' : found.says, wanted);
  } // prettier-ignore
});

test('the zip has each first page, and one that is of SCORM too is taken as that', async () => {
  assert.equal((await looked(good5())).schema, 'cmi5');
  await assert.rejects(looked(good5(au() + au({ id: B, url: 'gone.html' }))), /first page of part 2/);
  await assert.rejects(looked(zipOf([{ name: 'course/cmi5.xml', bytes: structure5() }, { name: 'index.html', bytes: '' }])), /no imsmanifest.xml and no cmi5.xml/); // prettier-ignore
  const both = good5(au(), 'x', [{ name: 'imsmanifest.xml', bytes: manifest12() }]);
  assert.equal((await looked(both)).schema, '1.2');
});

test('a part is done by what it asks for, a block by all in it, the course by all', () => {
  const course = read(block(`${A}/x`, au({ id: A, moveOn: 'CompletedAndPassed' }) + block(`${B}/x`, au({ id: B, moveOn: 'CompletedOrPassed' }))) + au({ id: C, moveOn: 'NotApplicable' })); // prettier-ignore
  type Said = readonly (readonly [number, 'completed' | 'passed' | 'failed' | 'waived'])[];
  const said = (...all: Said) => all.map(([part, verb]) => ({ part, verb }));
  const of = (...all: Said) => satisfiedIn(course, said(...all));
  assert.deepEqual(of(), { parts: [false, false, true], blocks: [false, false], course: false });
  assert.deepEqual(of([0, 'completed'], [1, 'completed']), { parts: [false, true, true], blocks: [false, true], course: false }); // prettier-ignore
  assert.deepEqual(of([0, 'completed'], [0, 'passed']), { parts: [true, false, true], blocks: [false, false], course: false }); // prettier-ignore
  assert.deepEqual(of([0, 'waived'], [1, 'passed']), { parts: [true, true, true], blocks: [true, true], course: true });
  assert.deepEqual(statesOf(course, said([0, 'failed'], [1, 'failed'], [1, 'passed'])), ['failed', 'satisfied', 'satisfied']); // prettier-ignore
});
