/** Grading an exercise from the log: what counts is what was done, as the system itself noted it. */
import { classRank, type EntryMatcher, type Exercise } from './exercise.ts';

/** What of an audit entry is looked at (docs/formats/audit-entry.md). */
export type LogEntry = Readonly<{
  index: number;
  ts: string;
  action: string;
  actor: Readonly<{ kind: string; id: string }>;
  purpose?: string;
  /** Pseudonyms. */
  subjects?: readonly string[];
  subjectSet?: Readonly<{ count: number }>;
  classes?: readonly string[];
  outcome: string;
  detail?: Readonly<Record<string, unknown>>;
}>;

export type Bound = Readonly<{
  /** Whose entries count. */
  actor: string;
  /** The try: what was said to be about another one is none of it. */
  id: string;
  /** The customers that were made for this sitting, with their pseudonyms in the log. */
  customers: ReadonlyMap<string, string>;
  /** The entry of the log that says that the exercise was started: what stands at or before it does not count. */
  startEntry: number;
  /** No entry of this time or later counts. */
  until: Date;
}>;

export type ExerciseGrade = Readonly<{
  passed: boolean;
  steps: readonly Readonly<{ id: string; entry: number | null }>[];
  spoiled: readonly Readonly<{ says: string; entry: number }>[];
}>;

/** Each entry shows one step at most; a step that follows another is shown by a later entry. */
export function gradeExercise(exercise: Exercise, log: readonly LogEntry[], bound: Bound): ExerciseGrade {
  const mine = log
    .filter(
      ({ index, actor, ts }) =>
        actor.kind === 'staff' &&
        actor.id === bound.actor &&
        index > bound.startEntry &&
        Date.parse(ts) < bound.until.getTime(),
    )
    .toSorted((a, b) => a.index - b.index);
  const shown = new Map<string, number>();
  const used = new Set<number>();
  for (const { id, after, done } of exercise.steps) {
    const from = after === undefined ? -1 : shown.get(after);
    if (from === undefined) continue;
    const entry = mine.find(({ index, ...each }) => index > from && !used.has(index) && matches(done, each, bound, 'exactly')); // prettier-ignore
    if (entry === undefined) continue;
    shown.set(id, entry.index);
    used.add(entry.index);
  }
  const steps = exercise.steps.map(({ id }) => ({ id, entry: shown.get(id) ?? null }));
  const spoiled = (exercise.never ?? []).flatMap(({ says, matches: matcher }) => {
    const entry = mine.find((each) => matches(matcher, each, bound, 'any'));
    return entry === undefined ? [] : [{ says, entry: entry.index }];
  });
  return { passed: spoiled.length === 0 && steps.every(({ entry }) => entry !== null), steps, spoiled };
}

/** @param about a step is shown by exactly its customers; what spoils, spoils among others too, and where the entry names none of many */
function matches(wanted: EntryMatcher, entry: Omit<LogEntry, 'index'>, { customers, id }: Bound, about: 'exactly' | 'any'): boolean {
  const { purpose, subjects = [], subjectSet, classes = [] } = entry;
  const named = wanted.subjects?.map((name) => customers.get(name));
  const count = subjectSet?.count ?? subjects.length;
  const isThere = (each: string | undefined): boolean => each !== undefined && subjects.includes(each);
  return (
    entry.action === wanted.action &&
    (wanted.outcome === undefined || entry.outcome === wanted.outcome) &&
    (wanted.purpose === undefined || purpose === wanted.purpose || (purpose ?? '').startsWith(`${wanted.purpose}.`)) &&
    (named === undefined || (about === 'any' ? subjectSet !== undefined || named.some(isThere) : count === named.length && named.every(isThere))) &&
    (wanted.subjectsAtMost === undefined || count <= wanted.subjectsAtMost) &&
    // a class that is not known here is above each that is
    (wanted.classAtMost === undefined || classes.every((each) => classRank(each) >= 0 && classRank(each) <= classRank(wanted.classAtMost as string))) &&
    (wanted.reports === undefined || (entry.detail?.exercise === id && (wanted.reports === 'exercise' || entry.detail?.planted === wanted.reports.planted))) &&
    Object.entries(wanted.detail ?? {}).every(([name, value]) => fits(value, entry.detail?.[name]))
  );
} // prettier-ignore

type Wanted = NonNullable<EntryMatcher['detail']>[string];

function fits(wanted: Wanted, found: unknown): boolean {
  if (Array.isArray(wanted)) return Array.isArray(found) && wanted.every((each) => found.includes(each));
  if (typeof wanted !== 'object') return found === wanted;
  if ('none' in wanted) return found === undefined || found === null || (Array.isArray(found) && found.length === 0);
  return typeof found === 'number' && found <= wanted.atMost;
}
