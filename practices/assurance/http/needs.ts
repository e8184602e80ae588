/** What the routes of assurance share. */
import type { Audit } from '#platform/audit';
import type { Action, Actor } from '#practices/access';

import type { Assurance } from '../assurance.ts';
import type { SecurityContact } from '../security-text.ts';
import type { Person } from '../findings/findings.ts';

type Asked = object & { id: string };
export type AssuranceHttpNeeds = Readonly<{
  assurance: Assurance;
  audit: Pick<Audit, 'append'>;
  clock: () => Date;
  /** What security.txt says. */
  security: SecurityContact;
  /** Decides, and logs a refusal. @throws ACCESS_DENIED */
  allowed: (request: Asked, action: Action) => Promise<Actor>;
}>;

export const TAGS = ['assurance'];
export const CLOSED = { additionalProperties: false } as const;

/** Who asks, by which request. @throws ACCESS_DENIED */
export async function askedBy({ allowed }: AssuranceHttpNeeds, request: Asked, action: Action): Promise<Person> {
  const { kind, id, role, person } = await allowed(request, action);
  return { actor: { kind, id, role }, person, requestId: request.id };
}
