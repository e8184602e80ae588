/**
 * A record's external id, sealed in its box beside the fields: search finds it by an HMAC, and only the value itself can
 * be indexed anew under another key.
 *
 * It takes field number 0, which is given to no field, under the name `#external`, which no field can have.
 * Source: docs/formats/record-box.md §1
 */
import type { CollectionSpec } from '#practices/collection';
import type { RecordId } from '#platform/ids';

import { placeOf, type Core } from './core.ts';
import { boxHeader } from './envelope.ts';
import { vaultFailure } from './failures.ts';
import { unpackRecord, type BoxPlan } from './record-box.ts';
import { keyOf, newestKey, type OpenRing } from './subject-keys.ts';
import { KEY_CLASSES, type KeyClass } from './types.ts';

export const EXTERNAL_ID = '#external';
export const EXTERNAL_NO = 0;
/** A number that names a person in another system. */
export const EXTERNAL_CLASS: KeyClass = 'personal';

/** A plan to seal the external id under the newest personal key. The ring must have one. */
export function planExternalId(core: Core, ring: OpenRing, externalId: string): BoxPlan {
  const key = newestKey(ring, EXTERNAL_CLASS);
  if (key === undefined)
    throw vaultFailure('KEY_REFUSED', { detail: `the key ring has no key of class ${EXTERNAL_CLASS}` });
  return {
    fieldNo: EXTERNAL_NO,
    classNo: KEY_CLASSES.indexOf(EXTERNAL_CLASS),
    sizeBytes: core.cipher.sizeOf(externalId, key, false),
    write: (target, at) => core.cipher.seal(target, at, EXTERNAL_ID, externalId, key, false),
  };
}

/** @returns null when the record has none @throws VAULT_BOX_REFUSED, VAULT_KEY_REFUSED, VAULT_FORMAT_UNKNOWN */
export function openExternalId(
  core: Core,
  collection: CollectionSpec,
  id: RecordId,
  ring: OpenRing,
  box: Buffer,
): string | null {
  const entry = unpackRecord(box).find(({ fieldNo }) => fieldNo === EXTERNAL_NO);
  if (entry === undefined) return null;
  core.cipher.bind(placeOf(core, collection, id));
  const key = keyOf(ring, EXTERNAL_CLASS, boxHeader(entry.box).keyVersion);
  const value = core.cipher.open(entry.box, EXTERNAL_ID, key);
  if (typeof value !== 'string') throw vaultFailure('FORMAT_UNKNOWN');
  return value;
}
