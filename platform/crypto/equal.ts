/** Comparison of tags, commitments and lookups. */
import { timingSafeEqual } from 'node:crypto';

/** Same bytes? Time depends on the lengths only, which are never secret here. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
