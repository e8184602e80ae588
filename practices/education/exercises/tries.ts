/**
 * Tries at exercises: begun in the real system on made-up customers, graded by what the log says since, ended once.
 *
 * INVARIANT: what an exercise opens ends in the very transaction in which it does (standing/gate.ts asks with each request).
 */
import { randomInt } from 'node:crypto';

import { transact, type Tx } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type SubjectId, type Uuid } from '#platform/ids';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import { noteChange } from '../store/changes.ts';
import {
  customersOf,
  endTry,
  holdLearner,
  holdTry,
  insertTry,
  isFresh,
  madeUpOf,
  noteRead,
  numbersTaken,
  triesOf,
  type CustomerRow,
  type Planted,
  type TryRow,
} from '../store/exercises.ts';
import { insertPass } from '../store/sittings.ts';
import { earnedPasses } from './credit.ts';
import type { Exercise } from './exercise.ts';
import { gradeExercise, type ExerciseGrade } from './grade.ts';
import { valuesFor } from './made.ts';
import type { ExerciseNeeds } from './needs.ts';
import { entriesAt, lookOn, MOST_OWN, type Looked } from './own-entries.ts';
import { orTakenDown, setUp, takeDown, TRY_MS } from './set-up.ts';
import { tellGrade, type ToldGrade } from './tell.ts';
import { endIn, sweepTries } from './tidy.ts';
import { lineOf, said, textOf, viewOf, waitsUntil, type ExerciseLine, type ExerciseView } from './view.ts';

export type Verdict = 'passed' | 'failed' | 'not-yet';
export type HandedIn = ToldGrade & Readonly<{ verdict: Verdict; courses: readonly string[] }>;
export type ExerciseReport = Readonly<{ try: string; about: 'incident' | 'message'; planted?: string | undefined }>;

export type Exercises = {
  /** All there are, and how this person stands with each; null: nobody. */
  list: (person: string | null) => Promise<readonly ExerciseLine[]>;
  /** With what the log shows so far. @throws EDUCATION_TEXT_NOT_FOUND */
  look: (person: string, exercise: string) => Promise<ExerciseView>;
  /** The one that is open. */
  openOf: (person: string) => Promise<Readonly<{ id: string; title: string; reports: boolean; try: string }> | null>;
  /** Begins a try, or goes on with the one that is open. @throws EDUCATION_TEXT_NOT_FOUND, EDUCATION_OTHER_ROLE, EDUCATION_EXERCISE_BUSY, EDUCATION_EXERCISE_UNSET, EDUCATION_WAIT */
  begin: (by: By, who: Readonly<{ person: string; role: string }>, exercise: string) => Promise<ExerciseView>;
  /** Graded from the log up to now. Handed in again it says what it said. @throws EDUCATION_TRY_NOT_FOUND, EDUCATION_TRY_OVER */
  handIn: (by: By, person: string, id: string) => Promise<HandedIn>;
  /** @throws EDUCATION_TRY_NOT_FOUND, EDUCATION_TRY_OVER */
  giveUp: (by: By, person: string, id: string) => Promise<void>;
  /** A report that belongs to a try: it is in the log, and nobody is alarmed. @throws EDUCATION_TRY_NOT_FOUND, EDUCATION_TRY_OVER */
  report: (by: By, person: string, about: ExerciseReport) => Promise<void>;
  /** Which of these were ever made up for an exercise. */
  madeUp: (subjects: readonly SubjectId[]) => Promise<ReadonlySet<SubjectId>>;
  /** Ends what was left open, and takes down what was set up. @returns how many tries that were */
  sweep: () => Promise<number>;
};

const NUMBERS = 1000;
const PAGES_OF_A_LOOK = 20;
const ATTEMPTS = 5;
const idText = (id: Uuid): string => publicId('exa', id);

