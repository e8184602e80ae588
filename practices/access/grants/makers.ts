/**
 * Separation of duties over keys: whoever makes a key has seen it, so roles of the keys and workloads that one person
 * made count as that person's, beside the roles the person has; also for a while after they ended (history).
 *
 * INVARIANT: whoever makes a key or gives a role asks here, in the transaction that does it, behind `lockChangesBy`.
 */
import type { Statements } from '#platform/db';
import { parsePublicId, type Uuid } from '#platform/ids';

import type { Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import { lentRoles } from '../store/eligible.ts';
import { rolesMadeBy } from '../store/keys.ts';
import { countPeople, findPerson } from '../store/people.ts';
import { lockChangesBy } from '../still-there.ts';

/** Why roles are not one person's; null when they may be. */
type NotTogether = (by: Actor, roles: readonly string[]) => string | null;

/** Keys live for 90 days at most: as long as one that was made with it could have lived. */
export const REMEMBERED_DAYS = 90;

/** One of the others that must not be with one of these, in words. Kept apart are always two, so pairs are all there is. */
export function apartFrom(
  by: Actor,
  roles: readonly string[],
  others: readonly string[],
  notTogether: NotTogether,
): string | null {
  for (const other of others) {
    const says = notTogether(by, [...roles, other]);
    if (says !== null) return says;
  }
  return null;
}

/**
 * Before a key or a workload in a role is made.
 * @throws ACCESS_UNAUTHENTICATED, ACCESS_SEPARATED when its maker has, or made within 90 days, what is kept apart from it
 */
export async function refuseSeparated(
  tx: Statements,
  by: Actor,
  role: string,
  notTogether: NotTogether,
): Promise<void> {
  await lockChangesBy(tx, by);
  const person = by.person === undefined ? null : (parsePublicId('per', by.person) as Uuid);
  // keys that nobody stands behind may be anybody's; as long as there is nobody, one key makes all others
  if (person === null && (await countPeople(tx)) === 0) return;
  const own = person === null ? [by.role] : ((await findPerson(tx, person))?.roles ?? []);
  const lent = person === null ? [] : await lentRoles(tx, person);
  const theirs = [...own, ...lent, ...(await rolesMadeBy(tx, person, REMEMBERED_DAYS))];
  const says = apartFrom(by, [role], theirs, notTogether);
  if (says === null) return;
  throw accessFailure('SEPARATED', {
    detail: `${says}. Roles of keys that you made count as yours, for ${REMEMBERED_DAYS} days after they ended`,
    hint: 'let somebody else make this key; docs/practices/access.md lists what is kept apart',
  });
}
