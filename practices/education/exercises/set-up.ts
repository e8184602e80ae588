/**
 * What a try stands on in the real system: made before it, taken down after it. Whom it is made of is written down in the
 * transaction that makes them, so that what a server leaves that dies before the try begins is found.
 */
import { transact, type Tx } from '#platform/db';
import type { SubjectId, Uuid } from '#platform/ids';

import { educationFailure } from '../failures.ts';
import { insertCustomers, isBegun, markGone, type CustomerRow } from '../store/exercises.ts';
import type { Exercise } from './exercise.ts';
import { valuesFor } from './made.ts';
import type { ExerciseNeeds } from './needs.ts';

export const TRY_MS = 2 * 3_600_000;
/** What was made up goes by itself, should nobody come to shred it. */
const LIVES_MS = TRY_MS + 600_000;

type SetUpNeeds = Pick<ExerciseNeeds, 'db' | 'stage'>;

/** All of it, or nothing. @throws EDUCATION_EXERCISE_UNSET */
export async function setUp(needs: SetUpNeeds, text: Exercise, tryId: Uuid, number: number): Promise<readonly CustomerRow[]> {
  const { stage } = needs;
  const made = valuesFor(text, number);
  const names = Object.keys(made);
  const rowsOf = (subjects: readonly SubjectId[]): CustomerRow[] => names.map((name, at) => ({ name, subject_id: subjects[at] as SubjectId })); // prettier-ignore
  const remember = (tx: Tx, subjects: readonly SubjectId[]): Promise<void> => insertCustomers(tx, tryId, rowsOf(subjects));
  const subjects = await stage.plant(names.map((name) => made[name] ?? {}), LIVES_MS, remember);
  if (subjects === null) throw educationFailure('EXERCISE_UNSET');
  const rows = rowsOf(subjects);
  return orTakenDown(needs, tryId, rows, async () => {
    for (const { name, subject_id } of rows) {
      for (const { customer, ...ask } of text.grants ?? []) if (customer === name) await stage.askGrant(subject_id, ask);
      const asked = text.requests?.find(({ customer }) => customer === name);
      if (asked !== undefined) await stage.ask(subject_id, asked);
    }
    return rows;
  });
} // prettier-ignore

/** What goes wrong is thrown as it was, and nothing is left of what was set up for a try that never began. */
export async function orTakenDown<T>(needs: SetUpNeeds, tryId: Uuid, rows: readonly CustomerRow[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    try {
      // of a commit that was not heard of it is not known otherwise
      if (!(await isBegun(needs.db, tryId))) await takeDown(needs, rows);
    } catch {
      // the sweep comes for it
    }
    throw thrown;
  }
} // prettier-ignore

/** As often as it takes: what is gone is gone. */
export async function takeDown({ db, stage }: SetUpNeeds, rows: readonly CustomerRow[]): Promise<void> {
  const subjects = rows.map(({ subject_id }) => subject_id);
  for (const each of subjects) await stage.withdraw(each);
  await transact(db, (tx) => stage.endGrants(tx, subjects));
  await stage.shred(subjects);
  await markGone(db, subjects);
}
