/** How a session was proven, and what policies see of it. */
import type { Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import type { Facts } from '../facts.ts';

/** Ways of RFC 8176: `pwd`, `otp`, `hwk` (a passkey), `user` (verified by it); `rcv` of ours, a recovery code. */
export type Method = 'pwd' | 'otp' | 'hwk' | 'user' | 'rcv' | 'fed';
export type Proof = Readonly<{
  amr: Method[];
  /** Authenticator assurance level, SP 800-63B-4. */
  aal: 1 | 2 | 3;
  mfa: boolean;
  phishing_resistant: boolean;
}>;

/** Older than this, two factors are `stale`; to a policy with `@stepUp`, older than that says. */
export const FRESH_SECONDS = 900;
/** Changing what one signs in with needs proof no older than this. */
export const FULL_SECONDS = 300;

export type Assurance = Readonly<{ mfa: 'none' | 'stale' | 'fresh' } & Pick<Facts, 'phishingResistant'>>;

export const PASSWORD_ONLY: Proof = { amr: ['pwd'], aal: 1, mfa: false, phishing_resistant: false };
export const PASSWORD_AND_CODE: Proof = { amr: ['pwd', 'otp'], aal: 2, mfa: true, phishing_resistant: false };
export const PASSWORD_AND_RECOVERY: Proof = { amr: ['pwd', 'rcv'], aal: 2, mfa: true, phishing_resistant: false };

/** One authenticator that verifies the person: two factors, bound to the site. Level 3 would need its make to be attested. */
export const PASSKEY: Proof = { amr: ['hwk', 'user'], aal: 2, mfa: true, phishing_resistant: true };

/** @param mfaAge seconds since two factors were shown; null: never. A negative age is a clock that stepped back: stale. */
export const assuranceOf = (mfaAge: number | null, phishingResistant: boolean): Assurance => ({
  mfa: mfaAge === null ? 'none' : mfaAge >= 0 && mfaAge <= FRESH_SECONDS ? 'fresh' : 'stale',
  phishingResistant,
});

/**
 * @param factors `all`: whoever has a second factor has shown both; `any`: something was shown
 * @throws ACCESS_STEP_UP unless it was in the last five minutes
 */
export function requireFull(actor: Actor, factors: 'all' | 'any'): void {
  const { authAgeSeconds = Infinity, mfaAgeSeconds = null } = actor.session ?? {};
  const age = factors === 'all' ? Math.max(authAgeSeconds, mfaAgeSeconds ?? Infinity) : authAgeSeconds;
  const stepped = authAgeSeconds < 0 || (mfaAgeSeconds ?? 0) < 0;
  if (stepped || age > FULL_SECONDS) throw accessFailure('STEP_UP', { extra: { maxAgeSeconds: FULL_SECONDS } });
}

/** Whether the session has shown one factor alone: it opens nothing but showing or setting up a second one. A key has no session. */
export const isLimited = ({ session }: Actor): boolean => session !== undefined && session.mfaAgeSeconds === null;
