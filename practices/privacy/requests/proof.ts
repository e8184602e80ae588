/**
 * How sure it has to be who asks, and what shows it: data. Never more is asked for than a row says (GDPR art. 12(6), recital 64),
 * and more only for what does more harm in the wrong hands (11 CCR §7060(c): type, sensitivity, risk of harm).
 * `reasonable` and `high`: the "reasonable" and "reasonably high degree of certainty" of 11 CCR §7062.
 */
import type { RequestKind } from '../store/requests.ts';

export const LEVELS = ['none', 'reasonable', 'high'] as const;
export type Level = (typeof LEVELS)[number];
/** `unheld`: by somebody who says that they are the subject, from an address that is not held. */
export const ASKERS = ['subject', 'agent', 'unheld'] as const;
export type Asker = (typeof ASKERS)[number];
export const MEANS = ['mail-code', 'second-code', 'app', 'vouch'] as const;
export type Means = (typeof MEANS)[number];
/** What somebody of the staff looked at: the kind alone. Neither it nor its number is kept. */
export const SAW = [
  'identity-card',
  'passport',
  'driving-licence',
  'signed-declaration',
  'known-customer',
  'call-back',
  'mandate',
] as const;
export type Saw = (typeof SAW)[number];
export type Proof = Readonly<{
  means: Means;
  at: string;
  /** Of the company's own sign-in: how many things it asked for. */
  factors?: 1 | 2;
  saw?: Saw;
  /** Of the staff: who vouches, as `whoActs` names them. */
  by?: string;
}>;
type Needed = Readonly<{ kind: RequestKind; needs: Level; needsSpecial: Level; why: string }>;
const rule = (kind: RequestKind, needs: Level, needsSpecial: Level, why: string): Needed => ({
  kind,
  needs,
  needsSpecial,
  why,
});

/** `needsSpecial`: where fields of the class `special` are held that would leave, or be gone. */
export const RULES: readonly Needed[] = [
  rule('objection', 'none', 'none', '11 CCR §7060(b): an opt-out is not verified'),
  rule('review', 'none', 'none', 'nothing of the subject leaves: the answer is read in the center'),
  rule('doubt', 'none', 'none', 'nothing of the subject leaves: the answer is read in the center'),
  rule('access', 'reasonable', 'high', '11 CCR §7062(b), (c); GDPR recital 64'),
  rule('copy', 'reasonable', 'high', '11 CCR §7062(c); GDPR recital 64'),
  rule('restriction', 'reasonable', 'reasonable', 'GDPR art. 12(6): it can be lifted again'),
  rule('correction', 'reasonable', 'reasonable', '11 CCR §7062(d)'),
  rule('erasure', 'high', 'high', '11 CCR §7062(d), §7060(c)(3): it cannot be undone'),
];
/** A correction of what somebody is reached by: whoever changes it is the subject from then on. */
export const REACHED_BY: ReadonlySet<string> = new Set(['email', 'phone']);
/** Whoever asks for somebody else, or from nowhere that is known (11 CCR §7063; GDPR recital 64). */
const OTHERS: Level = 'high';
/** That an agent may ask is shown by what the subject signed, or by the subject, who was called back (11 CCR §7063(a)). */
const OF_AGENTS: ReadonlySet<Saw> = new Set(['mandate', 'call-back']);

export type About = Readonly<{
  kind: RequestKind;
  asker: Asker;
  special: boolean;
  /** Types of the fields that a correction names. */
  corrects: readonly string[];
}>;

const higher = (one: Level, other: Level): Level => (LEVELS.indexOf(one) > LEVELS.indexOf(other) ? one : other);
export const isEnough = (reached: Level, needed: Level): boolean => LEVELS.indexOf(reached) >= LEVELS.indexOf(needed);

export function needed({ kind, asker, special, corrects }: About): Level {
  const row = RULES.find((each) => each.kind === kind) as Needed;
  const own = special ? row.needsSpecial : row.needs;
  const level = kind === 'correction' && corrects.some((type) => REACHED_BY.has(type)) ? 'high' : own;
  return level === 'none' || asker === 'subject' ? level : higher(level, OTHERS);
}

/** What is to be corrected shows nothing about who asks for that (11 CCR §7060(h)). */
export function counts({ means, saw }: Proof, { asker, corrects }: About): boolean {
  if (asker === 'agent') return means === 'vouch' && saw !== undefined && OF_AGENTS.has(saw);
  if (means === 'vouch') return saw !== 'mandate' && (saw !== 'call-back' || !corrects.includes('phone'));
  return means === 'app' || !corrects.includes('email');
}

/** Any one means is reasonable; two that have nothing to do with each other, two people, or two factors are high. */
export function reached(proofs: readonly Proof[], about: About): Level {
  const counted = proofs.filter((each) => counts(each, about));
  const vouchers = new Set(counted.flatMap(({ by }) => by ?? []));
  if (vouchers.size > 1 || counted.some(({ means, factors }) => means === 'app' && factors === 2)) return 'high';
  const kinds = new Set(counted.map(({ means }) => means));
  return kinds.size > 1 ? 'high' : kinds.size === 1 ? 'reasonable' : 'none';
}

/** Who asked long ago may be another now; what was answered keeps what it was answered on. */
const PROOF_DAYS = 30;
export function fresh({ proofs, closed_at }: Readonly<{ proofs: readonly Proof[]; closed_at: Date | null }>, now: Date): readonly Proof[] {
  const since = (closed_at ?? now).getTime() - PROOF_DAYS * 86_400_000;
  return proofs.filter(({ at }) => Date.parse(at) >= since);
} // prettier-ignore

/** What would still help, for whoever has to be told. */
export const missing = (proofs: readonly Proof[], about: About): readonly Means[] =>
  isEnough(reached(proofs, about), needed(about))
    ? []
    : MEANS.filter(
        (means) =>
          means === 'vouch' ||
          (about.asker !== 'agent' && counts({ means, at: '' }, about) && !proofs.some((each) => each.means === means)),
      );

/** Of several of one kind the newest; of vouchers, each once. */
export function withProof(before: readonly Proof[], more: readonly Proof[]): readonly Proof[] {
  const nameOf = ({ means, by = '' }: Proof): string => `${means} ${by}`;
  return [...new Map([...before, ...more].map((each) => [nameOf(each), each])).values()];
}
