/** Who stands how: for the training team, and for what goes on by itself. */
import type { Db } from '#platform/db';
import { parsePublicId } from '#platform/ids';

import { rowsOf } from '../store/duties.ts';
import { dutiesOf, type Duty } from './duties.ts';
import type { Gate } from './gate.ts';
import type { Person } from './requirements.ts';
import type { Zone } from './zone.ts';

export type Covered = Readonly<{ person: Person; duties: readonly Duty[] }>;

export async function coverageOf(
  { db, gate, zone, people }: Readonly<{ db: Db; gate: Gate; zone: Zone; people: () => Promise<readonly Person[]> }>,
  at?: Date,
): Promise<readonly Covered[]> {
  const [rows, library, all] = await Promise.all([rowsOf(db, null), gate.library(), people()]);
  const now = at ?? gate.now();
  return all.map((person) => {
    const id = parsePublicId('per', person.id);
    const duties = id === null ? [] : dutiesOf(rows, id, library, zone, now);
    // what a role asked for, that the person does not have any more, is nobody's business
    return { person, duties: duties.filter(({ roles }) => roles.length === 0 || roles.some((role) => person.roles.includes(role))) };
  });
} // prettier-ignore
