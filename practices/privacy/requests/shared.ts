/**
 * What is asked for by several: who asks for the same once more, adds to it, or says something to it.
 *
 * INVARIANT: nobody rides on what another has shown: the harder asker holds, and the less of both.
 */
import { privacyFailure } from '../failures.ts';
import type { RequestChange, RequestRow } from '../store/requests.ts';
import { fresh, LEVELS, needed, reached, type Asker, type Level, type Proof } from './proof.ts';

export type Shown = Readonly<{ asker: Asker; proofs: readonly Proof[] }>;
type Guarded = Pick<RequestRow, 'kind' | 'corrects' | 'nearest' | 'surest'>;
type Row = Guarded & Pick<RequestRow, 'asker' | 'proofs' | 'closed_at'>;

/** Who has to show more comes later. */
const HARDER: readonly Asker[] = ['subject', 'unheld', 'agent'];
const harder = (one: Asker, other: Asker): Asker => (HARDER.indexOf(one) > HARDER.indexOf(other) ? one : other);
const height = (
  proofs: readonly Proof[],
  { kind, asker, corrects }: Pick<Row, 'kind' | 'asker' | 'corrects'>,
): number => LEVELS.indexOf(reached(proofs, { kind, asker, corrects, special: false }));

export function shownForBoth(before: Pick<Row, 'kind' | 'asker' | 'proofs'>, after: Shown, corrects: readonly string[]): Shown {
  const asker = harder(before.asker, after.asker);
  const of = { kind: before.kind, asker, corrects };
  return { asker, proofs: height(before.proofs, of) < height(after.proofs, of) ? before.proofs : after.proofs };
} // prettier-ignore

const same = (a: readonly Proof[], b: readonly Proof[]): boolean => JSON.stringify(a) === JSON.stringify(b);
export const isShownAs = (a: Shown, b: Shown): boolean => a.asker === b.asker && same(a.proofs, b.proofs);
/** What becomes of it. */
export function heard(row: Row, after: Shown, now: Date): RequestChange {
  const before = { ...row, proofs: fresh(row, now) };
  const both = shownForBoth(before, after, row.corrects);
  const guarded = guards(row, after, now);
  if (isShownAs(both, before)) return guarded;
  // of others it is the same whatever is held
  const needs: { proof_needed?: Level } = both.asker === 'subject' ? {} : { proof_needed: needed({ ...row, asker: both.asker, special: false }) };
  return { ...both, ...needs, ...guarded, first_eyes: null };
} // prettier-ignore

/** Whether a session of the subject shows more than what is there: then its whole set takes the place, never a part of each. */
export const isSurer = (row: Row, { proofs }: Shown, now: Date): boolean =>
  height(proofs, row) > height(fresh(row, now), row);

/** By the fields that are named by now and by none: who names another one makes nothing less of what was shown. */
const heights = ({ asker, proofs }: Shown, { kind, corrects }: Guarded, now: Date): readonly number[] =>
  [corrects, []].map((each) => height(fresh({ proofs, closed_at: null }, now), { kind, asker, corrects: each }));
const covers = (one: readonly number[], other: readonly number[]): boolean =>
  one.every((each, at) => each >= (other[at] ?? 0));

/** What protects a request from being taken back only rises, for the thirty days that a proof counts: who is nearest of all that asked, and each that no other covers. */
export function guards(row: Guarded, after: Shown, now: Date): Pick<RequestRow, 'nearest' | 'surest'> {
  const nearest = harder(row.nearest, after.asker) === row.nearest ? after.asker : row.nearest;
  const there = heights(after, row, now);
  const kept = row.surest.filter((each) => !covers(there, heights(each, row, now)));
  const isCovered = kept.some((each) => covers(heights(each, row, now), there));
  return { nearest, surest: isCovered ? kept : [...kept, { asker: after.asker, proofs: after.proofs }] };
}

const WHO: Readonly<Record<Asker, string>> = {
  subject: 'the subject',
  unheld: 'somebody from an address that is not held',
  agent: 'an agent',
};
const DOES = { withdraw: ['taken back', 'takes it back'], add: ['added to', 'adds to it'] } as const;
/**
 * Who takes it back, or changes what it names, shows as much as each who asked, and stands no further from the subject.
 * @param by proofs null: staff notes it, who answers for having known them
 * @throws PRIVACY_PROOF_NEEDED
 */
export function requireAsSure(row: Guarded, { asker, proofs }: Readonly<{ asker: Asker; proofs: readonly Proof[] | null }>, does: keyof typeof DOES, now: Date): void {
  const [done, doing] = DOES[does];
  if (harder(asker, row.nearest) !== row.nearest)
    throw privacyFailure('PROOF_NEEDED', { detail: `asked by ${WHO[row.nearest]}, ${done} by ${WHO[asker]}: nobody does that for somebody nearer to the subject` });
  if (proofs === null) return;
  const there = heights({ asker, proofs }, row, now);
  for (const [at, got] of there.entries()) {
    const wanted = Math.max(0, ...row.surest.map((each) => heights(each, row, now)[at] ?? 0));
    if (got >= wanted) continue;
    const [needs, has] = [LEVELS[wanted], LEVELS[got]];
    throw privacyFailure('PROOF_NEEDED', { detail: `who asked showed the level "${needs}", and who ${doing} "${has}"`, extra: { needed: needs, reached: has } });
  }
} // prettier-ignore
