/** Violations with what follows from them: the doing of access, and the bell of who has to read something. */
import { createSecretKey, randomBytes } from 'node:crypto';

import type { Audit } from '#platform/audit';
import type { Access, Identity, Notices } from '#practices/access';
import { accessFailure } from '#practices/access';
import type { EducationNeeds, ViolationStep } from '#practices/education';
import { openIdentity, type Foundation } from '#practices/vault';

type Needs = Readonly<{
  audit: Audit;
  access: Access;
  identity: Identity;
  notices: Notices;
  isThere: EducationNeeds['violations']['isThere'];
  clock: () => Date;
}>;

/** Whom a step is told to: whom it is about, or those whose role has this action. */
const TOLD_TO: Readonly<Record<ViolationStep, 'violations.read' | 'violations.review' | 'person'>> = {
  told: 'person',
  begun: 'violations.read',
  'to-decide': 'violations.review',
  'to-settle': 'violations.review',
  reminder: 'violations.review',
  decided: 'person',
  appealed: 'violations.review',
  answered: 'person',
};
const BECAUSE = 'access was ended by a decision';

export async function openViolations(
  foundation: Foundation,
  { audit, access, identity, notices, isThere, clock }: Needs,
): Promise<EducationNeeds['violations']> {
  return {
    isThere,
    wordsKey: createSecretKey(await openIdentity(foundation, 'education/violations', () => randomBytes(32))),
    keysOf: async (person) => {
      const { own, services } = await identity.people.keysOf(person);
      return [...own, ...services];
    },
    outside: async () => {
      const [managing = ''] = await access.rolesThat('people.manage');
      const found = await access.systemActor('violations', managing);
      // to tell somebody something asks for no role
      const system = (): NonNullable<typeof found> => {
        if (found === null) throw accessFailure('ROLE_UNKNOWN');
        return found;
      };
      const active = (await identity.people.list()).filter(({ state }) => state === 'active');
      const having = async (action: 'violations.read' | 'violations.review'): Promise<string[]> => {
        const roles = await access.rolesThat(action);
        return active.flatMap(({ id, roles: own }) => (own.some((role) => roles.includes(role)) ? [id] : []));
      };
      const people = { 'violations.read': await having('violations.read'), 'violations.review': await having('violations.review') }; // prettier-ignore
      return {
        reviewers: people['violations.review'],
        end: async (tx, by, person) => {
          const ended = await identity.endedAccess.end(tx, system(), person);
          for (const role of [...ended.own, ...ended.group, ...ended.resting]) await access.grants.endIn(tx, person, role, BECAUSE); // prettier-ignore
          await audit.appendIn(tx, { action: 'access.person.end', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { person, roles: [...ended.own, ...ended.group] } }); // prettier-ignore
          return ended;
        },
        giveBack: async (tx, by, person, ended) => {
          const roles = await identity.endedAccess.giveBack(tx, system(), person, ended);
          await audit.appendIn(tx, { action: 'access.person.roles', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { person, roles } }); // prettier-ignore
          return roles;
        },
        tell: async (tx, { step, violation, person, until, not = [] }) => {
          const to = TOLD_TO[step];
          const about = { outcome: step, case: violation, ...(until === null ? {} : { until: until.toISOString() }) };
          await notices.tell(tx, [
            {
              kind: 'violation', topic: `violation ${violation} ${step}`, about, roles: [], people: to === 'person' ? [person] : people[to].filter((each) => !not.includes(each)),
              except: to === 'person' ? null : person, urgent: false, customers: 0, at: clock().toISOString(),
            },
          ]); // prettier-ignore
        },
      };
    },
  };
}
