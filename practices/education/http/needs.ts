/** What the routes of this practice share. */
import type { Site } from '#platform/http';
import type { Action, Actor } from '#practices/access';

import type { By } from '../by.ts';
import type { Education } from '../education.ts';
import type { Incidents } from '../incidents/open.ts';
import type { Intake } from '../intake/intake.ts';
import type { Phishing } from '../phishing/open.ts';

/** Who is signed in. */
export type Learner = Actor & Readonly<{ person: string; session: NonNullable<Actor['session']> }>;

export type EducationHttpNeeds = Readonly<{
  education: Education;
  phishing: Phishing;
  incidents: Incidents;
  intake: Intake;
  /** Whose pages may send forms. */
  site: Site;
  /** The look of pages for who is not signed in. */
  pageCss: string;
  actorOf: (request: object) => Actor;
  /** One's own lessons and signatures need a session, and no action. @throws ACCESS_SESSION_NEEDED for a key */
  learner: (request: object) => Learner;
  /** @throws ACCESS_STEP_UP where who signs has not shown both factors of late */
  requireFresh: (learner: Learner) => void;
  /** Of the page that asks, for the frame that it will show. */
  consoleOrigin: (request: object) => string;
  askedOf: (actor: Actor) => Parameters<Education['gate']['trainingOf']>[2];
  /** Who asks, when the action is theirs; a refusal is in the log before it is thrown. */
  allowed: (request: object & { id: string }, action: Action) => Promise<Actor>;
  /** Whether it is; nothing of the question is written down. */
  may: (actor: Actor, action: Action) => boolean;
}>;

export const byOf = ({ kind, id, role, person }: Actor, requestId: string): By => ({
  actor: { kind, id, role },
  requestId,
  person,
});
