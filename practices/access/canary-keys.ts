/**
 * Keys of whoever attacks this system to try it out: they act in a role as anybody does, and reach made-up persons alone.
 *
 * INVARIANT: like a key's own scope, it only ever narrows what policies allow; and it is asked last, so that a refusal by the
 * policies is told from this one. Nothing is written by such a key, on no person and nowhere in the system.
 */
import type { SubjectId } from '#platform/ids';

import type { Action } from './actions.ts';
import { deny, type Ask, type Decision } from './decide.ts';

export type IsCanary = (subject: SubjectId) => boolean;

/** The log has it under this name where such a key was used on somebody else. */
export const CANARIES_ONLY = 'canaries-only';
/** And under this one where it was to change something, or was used on what is nobody's: no customer was asked about. */
const LOOKS_ONLY = 'canaries-look-only';

/** Asked at first without a subject; then again for each, before anything is opened. */
const OF_SUBJECTS: ReadonlySet<Action> = new Set(['records.read', 'records.search', 'records.export', 'tokens.open']);
/** On the system itself, what shows no customer and changes nothing. */
const LOOKS: ReadonlySet<Action> = new Set([
  'audit.read', 'system.inspect', 'policies.read', 'decisions.evaluate', 'grants.read', 'reviews.read', 'catalog.read',
  'notice.read', 'retention.read', 'backups.read', 'training.read', 'traffic.read', 'assurance.read',
]); // prettier-ignore

export function withinCanaries(decision: Decision, { actor, action, subject }: Ask, isCanary: IsCanary): Decision {
  if (actor.canariesOnly !== true || !decision.allow) return decision;
  const within = LOOKS.has(action) || (OF_SUBJECTS.has(action) && (subject === undefined || isCanary(subject)));
  if (within) return decision;
  const isElsewhere = subject !== undefined && !isCanary(subject);
  return deny(
    decision.policyVersion,
    [isElsewhere ? CANARIES_ONLY : LOOKS_ONLY],
    'this key is for tests of the system: it reaches canaries alone',
  );
}
