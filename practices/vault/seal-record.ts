/** Seals the fields of one record into its box, and opens some of them again. */
import type { CollectionSpec, FieldSpec } from '#practices/collection';
import type { RecordId } from '#platform/ids';

import { fieldNo, placeOf, type Core } from './core.ts';
import { boxHeader } from './envelope.ts';
import { planExternalId } from './external-id.ts';
import { vaultFailure } from './failures.ts';
import { packRecord, unpackRecord, type BoxEntry, type BoxPlan } from './record-box.ts';
import { keyOf, newestKey, type OpenRing } from './subject-keys.ts';
import { KEY_CLASSES, type FieldValue } from './types.ts';

/** Fields whose length alone would tell the value are padded. */
const isEnumerated = (spec: FieldSpec): boolean =>
  spec.type === 'choice' || spec.type === 'boolean' || spec.type === 'country';

/** A plan to seal one field under the newest key of its class. The ring must have one. */
export function planField(
  core: Core,
  collection: CollectionSpec,
  ring: OpenRing,
  spec: FieldSpec,
  value: FieldValue,
): BoxPlan {
  const key = newestKey(ring, spec.class);
  if (key === undefined)
    throw vaultFailure('KEY_REFUSED', { detail: `the key ring has no key of class ${spec.class}` });
  const padded = isEnumerated(spec);
  return {
    fieldNo: fieldNo(core, collection, spec.name),
    classNo: KEY_CLASSES.indexOf(spec.class),
    sizeBytes: core.cipher.sizeOf(value, key, padded),
    write: (target, at) => core.cipher.seal(target, at, spec.name, value, key, padded),
  };
}

export function sealRecord(
  core: Core,
  collection: CollectionSpec,
  id: RecordId,
  ring: OpenRing,
  content: Readonly<{ fields: ReadonlyMap<string, FieldValue>; externalId: string | null }>,
): Buffer {
  const plans = [...content.fields].map(([name, value]) =>
    planField(core, collection, ring, collection.fields.get(name) as FieldSpec, value),
  );
  if (content.externalId !== null) plans.push(planExternalId(core, ring, content.externalId));
  core.cipher.bind(placeOf(core, collection, id));
  return packRecord(plans);
}

/**
 * Opens the named fields; null opens all. A field that the record does not have is not in the answer.
 * @throws VAULT_BOX_REFUSED, VAULT_KEY_REFUSED, VAULT_FORMAT_UNKNOWN
 */
export function openFields(
  core: Core,
  collection: CollectionSpec,
  id: RecordId,
  ring: OpenRing,
  box: Buffer,
  wanted: ReadonlySet<string> | null,
): Map<string, FieldValue> {
  const specs = core.fieldsByNo(collection);
  const opened = new Map<string, FieldValue>();
  core.cipher.bind(placeOf(core, collection, id));
  for (const entry of unpackRecord(box)) {
    const spec = specs.get(entry.fieldNo);
    if (spec === undefined || (wanted !== null && !wanted.has(spec.name))) continue;
    opened.set(spec.name, core.cipher.open(entry.box, spec.name, keyOfEntry(ring, entry)));
  }
  return opened;
}

/** Names of the fields a record has, without opening any. */
export function namesIn(core: Core, collection: CollectionSpec, box: Buffer): Set<string> {
  const specs = core.fieldsByNo(collection);
  return new Set(unpackRecord(box).flatMap((entry) => specs.get(entry.fieldNo)?.name ?? []));
}

export function keyOfEntry(ring: OpenRing, entry: BoxEntry) {
  const keyClass = KEY_CLASSES[entry.classNo];
  if (keyClass === undefined) throw vaultFailure('FORMAT_UNKNOWN');
  return keyOf(ring, keyClass, boxHeader(entry.box).keyVersion);
}
