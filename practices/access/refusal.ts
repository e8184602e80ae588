/** How a denial is answered: by what would lead past it, where that is a newer authentication. */
import type { Failure, FailureMore } from '#platform/failure';

import type { Decision } from './decide.ts';
import { accessFailure } from './failures.ts';
import type { Lack } from './training.ts';

/** 401 with a challenge (RFC 9470) or 403. */
export const refusal = ({ because, stepUpSeconds, lacks }: Decision): Failure =>
  stepUpSeconds === null
    ? accessFailure('DENIED', { detail: because, ...howToLearn(lacks) })
    : accessFailure('STEP_UP', { detail: because, extra: { maxAgeSeconds: stepUpSeconds } });

/** Where only training is missing: what to learn or sign, and where. */
const howToLearn = (lacks: readonly Lack[]): FailureMore =>
  lacks.length === 0
    ? {}
    : {
        hint: 'open Learn in the console, or strongroom education; access is back as soon as it is done',
        extra: { training: lacks },
      };
