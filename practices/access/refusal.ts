/** How a denial is answered: by what would lead past it, where that is a newer authentication. */
import type { Failure } from '#platform/failure';

import type { Actor, Decision } from './decide.ts';
import { accessFailure } from './failures.ts';

/** Seconds an authentication may be old to be let through; null: nothing that the actor shows would help. */
export function stepUpSeconds(actor: Actor, { obligations }: Pick<Decision, 'obligations'>): number | null {
  // a key has nothing to show: for it a denial is the end
  if (actor.session === undefined) return null;
  const ages = obligations.flatMap((each) => (each.kind === 'stepUp' ? [each.maxAgeSeconds] : []));
  return ages.length === 0 ? null : Math.min(...ages);
}

/** 401 with a challenge (RFC 9470) or 403. */
export function refusal(actor: Actor, decision: Decision): Failure {
  const maxAgeSeconds = stepUpSeconds(actor, decision);
  return maxAgeSeconds === null
    ? accessFailure('DENIED', { detail: decision.because })
    : accessFailure('STEP_UP', { detail: decision.because, extra: { maxAgeSeconds } });
}
