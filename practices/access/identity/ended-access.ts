/**
 * All access of somebody ends, in the transaction of whoever decided it, and comes back when the decision does not hold.
 * Keys and workloads that the person made end too: whoever made one may still know it. They do not come back.
 */
import type { Statements } from '#platform/db';

import type { Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import { apartFrom, REMEMBERED_DAYS } from '../grants/makers.ts';
import { keepingAdministrators, refreshRoles, type RoleNeeds } from '../scim/group-roles.ts';
import { endRolesOf, openAgain } from '../store/ended.ts';
import { revokeKeysOf, rolesMadeBy } from '../store/keys.ts';
import { holdPerson, raiseEpoch } from '../store/people.ts';
import { lockChanges } from '../store/provisioned.ts';
import { revokeWorkloadsOf } from '../store/workloads.ts';
import { personUuid } from './sessions.ts';

/** As they were given: by somebody, by groups of a provider, and those that rest until they are asked for. */
export type EndedRoles = Readonly<{
  since: string;
  own: readonly string[];
  group: readonly string[];
  resting: readonly string[];
}>;
export type EndedAccess = Readonly<{
  /** @throws ACCESS_PERSON_NOT_FOUND, ACCESS_LAST_ADMINISTRATOR */
  end: (tx: Statements, by: Actor, id: string) => Promise<EndedRoles>;
  /** As far as the policies of today have these roles, and let one person have them. @returns the roles they have then */
  giveBack: (tx: Statements, by: Actor, id: string, ended: EndedRoles) => Promise<readonly string[]>;
}>;

export function createEndedAccess(needs: RoleNeeds & Readonly<{ clock: () => Date }>): EndedAccess {
  const held = async (tx: Statements, id: string) => {
    await lockChanges(tx);
    const person = await holdPerson(tx, personUuid(id));
    if (person === null) throw accessFailure('PERSON_NOT_FOUND');
    return person;
  };
  return {
    end: async (tx, by, id) => {
      const { person_id, roles, group_roles: group, eligible_roles: resting } = await held(tx, id);
      let since = '';
      await keepingAdministrators(needs, tx, by, async () => {
        since = (await endRolesOf(tx, person_id)).toISOString();
      });
      await revokeKeysOf(tx, person_id, needs.clock());
      await revokeWorkloadsOf(tx, person_id);
      await raiseEpoch(tx, person_id);
      return { since, own: roles.filter((role) => !group.includes(role)), group, resting };
    },
    giveBack: async (tx, by, id, { since, own, resting }) => {
      const { person_id, roles, group_roles, access_ended_at: ended } = await held(tx, id);
      // somebody who may has settled since what they have
      if (ended?.toISOString() !== since) return roles;
      const known = needs.roles(by);
      const made = await rolesMadeBy(tx, person_id, REMEMBERED_DAYS);
      let given = roles;
      for (const role of own) {
        const all = [...given, role];
        const isApart = needs.notTogether(by, all) ?? apartFrom(by, all, made, needs.notTogether);
        if (known.includes(role) && !given.includes(role) && isApart === null) given = all;
      }
      await openAgain(tx, person_id, { roles: given, resting: resting.filter((role) => known.includes(role)) });
      await refreshRoles(needs, tx, by, [person_id]);
      await raiseEpoch(tx, person_id);
      return [...new Set([...given, ...((await holdPerson(tx, person_id))?.roles ?? group_roles)])];
    },
  };
}
