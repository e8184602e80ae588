/**
 * The identity of a catalogue: SHA-256 over its canonical form.
 *
 * Canonical form: JSON of the resolved catalogue with sorted keys, without nulls and empty lists, so that a later
 * optional entry that is not used leaves every version as it was. Order of declarations and comments do not count.
 * Source: docs/formats/catalog.md §6
 */
import { createHash } from 'node:crypto';

import type { Catalog } from './catalog.ts';

export function canonicalJson(value: unknown): string {
  if (value instanceof Map) return canonicalJson(Object.fromEntries(value as Map<string, unknown>));
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== null && item !== undefined && !(Array.isArray(item) && item.length === 0))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** @returns 64 hex digits */
export function catalogVersion(catalog: Omit<Catalog, 'version'>): string {
  return createHash('sha256')
    .update(
      canonicalJson({
        schema: 'strongroom/catalog/1',
        ...catalog,
        recipients: catalog.recipients.size === 0 ? null : catalog.recipients,
      }),
    )
    .digest('hex');
}
