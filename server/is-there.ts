/** What one practice names of another by its id alone: whether it is there. */
import { isFailure } from '#platform/failure';

import type { Parts } from './parts.ts';

/** @param id of a finding or a case */
export async function isThere({ assurance, traffic }: Pick<Parts, 'assurance' | 'traffic'>, id: string): Promise<boolean> {
  const get = id.startsWith('fnd_') ? assurance.findings.get : traffic.cases.get;
  try {
    await get(id);
    return true;
  } catch (thrown) {
    if (isFailure(thrown, 'ASSURANCE_NOT_FOUND') || isFailure(thrown, 'TRAFFIC_NOT_FOUND')) return false;
    throw thrown;
  }
} // prettier-ignore
