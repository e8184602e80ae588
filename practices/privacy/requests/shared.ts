/**
 * What is asked for by several: who asks for the same once more, adds to it, or says something to it.
 *
 * INVARIANT: nobody rides on what another has shown: the harder asker holds, and the less of both.
 */
import { privacyFailure } from '../failures.ts';
import type { RequestChange, RequestRow } from '../store/requests.ts';
import { fresh, LEVELS, needed, reached, type Asker, type Level, type Proof } from './proof.ts';

export type Shown = Readonly<{ asker: Asker; proofs: readonly Proof[] }>;
type Row = Pick<RequestRow, 'kind' | 'asker' | 'proofs' | 'corrects' | 'closed_at'>;

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
/** @returns what becomes of it; null: nothing */
export function heard(row: Row, after: Shown, now: Date): RequestChange | null {
  const before = { ...row, proofs: fresh(row, now) };
  const both = shownForBoth(before, after, row.corrects);
  if (both.asker === row.asker && same(both.proofs, before.proofs)) return null;
  // of others it is the same whatever is held
  const needs: { proof_needed?: Level } = both.asker === 'subject' ? {} : { proof_needed: needed({ ...row, asker: both.asker, special: false }) };
  return { ...both, ...needs, first_eyes: null };
} // prettier-ignore

/** Whether a session of the subject shows more than what is there: then its whole set takes the place, never a part of each. */
export const isSurer = (row: Row, { proofs }: Shown, now: Date): boolean =>
  height(proofs, row) > height(fresh(row, now), row);

/**
 * Who takes it back shows as much as whoever asked has shown, and stands no further from the subject.
 * @param by proofs null: staff notes it, who answers for having known them
 * @throws PRIVACY_PROOF_NEEDED
 */
export function requireAsSure(row: Row, { asker, proofs }: Readonly<{ asker: Asker; proofs: readonly Proof[] | null }>, now: Date): void {
  const wanted = height(fresh(row, now), row);
  const there = proofs === null ? wanted : height(proofs, { ...row, asker });
  if (there >= wanted && harder(asker, row.asker) === row.asker) return;
  const [needs, got] = [LEVELS[wanted], LEVELS[proofs === null ? 0 : there]];
  throw privacyFailure('PROOF_NEEDED', { detail: `who asked showed the level "${needs}", and who takes it back "${got}"`, extra: { needed: needs, reached: got } });
} // prettier-ignore
