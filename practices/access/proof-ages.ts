/**
 * How old a proof by two factors is, as far as the policies of one document tell ages apart: a forbid with `@stepUp("300")`
 * sees `fresh` for 300 seconds, one with 3600 for an hour, all others for FRESH_SECONDS. Of each document the ages are few,
 * so that an age between two of them is one more value of the fact `mfa`, remembered and walked through like the others.
 */
import type { CedarAnswer, PolicyJson } from './cedar.ts';
import { FRESH_SECONDS } from './identity/assurance.ts';
import { factsOf } from './looked-at.ts';
import { stepUpOf } from './obligations.ts';

/** `over:300`: older than 300 seconds, and not older than the next age that a policy of the document names. */
export type ProofAge = 'none' | 'stale' | 'fresh' | `over:${number}`;

/** Until when a proof is fresh for a policy. */
const freshFor = (policy: PolicyJson): number => stepUpOf(policy)[0] ?? FRESH_SECONDS;

/** Ages that some of these policies tell apart, in seconds, the youngest first. */
export function agesOf(policies: readonly PolicyJson[]): readonly number[] {
  const looking = policies.filter((each) => stepUpOf(each).length > 0 || factsOf(each).includes('mfa'));
  const ages = new Set(looking.map(freshFor));
  return ages.size === 0 ? [FRESH_SECONDS] : [...ages].toSorted((a, b) => a - b);
}

/** All values that the fact has under these ages. */
export const levelsOf = (ages: readonly number[]): readonly ProofAge[] => [
  'none',
  'stale',
  ...ages.slice(0, -1).map((age) => `over:${age}` as const),
  'fresh',
];

/** @param age seconds since two factors were shown; null: never. A negative age is a clock that stepped back: stale. */
export function levelOf(age: number | null, ages: readonly number[]): ProofAge {
  if (age === null) return 'none';
  const passed = age < 0 ? ages : ages.filter((each) => age > each);
  if (passed.length === 0) return 'fresh';
  return passed.length === ages.length ? 'stale' : `over:${passed.at(-1) as number}`;
}

/** The seconds of `over:…`; null for the values that all policies see alike. */
export const secondsOf = (level: ProofAge): number | null =>
  level.startsWith('over:') ? Number(level.slice('over:'.length)) : null;

/** What a policy sees of a proof older than so many seconds, and no older than the next age. */
export const sees = (policy: PolicyJson, overSeconds: number): 'stale' | 'fresh' =>
  freshFor(policy) > overSeconds ? 'fresh' : 'stale';

/**
 * What Cedar would say of all policies, from what it said of some and of the others: a forbid of either denies, whatever
 * the other permits. Source: https://docs.cedarpolicy.com/auth/authorization.html
 */
export function together(answers: readonly CedarAnswer[]): CedarAnswer {
  const reasonsOf = (allow: boolean) => answers.flatMap((each) => (each.allow === allow ? each.reasons : []));
  const errors = answers.flatMap((each) => each.errors);
  const forbids = reasonsOf(false);
  const allow = forbids.length === 0 && answers.some((each) => each.allow);
  return { allow, reasons: allow ? reasonsOf(true) : forbids, errors };
}
