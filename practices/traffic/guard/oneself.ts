/** Separation of duties: whom a case is about does not close it, silence it, or let themselves go. */
import type { By } from './measures.ts';

/** @param whom an id, or `key key_…` as a case says it; null: everybody */
export function isOneself({ actor, person }: By, whom: string | null): boolean {
  const id = whom?.split(' ').at(-1);
  return id !== undefined && (id === actor.id || id === person);
}
