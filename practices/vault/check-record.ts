/** Reads what somebody wants to store against the catalogue: the edge after which fields are trusted. */
import type { FailureMore, Failure } from '#platform/failure';
import { parseSubjectId, type SubjectId } from '#platform/ids';
import { parseInstant } from '#platform/instant';
import type { CheckedValue, CollectionSpec, FieldSpec } from '#practices/collection';

import { vaultFailure } from './failures.ts';
import type { FieldValue } from './types.ts';

export type PutItem = Readonly<{
  subject?: Readonly<{ externalId?: string | undefined; id?: string | undefined }> | undefined;
  fields: Readonly<Record<string, unknown>>;
  expiresAt?: string | undefined;
}>;
export type CheckedItem = Readonly<{
  subjectId: SubjectId | null;
  externalId: string | null;
  fields: ReadonlyMap<string, FieldValue>;
  expiresAt: Date | null;
  /** What should be looked at, and was taken all the same. */
  warnings: readonly FieldWarning[];
}>;
export type FieldWarning = Readonly<{ field: string; says: string }>;
/** Handed over from the collection practice by server/compose.ts. */
export type CheckValue = (spec: FieldSpec, value: unknown, collection: CollectionSpec) => CheckedValue;

/** @throws VAULT_FIELD_UNKNOWN, VAULT_FIELD_INVALID, VAULT_FIELD_REQUIRED, VAULT_ID_INVALID, VAULT_EXPIRY_INVALID */
export function checkItem(collection: CollectionSpec, item: PutItem, checkValue: CheckValue, now: Date): CheckedItem {
  const { id, externalId = null } = item.subject ?? {};
  const subjectId = id === undefined ? null : parseSubjectId(id);
  if (id !== undefined && subjectId === null)
    throw vaultFailure('ID_INVALID', { detail: 'subject.id is not an id of a subject' });
  const fields = new Map<string, FieldValue>();
  const warnings: FieldWarning[] = [];
  for (const [name, value] of Object.entries(item.fields)) {
    const spec = fieldSpec(collection, name);
    if (value === null) continue;
    fields.set(name, checkField(spec, value, { collection, checkValue, warnings }));
  }
  for (const spec of collection.fields.values()) {
    if (spec.required && !fields.has(spec.name)) throw fieldFailure('FIELD_REQUIRED', spec.name, 'is required');
  }
  return { subjectId, externalId, fields, expiresAt: checkExpiry(item.expiresAt, now), warnings };
}

/** @returns changes; null takes a field away */
export function checkChanges(
  collection: CollectionSpec,
  changes: Readonly<Record<string, unknown>>,
  checkValue: CheckValue,
): { fields: Map<string, FieldValue | null>; warnings: readonly FieldWarning[] } {
  const checked = new Map<string, FieldValue | null>();
  const warnings: FieldWarning[] = [];
  for (const [name, value] of Object.entries(changes)) {
    const spec = fieldSpec(collection, name);
    if (value === null && spec.required)
      throw fieldFailure('FIELD_REQUIRED', name, 'is required and cannot be taken away');
    checked.set(name, value === null ? null : checkField(spec, value, { collection, checkValue, warnings }));
  }
  return { fields: checked, warnings };
}

export function checkExpiry(text: string | undefined | null, now: Date): Date | null {
  if (text === undefined || text === null) return null;
  const at = parseInstant(text);
  if (at === null || at === 'form' || at <= now) throw vaultFailure('EXPIRY_INVALID');
  return at;
}

/**
 * For the fields of one record: a transaction that is run again after a collision asks no second time, and what was found is
 * counted at the gate once. Another version of the catalogue has other fields, and is asked.
 */
export function checkedOnce(checkValue: CheckValue): CheckValue {
  const known = new Map<FieldSpec, CheckedValue>();
  return (spec, value, collection) => {
    const checked = known.get(spec) ?? checkValue(spec, value, collection);
    known.set(spec, checked);
    return checked;
  };
}

function fieldSpec(collection: CollectionSpec, name: string): FieldSpec {
  const spec = collection.fields.get(name);
  // the name came from outside: it may itself be a value put into the wrong place, so only a plain name is repeated
  if (spec === undefined)
    throw fieldFailure(
      'FIELD_UNKNOWN',
      /^[a-z][a-z0-9_]{0,62}$/.test(name) ? name : 'a field',
      `is not in the collection ${collection.name}`,
    );
  return spec;
}

function checkField(
  spec: FieldSpec,
  value: unknown,
  how: Readonly<{ collection: CollectionSpec; checkValue: CheckValue; warnings: FieldWarning[] }>,
): FieldValue {
  const checked = how.checkValue(spec, value, how.collection);
  if (!checked.ok)
    throw fieldFailure(
      checked.because.includes('longer') ? 'FIELD_TOO_LARGE' : 'FIELD_INVALID',
      spec.name,
      checked.because,
    );
  for (const says of checked.warns ?? []) how.warnings.push({ field: spec.name, says });
  return checked.value;
}

type FieldCode = 'FIELD_UNKNOWN' | 'FIELD_INVALID' | 'FIELD_REQUIRED' | 'FIELD_TOO_LARGE';
export const fieldFailure = (code: FieldCode, field: string, because: string): Failure =>
  vaultFailure(code, { detail: `${field} ${because}`, extra: { field } } satisfies FailureMore);

/** Whom it is about, each once; undefined for somebody new, and for what is no id: that is rejected as an item of its own. */
export const subjectsOf = (items: readonly PutItem[]): readonly (SubjectId | undefined)[] => [
  ...new Set(
    items.map(({ subject }) => (subject?.id === undefined ? undefined : (parseSubjectId(subject.id) ?? undefined))),
  ),
];
