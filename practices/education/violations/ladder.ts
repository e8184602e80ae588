/**
 * The ladder of consequences: what a rule allows, for whom it is the first time and for whom it is not.
 *
 * INVARIANT: nothing harder than the ladder of the very policy allows is ever decided. Carelessness climbs one rung with each
 * time that was confirmed before it happened; what was done on purpose may come to any rung that the policy has.
 */
import type { Policy } from '../policies/policy.ts';

export type Rung = Policy['ladder'][number];
export type Outcome = 'none' | Rung;

/** Mild to grave. */
export const OUTCOMES = [
  'none',
  'coaching',
  'course-again',
  'access-removal',
  'hr-referral',
] as const satisfies readonly Outcome[];
export const RUNGS = OUTCOMES.slice(1) as readonly Rung[];
/** Where a policy does not say how long a confirmed one counts. */
export const USUAL_LADDER_MONTHS = 24;
/** Where it does not say after how many working days those who may decide are reminded. */
export const USUAL_REMIND_DAYS = 5;

const rank = (outcome: Outcome): number => OUTCOMES.indexOf(outcome);
export const isHarder = (one: Outcome, other: Outcome): boolean => rank(one) > rank(other);
export const milder = (one: Outcome, other: Outcome): Outcome => (isHarder(one, other) ? other : one);

/** @param earlier times that were confirmed before it happened. The ladder's rungs up to there, mild to grave */
export function rungsOpen(ladder: readonly Rung[], intent: boolean, earlier: number): readonly Rung[] {
  return intent ? ladder : ladder.slice(0, earlier + 1);
}

/** What may be decided: nothing, or a rung of the policy up to the one that it touches. */
export function choicesOf(open: readonly Rung[], touches: Rung): readonly Outcome[] {
  return ['none', ...open.filter((each) => !isHarder(each, touches))];
} // prettier-ignore