export function createExercises(needs: ExerciseNeeds): Exercises {
  const { db, audit, log, gate, stage } = needs;
  const whoIs = (person: string): Uuid => {
    const id = parsePublicId('per', person);
    if (id === null) throw educationFailure('PERSON_NOT_FOUND');
    return id;
  };
  const looked = async (row: TryRow, exercise: Exercise, pages: number | null): Promise<Looked> =>
    lookOn({ db, log }, { readTo: Number(row.read_to), own: row.own.map(Number) }, { actor: publicId('per', row.person_id), exercise, pages });
  const graded = async (row: TryRow, exercise: Exercise, own: readonly number[]): Promise<ExerciseGrade> => {
    const customers = new Map((await customersOf(db, row.try_id)).map(({ name, subject_id }) => [name, stage.pseudonymOf(subject_id)]));
    const bound = { actor: publicId('per', row.person_id), id: idText(row.try_id), customers, startEntry: Number(row.started_entry), until: row.ends_at };
    const grade = gradeExercise(exercise, await entriesAt(log, own), bound);
    if (own.length < MOST_OWN) return grade;
    return { ...grade, passed: false, spoiled: [...grade.spoiled, { says: 'More was done than one person does in a try', entry: own.at(-1) ?? 0 }] };
  };
  const find = async (person: string, id: string): Promise<TryRow> => {
    const uuid = parsePublicId('exa', id);
    const row = (await triesOf(db, whoIs(person))).find(({ try_id }) => try_id === uuid);
    // whose it is, is nobody else's business
    if (row === undefined) throw educationFailure('TRY_NOT_FOUND');
    return row;
  };
  const mustRun = (row: TryRow): void => {
    if (row.state !== 'open' || gate.now() >= row.ends_at) throw educationFailure('TRY_OVER');
  };
  const look: Exercises['look'] = async (person, exercise) => {
    const tries = await triesOf(db, whoIs(person), exercise);
    const library = await gate.library();
    const open = tries.find(({ state, ends_at }) => state === 'open' && gate.now() < ends_at);
    const text = open === undefined ? library.newest('exercise', exercise)?.text() : textOf(library, open);
    if (text === undefined) throw educationFailure('TEXT_NOT_FOUND');
    if (open === undefined) return viewOf(text, tries, null, gate.now());
    const now = await looked(open, text, PAGES_OF_A_LOOK);
    await noteRead(db, open.try_id, BigInt(now.readTo), now.own.map(BigInt));
    return viewOf(text, tries, { row: open, grade: await graded(open, text, now.own), looked: now }, gate.now());
  };

  /** @returns false where it has to be tried with another number, or was begun by another request meanwhile */
  const start = async (by: By, who: Readonly<{ person: string; role: string }>, text: Exercise, { id, number, customers }: Prepared): Promise<boolean> => {
    const person = whoIs(who.person);
    const about = { exercise: text.id, try: idText(id) };
    const work = async (tx: Tx): Promise<true> => {
      await holdLearner(tx, person);
      const now = gate.now();
      const tries = await triesOf(tx, person);
      for (const { try_id } of tries.filter(({ state, ends_at }) => state === 'open' && ends_at <= now)) {
        const row = await holdTry(tx, try_id);
        if (row?.state === 'open') await endIn(needs, tx, null, row, 'over');
      }
      mayBegin(tries.filter(({ exercise }) => exercise === text.id), now);
      // held before the head of the log, as everywhere
      await noteChange(tx, person);
      const { index } = await audit.appendIn(tx, {
        action: 'education.exercise.start', actor: by.actor, outcome: 'done', requestId: by.requestId, subjects: customers.map(({ subject_id }) => subject_id),
        detail: { ...about, hash: text.hash },
      });
      const planted: Planted[] = [];
      for (const { name, as, at, records } of text.planted ?? []) {
        // its action says what it is: nothing that looks for exports takes it for one
        const entry = await audit.appendIn(tx, { action: 'education.exercise.planted', actor: { kind: 'system', id: 'education' }, outcome: 'done', detail: { ...about, as, at, records, made: 'up' } });
        planted.push({ name, entry: Number(entry.index) });
      }
      const row = { try_id: id, person_id: person, exercise: text.id, hash: text.hash, role: who.role, number, started_entry: index, began_at: now, ends_at: new Date(now.getTime() + TRY_MS), planted };
      // what took so long to set up, the sweep may take down at any moment
      if (!(await isFresh(tx, id)) || !(await insertTry(tx, row))) throw new Taken();
      return true;
    };
    try {
      return await transact(db, work);
    } catch (thrown) {
      if (thrown instanceof Taken) return false;
      throw thrown;
    }
  };

  return {
    look,
    madeUp: (subjects) => madeUpOf(db, subjects),
    sweep: () => sweepTries(needs),
    list: async (person) => {
      const [library, tries] = [await gate.library(), person === null ? [] : await triesOf(db, whoIs(person))];
      return library.all('exercise').flatMap((each) => (each.isReadable() ? [lineOf(each.text(), tries, gate.now())] : []));
    },
    openOf: async (person) => {
      const open = (await triesOf(db, whoIs(person))).find(({ state, ends_at }) => state === 'open' && gate.now() < ends_at);
      if (open === undefined) return null;
      const { id, title, steps } = textOf(await gate.library(), open);
      return { id, title, try: idText(open.try_id), reports: steps.some(({ done }) => done.reports !== undefined) };
    },
    begin: async (by, who, id) => {
      const text = (await gate.library()).newest('exercise', id)?.text();
      if (text === undefined) throw educationFailure('TEXT_NOT_FOUND');
      if (!text.audience.includes('everyone') && !text.audience.includes(who.role)) throw educationFailure('OTHER_ROLE', { extra: { roles: text.audience } });
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const now = gate.now();
        const tries = await triesOf(db, whoIs(who.person));
        const open = tries.find(({ state, ends_at }) => state === 'open' && now < ends_at);
        if (open?.exercise === id) return look(who.person, id);
        if (open !== undefined) throw educationFailure('EXERCISE_BUSY', { extra: { exercise: open.exercise } });
        mayBegin(tries.filter(({ exercise }) => exercise === id), now);
        const taken = await numbersTaken(db);
        const free = Array.from({ length: NUMBERS }, (_, at) => at).filter((each) => !taken.has(each));
        if (free.length === 0) throw educationFailure('EXERCISE_UNSET', { detail: 'a thousand tries are open: begin it later' });
        const number = free[randomInt(free.length)] as number;
        const tryId = uuidv7(now.getTime());
        const customers = await setUp(needs, text, tryId, number);
        if (await orTakenDown(needs, tryId, customers, () => start(by, who, text, { id: tryId, number, customers }))) return look(who.person, id);
        await takeDown(needs, customers);
      }
      throw educationFailure('EXERCISE_UNSET', { detail: 'others begin at the same moment: begin it again' });
    },
    handIn: async (by, person, id) => {
      const row = await find(person, id);
      const text = textOf(await gate.library(), row);
      if (row.state !== 'open') return again(text, row);
      mustRun(row);
      const all = await looked(row, text, null);
      const grade = await graded(row, text, all.own);
      return transact(db, async (tx) => {
        // before the try, as where one begins; of a quiz that is handed in meanwhile, one of the two sees the other
        await holdLearner(tx, row.person_id);
        const held = (await holdTry(tx, row.try_id)) as TryRow;
        // handed in twice at once: the second is told what the first was
        if (held.state !== 'open') return again(text, held);
        mustRun(held);
        const verdict: Verdict = grade.passed ? 'passed' : grade.spoiled.length > 0 ? 'failed' : 'not-yet';
        await noteRead(tx, held.try_id, BigInt(all.readTo), all.own.map(BigInt));
        if (verdict !== 'not-yet') {
          await endTry(tx, held.try_id, { state: verdict, at: gate.now(), grade });
          await stage.endGrants(tx, (await customersOf(tx, held.try_id)).map(({ subject_id }) => subject_id));
        }
        const earned = verdict === 'passed' ? await earnedPasses(tx, await gate.library(), held.person_id, held.exercise, gate.now()) : [];
        const courses = earned.map(({ course }) => course);
        if (verdict !== 'not-yet') await noteChange(tx, held.person_id);
        const { index } = await audit.appendIn(tx, {
          action: 'education.exercise.hand-in', actor: by.actor, outcome: 'done', requestId: by.requestId,
          detail: { exercise: held.exercise, try: id, verdict, hash: held.hash, from: Number(held.started_entry), to: all.readTo, shows: grade.steps.map((each) => `${each.id} ${each.entry ?? '-'}`), courses },
        });
        for (const row of earned) await insertPass(tx, { ...row, entry: index });
        return { verdict, courses, ...said(tellGrade(text, grade), valuesFor(text, held.number)) };
      });
    },
    giveUp: async (by, person, id) => {
      const row = await find(person, id);
      await transact(db, async (tx) => {
        const held = (await holdTry(tx, row.try_id)) as TryRow;
        mustRun(held);
        await endIn(needs, tx, by, held, 'given-up');
      });
    },
    report: async (by, person, { try: id, about, planted }) => {
      const row = await find(person, id);
      mustRun(row);
      const text = textOf(await gate.library(), row);
      const asksForIt = text.steps.some(({ done }) => done.reports !== undefined);
      if (!asksForIt || (planted !== undefined && !row.planted.some(({ name }) => name === planted))) throw educationFailure('TRY_NOT_FOUND');
      await audit.append({
        action: 'education.report', actor: by.actor, outcome: 'done', requestId: by.requestId,
        detail: { about, exercise: id, ...(planted === undefined ? {} : { planted }) },
      });
    },
  };
} // prettier-ignore

type Prepared = Readonly<{ id: Uuid; number: number; customers: readonly CustomerRow[] }>;

/** Another request, or another server, was first. */
class Taken extends Error {}

/** @param tries at this exercise, oldest first @throws EDUCATION_WAIT */
function mayBegin(tries: readonly TryRow[], now: Date): void {
  const until = waitsUntil(tries);
  if (until !== null && now < until) throw educationFailure('WAIT', { extra: { until: until.toISOString() } });
}

/** What was said when it was handed in. @throws EDUCATION_TRY_OVER */
function again(text: Exercise, { state, grade, number }: TryRow): HandedIn {
  if (grade === null || (state !== 'passed' && state !== 'failed')) throw educationFailure('TRY_OVER');
  return { verdict: state, courses: [], ...said(tellGrade(text, grade), valuesFor(text, number)) };
}
