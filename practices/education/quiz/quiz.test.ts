/** A quiz is drawn, sat and graded once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { faultText } from '../content/fault.ts';
import { drawQuestions, shownOrder } from './draw.ts';
import { gradeAnswers } from './grade.ts';
import { readQuiz, type Question, type Quiz } from './quiz.ts';
import { beginSitting, handIn, type Sitting } from './sitting.ts';

const single = (id: string): string => `  - {id: ${id}, kind: single, asks: q, answers: [{says: a, because: x}, {says: b, right: true, because: y}, {says: c, because: z}]}`; // prettier-ignore
const SOURCE = `
id: sample
version: 1
locale: en
title: A sample
draw: 5
mastery: 0.8
questions:
${['s1', 's2', 's3', 's4', 's5', 's6'].map(single).join('\n')}
  - {id: m, kind: multi, asks: q, answers: [{says: a, right: true, because: x}, {says: b, because: y}, {says: c, right: true, because: z}]}
  - {id: o, kind: order, asks: q, lines: [one, two, three], because: x}
  - {id: p, kind: match, asks: q, pairs: [[a, 1st], [b, 2nd], [c, 3rd]], because: x}
  - {id: c, kind: cues, asks: q, lines: [l1, l2, l3, l4], cues: [1, 4], because: x}
`;
const quizOf = (source = SOURCE): Quiz => {
  const found = readQuiz(source);
  assert.ok(found.ok, found.ok ? '' : found.faults.map((each) => faultText(each, 'q')).join('\n'));
  return found.value;
};
const QUIZ = quizOf();
const SEED = 'c2VlZHNlZWRzZWVkc2VlZA';
const T0 = new Date('2026-03-01T09:00:00Z');
const later = (minutes: number, from = T0): Date => new Date(from.getTime() + minutes * 60_000);

/** The slow twin: right answers by places on the screen, found by looking at what is shown. */
function rightAnswers(quiz: Quiz, seed: string, seen: readonly string[] = []): number[][] {
  return drawQuestions(quiz, seed, seen).map(({ id, options }) => {
    const question = quiz.questions.find((each) => each.id === id) as Question;
    const place = (text: string): number => options.indexOf(text);
    if ('answers' in question) return question.answers.filter((each) => each.right).map(({ says }) => place(says));
    if (question.kind === 'match') return question.pairs.map(([, right]) => place(right));
    if (question.kind === 'order') return question.lines.map(place);
    return question.kind === 'cues' ? [...question.cues] : [];
  });
}
const begin = (before: readonly Sitting[], now = T0, seed = SEED) => beginSitting(QUIZ, before, { id: `s${before.length}`, person: 'per_1', seed, now }); // prettier-ignore
function begun(before: readonly Sitting[], now = T0, seed = SEED): Sitting {
  const found = begin(before, now, seed);
  assert.ok(found.ok);
  return found.sitting;
}
const wrong = (sitting: Sitting, now: Date): Sitting => {
  const answered = handIn(QUIZ, sitting, { person: 'per_1', answers: sitting.asked.map(() => []), now });
  assert.ok(answered.ok && !answered.grade.passed);
  return answered.sitting;
};

test('a quiz with a fault is refused, and the fault has its line', () => {
  const faultOf = (from: string | RegExp, to: string): string => {
    const changed = SOURCE.replace(from, to);
    assert.notEqual(changed, SOURCE);
    const found = readQuiz(changed);
    return found.ok ? 'none' : found.faults.map((each) => faultText(each, 'q')).join('\n');
  };
  assert.match(faultOf('id: s2', 'id: s1'), /q:10: two questions are called s1/);
  assert.match(faultOf('right: true, because: y', 'because: y'), /q:9: s1: 0 answers are right/);
  assert.match(faultOf('{says: c, because: z}]', '{says: a, because: z}]'), /two answers say the same/);
  assert.match(faultOf('cues: [1, 4]', 'cues: [1, 5]'), /q:18: c: a cue that is no line/);
  assert.match(faultOf('cues: [1, 4]', 'cues: [1, 2, 4]'), /q:18: c: who marks all lines would be right/);
  assert.match(faultOf('lines: [one, two, three]', 'lines: [one, one]'), /two orders would be right/);
  assert.match(faultOf('[c, 3rd]', '[c, 2nd]'), /say the same/);
  assert.match(faultOf('kind: order', 'kind: single'), /kind single has answers/);
  assert.match(faultOf('kind: multi', 'kind: essay'), /q:15: questions\.6\.kind/);
  assert.match(faultOf('draw: 5', 'draw: 8'), /8 are drawn from 10/);
  assert.match(faultOf('mastery: 0.8', 'mastery: 0.1'), /mastery/);
  assert.match(faultOf('title: A sample', 'title: A sample\nsolved: yes'), /not known here: solved/);
});

test('the same seed draws the same questions, and another draws others', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 16, maxLength: 24 }), (seed) => {
      const drawn = drawQuestions(QUIZ, seed);
      assert.deepEqual(drawQuestions(QUIZ, seed), drawn);
      assert.equal(new Set(drawn.map(({ id }) => id)).size, QUIZ.draw);
      assert.ok(!JSON.stringify(drawn).includes('right'), 'what is right is not shown');
      for (const question of QUIZ.questions) {
        const order = shownOrder(question, seed);
        assert.deepEqual(
          order.toSorted((a, b) => a - b),
          order.map((_, at) => at),
        );
        if (question.kind === 'order') assert.ok(order.some((own, at) => own !== at));
      }
      const all = gradeAnswers(QUIZ, seed, [], rightAnswers(QUIZ, seed));
      assert.ok(all?.passed && all.right === QUIZ.draw, 'right answers are right, wherever they stand');
    }),
    { numRuns: 60 },
  );
  const places = new Map<number, number>();
  for (let at = 0; at < 120; at += 1) {
    const place = shownOrder(QUIZ.questions[0] as Question, `seed number ${at}`).indexOf(1);
    places.set(place, (places.get(place) ?? 0) + 1);
  }
  for (const count of places.values()) assert.ok(count > 20 && count < 60, 'the right answer stands everywhere alike');
});

