/** Routes of signing in by another provider: away, and back. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { accessFailure } from '../failures.ts';
import { tryBy, type AccessHttpNeeds } from './guard.ts';
import { isOwnSite } from './cross-site.ts';
import { placeOf, signInLog } from './session.ts';
import { clearCookie, readCookie, setAttempt, setCookie } from './session-cookie.ts';

const tags = ['access'];
/** A logout token with its claims; none is larger. */
const FORM_BYTES = 16_384;
const START = '/v1/access/session/oidc';
const BACK = '/v1/access/session/oidc/callback';
/** Our own page goes on: a browser that comes from elsewhere does not send the session's cookie with its first request. */
const HOME = '<!doctype html><meta http-equiv="refresh" content="0;url=/"><title>signed in</title>';

/**
 * Asked before anybody is sent to the provider, which may answer by itself: a page of another site must not begin a
 * session (ASVS 5.0 7.6.2). It is in no frame, so that nobody is made to press it.
 */
const ASK = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in to Strongroom</title>
<h1>Sign in to Strongroom</h1><p>You are sent to the identity provider, and come back signed in.</p>
<form method="post" action="${START}"><button>Sign in</button></form></html>`;
const ASK_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

export function oidcRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const oidc = () => needs.identity.oidc;
  const callback = (): URL => {
    // never from the request: the provider sends codes there
    if (needs.site.origin === null) throw accessFailure('OIDC_OFF');
    return new URL(BACK, needs.site.origin);
  };

  const away = async (request: {
    ip: string;
    headers: { cookie?: string | undefined };
  }): Promise<{ location: string; cookie: string }> => {
    const back = callback();
    await tryBy(needs, 'provider', request);
    const { url, attempt } = await oidc().begin(back, { before: readCookie(request.headers.cookie, needs.site) });
    return { location: url.href, cookie: setAttempt(attempt, needs.site, 'Lax') };
  };

  server.route({
    method: 'GET',
    url: '/v1/access/session/ways',
    config: { public: true } as never,
    schema: {
      operationId: 'waysIn', tags, summary: 'The ways in beside password and passkey: the host of the provider, where the settings name one', security: [],
      response: { 200: Type.Object({ provider: Type.Union([Type.String(), Type.Null()]) }) },
    }, // prettier-ignore
    handler: () => Promise.resolve({ provider: needs.site.origin === null ? null : oidc().host }),
  });

  server.route({
    method: 'GET',
    url: START,
    config: { public: true } as never,
    schema: {
      operationId: 'signInElsewhere', tags, summary: 'Sign in by the OpenID Connect provider: sends the browser there from a page of this site, and asks first from anywhere else', security: [],
      response: { 200: Type.String(), 302: Type.Null() },
    }, // prettier-ignore
    handler: async (request, reply) => {
      // also a link in a message, which the browser follows as if it had been typed
      if (request.headers['sec-fetch-site'] !== 'same-origin') {
        callback();
        return reply.header('content-security-policy', ASK_POLICY).type('text/html; charset=utf-8').send(ASK);
      }
      const { location, cookie } = await away(request);
      return reply.code(302).header('set-cookie', cookie).header('location', location).send(null);
    },
  });

  server.route({
    method: 'GET',
    url: BACK,
    // what comes back is the provider's, addresses of any kind among it
    config: { public: true, inspect: { data: ['query'] } } as never,
    schema: {
      operationId: 'signedInElsewhere', tags, summary: 'Where the provider sends the browser back to', security: [],
      querystring: Type.Object({}, { additionalProperties: Type.String({ maxLength: 4096 }) }),
      response: { 200: Type.String() },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const tried = await tryBy(needs, 'provider', request);
      const attempt = readCookie(request.headers.cookie, needs.site, 'attempt');
      if (attempt === undefined) throw accessFailure('OIDC_REFUSED');
      const returned = callback();
      returned.search = new URL(request.url, returned).search;
      const begun = await oidc().finish(returned, attempt, placeOf(needs, request), signInLog(needs, request));
      await tried.succeeded(2);
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
      url: START,
      config: { public: true } as never,
      schema: {
        operationId: 'goElsewhere', tags, summary: 'Where the page that asks leads: on to the provider', security: [],
        response: { 303: Type.Null() },
      }, // prettier-ignore
      handler: async (request, reply) => {
        if (!isOwnSite(request, needs.site, 'cookie')) throw accessFailure('CROSS_SITE');
        const { location, cookie } = await away(request);
        return reply.code(303).header('set-cookie', cookie).header('location', location).send(null);
      },
    });

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
        const tried = await tryBy(needs, 'logout', request);
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
        await tried.succeeded();
        return reply.code(200).send(null);
      },
    });
    done();
  });
}
