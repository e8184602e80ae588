/**
 * Roles that groups give. Of a person's roles, those that an administrator gave stand by themselves; those that groups
 * give are there as long as membership, mapping and `active` are.
 *
 * INVARIANT: whoever changes one of these calls `refresh` in the same transaction, behind `lockChanges`; a change of
 * roles raises the epoch, which ends the person's sessions at the next read of any server.
 */
import type { Statements } from '#platform/db';
import { publicId, type Uuid } from '#platform/ids';

import type { Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import { apartFrom, REMEMBERED_DAYS } from '../grants/makers.ts';
import { rolesMadeBy } from '../store/keys.ts';
import { raiseEpoch } from '../store/people.ts';
import { countActiveIn, givenRoles, setGivenRoles } from '../store/provisioned.ts';

export type RoleNeeds = Readonly<{
  roles: (by: Actor) => readonly string[];
  notTogether: (by: Actor, roles: readonly string[]) => string | null;
  /** Roles that may do something, under the policies that hold for somebody. */
  rolesWith: (by: Actor, action: 'people.manage') => readonly string[];
}>;
/** Whose roles changed, and what they are now. */
export type ChangedRoles = Readonly<{ person: string; roles: readonly string[]; withheld: readonly string[] }>;

/** As many as one person has (sql/0011-provisioning.sql). */
const MOST_ROLES = 20;

export async function refreshRoles(
  { notTogether }: Pick<RoleNeeds, 'notTogether'>,
  tx: Statements,
  by: Actor,
  people: readonly Uuid[],
): Promise<ChangedRoles[]> {
  const changed: ChangedRoles[] = [];
  for (const row of await givenRoles(tx, people)) {
    const own = row.roles.filter((role) => !row.group_roles.includes(role));
    const given = row.given.filter((role) => !own.includes(role));
    // a key counts as the person who made it, and nobody gives themselves roles: not by way of a group either
    const mine = by.person === publicId('per', row.person_id);
    const open = given.filter((role) => !mine || row.group_roles.includes(role));
    // membership is the provider's to say and stays; what must not come together does not come at all
    const apart =
      own.length + open.length > MOST_ROLES ||
      (open.length > 0 &&
        (notTogether(by, [...own, ...row.lent, ...open]) ??
          apartFrom(by, open, await rolesMadeBy(tx, row.person_id, REMEMBERED_DAYS), notTogether)) !== null);
    const group = apart ? [] : open;
    const withheld = given.filter((role) => !group.includes(role));
    if (same(group, row.group_roles) && same(withheld, row.withheld_roles)) continue;
    const roles = [...own, ...group];
    await setGivenRoles(tx, row.person_id, { roles, group, withheld });
    if (!same(group, row.group_roles)) await raiseEpoch(tx, row.person_id);
    changed.push({ person: publicId('per', row.person_id), roles, withheld });
  }
  return changed;
}

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((each) => other.includes(each));

/**
 * Does what must not take the last administrator away. Where there is none among people, keys do it, and nothing is lost.
 * @throws ACCESS_LAST_ADMINISTRATOR
 */
export async function keepingAdministrators<T>(
  { rolesWith }: Pick<RoleNeeds, 'rolesWith'>,
  tx: Statements,
  by: Actor,
  work: () => Promise<T>,
): Promise<T> {
  const roles = rolesWith(by, 'people.manage');
  const before = await countActiveIn(tx, roles);
  const done = await work();
  if (before > 0 && (await countActiveIn(tx, roles)) === 0) throw accessFailure('LAST_ADMINISTRATOR');
  return done;
}
