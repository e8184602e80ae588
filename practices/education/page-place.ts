/** Where a page ended, as its `next` says it: a time as we write times, and an id. */
import { parsePublicId, type Uuid } from '#platform/ids';

/** @returns null: it is no `next` of ours */
export function placeOf(next: string, prefix: string): Readonly<{ at: Date; id: Uuid }> | null {
  const [text = '', last = ''] = next.split('~');
  const [ms, id] = [Date.parse(text), parsePublicId(prefix, last)];
  // a time that is written otherwise may be none that a database can be told, such as one of the year 0
  const isOurs = !Number.isNaN(ms) && new Date(ms).toISOString() === text && /^(?!0000)\d{4}-/.test(text);
  return isOurs && id !== null ? { at: new Date(ms), id } : null;
}
