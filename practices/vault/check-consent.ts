/**
 * What a subject said to the purposes of what is to be stored. It is known only where the subject's keys are locked: a withdrawal
 * waits for the write, or the write sees it.
 */
import type { CollectionSpec, FieldSpec } from '#practices/collection';

import { fieldFailure, type FieldWarning } from './check-record.ts';
import { consentTo, type Consents, type ConsentState } from './consents.ts';

/** Handed over from the collection practice by server/compose.ts, with the purpose of the request. */
export type CheckConsent = (
  spec: FieldSpec,
  collection: CollectionSpec,
  said: (purpose: string) => ConsentState,
) => Readonly<{ ok: true; warns?: readonly string[] }> | Readonly<{ ok: false; because: string }>;

/**
 * @param names fields that get a value; what is taken away needs nobody's yes
 * @param consents null of a subject who said nothing, or is new
 * @throws VAULT_FIELD_INVALID
 */
export function checkConsents(
  collection: CollectionSpec,
  names: Iterable<string>,
  { check, consents, now }: Readonly<{ check: CheckConsent; consents: Consents | null; now: Date }>,
): FieldWarning[] {
  const said = (purpose: string): ConsentState => consentTo(consents, purpose, now);
  const warnings: FieldWarning[] = [];
  for (const name of names) {
    const checked = check(collection.fields.get(name) as FieldSpec, collection, said);
    if (!checked.ok) throw fieldFailure('FIELD_INVALID', name, checked.because);
    for (const says of checked.warns ?? []) warnings.push({ field: name, says });
  }
  return warnings;
}
