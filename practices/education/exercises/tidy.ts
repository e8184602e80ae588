/** Ends of tries, and what is taken down after them. */
import { transact, type Tx } from '#platform/db';
import { publicId, type Uuid } from '#platform/ids';

import type { By } from '../by.ts';
import { noteChange } from '../store/changes.ts';
import {
  customersOf,
  endTry,
  holdTry,
  leftCustomers,
  markTidied,
  overdueTries,
  untidyTries,
  type TryRow,
} from '../store/exercises.ts';
import type { ExerciseNeeds } from './needs.ts';
import { takeDown } from './set-up.ts';

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

/** One that cannot be ended or taken down keeps no other from it. @returns how much was taken down @throws what the first of those threw */
export async function sweepTries(needs: ExerciseNeeds): Promise<number> {
  const { db, gate } = needs;
  const thrown: unknown[] = [];
  const without = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (cause) {
      thrown.push(cause);
    }
  };
  const endOverdue = (id: Uuid): Promise<void> =>
    transact(db, async (tx) => {
      const row = await holdTry(tx, id);
      if (row?.state === 'open') await endIn(needs, tx, null, row, 'over');
    });
  for (const id of await overdueTries(db, gate.now())) await without(() => endOverdue(id));
  const untidy = await untidyTries(db);
  for (const { try_id } of untidy)
    await without(async () => {
      await takeDown(needs, await customersOf(db, try_id));
      await markTidied(db, try_id, gate.now());
    });
  const left = await leftCustomers(db);
  for (const each of left) await without(() => takeDown(needs, [each]));
  if (thrown.length > 0) throw thrown[0];
  return untidy.length + left.length;
}
