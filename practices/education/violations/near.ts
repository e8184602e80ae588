/**
 * Who may decide: somebody who did not open it, is not whom it is about, stands in nothing of it, and has decided nothing in
 * it before. People are counted, and not their keys and sessions.
 */
import { publicId } from '#platform/ids';

import type { ViolationRow, WordRow } from '../store/violations.ts';

type Near = Pick<ViolationRow, 'apart' | 'opened_by' | 'person_id'>;

/** Who may not, beside the person: they are told of nothing to be decided. */
export const nearTo = (row: Pick<ViolationRow, 'apart' | 'opened_by'>, words: readonly Pick<WordRow, 'kind' | 'who'>[] = []): readonly string[] =>
  [row.opened_by, ...row.apart, ...words.flatMap(({ kind, who }) => (kind === 'vote' || kind === 'answer' ? [who] : []))]; // prettier-ignore

/** @returns why not; null: they may */
export function whyNotDecide(row: Near, words: readonly Pick<WordRow, 'kind' | 'who'>[], who: string): string | null {
  if (publicId('per', row.person_id) === who) return 'it is about you';
  if (row.opened_by === who) return 'you opened it';
  if (row.apart.includes(who)) return 'you stand in it yourself, or are too near';
  if (words.some(({ kind, who: decided }) => (kind === 'vote' || kind === 'answer') && decided === who)) return 'you have decided in it before'; // prettier-ignore
  return null;
}