test('four of five pass, three of five do not', () => {
  const right = rightAnswers(QUIZ, SEED);
  const without = (count: number): number[][] => right.map((answer, at) => (at < count ? [] : answer));
  assert.deepEqual(
    [0, 1, 2].map((count) => gradeAnswers(QUIZ, SEED, [], without(count))?.passed),
    [true, true, false],
  );
});

test('what is said of an answer comes after a colon, unless the answer has a mark of its own', () => {
  const quiz = quizOf(SOURCE.replaceAll('says: a, because: x', 'says: "a?", because: x'));
  const graded = gradeAnswers(quiz, SEED, [], rightAnswers(quiz, SEED));

  const said = graded?.questions.find(({ id }) => id.startsWith('s'))?.because;

  assert.deepEqual(said?.toSorted(), ['a? x', 'b: y', 'c: z']);
});

test('why each answer is right or wrong is told in the order in which they stood on the page', () => {
  for (const seed of ['1', '2', '3', '4', '5'].map((each) => `${SEED}${each}`)) {
    const shown = drawQuestions(QUIZ, seed).find(({ id }) => id.startsWith('s'));
    const graded = gradeAnswers(QUIZ, seed, [], rightAnswers(QUIZ, seed));
    const said = graded?.questions.find(({ id }) => id === shown?.id)?.because;

    assert.deepEqual(
      said?.map((each) => each.split(':')[0]),
      shown?.options,
    );
  }
});

test('all lines marked is no answer, one too many is', () => {
  const seed = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((each) => `${SEED}${each}`).find((each) => drawQuestions(QUIZ, each).some(({ id }) => id === 'c')) as string; // prettier-ignore
  const at = drawQuestions(QUIZ, seed).findIndex(({ id }) => id === 'c');
  const marked = (lines: number[]) => gradeAnswers(QUIZ, seed, [], rightAnswers(QUIZ, seed).with(at, lines))?.questions[at]?.right; // prettier-ignore
  assert.deepEqual([[0, 3], [3, 1, 0], [0, 1, 2, 3], [0]].map(marked), [true, true, false, false]);
});

test('what is no answer is refused, and uses up nothing', () => {
  const sitting = begun([]);
  const fine = rightAnswers(QUIZ, SEED);
  for (const answers of [null, 'x', {}, [], fine.slice(1), [...fine, [0]], fine.with(0, [0, 0]), fine.with(0, [-1]), fine.with(0, [99]), fine.with(0, [0.5]), fine.with(0, ['0'] as never), fine.with(0, 0 as never)]) {
    const answered = handIn(QUIZ, sitting, { person: 'per_1', answers, now: later(1) });
    assert.deepEqual(answered, { ok: false, because: 'malformed' });
  }
  assert.ok(handIn(QUIZ, sitting, { person: 'per_1', answers: fine, now: later(1) }).ok);
}); // prettier-ignore

test('a sitting is handed in once, in its time, by who sat, to the text that was asked', () => {
  const sitting = begun([]);
  const answers = rightAnswers(QUIZ, SEED);
  const given = (more: Partial<{ sitting: Sitting; person: string; now: Date; quiz: Quiz }>) => {
    const found = handIn(more.quiz ?? QUIZ, more.sitting ?? sitting, { person: more.person ?? 'per_1', answers, now: more.now ?? later(1) }); // prettier-ignore
    return found.ok ? found.sitting : found.because;
  };
  const done = given({});
  assert.ok(typeof done === 'object' && done.verdict === 'passed');
  assert.equal(given({ sitting: done }), 'used', 'a replay');
  assert.equal(given({ person: 'per_2' }), 'not yours');
  assert.equal(given({ now: later(60) }), 'late');
  assert.equal(given({ now: later(-1) }), 'early', 'a clock that was set back gives no more time');
  assert.equal(given({ quiz: quizOf(SOURCE.replace('A sample', 'Another')) }), 'other version');
  assert.equal(given({ sitting: begun([], T0, 'another seed, 16+') }) === 'used', false);
});

test('one at a time, three tries and a day, and other questions each time', () => {
  const first = begun([]);
  const again = begin([first], later(10));
  assert.ok(!again.ok && again.because === 'open', 'questions cannot be looked at by beginning anew');
  const one = wrong(first, later(1));
  const second = begun([one], later(2), 'seed of the second');
  assert.deepEqual(second.asked.filter((id) => one.asked.includes(id)), [], 'ten are in the pool: the next five are the others');
  // left open: its questions were seen, so it is a try
  const third = begun([one, second], later(70), 'seed of the third');
  const three = [one, second, wrong(third, later(71))];
  const fourth = begin(three, later(80));
  assert.ok(!fourth.ok && fourth.because === 'wait');
  assert.deepEqual(fourth.until, later(24 * 60 + 71));
  assert.ok(begin(three, later(24 * 60 + 71)).ok);
  assert.ok(beginSitting(QUIZ, three, { id: 'x', person: 'per_2', seed: SEED, now: later(80) }).ok, 'another’s tries are theirs');
  const passed: Sitting = { ...begun([]), verdict: 'passed', gradedAt: later(80), beganAt: later(79) };
  assert.ok(begin([...three, passed], later(90)).ok, 'who passed begins to count anew');
}); // prettier-ignore
