/** Where a page ended, as its `next` says it: a time as we write times, and an id. */
import { parsePublicId, type Uuid } from '#platform/ids';
import { isKept } from '#platform/instant';

/** @returns null: it is no `next` of ours */
export function placeOf(next: string, prefix: string): Readonly<{ at: Date; id: Uuid }> | null {
  const [text = '', last = ''] = next.split('~');
  const [ms, id] = [Date.parse(text), parsePublicId(prefix, last)];
  const isOurs = isKept(ms) && new Date(ms).toISOString() === text;
  return isOurs && id !== null ? { at: new Date(ms), id } : null;
}
