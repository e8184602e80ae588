/** Routes on what a person signs in with. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import type { Actor } from '../decide.ts';
import type { LogIn } from '../identity/sessions.ts';
import { eventActor, refusalsLogged, type AccessHttpNeeds } from './guard.ts';
import { CODE, PASSWORD, RECOVERY_CODES } from './identity-shapes.ts';
import { LIMITED, placeOf } from './session.ts';
import { setCookie } from './session-cookie.ts';

const tags = ['access'];

export function factorRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const { audit, actorOf } = needs;
  const factors = () => needs.identity.factors;
  /** A change, done or refused, is in the log. */
  const changed = async <T>(
    request: object & { id: string },
    what: string,
    work: (actor: Actor, log: LogIn) => Promise<T>,
  ): Promise<T> => {
    const actor = actorOf(request);
    const action = `access.factor.${what}`;
    const log: LogIn = (tx) =>
      audit.appendIn(tx, { action, actor: eventActor(actor), outcome: 'done', requestId: request.id });
    return refusalsLogged(needs, { action, actor, request, detail: {} }, () => work(actor, log));
  };

  server.route({
    method: 'GET',
    url: '/v1/access/factors',
    config: LIMITED,
    schema: {
      operationId: 'listFactors', tags, summary: 'What you sign in with',
      response: {
        200: Type.Object({ password: Type.Boolean(), totp: Type.Boolean(), passkeys: Type.Integer(), recoveryCodes: Type.Integer() }),
      },
    }, // prettier-ignore
    handler: async (request) => factors().view(actorOf(request)),
  });

  server.route({
    method: 'PUT',
    url: '/v1/access/factors/password',
    schema: {
      operationId: 'changePassword', tags, summary: 'Change your password, by the one of now, or where there is none after a passkey was shown; your other sessions end',
      body: Type.Object({ password: PASSWORD, oldPassword: Type.Optional(PASSWORD) }, { additionalProperties: false }), response: { 204: Type.Null() },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const { password, oldPassword: old } = request.body;
      await changed(request, 'password', (actor, log) =>
        factors().changePassword(actor, { password, old }, placeOf(needs, request), log),
      );
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/factors/totp',
    config: LIMITED,
    schema: {
      operationId: 'offerTotp', tags, summary: 'A secret for an authenticator app; it counts once a code of it was confirmed',
      response: { 200: Type.Object({ secret: Type.String(), uri: Type.String() }) },
    }, // prettier-ignore
    handler: (request) => changed(request, 'totp.offer', (actor, log) => factors().offerTotp(actor, log)),
  });

  server.route({
    method: 'POST',
    url: '/v1/access/factors/totp/confirm',
    config: LIMITED,
    schema: {
      operationId: 'confirmTotp', tags, summary: 'Bring a code of the app; the answer holds recovery codes, shown this once',
      body: Type.Object({ code: CODE }, { additionalProperties: false }), response: { 200: RECOVERY_CODES },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const { token, recoveryCodes } = await changed(request, 'totp.confirm', (actor, log) =>
        factors().confirmTotp(actor, request.body.code, log),
      );
      return (token === null ? reply : reply.header('set-cookie', setCookie(token, needs.site))).send({
        recoveryCodes,
      });
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/access/factors/totp',
    schema: {
      operationId: 'removeTotp',
      tags,
      summary: 'Remove the authenticator app',
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      await changed(request, 'totp.remove', (actor, log) => factors().removeTotp(actor, log));
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/factors/recovery-codes',
    schema: {
      operationId: 'newRecoveryCodes', tags, summary: 'New recovery codes; the old ones are of no use any more',
      response: { 200: RECOVERY_CODES },
    }, // prettier-ignore
    handler: (request) => changed(request, 'recovery', (actor, log) => factors().newRecoveryCodes(actor, log)),
  });
}
