/** How a denial is answered: by what would lead past it, where that is a newer authentication. */
import type { Failure } from '#platform/failure';

import type { Decision } from './decide.ts';
import { accessFailure } from './failures.ts';

/** 401 with a challenge (RFC 9470) or 403. */
export const refusal = ({ because, stepUpSeconds }: Decision): Failure =>
  stepUpSeconds === null
    ? accessFailure('DENIED', { detail: because })
    : accessFailure('STEP_UP', { detail: because, extra: { maxAgeSeconds: stepUpSeconds } });
