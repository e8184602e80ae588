/** Routes of passkeys: add and remove them, sign in by one, show proof again by one. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { accessFailure } from '../failures.ts';
import type { Site } from '../identity/passkeys.ts';
import { inSession } from '../identity/sessions.ts';
import { newToken } from '../identity/token.ts';
import type { SiteRules } from './cross-site.ts';
import { eventActor, refusalsLogged, tryBy, type AccessHttpNeeds } from './guard.ts';
import { ANSWER, ATTESTATION, BEGUN, NAME, PASSKEY, WEBAUTHN_OPTIONS } from './identity-shapes.ts';
import { begunView, LIMITED, placeOf, refuseOtherSites, signInLog } from './session.ts';
import { clearCookie, readCookie, setAttempt, setCookie } from './session-cookie.ts';

const tags = ['access'];

export function passkeyRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const { audit, actorOf } = needs;
  const passkeys = () => needs.identity.passkeys;

  server.route({
    method: 'POST',
    url: '/v1/access/session/passkey/options',
    config: { public: true } as never,
    schema: {
      operationId: 'passkeyOptions', tags, summary: 'Begin to sign in by a passkey: what the browser asks the authenticator', security: [],
      response: { 200: WEBAUTHN_OPTIONS },
    }, // prettier-ignore
    handler: async (request, reply) => {
      refuseOtherSites(needs, request);
      await tryBy(needs, 'passkey', request);
      const attempt = newToken('sra');
      const options = await passkeys().ask(attempt, siteFor(needs.site, request));
      return reply.header('set-cookie', setAttempt(attempt, needs.site)).send(options);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/session/passkey',
    config: { public: true } as never,
    schema: {
      operationId: 'signInByPasskey', tags, summary: 'Sign in by a passkey', security: [],
      body: Type.Object({ response: ANSWER }, { additionalProperties: false }), response: { 201: BEGUN },
    }, // prettier-ignore
    handler: async (request, reply) => {
      refuseOtherSites(needs, request);
      const tried = await tryBy(needs, 'passkey', request);
      const attempt = readCookie(request.headers.cookie, needs.site, 'attempt');
      if (attempt === undefined) throw accessFailure('PASSKEY_REFUSED');
      const site = siteFor(needs.site, request);
      const { response } = request.body;
      const log = signInLog(needs, request);
      const begun = await passkeys().signIn(attempt, site, response as never, placeOf(needs, request), log);
      await tried.succeeded(2);
      return reply
        .code(201)
        .header('set-cookie', [setCookie(begun.token, needs.site), clearCookie(needs.site, 'attempt')])
        .send(begunView(begun));
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/session/step-up/passkey/options',
    config: LIMITED,
    schema: {
      operationId: 'stepUpPasskeyOptions', tags, summary: 'Begin to show proof again by a passkey', response: { 200: WEBAUTHN_OPTIONS },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = actorOf(request);
      inSession(actor);
      await needs.identity.tries.begin('passkey', actor.id);
      return passkeys().askAgain(actor, siteFor(needs.site, request));
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/session/step-up/passkey',
    config: LIMITED,
    schema: {
      operationId: 'stepUpByPasskey', tags, summary: 'Show proof again by a passkey (RFC 9470); the cookie is another one then',
      body: Type.Object({ response: ANSWER }, { additionalProperties: false }), response: { 204: Type.Null() },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = actorOf(request);
      inSession(actor);
      const tried = await needs.identity.tries.begin('passkey', actor.id);
      const event = { action: 'access.session.step-up', actor: eventActor(actor), requestId: request.id };
      const token = await passkeys().again(
        actor,
        siteFor(needs.site, request),
        request.body.response as never,
        (tx) => audit.appendIn(tx, { ...event, outcome: 'done' }),
        (_person, code) => audit.append({ ...event, outcome: 'denied', detail: { code: `ACCESS_${code}` } }),
      );
      await tried.succeeded(2);
      return reply.code(204).header('set-cookie', setCookie(token, needs.site)).send(null);
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/access/factors/passkeys',
    config: LIMITED,
    schema: {
      operationId: 'listPasskeys', tags, summary: 'Your passkeys', response: { 200: Type.Object({ passkeys: Type.Array(PASSKEY) }) },
    }, // prettier-ignore
    handler: async (request) => ({ passkeys: await passkeys().list(actorOf(request)) }),
  });

  server.route({
    method: 'POST',
    url: '/v1/access/factors/passkeys/options',
    config: LIMITED,
    schema: {
      operationId: 'newPasskeyOptions', tags, summary: 'Begin to add a passkey: what the browser asks the authenticator',
      response: { 200: WEBAUTHN_OPTIONS },
    }, // prettier-ignore
    handler: async (request) => (await passkeys().offer(actorOf(request), siteFor(needs.site, request))) as never,
  });

  server.route({
    method: 'POST',
    url: '/v1/access/factors/passkeys',
    config: LIMITED,
    schema: {
      operationId: 'addPasskey', tags, summary: 'Add a passkey; with the first one come recovery codes, shown this once',
      body: Type.Object({ name: NAME, response: ATTESTATION }, { additionalProperties: false }),
      response: { 201: Type.Object({ id: Type.String(), recoveryCodes: Type.Union([Type.Array(Type.String()), Type.Null()]) }) },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const action = 'access.factor.passkey.add';
      const { token, ...added } = await refusalsLogged(needs, { action, actor, request, detail: {} }, () =>
        passkeys().register(actor, siteFor(needs.site, request), request.body as never, (tx) =>
          audit.appendIn(tx, { action, actor: eventActor(actor), outcome: 'done', requestId: request.id }),
        ),
      );
      return reply.code(201).header('set-cookie', setCookie(token, needs.site)).send(added);
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/access/factors/passkeys/:id',
    schema: {
      operationId: 'removePasskey', tags, summary: 'Remove a passkey', params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
      response: { 204: Type.Null() },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const action = 'access.factor.passkey.remove';
      const detail = { passkey: request.params.id };
      // what is refused may be anything, and must not reach the log
      await refusalsLogged(needs, { action, actor, request, detail: {} }, () =>
        passkeys().remove(actor, request.params.id, (tx) =>
          audit.appendIn(tx, { action, actor: eventActor(actor), outcome: 'done', detail, requestId: request.id }),
        ),
      );
      return reply.code(204).send(null);
    },
  });
}

/** @throws ACCESS_PASSKEYS_OFF where the site has no name that a browser would take */
function siteFor(rules: SiteRules, { headers }: Readonly<{ headers: Readonly<{ host?: string | undefined }> }>): Site {
  if (rules.origin !== null) return { id: new URL(rules.origin).hostname, origin: rules.origin };
  const origin = `${rules.secure ? 'https' : 'http'}://${headers.host ?? ''}`;
  // without a name of its own the site is this machine's; the authenticator signed which one it was
  if (!URL.canParse(origin) || new URL(origin).hostname !== 'localhost') throw accessFailure('PASSKEYS_OFF');
  return { id: 'localhost', origin };
}
