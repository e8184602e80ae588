/**
 * Whoever changes what others may, changes it one after the other; and when their turn comes they are still there: who was
 * let in at the door a moment before their access ended leaves no key, person or approval behind.
 *
 * INVARIANT: what takes a person's keys, or a key, holds the same lock, so that it comes before such a change, or finds what it made.
 */
import type { Statements } from '#platform/db';
import { parsePublicId } from '#platform/ids';

import type { Actor } from './decide.ts';
import { accessFailure } from './failures.ts';
import { lockChanges } from './store/provisioned.ts';
import { hasEnded } from './store/still-there.ts';

/** @throws ACCESS_UNAUTHENTICATED */
export async function lockChangesBy(tx: Statements, { id, session }: Pick<Actor, 'id' | 'session'>): Promise<void> {
  await lockChanges(tx);
  const by = {
    session: parsePublicId('ses', session?.id ?? ''),
    key: parsePublicId('key', id),
    workload: parsePublicId('wkl', id),
  };
  if (await hasEnded(tx, by)) throw accessFailure('UNAUTHENTICATED');
}
