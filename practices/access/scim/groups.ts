/** What an administrator says of a provider's groups and people: which roles a group means, whom the provider may manage. */
import { transact, type Db, type Statements } from '#platform/db';
import { parsePublicId, publicId, type Uuid } from '#platform/ids';

import type { Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import { personUuid } from '../identity/sessions.ts';
import { lockChangesBy } from '../still-there.ts';
import { findPerson, holdPerson } from '../store/people.ts';
import {
  findGroup,
  findProvisioned,
  holdProvisioned,
  listMappedGroups,
  mapGroup,
  putProvisioned,
  unlinkProvisioned,
} from '../store/provisioned.ts';
import { keepingAdministrators, refreshRoles, type ChangedRoles, type RoleNeeds } from './group-roles.ts';

export type GroupView = Readonly<{
  id: string;
  displayName: string;
  members: number;
  /** Members who do not get what the group means, since it does not go with what else they are. */
  withheld: number;
  roles: readonly Readonly<{ role: string; by: string; at: string }>[];
}>;
type Log = (tx: Statements, changed: readonly ChangedRoles[]) => Promise<unknown>;

export type Groups = Readonly<{
  list: () => Promise<GroupView[]>;
  /**
   * @param roles what its members are from now on; none: the group means nothing
   * @throws ACCESS_GROUP_NOT_FOUND, ACCESS_ROLE_UNKNOWN, ACCESS_SEPARATED, ACCESS_SELF_CHANGE, ACCESS_LAST_ADMINISTRATOR
   */
  map: (by: Actor, id: string, roles: readonly string[], log: Log) => Promise<void>;
  /** Lets the provider manage somebody who is here already. @throws ACCESS_PROVISIONED, ACCESS_SELF_CHANGE */
  link: (by: Actor, person: string, log: Log) => Promise<void>;
  /** The person is this system's alone; what groups gave ends. @throws ACCESS_PROVISIONED, ACCESS_SELF_CHANGE */
  unlink: (by: Actor, person: string, log: Log) => Promise<void>;
}>;

export function createGroups(needs: RoleNeeds & Readonly<{ db: Db }>): Groups {
  const { db, roles: rolesOf, notTogether } = needs;
  const changing = (by: Actor, log: Log, work: (tx: Statements) => Promise<readonly Uuid[]>): Promise<void> =>
    transact(db, async (tx) => {
      await lockChangesBy(tx, by);
      const changed = await keepingAdministrators(needs, tx, by, async () =>
        refreshRoles(needs, tx, by, await work(tx)),
      );
      await log(tx, changed);
    });
  const person = async (tx: Statements, by: Actor, id: string) => {
    if (by.person === id) throw accessFailure('SELF_CHANGE');
    const held = await holdPerson(tx, personUuid(id));
    if (held === null) throw accessFailure('PERSON_NOT_FOUND');
    return held;
  };
  return {
    list: async () =>
      (await listMappedGroups(db)).map((row) => ({
        id: publicId('grp', row.group_id),
        displayName: row.display_name,
        members: row.members,
        withheld: row.withheld,
        roles: row.roles,
      })),
    map: async (by, id, wanted, log) => {
      if (!wanted.every((role) => rolesOf(by).includes(role))) throw accessFailure('ROLE_UNKNOWN');
      const apart = wanted.length === 0 ? null : notTogether(by, wanted);
      if (apart !== null) throw accessFailure('SEPARATED', { detail: apart });
      const group = parsePublicId('grp', id);
      await transact(db, async (tx) => {
        await lockChangesBy(tx, by);
        const found = group === null ? null : await findGroup(tx, group);
        if (found === null) throw accessFailure('GROUP_NOT_FOUND');
        if (found.members.some((each) => publicId('per', each) === by.person)) throw accessFailure('SELF_CHANGE');
        const changed = await keepingAdministrators(needs, tx, by, async () => {
          await mapGroup(tx, found.group_id, [...new Set(wanted)], by.id);
          return await refreshRoles(needs, tx, by, found.members);
        });
        const apartNow = changed.filter(({ withheld }) => withheld.length > 0).length;
        if (wanted.length > 0 && apartNow > 0)
          throw accessFailure('SEPARATED', { detail: `it does not go with what ${apartNow} of its members are` });
        await log(tx, changed);
      });
    },
    link: (by, id, log) =>
      changing(by, log, async (tx) => {
        const { person_id, email, name, state } = await person(tx, by, id);
        const before = await findProvisioned(tx, person_id);
        if (before !== null) throw accessFailure('PROVISIONED', { detail: 'a provider manages this person already' });
        await putProvisioned(tx, {
          person_id, user_name: email, external_id: null, given_name: null, family_name: null, formatted: null, display_name: name,
          active: true, created_by: by.id,
        }); // prettier-ignore
        if (state === 'disabled') await holdProvisioned(tx, person_id, true);
        return [person_id];
      }),
    unlink: (by, id, log) =>
      changing(by, log, async (tx) => {
        const { person_id } = await person(tx, by, id);
        if (!(await unlinkProvisioned(tx, person_id)) || (await findPerson(tx, person_id)) === null)
          throw accessFailure('PROVISIONED', { detail: 'no provider manages this person' });
        return [person_id];
      }),
  };
}
