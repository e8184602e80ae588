/** The shipped policies as a plain list of rules, so that other engines can be asked the same questions. */
import { ACTIONS, type Action } from '#practices/access';

import type { Asked, Question } from './questions.ts';

/** A role may do these for those purposes. Restricted subjects: for legal purposes only (`isLegal`). */
export type Rule = Readonly<{ role: string; actions: readonly Action[]; purposes: readonly string[] }>;

export const isLegal = (purpose: string): boolean => purpose === 'legal' || purpose.startsWith('legal.');

/** Found by asking, so that they stay those of the shipped document; actions of one role for the same purposes are one rule. */
export function shippedRules({ roles, purposes, usual }: Asked, allows: (question: Question) => boolean): Rule[] {
  const { collection, actor } = usual();
  return roles.flatMap((role) => {
    const byPurposes = new Map<string, Action[]>();
    for (const action of ACTIONS) {
      const mine = purposes.filter((purpose) =>
        allows({ actor: { ...actor, role }, action, purpose, collection, restricted: false }),
      );
      const key = mine.join(' ');
      if (mine.length > 0) byPurposes.set(key, [...(byPurposes.get(key) ?? []), action]);
    }
    return [...byPurposes].map(([key, actions]) => ({ role, actions, purposes: key.split(' ') }));
  });
}
