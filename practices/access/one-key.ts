/** Who stands behind a key, long after what was done with it. */
import type { Statements } from '#platform/db';
import { parsePublicId, publicId } from '#platform/ids';

import { personBehind } from './store/keys.ts';

/** @returns the person, of a key that has ended too; null: nobody, or it is no key */
export async function behindKey(db: Statements, id: string): Promise<string | null> {
  const keyId = parsePublicId('key', id);
  const person = keyId === null ? null : await personBehind(db, keyId);
  return person === null ? null : publicId('per', person);
}
