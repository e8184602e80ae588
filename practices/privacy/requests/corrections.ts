/**
 * Fields that somebody wants corrected: of their own records, of those that "my data" shows them, with values that the
 * catalogue takes.
 *
 * INVARIANT: a new value stands in one place, sealed under a key of its subject, until it is decided on; then it is gone from
 * there. What is kept of it, and what the log has, is which field it was.
 */
import { isFailure, type Failure } from '#platform/failure';
import { parseRecordId, recordIdText, type RecordId, type SubjectId } from '#platform/ids';
import type { Catalog, FieldSpec } from '#practices/collection';
import type { Caller, Vault } from '#practices/vault';

import { signInFields } from '../customer/address.ts';
import { privacyFailure } from '../failures.ts';

type Value = Readonly<ReturnType<Vault['corrections']['check']>>[string];
/** As it comes from outside. */
export type AskedCorrection = Readonly<{ record: string; field: string; value: unknown }>;
/** As it is kept. */
export type Correction = Readonly<{
  record: string;
  collection: string;
  field: string;
  /** Until it is decided on. */
  value?: Value;
  outcome: 'asked' | 'done' | 'declined';
}>;
export type Correctable = Readonly<{ spec: FieldSpec; shown: string }>;
export type CorrectionDesk = {
  /** What of a record its subject may ask to have corrected, as it is now. @throws PRIVACY_FIELD_NOT_YOURS */
  correctable: (by: Caller, subjectId: SubjectId, record: string, shown: 'masked' | 'clear') => Promise<Readonly<{ collection: string; fields: ReadonlyMap<string, Correctable> }>>;
  /**
   * @param from a letter proves no mailbox: who takes one in would sign in as the customer by an address of their own, so what
   * somebody signs in by is corrected by themselves, or by who may write records
   * @throws PRIVACY_FIELD_NOT_YOURS, PRIVACY_CORRECTION_INVALID
   */
  check: (by: Caller, subjectId: SubjectId, asked: readonly AskedCorrection[], from: 'center' | 'letter') => Promise<readonly Correction[]>;
}; // prettier-ignore
export type CorrectionDeskNeeds = Readonly<{
  catalog: () => Catalog;
  vault: Pick<Vault, 'read'> & Readonly<{ corrections: Pick<Vault['corrections'], 'check' | 'fieldsOf'> }>;
}>;

export const AT_MOST = 50;
/** Without what it is to become. */
export const named = ({ record, collection, field, outcome }: Correction): Omit<Correction, 'value'> => ({
  record,
  collection,
  field,
  outcome,
});
export const placeOf = ({ record, field }: Readonly<{ record: string; field: string }>): string => `${record}/${field}`;
/** In the log: which field of which collection, not of which record. */
export const namesOf = (items: readonly Correction[]): readonly string[] => [
  ...new Set(items.map(({ collection, field }) => `${collection}.${field}`)),
];

/** What has no form that people write is asked for in words. */
const isCorrectable = ({ type }: FieldSpec): boolean => type !== 'json';
/** Of somebody else it is as if it were not there; nor is it looked at. @throws PRIVACY_FIELD_NOT_YOURS */
function ownRecord(subjectId: SubjectId, record: string): RecordId {
  const id = parseRecordId(record);
  if (id === null || id.subjectId !== subjectId || recordIdText(id) !== record) throw privacyFailure('FIELD_NOT_YOURS');
  return id;
}

export function createCorrectionDesk({ catalog, vault }: CorrectionDeskNeeds): CorrectionDesk {
  const correctable: CorrectionDesk['correctable'] = async (by, subjectId, record, shown) => {
    const id = ownRecord(subjectId, record);
    try {
      const [found] = (await vault.read(by, [id], { fields: null, masked: shown === 'masked' })).records;
      if (found === undefined) throw privacyFailure('FIELD_NOT_YOURS');
      const specs = catalog().collections.get(found.collection)?.fields;
      const fields = new Map<string, Correctable>();
      for (const [name, { state, value, masked, may }] of Object.entries(found.fields)) {
        const spec = specs?.get(name);
        // what is kept even from its subject is asked for in words
        if (spec === undefined || !isCorrectable(spec) || !(state === 'clear' || may === 'clear')) continue;
        fields.set(name, { spec, shown: textOf(value ?? masked ?? '') });
      }
      return { collection: found.collection, fields };
    } catch (thrown) {
      if (isFailure(thrown, 'VAULT_NOT_FOUND')) throw privacyFailure('FIELD_NOT_YOURS');
      throw thrown;
    }
  };
  return {
    correctable,
    check: async (by, subjectId, asked, from) => {
      if (asked.length > AT_MOST) throw privacyFailure('CORRECTION_INVALID', { detail: `at most ${AT_MOST} fields at once` });
      const found: Correction[] = [];
      const wrong: string[] = [];
      const byRecord = Map.groupBy(asked, ({ record }) => record);
      for (const [record, items] of byRecord) {
        // nothing is opened for a look at what is asked: what does not fit leaves no trace of a read
        const held = await vault.corrections.fieldsOf(by, ownRecord(subjectId, record));
        if (held === null) throw privacyFailure('FIELD_NOT_YOURS');
        const { collection } = held;
        const kept = catalog().collections.get(collection);
        const specs = kept?.fields;
        const signsIn = from === 'letter' && kept !== undefined ? signInFields(kept, by.purpose).map(({ name }) => name) : [];
        for (const { field, value } of items) {
          const spec = specs?.get(field);
          if (spec === undefined || !isCorrectable(spec) || !held.fields.has(field)) throw privacyFailure('FIELD_NOT_YOURS');
          if (signsIn.includes(field)) {
            wrong.push(field);
            continue;
          }
          const checked = valueOr(() => vault.corrections.check(by, collection, { [field]: value })[field]);
          if ('failure' in checked || checked.value === undefined) wrong.push(field);
          else found.push({ record, collection, field, value: checked.value, outcome: 'asked' });
        }
      }
      // which fields, and never what was written into them
      if (wrong.length > 0)
        throw privacyFailure('CORRECTION_INVALID', { detail: `these values do not fit: ${wrong.join(', ')}`, extra: { fields: wrong } });
      return merged([], found);
    },
  };
} // prettier-ignore

const textOf = (value: Value): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

function valueOr(check: () => Value | undefined): { value: Value | undefined } | { failure: Failure } {
  try {
    return { value: check() };
  } catch (thrown) {
    if (isFailure(thrown) && thrown.code.startsWith('VAULT_FIELD_')) return { failure: thrown };
    throw thrown;
  }
}

/** What is asked later for the same field is what is asked. @throws PRIVACY_CORRECTION_INVALID */
export function merged(before: readonly Correction[], after: readonly Correction[]): readonly Correction[] {
  const all = [...new Map([...before, ...after].map((each) => [placeOf(each), each])).values()];
  if (all.length > AT_MOST) throw privacyFailure('CORRECTION_INVALID', { detail: `at most ${AT_MOST} fields at once` });
  return all;
}
