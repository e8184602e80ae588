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
  /** How many of these a mail sets anew: a password that was forgotten, a code that comes by mail. */
  resettableByMail?: 0 | 1 | 2;
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
  rule('erasure', 'reasonable', 'high', '11 CCR §7062(d): by how sensitive it is, and the harm; GDPR recital 64'),
];

/**
 * What falls together with what each shows. Two that fall with the same thing are one: whoever has the mailbox has the code
 * that comes by mail, and a password that is set anew by a mail too.
 * Source: NIST SP 800-63B-4 §3.1.3: a code that comes by mail shows no device of somebody's, and so is no second one
 */
export const CHANNELS = ['mailbox', 'other-mailbox', 'app', 'second-factor', 'person'] as const;
export type Channel = (typeof CHANNELS)[number];
type Shows = Readonly<{ means: Means; when: string; channels: readonly Channel[] }>;
const OTHER = {
  'mail-code': { means: 'mail-code', when: 'they came in by it', channels: ['mailbox'] },
  'second-code': { means: 'second-code', when: 'it went to another mailbox', channels: ['other-mailbox'] },
  vouch: { means: 'vouch', when: 'each person who looked is one of their own', channels: ['person'] },
} as const satisfies Record<Exclude<Means, 'app'>, Shows>;
const app = (factors: 1 | 2, resettableByMail: 0 | 1 | 2, ...channels: readonly Channel[]): Shows & Readonly<{ factors: number; resettableByMail: number }> =>
  ({ means: 'app', when: `factors ${factors}, of which a mail sets ${resettableByMail} anew`, factors, resettableByMail, channels }); // prettier-ignore
const APP = [
  app(1, 1, 'mailbox'),
  app(1, 0, 'app'),
  app(2, 2, 'mailbox'),
  app(2, 1, 'mailbox', 'second-factor'),
  app(2, 0, 'app', 'second-factor'),
];
export const SHOWS: readonly Shows[] = [...Object.values(OTHER), ...APP];

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

/** Passwords are set anew by a mail nearly everywhere: who does not say so has one of them. */
export const RESETTABLE = 1;
function showsOf({ means, factors = 1, resettableByMail = RESETTABLE }: Proof): Shows {
  if (means !== 'app') return OTHER[means];
  return APP.find((each) => each.factors === factors && each.resettableByMail === resettableByMail) ?? (APP[0] as Shows);
} // prettier-ignore
/** Two people do not fall together. */
const channelsOf = (proof: Proof): readonly string[] =>
  showsOf(proof).channels.map((channel) => (channel === 'person' ? `person ${proof.by ?? ''}` : channel));
const MAILBOXES: ReadonlySet<string> = new Set<Channel>(['mailbox', 'other-mailbox']);

/** What is to be corrected shows nothing about who asks for that (11 CCR §7060(h)), nor does what falls with it. */
function counted(proof: Proof, { asker, corrects }: About): readonly string[] {
  const { means, saw } = proof;
  const channels = channelsOf(proof);
  if (asker === 'agent') return means === 'vouch' && saw !== undefined && OF_AGENTS.has(saw) ? channels : [];
  if (means === 'vouch') return saw !== 'mandate' && (saw !== 'call-back' || !corrects.includes('phone')) ? channels : [];
  return corrects.includes('email') ? channels.filter((each) => !MAILBOXES.has(each)) : channels;
} // prettier-ignore
export const counts = (proof: Proof, about: About): boolean => counted(proof, about).length > 0;

const channelsIn = (proofs: readonly Proof[], about: About): ReadonlySet<string> =>
  new Set(proofs.flatMap((each) => counted(each, about)));

/** One thing that would have to fall is reasonable; two that do not fall together are high. */
export function reached(proofs: readonly Proof[], about: About): Level {
  const { size } = channelsIn(proofs, about);
  return size > 1 ? 'high' : size === 1 ? 'reasonable' : 'none';
}

/** Who asked long ago may be another now; what was answered keeps what it was answered on. */
const PROOF_DAYS = 30;
export function fresh({ proofs, closed_at }: Readonly<{ proofs: readonly Proof[]; closed_at: Date | null }>, now: Date): readonly Proof[] {
  const since = (closed_at ?? now).getTime() - PROOF_DAYS * 86_400_000;
  return proofs.filter(({ at }) => Date.parse(at) >= since);
} // prettier-ignore

/** Each as well as it can show it. */
const AT_BEST: Readonly<Record<Exclude<Means, 'vouch'>, Proof>> = {
  'mail-code': { means: 'mail-code', at: '' },
  'second-code': { means: 'second-code', at: '' },
  app: { means: 'app', factors: 2, resettableByMail: 0, at: '' },
};
/** What would still help, for whoever has to be told. */
export function missing(proofs: readonly Proof[], about: About): readonly Means[] {
  if (isEnough(reached(proofs, about), needed(about))) return [];
  const there = channelsIn(proofs, about);
  return MEANS.filter((means) => means === 'vouch' || counted(AT_BEST[means], about).some((each) => !there.has(each)));
}

/** Of several of one kind the newest; of vouchers, each once. */
export function withProof(before: readonly Proof[], more: readonly Proof[]): readonly Proof[] {
  const nameOf = ({ means, by = '' }: Proof): string => `${means} ${by}`;
  return [...new Map([...before, ...more].map((each) => [nameOf(each), each])).values()];
}
