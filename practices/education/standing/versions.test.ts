/** Versions of a text: what was passed stays what it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isFailure } from '#platform/failure';

import { readText } from '../texts/read-text.ts';
import { starterSources } from '../texts/starter-sources.ts';
import { dutiesOf } from './duties.ts';
import { noteChange } from '../store/changes.ts';
import { rowsByPerson, type PersonRows } from '../store/duties.ts';
import { libraryOf } from '../texts/library.ts';
import { createZone } from './zone.ts';
import { byPerson, educationWorlds, later, START, type EducationWorld } from '../testing-gate.ts';

const { world } = educationWorlds();
const officer = byPerson('per_0');
const sourceOf = (kind: 'lesson' | 'quiz', id: string): string => {
  const found = starterSources().find((each) => {
    const read = readText(each.kind, each.source);
    return each.kind === kind && read.ok && read.value.id === id;
  });
  return found?.source ?? assert.fail(`no ${kind} ${id}`);
};
const publish = async ({ one }: EducationWorld, source: string, material: boolean, id: string) => {
  const before = (await one.gate.library()).newest('lesson', id);
  return one.publish(officer, { kind: 'lesson', source, replaces: before?.hash ?? null, material });
};

test('a version that holds longer reopens nobody who has lapsed, and one that holds shorter shuts nobody who passed before', async () => {
  const all = await world('a');
  const { hire, effect, pass, set, other } = all;
  const [ada, bea, cyd] = [hire(), hire(), hire()];
  for (const each of [ada, bea, cyd]) await effect(each);
  await pass(ada, START);
  await pass(bea, later(START, 200));
  set(later(START, 400));
  const held = /validityDays: \d+/;
  const source = sourceOf('lesson', 'phishing');

  await publish(all, source.replace(held, 'validityDays: 1100'), false, 'phishing');
  assert.deepEqual([await effect(ada, other), await effect(bea, other)], ['denied', 'open']);
  await publish(all, source.replace(held, 'validityDays: 30'), false, 'phishing');
  assert.deepEqual([await effect(ada, other), await effect(bea, other)], ['denied', 'open']);
  await pass(cyd, later(START, 401));
  set(later(START, 450));
  assert.deepEqual([await effect(bea), await effect(cyd)], ['open', 'denied'], 'who passes the new one has its days');
});

test('versions are in the order of their numbers, though the second publisher’s clock is behind', async () => {
  const all = await world('b');
  const source = sourceOf('lesson', 'devices');
  all.set(later(START, 10));
  const first = await publish(all, `${source}\nOne more line.\n`, false, 'devices');
  all.set(later(START, 5));
  // a server of its own, that has not seen what time it was
  const second = await publish({ ...all, one: all.again() }, `${source}\nAnother line.\n`, true, 'devices');
  assert.ok(second.publishedAt > first.publishedAt);
});

test('a lesson without its quiz, or with that of another, is refused', async () => {
  const all = await world('c');
  const source = sourceOf('lesson', 'devices');
  const faultOf = (text: string) =>
    publish(all, text, false, 'devices').then(() => assert.fail('published'), (thrown: unknown) => isFailure(thrown, 'EDUCATION_TEXT_INVALID') && JSON.stringify(thrown.extra.faults)); // prettier-ignore
  assert.match(String(await faultOf(source.replace(/\nquiz: .*/, '\nquiz: no-such-quiz'))), /there is no quiz no-such-quiz/);
  assert.match(String(await faultOf(source.replace(/\nquiz: .*/, '\nquiz: phishing'))), /the quiz phishing is the one of phishing/);
}); // prettier-ignore

test('a lesson that a newer program cannot read any more shuts nobody out of everything', async () => {
  const { hire, effect, pass, one, db } = await world('d', { courses: ['ai-tools'], policies: [] });
  const ada = hire();
  await effect(ada);
  await db`
    insert into education.versions (kind, text_id, seq, hash, locale, material, source, published_by, published_at)
    values ('lesson', 'ai-tools', 9, 'h9', 'en', false, 'of another format', 'x', ${START})`;
  const server = one;
  await noteChange(db, null);
  await pass(ada, later(START, 1), 'ai-tools');
  assert.equal(await effect(ada, server), 'open');
  const library = await server.gate.library();
  assert.deepEqual([library.titleOf('lesson', 'ai-tools'), library.newest('lesson', 'ai-tools')?.isReadable()], ['ai-tools', false]); // prettier-ignore
});

test('how everybody stands is worked out in one walk over the rows, not in one for each person', () => {
  let reads = 0;
  const row = (person: number, more: object) => ({ get person_id() { return ((reads += 1), `p${person}`); }, kind: 'course', text_id: 'phishing', ...more }); // prettier-ignore
  const count = 500;
  const each = (more: object) => Array.from({ length: count }, (_none, at) => row(at, more));
  const rows = {
    assignments: each({ role: 'a', came: 'had', assigned_at: START, assigned_by: 'x' }), done: each({ hash: 'h', at: START }),
    revoked: each({ at: START }), exempt: [], absent: each({ from: START, until: null }), extended: [],
  } as unknown as PersonRows; // prettier-ignore
  const [of, zone, library] = [rowsByPerson(rows), createZone('UTC'), libraryOf([])];
  for (let at = 0; at < count; at += 1) assert.equal(dutiesOf(of(`p${at}`), library, zone, START).length, 1);
  assert.ok(reads <= 8 * count, `${reads} looks at the rows of ${count} people`);
});
