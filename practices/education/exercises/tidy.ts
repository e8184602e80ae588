/** Ends of tries, and what is taken down after them. */
import { transact, type Tx } from '#platform/db';
import { publicId } from '#platform/ids';

import type { By } from '../by.ts';
import { noteChange } from '../store/changes.ts';
import {
  customersOf,
  endTry,
  holdTry,
  markTidied,
  overdueTries,
  untidyTries,
  type TryRow,
} from '../store/exercises.ts';
import type { ExerciseNeeds } from './needs.ts';

/** Without a grade. What it opened ends with it. @param by null: its time is over */
export async function endIn(
  { audit, gate, stage }: ExerciseNeeds,
  tx: Tx,
  by: By | null,
  row: TryRow,
  state: 'given-up' | 'over',
): Promise<void> {
  const person = publicId('per', row.person_id);
  await endTry(tx, row.try_id, { state, at: gate.now(), grade: null });
  const customers = await customersOf(tx, row.try_id);
  await stage.endGrants(tx, customers.map(({ subject_id }) => subject_id)); // prettier-ignore
  await noteChange(tx, row.person_id);
  await audit.appendIn(tx, {
    action: 'education.exercise.end',
    actor: by?.actor ?? { kind: 'system', id: 'education' },
    outcome: 'done',
    detail: { exercise: row.exercise, try: publicId('exa', row.try_id), person, state },
    ...(by === null ? {} : { requestId: by.requestId }),
  });
}

export async function sweepTries(needs: ExerciseNeeds): Promise<number> {
  const { db, gate, stage } = needs;
  for (const id of await overdueTries(db, gate.now()))
    await transact(db, async (tx) => {
      const row = await holdTry(tx, id);
      if (row?.state === 'open') await endIn(needs, tx, null, row, 'over');
    });
  const untidy = await untidyTries(db);
  for (const row of untidy) {
    const customers = await customersOf(db, row.try_id);
    for (const { request } of customers) if (request !== null) await stage.withdraw(request);
    await stage.shred(customers.map(({ subject_id }) => subject_id));
    await markTidied(db, row.try_id, gate.now());
  }
  return untidy.length;
}
