/** People as actors, for questions about what they could do: one for each role, since a session acts in one of them. */
import type { Db } from '#platform/db';
import { parsePublicId, publicId } from '#platform/ids';

import type { Actor } from '../decide.ts';
import { asHeld } from '../grants/held.ts';
import { rolesOfPeople } from '../store/people.ts';

/**
 * @param id one person, or null for all; whoever cannot sign in is not among them
 * @returns by their policies: those that the asker is decided by
 */
export async function actorsOfPeople(db: Db, { policyVersion }: Actor, id: string | null): Promise<readonly Actor[]> {
  const personId = id === null ? null : parsePublicId('per', id);
  if (id !== null && personId === null) return [];
  return (await rolesOfPeople(db, personId)).map((row): Actor => {
    const person = publicId('per', row.person_id);
    return {
      kind: 'staff',
      id: person,
      name: row.name,
      role: row.role,
      scope: { purposes: [], classes: [], collections: [] },
      expiresAt: null,
      policyVersion,
      person,
      ...(row.grants.length === 0 ? {} : { grants: row.grants.map(asHeld) }),
      ...(row.overdue ? { overdue: true } : {}),
    };
  });
}
