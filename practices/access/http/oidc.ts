/** Routes of signing in by another provider: away, and back. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { accessFailure } from '../failures.ts';
import type { AccessHttpNeeds } from './guard.ts';
import { placeOf, signInLog } from './session.ts';
import { clearCookie, readCookie, setAttempt, setCookie } from './session-cookie.ts';

const tags = ['access'];
/** A logout token with its claims; none is larger. */
const FORM_BYTES = 16_384;
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
      const begun = await oidc().finish(returned, attempt, placeOf(needs, request), signInLog(needs, request));
      return reply
        .header('set-cookie', [setCookie(begun.token, needs.site), clearCookie(needs.site, 'attempt')])
        .header('referrer-policy', 'no-referrer')
        .type('text/html; charset=utf-8')
        .send(HOME);
    },
  });

  // forms are read here and nowhere else: any page can send one
  void server.register((forms, _options, done) => {
    forms.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: FORM_BYTES }, (_request, body, parsed) => {
      const fields = new URLSearchParams(String(body));
      parsed(null, new Set(fields.keys()).size === fields.size ? Object.fromEntries(fields) : {});
    }); // prettier-ignore
    forms.route({
      method: 'POST',
      url: '/v1/access/session/oidc/logout',
      config: { public: true } as never,
      schema: {
        operationId: 'logoutElsewhere', tags, summary: 'Where the provider says that a session there has ended (Back-Channel Logout 1.0): ours end with it', security: [],
        consumes: ['application/x-www-form-urlencoded'],
        // what else stands in the form is passed over (§2.5)
        body: Type.Object({ logout_token: Type.String({ minLength: 1, maxLength: 12_000 }) }, { additionalProperties: true }),
        response: { 200: Type.Null() },
      }, // prettier-ignore
      handler: async (request, reply) => {
        const about = {
          action: 'access.session.end',
          actor: { kind: 'system', id: 'identity-provider' },
          requestId: request.id,
        } as const;
        await needs.identity.providerLogout.end(
          (request.body as { logout_token: string }).logout_token,
          (tx, ended) =>
            needs.audit.appendIn(tx, {
              ...about,
              outcome: 'done',
              detail: { ended: ended.slice(0, 500), count: ended.length },
            }),
          () => needs.audit.append({ ...about, outcome: 'denied', detail: { code: 'ACCESS_LOGOUT_REFUSED' } }),
        );
        return reply.code(200).send(null);
      },
    });
    done();
  });
}
