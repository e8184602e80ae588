/** Routes of signing in by another provider: away, and back. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { accessFailure } from '../failures.ts';
import type { AccessHttpNeeds } from './guard.ts';
import { placeOf, signInLog } from './session.ts';
import { clearCookie, readCookie, setAttempt, setCookie } from './session-cookie.ts';

const tags = ['access'];
const BACK = '/v1/access/session/oidc/callback';
/** Our own page goes on: a browser that comes from elsewhere does not send the session's cookie with its first request. */
const HOME = '<!doctype html><meta http-equiv="refresh" content="0;url=/"><title>signed in</title>';

export function oidcRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const oidc = () => needs.identity.oidc;
  const callback = (): URL => {
    // never from the request: the provider sends codes there
    if (needs.site.origin === null) throw accessFailure('OIDC_OFF');
    return new URL(BACK, needs.site.origin);
  };

  server.route({
    method: 'GET',
    url: '/v1/access/session/oidc',
    config: { public: true } as never,
    schema: {
      operationId: 'signInElsewhere', tags, summary: 'Sign in by the OpenID Connect provider: sends the browser there', security: [],
      response: { 302: Type.Null() },
    }, // prettier-ignore
    handler: async (_request, reply) => {
      const { url, attempt } = await oidc().begin(callback());
      return reply
        .code(302)
        .header('set-cookie', setAttempt(attempt, needs.site, 'Lax'))
        .header('location', url.href)
        .send(null);
    },
  });

  server.route({
    method: 'GET',
    url: BACK,
    config: { public: true } as never,
    schema: {
      operationId: 'signedInElsewhere', tags, summary: 'Where the provider sends the browser back to', security: [],
      querystring: Type.Object({}, { additionalProperties: Type.String({ maxLength: 4096 }) }),
      response: { 200: Type.String() },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const attempt = readCookie(request.headers.cookie, needs.site, 'attempt');
      if (attempt === undefined) throw accessFailure('OIDC_REFUSED');
      const returned = callback();
      returned.search = new URL(request.url, returned).search;
      const begun = await oidc().finish(returned, attempt, placeOf(request), signInLog(needs, request));
      return reply
        .header('set-cookie', [setCookie(begun.token, needs.site), clearCookie(needs.site, 'attempt')])
        .header('referrer-policy', 'no-referrer')
        .type('text/html; charset=utf-8')
        .send(HOME);
    },
  });
}
