/** The OpenID Connect provider as it describes itself, asked once and remembered. Source: OpenID Connect Discovery 1.0 §4 */
import { createRemoteJWKSet, customFetch as joseFetch, type JWTVerifyGetKey } from 'jose';
import {
  allowInsecureRequests,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  type Configuration,
} from 'openid-client';

import { atMost } from '#platform/at-most';
import type { Secret } from '#platform/crypto';

import { accessFailure } from '../failures.ts';

export type Provider = Readonly<{
  issuer: string;
  clientId: string;
  clientSecret: Secret<string>;
  /** Values of `acr` that mean two factors; `phr` and `phrh` mean that no other site could have asked (EAP ACR 1.0). */
  mfaAcr: readonly string[];
}>;
export type Discovered = Readonly<{ config: Configuration; settings: Provider; keys: JWTVerifyGetKey }>;
/** @throws ACCESS_OIDC_OFF, ACCESS_OIDC_UNREACHABLE */
export type Discover = () => Promise<Discovered>;

/** More than a provider says of itself, its keys or a person. */
const MOST_ANSWER_BYTES = 2 ** 20;

/** What reads an answer below reads all of it: one that never ends would fill this server's memory. */
function bounded(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const answer = await fetch(input, init);
    if (answer.body === null) return answer;
    const { status, statusText, headers } = answer;
    const tooLong = (): Error => new Error('the answer is longer than one of a provider');
    const body = ReadableStream.from(atMost(answer.body, MOST_ANSWER_BYTES, tooLong));
    return new Response(body, { status, statusText, headers });
  };
}

/** A provider that did not answer, or not of the matter, refused nobody. @param thrown by openid-client */
export function isAway(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { code, cause } = thrown as Error & { code?: unknown };
  if (code === 'OAUTH_TIMEOUT') return true;
  // broken off in the middle, and not something else than JSON
  if (code === 'OAUTH_PARSE_ERROR') return !(cause instanceof SyntaxError);
  // of fetch itself; what openid-client refuses has a code
  if (thrown instanceof TypeError) return code === undefined;
  return cause instanceof Response && (cause.status >= 500 || cause.status === 429);
}

export function createDiscover({
  fetch: unbounded,
  provider,
}: Readonly<{ fetch: typeof globalThis.fetch; provider: Provider | null }>): Discover {
  const fetch = bounded(unbounded);
  let found: Promise<Discovered> | null = null;
  const ask = async (settings: Provider): Promise<Discovered> => {
    const { issuer, clientId, clientSecret } = settings;
    const insecure = new URL(issuer).protocol === 'http:' ? [allowInsecureRequests] : [];
    const config = await discovery(new URL(issuer), clientId, clientSecret.reveal(), undefined, {
      // also where the token came from the provider itself, over TLS
      execute: [enableNonRepudiationChecks, ...insecure],
      [customFetch]: fetch as never,
      timeout: 10,
    });
    const { jwks_uri: jwksUri } = config.serverMetadata();
    if (jwksUri === undefined) throw new Error('the provider publishes no keys');
    return {
      config,
      settings,
      keys: createRemoteJWKSet(new URL(jwksUri), { [joseFetch]: fetch, timeoutDuration: 5000 }),
    };
  };
  return async () => {
    if (provider === null) throw accessFailure('OIDC_OFF');
    found ??= ask(provider);
    try {
      return await found;
    } catch (cause) {
      found = null;
      throw accessFailure('OIDC_UNREACHABLE', { cause });
    }
  };
}
