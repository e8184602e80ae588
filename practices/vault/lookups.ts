/**
 * What a record leaves in the lookup tables, and what a search looks for there.
 *
 * Every stored value is 16 bytes. An entry of a bucket index is shorter and would meet other fields' buckets in the one
 * table, so it stands behind 12 bytes that name its index.
 * Source: docs/formats/blind-index.md
 */
import { createHash, type KeyObject } from 'node:crypto';

import { lengthPrefixed, macUnder, type Mac } from '#platform/crypto';
import type { CollectionSpec, FieldSpec } from '#practices/collection';

import { deriveIndexKey, INDEX_VALUE_BYTES, indexValue, lookupValues, queryValues } from './blind-index.ts';
import type { Epochs } from './epochs.ts';
import { EXTERNAL_ID } from './external-id.ts';
import { vaultFailure } from './failures.ts';
import { normalise, transformForId } from './normalise.ts';
import type { FieldValue } from './types.ts';

export type SearchTerm = FieldValue | Readonly<{ prefix: string }> | Readonly<{ month: string }>;
export type RecordLookups = Readonly<{
  lookups: readonly Buffer[];
  /** The external id's first, where there is one. */
  uniques: readonly Buffer[];
  /** The same uniques under epochs that are being left: who holds one of these holds the value. */
  former: readonly (readonly Buffer[])[];
  /** The index epoch of `lookups` and `uniques`. */
  epoch: number;
}>;

/** While an index is rebuilt, a value stands under the old epoch or the new one: a search asks for both. */
export type Alternatives = readonly Buffer[];
/** What to look for: all groups must hit, each by one of its alternatives. */
export type LookupQuery = Readonly<{ epoch: number; groups: readonly Alternatives[] }>;

export type Lookups = {
  /** The current index epoch. */
  epoch: () => number;
  /** @param externalId null when the record has none */
  ofRecord: (
    collection: CollectionSpec,
    fields: ReadonlyMap<string, FieldValue>,
    externalId: string | null,
  ) => RecordLookups;
  externalId: (collection: CollectionSpec, externalId: string) => LookupQuery;
  /** @throws VAULT_NOT_SEARCHABLE */
  query: (collection: CollectionSpec, field: FieldSpec, term: SearchTerm) => LookupQuery;
};

export function createLookups({ epochs }: { epochs: Epochs }): Lookups {
  const keys = new Map<string, Mac>();
  const keyOf = (root: IndexRoot, collection: string, field: string, transform: string): Mac => {
    const name = `${root.epoch}/${collection}/${field}/${transform}`;
    let key = keys.get(name);
    if (key === undefined) {
      key = macUnder(deriveIndexKey(root.key, { collection, field, transform, epoch: root.epoch }));
      keys.set(name, key);
    }
    return key;
  };
  const former = (): IndexRoot[] =>
    epochs
      .list()
      .filter(({ use, state }) => use === 'index' && state === 'retiring')
      .flatMap(({ epoch }) => {
        const key = epochs.known('index', epoch);
        return key === undefined ? [] : [{ epoch, key }];
      });

  const externalValue = (root: IndexRoot, collection: CollectionSpec, id: string): Buffer => {
    const transform = transformForId(collection.externalId.normalise);
    const normalised = normalise(transform, id);
    if (normalised === null)
      throw vaultFailure('FIELD_INVALID', {
        detail: 'the external id is empty or not of its form',
        extra: { field: 'externalId' },
      });
    return indexValue(keyOf(root, collection.name, EXTERNAL_ID, transform), normalised);
  };

  const valuesUnder = (
    root: IndexRoot,
    collection: CollectionSpec,
    fields: ReadonlyMap<string, FieldValue>,
    id: string | null,
  ): { lookups: Buffer[]; uniques: Buffer[] } => {
    const lookups = new Map<string, Buffer>();
    const uniques: Buffer[] = id === null ? [] : [externalValue(root, collection, id)];
    for (const [name, value] of fields) {
      const spec = collection.fields.get(name);
      if (spec === undefined || spec.search.length === 0) continue;
      const unique = spec.search.some((search) => search.kind === 'exact' && search.unique);
      for (const found of lookupValues(spec, value, (transform) => keyOf(root, collection.name, name, transform))) {
        const stored = padded(collection.name, name, found.transform, found.value);
        if (unique && !found.transform.startsWith('prefix') && !found.transform.startsWith('month'))
          uniques.push(stored);
        else lookups.set(stored.toString('latin1'), stored);
      }
    }
    return { lookups: [...lookups.values()], uniques };
  };

  /** @param valuesOf the values under one epoch, the same number under each */
  const overEpochs = (valuesOf: (root: IndexRoot) => readonly Buffer[]): LookupQuery => {
    const current = epochs.current('index');
    const under = [current, ...former()].map(valuesOf);
    return {
      epoch: current.epoch,
      groups: (under[0] as readonly Buffer[]).map((_, at) => under.map((values) => values[at] as Buffer)),
    };
  };

  return {
    epoch: () => epochs.current('index').epoch,
    externalId: (collection, id) => overEpochs((root) => [externalValue(root, collection, id)]),
    ofRecord: (collection, fields, id) => {
      const root = epochs.current('index');
      return {
        ...valuesUnder(root, collection, fields, id),
        former: former().map((each) => valuesUnder(each, collection, fields, id).uniques),
        epoch: root.epoch,
      };
    },
    query: (collection, spec, term) => {
      const { kind, asked } = readTerm(term);
      return overEpochs((root) => {
        const found = queryValues(spec, kind, asked, (transform) => keyOf(root, collection.name, spec.name, transform));
        if (!found.ok) throw notSearchable(spec.name, kind, found.because);
        return found.query.values.map((value) => padded(collection.name, spec.name, found.query.transform, value));
      });
    },
  };
}

type IndexRoot = Readonly<{ epoch: number; key: KeyObject }>;

/** A bucket's entry is shorter than the others: it stands behind 12 bytes that name its index. */
function padded(collection: string, field: string, transform: string, value: Buffer): Buffer {
  if (value.length === INDEX_VALUE_BYTES) return value;
  const index = createHash('sha256')
    .update(lengthPrefixed('strongroom/bucket/1', collection, field, transform))
    .digest();
  const whole = Buffer.alloc(INDEX_VALUE_BYTES);
  index.copy(whole, 0, 0, 12);
  value.copy(whole, 12);
  return whole;
}

function notSearchable(field: string, kind: string, because: 'not-searchable' | 'not-comparable' | 'too-short') {
  const why = {
    'not-searchable': `has no ${kind} search`,
    'not-comparable': 'cannot be compared with this value',
    'too-short': 'needs at least two letters',
  };
  return vaultFailure('NOT_SEARCHABLE', { detail: `${field} ${why[because]}`, extra: { field } });
}

export function readTerm(term: SearchTerm): { kind: 'exact' | 'prefix' | 'month'; asked: FieldValue } {
  if (typeof term === 'object' && !Array.isArray(term)) {
    if ('prefix' in term && typeof term.prefix === 'string') return { kind: 'prefix', asked: term.prefix };
    if ('month' in term && typeof term.month === 'string') return { kind: 'month', asked: `${term.month}-01` };
  }
  return { kind: 'exact', asked: term as FieldValue };
}
