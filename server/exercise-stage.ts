/** What an exercise is done on: made-up customers, what they ask for, and its end; by the same ways as for anybody. */
import type { KeyObject } from 'node:crypto';

import { subjectPseudonym } from '#platform/audit';
import { isFailure } from '#platform/failure';
import type { SubjectId } from '#platform/ids';
import { allowedActor, type Access, type Action, type Actor } from '#practices/access';
import type { DataClass } from '#practices/collection';
import type { EducationNeeds } from '#practices/education';
import type { Privacy } from '#practices/privacy';
import type { Vault } from '#practices/vault';

import type { Parts } from './parts.ts';

type StageNeeds = Readonly<{
  access: Access;
  clock: () => Date;
  vault: Vault;
  privacy: Privacy;
  pseudonymKey: KeyObject;
}>;
const BY = { actor: { kind: 'system', id: 'education' } } as const;
const CHANGED_MEANWHILE = 3;

export const exerciseStage = ({ access, clock, vault, privacy, pseudonymKey }: StageNeeds): EducationNeeds['stage'] => ({
  plant: vault.canaries.plantGiven,
  shred: vault.canaries.shred,
  pseudonymOf: (subject) => subjectPseudonym(pseudonymKey, subject),
  ask: async (subjectId, { kind, words }) => {
    const proofs = [{ means: 'mail-code', at: clock().toISOString() }] as const;
    await privacy.requests.ask(BY, { subjectId, kind: kind as 'access', words, proofs });
  },
  withdraw: async (subject) => {
    for (let left = CHANGED_MEANWHILE; ; left -= 1)
      try {
        for (const { id, closedAt } of await privacy.requests.of(subject))
          if (closedAt === null) await privacy.requests.withdraw(BY, id, null, {});
        return;
      } catch (thrown) {
        // answered meanwhile it has ended by itself; changed otherwise it is still there
        if (left === 0 || !isFailure(thrown, 'PRIVACY_REQUEST_STATE')) throw thrown;
      }
  },
  askGrant: (subject, { classes, ...ask }) => access.grants.makeUp({ subject, classes: classes as readonly DataClass[], ...ask }),
  endGrants: (tx, subjects) => access.grants.endOf(tx, subjects, 'the exercise is over'),
}); // prettier-ignore

type RequestNeeds = Pick<Parts, 'access' | 'audit' | 'education' | 'privacy'> &
  Readonly<{ actorOf: (request: object) => Actor }>;
type Asked = object & { id: string };
const LIST = 'GET /v1/privacy/requests';
type Shown = Readonly<{
  only: readonly SubjectId[] | null;
  isShown: (subjects: readonly SubjectId[]) => Promise<(subject: SubjectId) => boolean>;
}>;
/** Of nobody: about whom nobody is let in. */
const NOBODY = '00000000-0000-0000-0000-000000000000' as SubjectId;

/**
 * Customers' requests for who is let in by an exercise: the list shows those of its customers, each other route asks about
 * the customer of its request. And nobody else is shown a request that was made up.
 */
export const exerciseRequests = (needs: RequestNeeds) => ({
  allowed: async (request: Asked, action: Action): Promise<Actor> => {
    const { within } = needs.access.decide({ actor: needs.actorOf(request), action });
    if (within === null) return allowedActor(needs, request, action);
    const { method, params, routeOptions } = request as Asked & { method: string; params?: { id?: string }; routeOptions: { url?: string } }; // prettier-ignore
    if (`${method} ${routeOptions.url}` === LIST) return allowedActor(needs, request, action);
    const subject = params?.id === undefined ? null : await needs.privacy.requests.subjectOf(params.id);
    return allowedActor(needs, request, action, subject ?? NOBODY);
  },
  shownTo: (actor: Actor): Shown => {
    const { within } = needs.access.decide({ actor, action: 'rights.read' });
    if (within !== null) return { only: [...within], isShown: () => Promise.resolve((subject) => within.has(subject)) };
    const isShown: Shown['isShown'] = async (subjects) => {
      const madeUp = await needs.education.exercises.madeUp(subjects);
      return (subject) => !madeUp.has(subject) || actor.training?.exercise?.has(subject) === true;
    };
    return { only: null, isShown };
  },
});
