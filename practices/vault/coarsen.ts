/**
 * Makes a value less exact, so that it still serves what it is kept for: a date becomes its year, a postcode its area. As
 * `minimise: year` and `prefix:3` of the catalogue do it on the way in (docs/formats/catalog.md §4.1).
 */
import type { FieldSpec } from '#practices/collection';

import type { FieldValue } from './types.ts';

const POSTCODE_UNITS = 3;

/** @returns the value itself when it is as coarse already; null for a type that has no coarser form */
export function coarsen({ type }: Pick<FieldSpec, 'type'>, value: FieldValue): FieldValue | null {
  if (typeof value !== 'string') return null;
  if (type === 'date') return `${value.slice(0, 4)}-01-01`;
  if (type === 'postcode') return value.replaceAll(' ', '').slice(0, POSTCODE_UNITS);
  return null;
}
