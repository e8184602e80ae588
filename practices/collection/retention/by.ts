/** Who asks for something, and whether they may be one of the two people that it takes. */
import type { AuditEvent } from '#platform/audit';
import type { Statements } from '#platform/db';
import { whyNotOneOfTwo } from '#platform/two-people';
import type { Actor } from '#practices/access';

import { collectionFailure } from '../failures.ts';

export type By = Readonly<{ actor: Actor; requestId: string }>;

export const eventBy = ({ actor: { kind, id, role }, requestId }: By): Pick<AuditEvent, 'actor' | 'requestId'> => ({
  actor: { kind, id, role },
  requestId,
});

export type ArePeople = (tx: Statements) => Promise<boolean>;
/** @param first null where `by` is the first of two @throws COLLECTION_SAME_PERSON, COLLECTION_PERSON_NEEDED */
export async function mustBeOneOfTwo(
  { actor }: By,
  first: string | null,
  tx: Statements,
  arePeople: ArePeople,
): Promise<void> {
  const whyNot = await whyNotOneOfTwo(actor, first, () => arePeople(tx));
  if (whyNot !== null) throw collectionFailure(whyNot === 'same person' ? 'SAME_PERSON' : 'PERSON_NEEDED');
}
