/** A course that asks for exercises is passed with the last thing that was missing: its quiz, or one of them. */
import type { Tx } from '#platform/db';
import { uuidv7, type Uuid } from '#platform/ids';

import type { Lesson } from '../lessons/lesson.ts';
import { lastRevoked } from '../store/duties.ts';
import { passedExercises, passedSittings } from '../store/exercises.ts';
import type { PassRow } from '../store/sittings.ts';
import type { Library } from '../texts/library.ts';

export type EarnedPass = Omit<PassRow, 'entry'>;
const DAY_MS = 86_400_000;

/** From when on something counts: for as long as the course holds, and of nothing that was done before it was taken back. */
async function countsFrom(tx: Tx, { id, validityDays }: Pick<Lesson, 'id' | 'validityDays'>, person: Uuid, now: Date): Promise<Date> {
  const held = new Date(now.getTime() - validityDays * DAY_MS);
  const revoked = await lastRevoked(tx, { person_id: person, kind: 'course', text_id: id });
  return revoked !== null && revoked > held ? revoked : held;
} // prettier-ignore

/** Exercises that the course asks for, and that were not passed for as long as the course itself holds. */
export async function exercisesLeft(
  tx: Tx,
  lesson: Pick<Lesson, 'id' | 'practises' | 'validityDays'>,
  person: Uuid,
  now: Date,
): Promise<readonly string[]> {
  if (lesson.practises.length === 0) return [];
  const since = await countsFrom(tx, lesson, person, now);
  const done = new Set((await passedExercises(tx, person)).filter(({ at }) => at > since).map(({ exercise }) => exercise)); // prettier-ignore
  return lesson.practises.filter((each) => !done.has(each));
}

/** @returns passes of the courses that are passed by it, to be written down with the entry that proves them */
export async function earnedPasses(
  tx: Tx,
  library: Library,
  person: Uuid,
  exercise: string,
  now: Date,
): Promise<readonly EarnedPass[]> {
  const passed: EarnedPass[] = [];
  for (const lesson of library.all('lesson')) {
    if (!lesson.isReadable() || !lesson.text().practises.includes(exercise)) continue;
    if ((await exercisesLeft(tx, lesson.text(), person, now)).length > 0) continue;
    const since = await countsFrom(tx, lesson.text(), person, now);
    // one that was passed longer ago than the course holds is over; a quiz of an older version was another course's
    const quiz = (await passedSittings(tx, person, lesson.id, since)).findLast(({ lesson_hash, counted }) => lesson_hash === lesson.hash && !counted); // prettier-ignore
    if (quiz === undefined) continue;
    passed.push({
      pass_id: uuidv7(now.getTime()),
      person_id: person,
      course: lesson.id,
      lesson_hash: lesson.hash,
      sitting_id: quiz.sitting_id,
      passed_at: now,
    });
  }
  return passed;
}
