/** Any text that can be published, by its kind. */
import type { ContentFault } from '../content/fault.ts';
import { readDrill, type Drill } from '../drills/drill.ts';
import { readExercise, type Exercise } from '../exercises/exercise.ts';
import { readLesson, type Lesson } from '../lessons/lesson.ts';
import { readPackage, type Package } from '../packages/package.ts';
import { readPolicy, type Policy } from '../policies/policy.ts';
import { readQuiz, type Quiz } from '../quiz/quiz.ts';
import type { VersionKind } from '../store/versions.ts';

export type TextOf = { lesson: Lesson; quiz: Quiz; exercise: Exercise; policy: Policy; drill: Drill; package: Package };
export type AnyText = TextOf[VersionKind];

const READERS = {
  lesson: readLesson,
  quiz: readQuiz,
  exercise: readExercise,
  policy: readPolicy,
  drill: readDrill,
  package: readPackage,
} as const;

export type ReadText =
  | Readonly<{ ok: true; value: AnyText }>
  | Readonly<{ ok: false; faults: readonly ContentFault[] }>;

export const readText = (kind: VersionKind, source: string): ReadText => READERS[kind](source);
