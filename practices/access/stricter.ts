/**
 * What follows for a person for a time, such as after phishing exercises: reading in clear asks for a passkey, used a moment
 * ago. It narrows what policies allow, whatever they say, and never shuts: what would leave in clear leaves masked, and who fell
 * again waits with exports for somebody else’s yes.
 */
import type { Action } from './actions.ts';
import { upTo } from './classes.ts';
import type { Actor } from './decide.ts';
import type { FieldState, FieldVerdict } from './engine.ts';
import { covers } from './facts.ts';
import type { FieldSpec } from '#practices/collection';

export type Stricter = Readonly<{
  /** How fresh a passkey has to be, in seconds. */
  maxAgeSeconds: number;
  /** Half as many customers are many (volume.ts). */
  halfRows?: boolean;
  /** An export waits for somebody else: purposes to which one has said yes, at this moment. Left out: it waits for nobody. */
  exportsApproved?: readonly string[] | undefined;
}>;

const EXPORTS: ReadonlySet<Action> = new Set(['records.export', 'exports.run']);
export const WAITS_FOR_EYES =
  'for a time, an export that you ask for waits until somebody else has said yes: `strongroom access export ask`, or Access for a time in the console';

/** Whether an export waits for somebody else. One that is asked about without a purpose is asked about again with it. */
export function waitsForEyes(
  { stricter }: Pick<Actor, 'stricter'>,
  action: Action,
  purpose: string | undefined,
): boolean {
  const approved = stricter?.exportsApproved;
  if (approved === undefined || !EXPORTS.has(action)) return false;
  return !approved.some((each) => purpose === undefined || covers(each, purpose));
}

/** @returns the seconds that the session's proof does not keep to; null when nothing is owed. A key shows no proof, and owes none */
export function owedBy({ stricter, session }: Pick<Actor, 'stricter' | 'session'>): number | null {
  if (stricter === undefined || session === undefined) return null;
  const { maxAgeSeconds } = stricter;
  const { mfaAgeSeconds: age, assurance } = session;
  // a negative age is a clock that stepped back
  const isFresh = age !== null && age >= 0 && age <= maxAgeSeconds;
  return isFresh && assurance.phishingResistant ? null : maxAgeSeconds;
}

/** What leaves of a field that would leave in clear, while a proof is owed. */
export function strictly(
  field: (spec: FieldSpec) => FieldState,
  owedSeconds: number,
  ask: (verdict: FieldVerdict) => FieldState,
): (spec: FieldSpec) => FieldState {
  // INVARIANT: no policy of its own: the log would say for ever, beside the person, that they fell for an exercise
  const masked: FieldVerdict = {
    state: 'masked',
    policies: [],
    obligations: [{ kind: 'stepUp', maxAgeSeconds: owedSeconds }],
  };
  return (spec) => {
    const state = field(spec);
    return state === 'clear' && !upTo('internal', spec.class) ? ask(masked) : state;
  };
}
