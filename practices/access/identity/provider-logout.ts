/**
 * Signing out where people sign in: the provider says that a session there ended, and ours end with it; who signs out
 * here is shown the way to sign out there.
 *
 * A logout token comes without any other proof. It is taken when it is signed by the provider's keys under an algorithm
 * that only the provider can use, was made for this client a moment ago, is no ID token, and was not taken before.
 * Source: OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6, §2.8; RP-Initiated Logout 1.0 §2; ASVS 5.0 10.5.5
 */
import { compactVerify, decodeJwt, errors, jwtVerify } from 'jose';
import { buildEndSessionUrl } from 'openid-client';

import { transact, type Db, type Statements } from '#platform/db';
import { publicId, type Uuid } from '#platform/ids';

import { accessFailure } from '../failures.ts';
import { endSessionsOfPerson, endSessionsOfSid, sessionIssuer, takeLogoutToken } from '../store/provider-sessions.ts';
import type { Discover, Discovered } from './oidc-client.ts';

/** Writes the log's entry in the transaction of the change. */
export type LogLogout = (tx: Statements, sessions: readonly string[]) => Promise<unknown>;
export type ProviderLogout = Readonly<{
  /**
   * Ends the sessions that a logout token means: the one of its `sid`, or all of the person.
   * @param refused is told of a token that the provider signed and that is not taken
   * @throws ACCESS_LOGOUT_REFUSED, ACCESS_OIDC_OFF, ACCESS_OIDC_UNREACHABLE
   */
  end: (token: string, log: LogLogout, refused: () => Promise<unknown>) => Promise<void>;
  /**
   * Where the browser goes to sign out there too; null when the session did not begin there, or the provider has no such
   * page or does not answer.
   * @param back where the provider sends it afterwards
   */
  page: (session: Uuid, back: URL | null) => Promise<URL | null>;
}>;

/** Signatures only: with the client's secret (HS256) whoever knows that could end sessions. */
const ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'RS256', 'PS256'];
const TOKEN_SHAPE = /^[\w-]{2,2000}\.[\w-]{2,8000}\.[\w-]{2,2000}$/;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const LONGEST_SECONDS = 300;
const LEEWAY_SECONDS = 30;

export function createProviderLogout({
  db,
  clock,
  discover,
}: Readonly<{ db: Db; clock: () => Date; discover: Discover }>): ProviderLogout {
  /** The signature alone, first: who may not speak at all is answered before what was said is looked at. */
  const checkSignature = async (token: string): Promise<Discovered> => {
    const discovered = await discover();
    if (!TOKEN_SHAPE.test(token) || issuerOf(token) !== discovered.settings.issuer)
      throw accessFailure('LOGOUT_REFUSED');
    try {
      await compactVerify(token, discovered.keys, { algorithms: ALGORITHMS });
      return discovered;
    } catch (cause) {
      // keys that cannot be had say nothing about a token
      const unreachable =
        !(cause instanceof errors.JOSEError) ||
        cause instanceof errors.JWKSTimeout ||
        cause.code === errors.JOSEError.code;
      throw accessFailure(unreachable ? 'OIDC_UNREACHABLE' : 'LOGOUT_REFUSED', { cause });
    }
  };
  return {
    end: async (token, log, refused) => {
      const { settings, keys } = await checkSignature(token);
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ALGORITHMS,
        typ: 'logout+jwt',
        issuer: settings.issuer,
        audience: settings.clientId,
        requiredClaims: ['iat', 'exp', 'jti'],
        maxTokenAge: LONGEST_SECONDS,
        clockTolerance: LEEWAY_SECONDS,
        currentDate: clock(),
      }).catch(async (cause: unknown) => {
        await refused();
        throw accessFailure('LOGOUT_REFUSED', { cause });
      });
      const { jti, sub, sid, nonce, events, iat = 0 } = payload;
      const who = { sub: textOf(sub), sid: textOf(sid) };
      const until = Math.floor(clock().getTime() / 1000) + LONGEST_SECONDS + 2 * LEEWAY_SECONDS;
      const means = isObject(events) && isObject(events[EVENT]) && nonce === undefined;
      const taken =
        means && typeof jti === 'string' && jti !== '' && jti.length <= 255 && (who.sub ?? who.sid) !== null &&
        (await transact(db, async (tx) => {
          // until it is too old to be taken anyway
          const about = { subject: who.sub, sid: who.sid, issuedAtSeconds: iat, expiresAtSeconds: until };
          if (!(await takeLogoutToken(tx, { issuer: settings.issuer, jti, ...about }))) return false;
          const ended =
            who.sid === null
              ? await endSessionsOfPerson(tx, settings.issuer, who.sub as string)
              : await endSessionsOfSid(tx, settings.issuer, who.sid, who.sub);
          await log(tx, ended.map((each) => publicId('ses', each)));
          return true;
        })); // prettier-ignore
      if (taken) return;
      await refused();
      throw accessFailure('LOGOUT_REFUSED');
    },
    page: async (session, back) => {
      if ((await sessionIssuer(db, session)) === null) return null;
      try {
        const { config, settings } = await discover();
        if (config.serverMetadata().end_session_endpoint === undefined) return null;
        // no id_token_hint: it would carry the person's address into a URL. The provider asks the person instead
        const url = buildEndSessionUrl(config, {
          client_id: settings.clientId,
          ...(back === null ? {} : { post_logout_redirect_uri: back.href }),
        });
        return ['https:', 'http:'].includes(url.protocol) ? url : null;
      } catch {
        // the session here has ended either way
        return null;
      }
    },
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (claim: unknown): string | null =>
  typeof claim === 'string' && claim !== '' && claim.length <= 255 ? claim : null;
function issuerOf(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null;
  } catch {
    return null;
  }
}
