/**
 * Search without opening: HMACs of normalised values, under a key of their own per (collection, field, transform, epoch).
 *
 * value = HMAC-SHA-256(index key, normalised) truncated to 16 bytes, or to `bits` for a bucket index, where different
 * values share an entry on purpose. Every hit is checked again after opening.
 * Source: docs/formats/blind-index.md; RFC 2104 §5 (truncation); RFC 5869 §2.3 (expand)
 */
import { createSecretKey, type KeyObject } from 'node:crypto';

import { hmacExpand, lengthPrefixed, type Mac } from '#platform/crypto';
import type { FieldSpec, Search, SearchKind } from '#practices/collection';

import { normalise, prefixesOf, prefixQuery, transformFor } from './normalise.ts';
import type { FieldValue } from './types.ts';

/** Size of an entry of a full index, in bytes. */
export const INDEX_VALUE_BYTES = 16;

/** @param transform label such as `email/1`, or `name/1/b12` for a bucket index of 12 bits */
export type IndexPlace = Readonly<{ collection: string; field: string; transform: string; epoch: number }>;
/** Gives the HMAC under the key of one transform of the field at hand. */
export type IndexKeyOf = (transform: string) => Mac;
export type LookupValue = Readonly<{ transform: string; value: Buffer }>;
export type IndexQuery = Readonly<{ transform: string; /** All of them must hit. */ values: readonly Buffer[] }>;

/**
 * @param indexRoot 32 bytes
 * @returns a key of 32 bytes; derive once and keep it: 2 HMACs, against 1 for each value
 */
export function deriveIndexKey(indexRoot: KeyObject, place: IndexPlace): KeyObject {
  const epoch = Buffer.alloc(4);
  epoch.writeUInt32BE(place.epoch);
  const label = lengthPrefixed('strongroom/index/1', place.collection, place.field, place.transform, epoch);
  return createSecretKey(hmacExpand(indexRoot, label));
}

/** The label of one index: its transform, and its size where it is a bucket index. */
export function indexLabel(field: Pick<FieldSpec, 'type'>, search: Search): string {
  const transform = transformFor(field, search.kind);
  return search.kind === 'exact' && search.bits !== null ? `${transform}/b${search.bits}` : transform;
}

/**
 * One entry of an index.
 * @param bits null for all 16 bytes; else ⌈bits/8⌉ bytes, whose bits beyond are zero
 */
export function indexValue(under: Mac, normalised: string, bits: number | null = null): Buffer {
  const mac = under(normalised);
  if (bits === null) return mac.subarray(0, INDEX_VALUE_BYTES);
  const size = Math.ceil(bits / 8);
  const value = mac.subarray(0, size);
  value[size - 1] = (value[size - 1] as number) & (0xff << (size * 8 - bits));
  return value;
}

/** @returns the entries to store for a value: none for a field without search, several for prefixes */
export function lookupValues(field: FieldSpec, value: FieldValue, keyOf: IndexKeyOf): LookupValue[] {
  const entries: LookupValue[] = [];
  for (const search of field.search) {
    const transform = indexLabel(field, search);
    const normalised = normalise(transformFor(field, search.kind), value, field.country);
    if (normalised === null) continue;
    const key = keyOf(transform);
    if (search.kind === 'prefix') {
      for (const prefix of prefixesOf(normalised)) entries.push({ transform, value: indexValue(key, prefix) });
    } else entries.push({ transform, value: indexValue(key, normalised, bitsOf(search)) });
  }
  return entries;
}

export type QueryValues =
  | Readonly<{ ok: true; query: IndexQuery }>
  | Readonly<{ ok: false; because: 'not-searchable' | 'not-comparable' | 'too-short' }>;

/** @param kind how the caller wants to compare; the field must declare it */
export function queryValues(field: FieldSpec, kind: SearchKind, value: FieldValue, keyOf: IndexKeyOf): QueryValues {
  const search = field.search.find((one) => one.kind === kind);
  if (search === undefined) return { ok: false, because: 'not-searchable' };
  const transform = indexLabel(field, search);
  const normalised = normalise(transformFor(field, kind), value, field.country);
  if (normalised === null) return { ok: false, because: 'not-comparable' };
  const asked = kind === 'prefix' ? prefixQuery(normalised) : [normalised];
  if (asked.length === 0) return { ok: false, because: 'too-short' };
  const key = keyOf(transform);
  return { ok: true, query: { transform, values: asked.map((one) => indexValue(key, one, bitsOf(search))) } };
}

/** Whether an opened value is really what was asked for: buckets and truncation let others through. */
export function matchesQuery(field: FieldSpec, kind: SearchKind, stored: FieldValue, asked: FieldValue): boolean {
  const transform = transformFor(field, kind);
  const held = normalise(transform, stored, field.country);
  const wanted = normalise(transform, asked, field.country);
  if (held === null || wanted === null) return false;
  if (kind !== 'prefix') return held === wanted;
  const words = held.split(/[^\p{L}\p{M}\p{N}]+/u);
  return wanted.split(/[^\p{L}\p{M}\p{N}]+/u).every((word) => words.some((one) => one.startsWith(word)));
}

function bitsOf(search: Search): number | null {
  return search.kind === 'exact' ? search.bits : null;
}
