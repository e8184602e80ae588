/**
 * What a record leaves in the lookup tables, and what a search looks for there.
 *
 * Every stored value is 16 bytes. An entry of a bucket index is shorter and would meet other fields' buckets in the one
 * table, so it stands behind 12 bytes that name its index.
 * Source: docs/formats/blind-index.md
 */
import { createHash, type KeyObject } from 'node:crypto';

import { lengthPrefixed } from '#platform/crypto';
import type { CollectionSpec, FieldSpec } from '#practices/collection';

import { deriveIndexKey, INDEX_VALUE_BYTES, indexValue, lookupValues, queryValues } from './blind-index.ts';
import type { Epochs } from './epochs.ts';
import { vaultFailure } from './failures.ts';
import { normalise, transformForId } from './normalise.ts';
import type { FieldValue } from './types.ts';

export type SearchTerm = FieldValue | Readonly<{ prefix: string }> | Readonly<{ month: string }>;
export type RecordLookups = Readonly<{ lookups: readonly Buffer[]; uniques: readonly Buffer[] }>;

export type Lookups = {
  epoch: () => number;
  /** @param externalId null when the record has none */
  ofRecord: (
    collection: CollectionSpec,
    fields: ReadonlyMap<string, FieldValue>,
    externalId: string | null,
  ) => RecordLookups;
  externalId: (collection: CollectionSpec, externalId: string) => Buffer;
  /** @throws VAULT_NOT_SEARCHABLE */
  query: (collection: CollectionSpec, field: FieldSpec, term: SearchTerm) => readonly Buffer[];
};

const EXTERNAL_ID = '#external';

export function createLookups({ epochs }: { epochs: Epochs }): Lookups {
  const keys = new Map<string, KeyObject>();
  const keyOf = (collection: string, field: string, transform: string): KeyObject => {
    const root = epochs.current('index');
    const name = `${root.epoch}/${collection}/${field}/${transform}`;
    let key = keys.get(name);
    if (key === undefined) {
      key = deriveIndexKey(root.key, { collection, field, transform, epoch: root.epoch });
      keys.set(name, key);
    }
    return key;
  };
  const full = (collection: string, field: string, transform: string, value: Buffer): Buffer => {
    if (value.length === INDEX_VALUE_BYTES) return value;
    const index = createHash('sha256')
      .update(lengthPrefixed('strongroom/bucket/1', collection, field, transform))
      .digest();
    const padded = Buffer.alloc(INDEX_VALUE_BYTES);
    index.copy(padded, 0, 0, 12);
    value.copy(padded, 12);
    return padded;
  };

  const externalId: Lookups['externalId'] = (collection, id) => {
    const transform = transformForId(collection.externalId.normalise);
    const normalised = normalise(transform, id);
    if (normalised === null)
      throw vaultFailure('FIELD_INVALID', {
        detail: 'the external id is empty or not of its form',
        extra: { field: 'externalId' },
      });
    return indexValue(keyOf(collection.name, EXTERNAL_ID, transform), normalised);
  };

  return {
    epoch: () => epochs.current('index').epoch,
    externalId,
    ofRecord: (collection, fields, id) => {
      const lookups = new Map<string, Buffer>();
      const uniques: Buffer[] = id === null ? [] : [externalId(collection, id)];
      for (const [name, value] of fields) {
        const spec = collection.fields.get(name);
        if (spec === undefined || spec.search.length === 0) continue;
        const unique = spec.search.some((search) => search.kind === 'exact' && search.unique);
        for (const found of lookupValues(spec, value, (transform) => keyOf(collection.name, name, transform))) {
          const stored = full(collection.name, name, found.transform, found.value);
          if (unique && !found.transform.startsWith('prefix') && !found.transform.startsWith('month'))
            uniques.push(stored);
          else lookups.set(stored.toString('latin1'), stored);
        }
      }
      return { lookups: [...lookups.values()], uniques };
    },
    query: (collection, spec, term) => {
      const { kind, asked } = readTerm(term);
      const found = queryValues(spec, kind, asked, (transform) => keyOf(collection.name, spec.name, transform));
      if (!found.ok) {
        const why = {
          'not-searchable': `has no ${kind} search`,
          'not-comparable': 'cannot be compared with this value',
          'too-short': 'needs at least two letters',
        };
        throw vaultFailure('NOT_SEARCHABLE', {
          detail: `${spec.name} ${why[found.because]}`,
          extra: { field: spec.name },
        });
      }
      return found.query.values.map((value) => full(collection.name, spec.name, found.query.transform, value));
    },
  };
}

export function readTerm(term: SearchTerm): { kind: 'exact' | 'prefix' | 'month'; asked: FieldValue } {
  if (typeof term === 'object' && !Array.isArray(term)) {
    if ('prefix' in term && typeof term.prefix === 'string') return { kind: 'prefix', asked: term.prefix };
    if ('month' in term && typeof term.month === 'string') return { kind: 'month', asked: `${term.month}-01` };
  }
  return { kind: 'exact', asked: term as FieldValue };
}
