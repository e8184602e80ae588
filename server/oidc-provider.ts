/** The OpenID Connect provider of the settings. */
import type { Config } from '#platform/config';
import type { Provider } from '#practices/access';

/** Null unless issuer, client and secret are all there. */
export function providerOf({
  oidcIssuer: issuer,
  oidcClientId: clientId,
  oidcMfaAcr: mfaAcr,
  secret,
}: Config): Provider | null {
  const clientSecret = secret('STRONGROOM_OIDC_CLIENT_SECRET');
  return issuer === null || clientId === null || clientSecret === null
    ? null
    : { issuer, clientId, clientSecret, mfaAcr };
}
