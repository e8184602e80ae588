/** A grade in plain words: what was right, what is missing and how it is done, what should not have been done. */
import type { Exercise } from './exercise.ts';
import type { ExerciseGrade } from './grade.ts';

export type ToldLine =
  | Readonly<{ kind: 'right' | 'wrong'; says: string; entry: number }>
  | Readonly<{ kind: 'missing'; says: string; hint: string }>;
export type ToldGrade = Readonly<{ says: string; lines: readonly ToldLine[] }>;

const stepsOf = (count: number): string => `${count} ${count === 1 ? 'step' : 'steps'}`;

/** @param grade of this very exercise */
export function tellGrade(exercise: Exercise, grade: ExerciseGrade): ToldGrade {
  const shown = new Map(grade.steps.map(({ id, entry }) => [id, entry]));
  const steps = exercise.steps.map(({ id, says, hint }): ToldLine => {
    const entry = shown.get(id) ?? null;
    return entry === null ? { kind: 'missing', says, hint } : { kind: 'right', says, entry };
  });
  const wrong = grade.spoiled.map(({ says, entry }): ToldLine => ({ kind: 'wrong', says, entry }));
  const missing = steps.filter(({ kind }) => kind === 'missing').length;
  const why = [
    ...(missing > 0 ? [`${missing} of ${stepsOf(steps.length)} ${missing === 1 ? 'is' : 'are'} missing`] : []),
    ...(wrong.length > 0 ? [`${wrong.length} ${wrong.length === 1 ? 'thing was' : 'things were'} done that should not be`] : []),
  ]; // prettier-ignore
  return { says: grade.passed ? exercise.learned : `Not yet: ${why.join(', and ')}.`, lines: [...steps, ...wrong] };
}

/** While it goes on: what the log shows, and how much is missing; not what, and not how. */
export function tellProgress(exercise: Exercise, grade: ExerciseGrade): ToldGrade {
  const { lines } = tellGrade(exercise, grade);
  const shown = lines.filter(({ kind }) => kind !== 'missing');
  const missing = lines.length - shown.length;
  const wrong = shown.some(({ kind }) => kind === 'wrong');
  const says = wrong
    ? 'Something was done that spoils it: hand it in, and read how it is done.'
    : missing === 0
      ? 'The log shows all of it: hand it in.'
      : `The log shows ${shown.length} of ${stepsOf(lines.length)} so far.`;
  return { says, lines: shown };
}
