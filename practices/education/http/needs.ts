/** What the routes of this practice share. */
import type { Action, Actor } from '#practices/access';

import type { By } from '../by.ts';
import type { Education } from '../education.ts';
import { educationFailure } from '../failures.ts';
import type { Phishing } from '../phishing/open.ts';

export type EducationHttpNeeds = Readonly<{
  education: Education;
  phishing: Phishing;
  actorOf: (request: object) => Actor;
  /** Who asks, when the action is theirs; a refusal is in the log before it is thrown. */
  allowed: (request: object & { id: string }, action: Action) => Promise<Actor>;
}>;

export const byOf = ({ kind, id, role, person }: Actor, requestId: string): By => ({
  actor: { kind, id, role },
  requestId,
  person,
});

/** One's own lessons and signatures need no action, and a session. @throws EDUCATION_PERSON_NEEDED */
export function learnerOf(actor: Actor): Actor & Readonly<{ person: string; session: NonNullable<Actor['session']> }> {
  const { person, session } = actor;
  if (person === undefined || session === undefined) throw educationFailure('PERSON_NEEDED');
  return { ...actor, person, session };
}
