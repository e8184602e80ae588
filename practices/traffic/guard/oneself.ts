/** Separation of duties: whom a case is about does not close it, silence it, or let themselves go. */
import type { Statements } from '#platform/db';

import type { By } from './measures.ts';

/** The person whose own a key is; null: nobody's, or a service's. */
export type OwnerOf = (statements: Statements, keyId: string) => Promise<string | null>;

/** @param whom ids, or `key key_…` as a case says it; null: everybody */
export async function isOneself(
  { actor, person }: By,
  whom: readonly (string | null | undefined)[],
  ownerOf: (keyId: string) => ReturnType<OwnerOf>,
): Promise<boolean> {
  const ids = new Set(whom.flatMap((each) => each?.split(' ').at(-1) ?? []));
  if (ids.has(actor.id) || (person !== undefined && ids.has(person))) return true;
  if (person === undefined) return false;
  for (const id of ids) if (id.startsWith('key_') && (await ownerOf(id)) === person) return true;
  return false;
}
