/**
 * A role that a person has and did not use on 90 days rests: it is not theirs for good any more, but to be asked for
 * (role-requests.ts). By days that were counted, each once, so that no clock takes anybody's role away.
 *
 * INVARIANT: somebody is left who manages people; roles for emergencies, which are there to be unused, never rest.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { isFailure } from '#platform/failure';
import { publicId } from '#platform/ids';

import type { Actor } from '../decide.ts';
import type { PolicyVersions } from '../policy-versions.ts';
import { keepingAdministrators } from '../scim/group-roles.ts';
import { beginDay, countDay, idleRoles, restRole, standingRoles, type Standing } from '../store/eligible.ts';
import { lockChanges } from '../store/provisioned.ts';

export type Resting = Readonly<{
  /** Counts a day that has gone by, and lets rest what stood unused for long enough. @returns what rests from now on */
  daily: () => Promise<readonly Standing[]>;
}>;
export type RestingNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  policies: PolicyVersions;
  rolesThat: (action: 'people.manage') => Promise<readonly string[]>;
  /** 0: none ever rests. */
  days: number;
}>;

const CALENDAR: Actor = { kind: 'system', id: 'calendar', name: 'calendar', role: 'calendar', scope: { purposes: [], classes: [], collections: [] }, expiresAt: null }; // prettier-ignore

export function createResting({ db, audit, policies, rolesThat, days }: RestingNeeds): Resting {
  /** @returns whether it rests */
  const rest = async (standing: Standing, stewards: readonly string[]): Promise<boolean> =>
    transact(db, async (tx) => {
      await lockChanges(tx);
      return keepingAdministrators({ rolesWith: () => stewards }, tx, CALENDAR, async () => {
        if (!(await restRole(tx, standing, days))) return false;
        await audit.appendIn(tx, {
          action: 'access.role.rest',
          actor: { kind: CALENDAR.kind, id: CALENDAR.id },
          outcome: 'done',
          detail: { person: publicId('per', standing.person_id), role: standing.role, days: String(days) },
        });
        return true;
      });
    });
  return {
    daily: async () => {
      if (days === 0) return [];
      const due = await transact(db, async (tx) => {
        if (!(await beginDay(tx))) return false;
        const standing = await standingRoles(tx);
        await countDay(tx, standing.map((each) => ({ ...each, holder: publicId('per', each.person_id) }))); // prettier-ignore
        return true;
      });
      if (!due) return [];
      const { roles } = (await policies.get('active')).document;
      const stewards = await rolesThat('people.manage');
      const rested: Standing[] = [];
      for (const each of await idleRoles(db, days)) {
        if (roles[each.role]?.grants?.breakGlass !== undefined) continue;
        try {
          if (await rest(each, stewards)) rested.push(each);
        } catch (thrown) {
          // the last one stays
          if (!isFailure(thrown, 'ACCESS_LAST_ADMINISTRATOR')) throw thrown;
        }
      }
      return rested;
    },
  };
}
