/** Exercises are graded by what the log says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { faultText } from '../content/fault.ts';
import { readExercise, type Exercise } from './exercise.ts';
import { gradeExercise, type LogEntry } from './grade.ts';
import { tellGrade } from './tell.ts';

const textOf = (id: string): string =>
  readFileSync(new URL(`../starters/exercises/${id}.yaml`, import.meta.url), 'utf8');
const exerciseOf = (source: string): Exercise => {
  const found = readExercise(source);
  assert.ok(found.ok, found.ok ? '' : found.faults.map((each) => faultText(each, 'x')).join('\n'));
  return found.value;
};
const FIND = exerciseOf(textOf('find-a-caller'));
const ANSWER = exerciseOf(textOf('answer-an-access-request'));
const bound = {
  actor: 'per_1',
  id: 'exa_1',
  customers: new Map([['caller', 'PC'], ['other', 'PO'], ['mateo', 'PM'], ['neighbour', 'PN']]),
  startEntry: 0,
  until: new Date('2026-03-01T10:00:00Z'),
}; // prettier-ignore
const SEARCH: LogEntry = {
  index: 10,
  ts: '2026-03-01T09:05:00.000Z',
  action: 'vault.search',
  actor: { kind: 'staff', id: 'per_1' },
  purpose: 'service.support',
  subjects: ['PC'],
  classes: ['internal', 'personal'],
  outcome: 'done',
  detail: { by: ['phone'], clear: [], masked: ['phone'] },
};
const passes = (entry: Partial<LogEntry>): boolean => gradeExercise(FIND, [{ ...SEARCH, ...entry }], bound).passed;

test('what was done as it was asked for passes, and shows the entry that proves it', () => {
  assert.deepEqual(gradeExercise(FIND, [SEARCH], bound), {
    passed: true,
    steps: [{ id: 'search', entry: 10 }],
    spoiled: [],
  });
  assert.ok(passes({ purpose: 'service.support.phone' }), 'a purpose below it is one of it');
});

test('nearly right is not right', () => {
  for (const entry of [
    { actor: { kind: 'staff', id: 'per_2' } },
    { actor: { kind: 'service', id: 'per_1' } },
    { index: 0 },
    { ts: '2026-03-01T10:00:00.000Z' },
    { ts: 'never' },
    { purpose: 'service' },
    { purpose: 'service.supporters' },
    { outcome: 'denied' },
    { subjects: ['PC', 'PO'] },
    { subjects: ['PO'] },
    { subjects: [] },
    { subjectSet: { count: 40 } },
    { detail: { by: ['last_name'], clear: [] } },
    { detail: { by: 'phone', clear: [] } },
    { detail: { by: ['phone'], clear: ['phone'] } },
    { action: 'vault.read' },
  ])
    assert.ok(!passes(entry), JSON.stringify(entry));
  assert.ok(!gradeExercise(FIND, [], bound).passed);
  assert.ok(!gradeExercise(FIND, [SEARCH], { ...bound, customers: new Map() }).passed, 'nobody was made for it');
});

test('what was done before the start is nothing, whatever a clock said of it', () => {
  const clear = { ...SEARCH, index: 11, action: 'vault.read', detail: { clear: ['phone'] } };
  const late = { ...bound, startEntry: 11 };
  assert.deepEqual(gradeExercise(FIND, [SEARCH, clear], late), { passed: false, steps: [{ id: 'search', entry: null }], spoiled: [] }); // prettier-ignore
  assert.ok(gradeExercise(FIND, [{ ...SEARCH, index: 12, ts: '2026-03-01T08:00:00.000Z' }], late).passed);
});

test('a grade is told in words: what was right, what was not and how it is done, each with its entry', () => {
  const clear = { ...SEARCH, index: 11, action: 'vault.read', detail: { clear: ['phone'] } };
  assert.deepEqual(tellGrade(FIND, gradeExercise(FIND, [SEARCH], bound)), {
    says: FIND.learned,
    lines: [{ kind: 'right', says: 'Search for the caller by the phone number', entry: 10 }],
  });
  assert.deepEqual(tellGrade(FIND, gradeExercise(FIND, [clear], bound)), {
    says: 'Not yet: 1 of 1 step is missing, and 1 thing was done that should not be.',
    lines: [
      { kind: 'missing', says: 'Search for the caller by the phone number', hint: FIND.steps[0]?.hint },
      { kind: 'wrong', says: 'The number was read in clear, and nothing in the task needs it', entry: 11 },
    ],
  });
  assert.equal(tellGrade(ANSWER, gradeExercise(ANSWER, [], bound)).says, 'Not yet: 2 of 2 steps are missing.');
  assert.equal(tellGrade(FIND, gradeExercise(FIND, [SEARCH, clear], bound)).says, 'Not yet: 1 thing was done that should not be.'); // prettier-ignore
});

test('what must not be done spoils it, before and after', () => {
  for (const index of [1, 99]) {
    const clear = { ...SEARCH, index, action: 'vault.read', detail: { clear: ['phone', 'first_name'] } };
    const grade = gradeExercise(FIND, [SEARCH, clear], bound);
    assert.ok(!grade.passed);
    assert.deepEqual(
      grade.spoiled.map(({ entry }) => entry),
      [index],
    );
  }
  const both = { ...SEARCH, index: 11, action: 'vault.read', subjects: ['PC', 'PO'], detail: { clear: [] } };
  assert.equal(gradeExercise(FIND, [SEARCH, both], bound).spoiled.length, 1, 'among others it was opened too');
  // above sixteen an entry says how many they were, and not who
  const { subjects: _, ...nobody } = both;
  assert.equal(gradeExercise(FIND, [SEARCH, { ...nobody, subjectSet: { count: 17 } }], bound).spoiled.length, 1);
});

test('a step that follows another is shown by a later entry, whatever the order of the list', () => {
  const read: LogEntry = { ...SEARCH, index: 5, action: 'privacy.request.read', subjects: ['PM'], detail: {} };
  const answer: LogEntry = { ...SEARCH, index: 6, action: 'privacy.request', subjects: ['PM'], detail: { kind: 'access', step: 'fulfilled' } }; // prettier-ignore
  assert.ok(gradeExercise(ANSWER, [answer, read], bound).passed);
  const before = gradeExercise(ANSWER, [{ ...answer, index: 4 }, read], bound);
  assert.deepEqual(before.steps, [{ id: 'read', entry: 5 }, { id: 'answer', entry: null }]); // prettier-ignore
});

test('one entry shows one step, numbers have their limit, and a class that nobody knows is above all', () => {
  const twice = exerciseOf(textOf('find-a-caller').replace('\nnever:', `
  - id: again
    says: s
    hint: h
    done: {action: vault.search, classAtMost: personal, detail: {count: {atMost: 3}}}
never:`)); // prettier-ignore
  const second = (entry: Partial<LogEntry>) => gradeExercise(twice, [SEARCH, { ...SEARCH, index: 11, detail: { count: 3 }, ...entry }], bound).steps[1]?.entry; // prettier-ignore
  assert.equal(gradeExercise(twice, [{ ...SEARCH, detail: { ...SEARCH.detail, count: 1 } }], bound).steps[1]?.entry, null); // prettier-ignore
  assert.equal(second({}), 11);
  assert.equal(second({ detail: { count: 4 } }), null);
  assert.equal(second({ detail: { count: '3' } }), null);
  assert.equal(second({ detail: {} }), null);
  assert.equal(second({ classes: ['sensitive'] }), null);
  assert.equal(second({ classes: ['secret'] }), null);
});

test('an exercise with a fault is refused, and the fault has its line', () => {
  const faultOf = (from: string, to: string): string => {
    const found = readExercise(textOf('answer-an-access-request').replace(from, to));
    return found.ok ? 'none' : found.faults.map((each) => faultText(each, 'x')).join('\n');
  };
  assert.match(faultOf('after: read', 'after: reed'), /x:\d+: no step reed comes before/);
  assert.match(faultOf('id: answer\n', 'id: read\n'), /two steps are called read/);
  assert.match(faultOf('subjects: [neighbour]', 'subjects: [nobody]'), /no customer nobody is made for it/);
  assert.match(faultOf('outcome: done', 'outcome: perhaps'), /steps\.0\.done/);
  assert.match(faultOf('minutes: 8', 'minutes: 8\nscript: rm'), /not known here: script/);
});

test('a report as the product writes it shows the step of each exercise that asks for one', () => {
  const report = { ...SEARCH, action: 'education.report', subjects: [], detail: { about: 'incident', exercise: 'exa_1', planted: 'night' } }; // prettier-ignore
  const message = { ...report, detail: { about: 'message', exercise: 'exa_1' } };
  const grade = (id: string, log: readonly LogEntry[]) => gradeExercise(exerciseOf(textOf(id)), log, bound).passed;
  assert.ok(grade('report-an-odd-export', [report]));
  assert.ok(grade('spot-a-false-officer', [message]));
  assert.ok(!grade('report-an-odd-export', [message]));
  for (const more of [{ exercise: 'exa_2' }, { exercise: undefined, incident: 'inc_1' }, { planted: 'morning' }])
    assert.ok(
      !grade('report-an-odd-export', [{ ...report, detail: { ...report.detail, ...more } }]),
      JSON.stringify(more),
    );
});

test('what must not be reported is a line that is planted', () => {
  const text = textOf('report-an-odd-export').trimEnd();
  const never = (line: string) =>
    readExercise(`${text}\n  - says: s\n    matches: {action: education.report, reports: {planted: ${line}}}\n`);
  assert.deepEqual([never('morning').ok, never('nobody').ok], [true, false]);
});
