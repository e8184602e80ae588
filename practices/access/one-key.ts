/** One key by its name, living or ended long ago. */
import type { Statements } from '#platform/db';
import { parsePublicId, publicId } from '#platform/ids';

import { keyView, type KeyView } from './key-actor.ts';
import { findKey, type KeyRow } from './store/keys.ts';

async function rowOf(db: Statements, id: string): Promise<KeyRow | null> {
  const keyId = parsePublicId('key', id);
  return keyId === null ? null : findKey(db, keyId);
}

/** @returns null: there is no such key */
export async function keyOf(db: Statements, id: string): Promise<KeyView | null> {
  const row = await rowOf(db, id);
  return row === null ? null : keyView(row);
}

/** @returns the person who stands behind it; null: nobody, or it is no key */
export async function behindKey(db: Statements, id: string): Promise<string | null> {
  const person = (await rowOf(db, id))?.person_id ?? null;
  return person === null ? null : publicId('per', person);
}
