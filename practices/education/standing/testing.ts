/** For tests of this practice: a course that was passed, without the quiz. */
import { transact, type Db } from '#platform/db';
import { parsePublicId, uuidv7, type Uuid } from '#platform/ids';

import { noteChange } from '../store/changes.ts';
import { insertPass } from '../store/sittings.ts';

export async function passWithoutQuiz(
  db: Db,
  { person, course, hash, at }: Readonly<{ person: string; course: string; hash: string; at: Date }>,
): Promise<void> {
  const person_id = parsePublicId('per', person) as Uuid;
  await transact(db, async (tx) => {
    const row = { pass_id: uuidv7(), person_id, course, lesson_hash: hash, sitting_id: uuidv7(), passed_at: at };
    await insertPass(tx, row);
    await noteChange(tx, person_id);
  });
}
