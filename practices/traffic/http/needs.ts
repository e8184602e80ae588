/** What the routes of traffic share. */
import type { Audit } from '#platform/audit';
import { addressOf } from '#platform/http';
import type { Action, Actor } from '#practices/access';

import type { By } from '../guard/measures.ts';
import type { Traffic } from '../traffic.ts';

type Asked = object & { id: string; ip: string };
export type TrafficHttpNeeds = Readonly<{
  traffic: Traffic;
  audit: Pick<Audit, 'append'>;
  /** Decides, and logs a refusal. @throws ACCESS_DENIED */
  allowed: (request: object & { id: string }, action: Action) => Promise<Actor>;
}>;

export const TAGS = ['traffic'];

/** Who asks, from where, by which request. @throws ACCESS_DENIED */
export async function askedBy({ allowed }: TrafficHttpNeeds, request: Asked, action: Action): Promise<By> {
  const { kind, id, role, person } = await allowed(request, action);
  return { actor: { kind, id, role }, person, requestId: request.id, address: addressOf(request) };
}
