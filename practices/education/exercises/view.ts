/** An exercise as its learner sees it: the task, how it stands, and what the log shows so far. */
import { publicId } from '#platform/ids';

import { educationFailure } from '../failures.ts';
import type { TryRow } from '../store/exercises.ts';
import type { Library } from '../texts/library.ts';
import type { Exercise } from './exercise.ts';
import type { ExerciseGrade } from './grade.ts';
import { filled, valuesFor, type Made } from './made.ts';
import type { Looked } from './own-entries.ts';
import { tellGrade, tellProgress, type ToldGrade } from './tell.ts';

export type ExerciseState = 'new' | 'open' | 'passed' | 'failed';
export type ExerciseLine = Readonly<{
  id: string;
  title: string;
  minutes: number;
  audience: readonly string[];
  state: ExerciseState;
  passedAt: string | null;
  /** Three tries are over: not before. */
  waitsUntil: string | null;
}>;
export type PlantedLine = Readonly<{
  name: string;
  entry: number;
  as: string;
  at: string;
  who: string;
  what: string;
  records: number;
}>;
export type ExerciseView = ExerciseLine &
  Readonly<{
    brief: string;
    /** The one that is open. */
    try: Readonly<{
      id: string;
      role: string;
      endsAt: string;
      /** What the log shows; not what is missing. */
      says: string;
      lines: ToldGrade['lines'];
      isBehind: boolean;
      planted: readonly PlantedLine[];
      /** A report may be said to be about it. */
      reports: boolean;
    }> | null;
    /** What came of the last one that was handed in. */
    last: (ToldGrade & Readonly<{ verdict: 'passed' | 'failed' }>) | null;
  }>;

const TRIES = 3;
const WAIT_MS = 24 * 3_600_000;

/** As for quizzes: after three tries since the last one that passed, a day. @param tries at one exercise, oldest first */
export function waitsUntil(tries: readonly TryRow[]): Date | null {
  const since = tries.slice(tries.findLastIndex(({ state }) => state === 'passed') + 1);
  const last = since.at(-1);
  if (last === undefined || since.length % TRIES !== 0) return null;
  return new Date((last.ended_at ?? last.ends_at).getTime() + WAIT_MS);
}

/** The very version that the try is pinned to. @throws EDUCATION_TEXT_NOT_FOUND */
export function textOf(library: Library, row: Pick<TryRow, 'exercise' | 'hash'>): Exercise {
  const version = library.versions('exercise', row.exercise).find(({ hash }) => hash === row.hash);
  if (version === undefined) throw educationFailure('TEXT_NOT_FOUND');
  return version.text();
}

export function lineOf({ id, title, minutes, audience }: Exercise, all: readonly TryRow[], now: Date): ExerciseLine {
  const tries = all.filter(({ exercise }) => exercise === id);
  const passed = tries.findLast(({ state }) => state === 'passed');
  const until = waitsUntil(tries);
  const isOpen = tries.some(({ state, ends_at }) => state === 'open' && now < ends_at);
  return {
    id,
    title,
    minutes,
    audience,
    state: isOpen ? 'open' : passed !== undefined ? 'passed' : tries.length > 0 ? 'failed' : 'new',
    passedAt: passed?.ended_at?.toISOString() ?? null,
    waitsUntil: until !== null && now < until ? until.toISOString() : null,
  };
}

/** With the values of this try in place of their names. */
export const said = ({ says, lines }: ToldGrade, made: Made): ToldGrade => ({
  says: filled(says, made),
  lines: lines.map((each) => ({
    ...each,
    says: filled(each.says, made),
    ...('hint' in each ? { hint: filled(each.hint, made) } : {}),
  })),
});

export type OpenTry = Readonly<{ row: TryRow; grade: ExerciseGrade; looked: Looked }>;

export function viewOf(text: Exercise, tries: readonly TryRow[], open: OpenTry | null, now: Date): ExerciseView {
  const ended = tries.findLast(({ grade, hash }) => grade !== null && hash === text.hash);
  const last = open === null ? ended : undefined;
  const made = valuesFor(text, (open?.row ?? last)?.number ?? null);
  const say = (told: ToldGrade): ToldGrade => said(told, made);
  return {
    ...lineOf(text, tries, now),
    brief: filled(text.brief, made),
    try: open === null ? null : openView(text, open, say),
    last: last === undefined || last.grade === null ? null : { verdict: last.state as 'passed' | 'failed', ...say(tellGrade(text, last.grade)) },
  };
} // prettier-ignore

function openView(text: Exercise, { row, grade, looked }: OpenTry, say: (told: ToldGrade) => ToldGrade) {
  return {
    id: publicId('exa', row.try_id),
    role: row.role,
    endsAt: row.ends_at.toISOString(),
    ...say(tellProgress(text, grade)),
    isBehind: looked.isBehind,
    planted: row.planted.flatMap(({ name, entry }) => {
      const line = text.planted?.find((each) => each.name === name);
      return line === undefined ? [] : [{ ...line, entry }];
    }),
    reports: text.steps.some(({ done }) => done.reports !== undefined),
  };
}
