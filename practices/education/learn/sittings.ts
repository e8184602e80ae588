/**
 * Tries at a course's quiz. What is right never leaves before it is handed in, and what is handed in counts once.
 */
import { randomBytes } from 'node:crypto';

import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';

import type { By } from '../by.ts';
import { exercisesLeft } from '../exercises/credit.ts';
import { educationFailure } from '../failures.ts';
import type { DrawnQuestion } from '../quiz/draw.ts';
import { drawQuestions } from '../quiz/draw.ts';
import type { Grade } from '../quiz/grade.ts';
import { beginSitting, handIn, type Sitting } from '../quiz/sitting.ts';
import type { Gate } from '../standing/gate.ts';
import { noteChange } from '../store/changes.ts';
import { holdLearner } from '../store/exercises.ts';
import {
  gradeSitting,
  holdDesk,
  holdSitting,
  insertPass,
  insertSitting,
  sittingsOf,
  type SittingRow,
} from '../store/sittings.ts';

export type OpenSitting = Readonly<{ id: string; course: string; endsAt: Date; questions: readonly DrawnQuestion[] }>;

export type Sittings = {
  /** A new try, or the one that is open. @throws EDUCATION_TEXT_NOT_FOUND, EDUCATION_WAIT */
  begin: (by: By, person: string, course: string) => Promise<OpenSitting>;
  /** @throws EDUCATION_SITTING_NOT_FOUND, EDUCATION_SITTING_OVER, EDUCATION_ANSWERS_INVALID, EDUCATION_TEXT_CHANGED */
  handIn: (
    by: By,
    person: string,
    sitting: string,
    answers: unknown,
  ) => Promise<
    Grade &
      Readonly<{ course: string; /** Asked for by the course, and not passed yet. */ exercises: readonly string[] }>
  >;
};

type SittingNeeds = Readonly<{ db: Db; audit: Pick<Audit, 'appendIn'>; gate: Gate }>;

export function createSittings({ db, audit, gate }: SittingNeeds): Sittings {
  const whoIs = (person: string): Uuid => {
    const id = parsePublicId('per', person);
    if (id === null) throw educationFailure('PERSON_NOT_FOUND');
    return id;
  };
  return {
    begin: async (by, person, course) => {
      const library = await gate.library();
      const lesson = library.newest('lesson', course);
      const quiz = lesson === null ? null : library.newest('quiz', lesson.text().quiz);
      if (lesson === null || quiz === null) throw educationFailure('TEXT_NOT_FOUND');
      const personId = whoIs(person);
      return transact(db, async (tx) => {
        await holdDesk(tx, personId, quiz.id);
        const rows = await sittingsOf(tx, personId, quiz.id);
        const before = rows.map(asSitting);
        const id = uuidv7();
        const seed = randomBytes(24).toString('base64url');
        const begun = beginSitting(quiz.text(), before, { id, person: personId, seed, now: gate.now() });
        if (!begun.ok && begun.because === 'wait')
          throw educationFailure('WAIT', { extra: { until: begun.until.toISOString() } });
        if (!begun.ok) {
          const { sitting } = begun;
          // of a time when two lessons shared a quiz: what is handed in counts for the lesson that it was begun for
          const of = rows.find(({ sitting_id }) => sitting_id === sitting.id)?.course ?? course;
          if (of !== course) throw educationFailure('OTHER_TRY', { extra: { course: of } });
          const questions = drawQuestions(quiz.text(), sitting.seed, sitting.seen);
          return { id: publicId('sit', sitting.id as Uuid), course, endsAt: sitting.endsAt, questions };
        }
        const { sitting, questions } = begun;
        await insertSitting(tx, {
          sitting_id: id, person_id: personId, course, lesson_hash: lesson.hash, quiz: quiz.id, quiz_hash: quiz.hash, seed,
          seen: [...sitting.seen], asked: [...sitting.asked], began_at: sitting.beganAt, ends_at: sitting.endsAt,
          verdict: 'open', graded_at: null, answered: null,
        });
        await audit.appendIn(tx, {
          action: 'education.sitting.begin', actor: by.actor, outcome: 'done', requestId: by.requestId,
          detail: { course, sitting: publicId('sit', id), quiz: quiz.hash },
        });
        return { id: publicId('sit', id), course, endsAt: sitting.endsAt, questions };
      });
    },
    handIn: async (by, person, sittingId, answers) => {
      const id = parsePublicId('sit', sittingId);
      const library = await gate.library();
      return transact(db, async (tx) => {
        // of an exercise that is handed in meanwhile, one of the two sees the other
        await holdLearner(tx, whoIs(person));
        const row = id === null ? null : await holdSitting(tx, id);
        // whose it is, is nobody else's business
        if (row === null || row.person_id !== whoIs(person)) throw educationFailure('SITTING_NOT_FOUND');
        const quiz = library.newest('quiz', row.quiz);
        if (quiz === null) throw educationFailure('TEXT_NOT_FOUND');
        const at = gate.now();
        const handed = handIn(quiz.text(), asSitting(row), { person: row.person_id, answers, now: at });
        if (!handed.ok) throw refusalOf(handed.because);
        const { grade, sitting } = handed;
        const verdict = sitting.verdict as 'passed' | 'failed';
        await gradeSitting(tx, row.sitting_id, { verdict, at, answered: grade.questions.map(({ right }) => right) });
        const asks = library.versions('lesson', row.course).find(({ hash }) => hash === row.lesson_hash)?.text();
        const left = grade.passed && asks !== undefined ? await exercisesLeft(tx, asks, row.person_id, at) : [];
        const done = grade.passed && left.length === 0;
        if (done) await noteChange(tx, row.person_id);
        const { index } = await audit.appendIn(tx, {
          action: !grade.passed ? 'education.course.fail' : left.length > 0 ? 'education.course.quiz' : 'education.course.pass', actor: by.actor, outcome: 'done', requestId: by.requestId,
          detail: { course: row.course, lesson: row.lesson_hash, sitting: sittingId, right: grade.right, of: grade.of, ...(left.length > 0 ? { exercises: left } : {}) },
        });
        if (done)
          await insertPass(tx, {
            pass_id: uuidv7(), person_id: row.person_id, course: row.course, lesson_hash: row.lesson_hash, sitting_id: row.sitting_id, passed_at: at, entry: index,
          });
        return { ...grade, course: row.course, exercises: left };
      });
    },
  };
} // prettier-ignore

const asSitting = (row: SittingRow): Sitting => ({
  id: row.sitting_id,
  person: row.person_id,
  quiz: row.quiz,
  hash: row.quiz_hash,
  seed: row.seed,
  seen: row.seen,
  asked: row.asked,
  beganAt: row.began_at,
  endsAt: row.ends_at,
  verdict: row.verdict,
  gradedAt: row.graded_at,
});

function refusalOf(because: 'used' | 'late' | 'early' | 'not yours' | 'other version' | 'malformed') {
  if (because === 'malformed') return educationFailure('ANSWERS_INVALID');
  if (because === 'other version') return educationFailure('TEXT_CHANGED');
  if (because === 'not yours') return educationFailure('SITTING_NOT_FOUND');
  const detail = { used: 'it was handed in before', late: 'its hour is over', early: 'it has not begun' }[because];
  return educationFailure('SITTING_OVER', { detail });
}
