/**
 * Signing in by another provider: OpenID Connect, authorization code with PKCE, state and nonce.
 *
 * A person is known there by issuer and subject. The address counts once only, when it is verified and belongs to
 * somebody who was invited and has not come in yet: whoever controls addresses there must not get at people who are here.
 * Source: OpenID Connect Core 1.0 §3.1; RFC 9700; RFC 9207
 */
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type IDToken,
} from 'openid-client';

import { transact, type Db } from '#platform/db';
import { publicId, type Uuid } from '#platform/ids';

import { accessFailure } from '../failures.ts';
import { findFederated, linkInvited } from '../store/federated.ts';
import { findPerson } from '../store/people.ts';
import { isLoggedOut } from '../store/provider-sessions.ts';
import type { Proof } from './assurance.ts';
import type { IdentityKeys } from './identity-keys.ts';
import { isAway, type Discover, type Provider } from './oidc-client.ts';
import type { BegunSession, Place, Sessions } from './sessions.ts';
import type { LogSignIn } from './sign-in.ts';

export type Oidc = Readonly<{
  /** The host of the provider that people may sign in by; null where there is none. */
  host: string | null;
  /** @returns where the browser goes, and the cookie that it comes back with @throws ACCESS_OIDC_OFF, ACCESS_OIDC_UNREACHABLE */
  begin: (callback: URL, place?: Pick<Place, 'before'>) => Promise<{ url: URL; attempt: string }>;
  /** @param returned the address that the browser came back to, with its query @throws ACCESS_OIDC_REFUSED, ACCESS_OIDC_UNREACHABLE */
  finish: (returned: URL, attempt: string, place: Place, log: LogSignIn) => Promise<BegunSession>;
}>;
export type OidcNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  keys: IdentityKeys;
  sessions: Sessions;
  discover: Discover;
  provider: Provider | null;
}>;

/** Somebody who signed in there earlier than this signs in there again. */
const MAX_AGE_SECONDS = 300;
const ATTEMPT_MS = 300_000;
const PHISHING_RESISTANT = ['phr', 'phrh'];
/** Nobody: what is sealed here is about no person yet. */
const NOBODY = '00000000-0000-0000-0000-000000000000' as Uuid;
type Attempt = Readonly<{ state: string; nonce: string; verifier: string; endsMs: number; before: Uuid | null }>;

export function createOidc({ db, clock, keys, sessions, discover, provider }: OidcNeeds): Oidc {
  const open = (text: string): Attempt | null => {
    const plain = keys.open(NOBODY, 'oidc-attempt', Buffer.from(text, 'base64url'));
    const attempt = plain === null ? null : (JSON.parse(plain.toString()) as Attempt);
    return attempt !== null && attempt.endsMs > clock().getTime() ? attempt : null;
  };
  return {
    host: provider === null ? null : new URL(provider.issuer).host,
    begin: async (callback, place) => {
      const { config, settings } = await discover();
      const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()];
      const url = buildAuthorizationUrl(config, {
        redirect_uri: callback.href,
        scope: 'openid email',
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
        max_age: String(MAX_AGE_SECONDS),
        ...(settings.mfaAcr.length === 0 ? {} : { acr_values: settings.mfaAcr.join(' ') }),
      });
      // the session, not its token: a step-up in another tab gives it another one
      const before = place?.before === undefined ? null : await sessions.idOf(place.before);
      const attempt = JSON.stringify({ state, nonce, verifier, endsMs: clock().getTime() + ATTEMPT_MS, before });
      return { url, attempt: keys.seal(NOBODY, 'oidc-attempt', Buffer.from(attempt)).toString('base64url') };
    },
    finish: async (returned, sealed, place, log) => {
      const { config, settings } = await discover();
      const attempt = open(sealed);
      if (attempt === null) throw accessFailure('OIDC_REFUSED');
      const claims = await authorizationCodeGrant(config, returned, {
        pkceCodeVerifier: attempt.verifier,
        expectedState: attempt.state,
        expectedNonce: attempt.nonce,
        maxAge: MAX_AGE_SECONDS,
        idTokenExpected: true,
      }).then(
        (tokens) => tokens.claims(),
        async (cause: unknown) => {
          if (isAway(cause)) throw accessFailure('OIDC_UNREACHABLE', { cause });
          await log.refused(null, 'OIDC_REFUSED');
          throw accessFailure('OIDC_REFUSED', { cause });
        },
      );
      const {
        iss = '',
        sub = '',
        email,
        email_verified: verified,
        acr,
        auth_time: authTime = 0,
        sid,
      } = claims ?? ({} as Partial<IDToken>);
      const address = verified === true && typeof email === 'string' ? email.trim().toLowerCase() : null;
      const age = Math.max(0, Math.floor(clock().getTime() / 1000) - authTime);
      const begun = await transact(db, async (tx) => {
        const there = typeof sid === 'string' && sid.length <= 255 ? sid : null;
        // the session there may have ended while the browser was on its way back
        if (await isLoggedOut(tx, { issuer: iss, subject: sub, sid: there, authTimeSeconds: authTime })) return null;
        if ((await findFederated(tx, iss, sub)) === null && address !== null) await linkInvited(tx, iss, sub, address);
        const personId = await findFederated(tx, iss, sub);
        const person = personId === null ? null : await findPerson(tx, personId);
        if (person === null) return null;
        const elsewhere = { issuer: iss, subject: sub, sid: there };
        const who = { personId: person.person_id, role: person.roles[0], authAgeSeconds: age, elsewhere };
        // the browser that comes back from another site does not send the cookie that it went away with
        const at = attempt.before === null ? place : { ...place, beforeId: attempt.before };
        const session = await sessions.begin(tx, who, proofOf(acr, settings), at);
        if (session !== null) await log.begun(tx, session);
        return session;
      });
      if (begun === null) {
        const person = await findFederated(db, iss, sub);
        await log.refused(person === null ? null : publicId('per', person), 'OIDC_REFUSED');
        throw accessFailure('OIDC_REFUSED');
      }
      return begun;
    },
  };
}

/** What the provider says was shown; what it does not say counts as one factor. */
function proofOf(acr: unknown, { mfaAcr }: Provider): Proof {
  const resistant = typeof acr === 'string' && PHISHING_RESISTANT.includes(acr) && mfaAcr.includes(acr);
  const mfa = typeof acr === 'string' && mfaAcr.includes(acr);
  return { amr: ['fed'], aal: mfa ? 2 : 1, mfa, phishing_resistant: resistant };
}
