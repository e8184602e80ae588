/** Routes of a person's own session: sign in, show proof again, change the active role, end it. */
import Type from 'typebox';

import { addressOf, type HttpServer } from '#platform/http';

import { accessFailure } from '../failures.ts';
import type { Actor } from '../decide.ts';
import { inSession, type BegunSession, type Place } from '../identity/sessions.ts';
import type { LogSignIn } from '../identity/sign-in.ts';
import { isOwnSite } from './cross-site.ts';
import { eventActor, type AccessHttpNeeds } from './guard.ts';
import { BEGUN, EMAIL, SESSION, SHOWN } from './identity-shapes.ts';
import { clearCookie, readCookie, setCookie } from './session-cookie.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;
type Asked = Readonly<{ id: string; ip: string; method: string; headers: Headers }>;
const tags = ['access'];
const NOTHING = Type.Null();
/** Also for a session that has shown one factor alone: who it is, how it ends, and how it becomes a whole one. */
export const LIMITED = { limited: true } as never;

export function sessionRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const { audit, actorOf } = needs;
  // read when a request comes: the document of all routes is made without anything behind them
  const identity = () => needs.identity;
  /** What a person does to their own session, in the log. */
  const note = (request: Asked, actor: Actor, action: string, detail: Readonly<Record<string, string>> = {}) => ({
    action: `access.session.${action}`,
    actor: eventActor(actor),
    outcome: 'done' as const,
    detail: { session: actor.session?.id ?? '', ...detail },
    requestId: request.id,
  });

  server.route({
    method: 'POST',
    url: '/v1/access/session',
    config: { public: true } as never,
    schema: {
      operationId: 'signIn', tags, summary: 'Sign in by password, and a code where there is one; the cookie is the session', security: [],
      body: Type.Object({ email: EMAIL, ...SHOWN }, { additionalProperties: false }), response: { 201: BEGUN },
    }, // prettier-ignore
    handler: async (request, reply) => {
      refuseOtherSites(needs, request);
      const { email, ...shown } = request.body;
      const begun = await identity().signIn.byPassword(
        email,
        shown,
        placeOf(needs, request),
        signInLog(needs, request),
      );
      return reply.code(201).header('set-cookie', setCookie(begun.token, needs.site)).send(begunView(begun));
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/access/session',
    config: LIMITED,
    schema: {
      operationId: 'currentSession', tags, summary: 'Who is signed in here, and how',
      response: {
        200: Type.Object({
          id: Type.String(), person: Type.String(), name: Type.String(), role: Type.String(), roles: Type.Array(Type.String()),
          aal: Type.Integer(), amr: Type.Array(Type.String()), mfa: Type.Enum(['none', 'stale', 'fresh']), phishingResistant: Type.Boolean(),
          expiresAt: Type.String(),
        }),
      },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = actorOf(request);
      inSession(actor);
      const { id, roles, aal, amr, assurance } = actor.session as NonNullable<Actor['session']>;
      return {
        id, person: actor.id, name: actor.name, role: actor.role, roles: [...roles], aal, amr: [...amr], ...assurance,
        expiresAt: (actor.expiresAt as Date).toISOString(),
      }; // prettier-ignore
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/access/session',
    config: LIMITED,
    schema: {
      operationId: 'signOut', tags, summary: 'End this session; `next`, where there is one, is the page that signs out of the provider too',
      response: { 200: Type.Object({ next: Type.String() }), 204: NOTHING },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { id } = actor.session ?? {};
      if (id === undefined) throw accessFailure('SESSION_NEEDED');
      await identity().sessions.end(actor.id, id, (tx) => audit.appendIn(tx, note(request, actor, 'end')));
      reply.header('set-cookie', clearCookie(needs.site));
      const back = needs.site.origin === null ? null : new URL('/', needs.site.origin);
      const next = await identity().providerLogout.page(inSession(actor).session, back);
      return next === null ? reply.code(204).send(null) : { next: next.href };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/session/step-up',
    config: LIMITED,
    schema: {
      operationId: 'stepUp', tags, summary: 'Show password and code again, where a newer authentication is asked for (RFC 9470); the cookie is another one then',
      body: Type.Object(SHOWN, { additionalProperties: false }), response: { 204: NOTHING },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const token = await identity().signIn.again(
        actor,
        request.body,
        placeOf(needs, request),
        (tx) => audit.appendIn(tx, note(request, actor, 'step-up')),
        (_person, code) =>
          audit.append({ ...note(request, actor, 'step-up', { code: `ACCESS_${code}` }), outcome: 'denied' }),
      );
      return reply.code(204).header('set-cookie', setCookie(token, needs.site)).send(null);
    },
  });

  server.route({
    method: 'PUT',
    url: '/v1/access/session/role',
    schema: {
      operationId: 'actAs', tags, summary: 'Act in another one of your roles; one is active at a time',
      body: Type.Object({ role: Type.String({ minLength: 1, maxLength: 50 }) }, { additionalProperties: false }), response: { 204: NOTHING },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { role } = request.body;
      await identity().sessions.actAs(actor, role, (tx) =>
        audit.appendIn(tx, note(request, actor, 'role', { to: role })),
      );
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/access/sessions',
    schema: {
      operationId: 'listSessions', tags, summary: 'Your sessions', response: { 200: Type.Object({ sessions: Type.Array(SESSION) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = actorOf(request);
      inSession(actor);
      return { sessions: (await identity().sessions.list(actor.id)) as never };
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/access/sessions',
    schema: {
      operationId: 'endOtherSessions', tags, summary: 'End all your sessions but this one, after a factor was shown in the last five minutes', response: { 200: Type.Object({ ended: Type.Integer() }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = actorOf(request);
      const log = note(request, actor, 'end-others');
      return { ended: await identity().sessions.endOthers(actor, (tx) => audit.appendIn(tx, log)) };
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/access/sessions/:id',
    schema: {
      operationId: 'endSession', tags, summary: 'End one of your sessions; another than this after a factor was shown in the last five minutes', params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
      response: { 204: NOTHING },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const log = note(request, actor, 'end', { ended: request.params.id });
      await identity().sessions.endOwn(actor, request.params.id, (tx) => audit.appendIn(tx, log));
      return reply.code(204).send(null);
    },
  });
}

/** Where a request comes from. */
export function placeOf({ surroundings, site }: Pick<AccessHttpNeeds, 'surroundings' | 'site'>, request: Asked): Place {
  const address = addressOf(request);
  return {
    device: String(request.headers['user-agent'] ?? ''),
    address,
    zone: surroundings.at(address).zone,
    before: readCookie(request.headers.cookie as string | undefined, site),
  };
}

/** Before a public route takes anything: a page of another site must not sign somebody in. @throws ACCESS_CROSS_SITE */
export function refuseOtherSites({ site }: AccessHttpNeeds, request: Asked): void {
  if (!isOwnSite(request, site, 'none')) throw accessFailure('CROSS_SITE');
}

export const begunView = ({ id, person, role, expiresAt, proof }: BegunSession) => ({
  id,
  person,
  role,
  aal: proof.aal,
  amr: [...proof.amr] as string[],
  expiresAt: expiresAt.toISOString(),
});

/** What the log is told of signing in: who, and how; never the address that was typed. */
export const signInLog = (needs: AccessHttpNeeds, request: Asked): LogSignIn => ({
  begun: (tx, { id, person, role, proof, ended }) =>
    needs.audit.appendIn(tx, {
      action: 'access.session.begin',
      actor: { kind: 'staff', id: person, role },
      outcome: 'done',
      detail: {
        session: id,
        aal: proof.aal,
        amr: proof.amr,
        zone: placeOf(needs, request).zone,
        ...(ended.length === 0 ? {} : { ended }),
      },
      requestId: request.id,
    }),
  refused: (person, code) =>
    needs.audit.append({
      action: 'access.session.begin',
      actor: { kind: 'staff', id: person ?? 'unknown' },
      outcome: 'denied',
      detail: { code: `ACCESS_${code}` },
      requestId: request.id,
    }),
});
