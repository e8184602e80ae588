/** Routes on people: invite, let in, give roles, disable. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';
import { parsePublicId } from '#platform/ids';

import type { Actor } from '../decide.ts';
import type { LogPerson } from '../identity/people.ts';
import { allowedActor, eventActor, refusalsLogged, tryBy, type AccessHttpNeeds } from './guard.ts';
import {
  BEGUN,
  EMAIL,
  IDENTIFIED_BY,
  INVITATION,
  NAME,
  PASSWORD,
  PERSON,
  ROLES,
  SESSION,
  TOKEN,
} from './identity-shapes.ts';
import { begunView, placeOf, refuseOtherSites, signInLog } from './session.ts';
import { setCookie } from './session-cookie.ts';

const ID = Type.Object({ id: Type.String({ maxLength: 40 }) });
const tags = ['access'];
type Detail = Readonly<Record<string, string | readonly string[]>>;

export function peopleRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const { audit } = needs;
  const people = () => needs.identity.people;
  /** What somebody whose role includes it does to another one; done or refused, it is in the log. */
  const managed = async <T>(
    request: object & { id: string },
    what: Readonly<{ action: string; person: string; detail?: Detail }>,
    work: (by: Awaited<ReturnType<typeof allowedActor>>, log: LogPerson) => Promise<T>,
  ): Promise<T> => {
    const actor = await allowedActor(needs, request, 'people.manage');
    const action = `access.person.${what.action}`;
    const detail = what.detail ?? {};
    const log: LogPerson = (tx, person) =>
      audit.appendIn(tx, {
        action, actor: eventActor(actor), outcome: 'done', detail: { ...detail, person }, requestId: request.id,
      }); // prettier-ignore
    return refusalsLogged(
      needs,
      { action, actor, request, detail: knownOf(needs, actor, { ...detail, person: what.person }) },
      () => work(actor, log),
    );
  };

  server.route({
    method: 'GET',
    url: '/v1/access/people',
    schema: {
      operationId: 'listPeople', tags, summary: 'Who works here, in which roles',
      response: { 200: Type.Object({ people: Type.Array(PERSON) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await allowedActor(needs, request, 'people.manage');
      return { people: (await people().list()) as never };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/people',
    schema: {
      operationId: 'invitePerson', tags, summary: 'Invite somebody; the token lets them in once, and is shown once',
      body: Type.Object({ email: EMAIL, name: NAME, roles: ROLES }, { additionalProperties: false }), response: { 201: INVITATION },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const { roles } = request.body;
      const made = await managed(request, { action: 'invite', person: 'new', detail: { roles } }, (by, log) =>
        people().invite(by, request.body, log),
      );
      return reply.code(201).send({ ...made, expiresAt: made.expiresAt.toISOString() });
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/people/accept',
    config: { public: true } as never,
    schema: {
      operationId: 'acceptInvitation', tags, summary: 'Come in by a link: choose a password, and be signed in', security: [],
      body: Type.Object(
        { token: TOKEN, password: PASSWORD, email: Type.Optional(EMAIL), name: Type.Optional(NAME) },
        { additionalProperties: false },
      ),
      response: { 201: BEGUN },
    }, // prettier-ignore
    handler: async (request, reply) => {
      refuseOtherSites(needs, request);
      const tried = await tryBy(needs, 'link', request);
      const begun = await people().accept(request.body, placeOf(needs, request), (tx, session) =>
        signInLog(needs, request).begun(tx, session),
      );
      await tried.succeeded();
      return reply.code(201).header('set-cookie', setCookie(begun.token, needs.site)).send(begunView(begun));
    },
  });

  server.route({
    method: 'PUT',
    url: '/v1/access/people/:id/roles',
    schema: {
      operationId: 'setRoles', tags, summary: "Give somebody other roles; the person's sessions end", params: ID,
      body: Type.Object({ roles: ROLES }, { additionalProperties: false }), response: { 204: Type.Null() },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const { roles } = request.body;
      const { id } = request.params;
      await managed(request, { action: 'roles', person: id, detail: { roles } }, (by, log) =>
        people().setRoles(by, id, roles, log),
      );
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/people/:id/disable',
    schema: {
      operationId: 'disablePerson', tags, summary: 'Let somebody do nothing any more, at once; their keys are revoked unless they are to be kept', params: ID,
      body: Type.Object({ keys: Type.Enum(['revoke', 'keep'], { default: 'revoke' }) }, { additionalProperties: false }),
      response: { 200: Type.Object({ livingKeys: Type.Array(Type.String()) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const { id } = request.params;
      const { keys } = request.body;
      return {
        livingKeys: await managed(request, { action: 'disable', person: id, detail: { keys } }, (by, log) =>
          people().disable(by, id, keys, log),
        ),
      };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/people/:id/enable',
    schema: {
      operationId: 'enablePerson',
      tags,
      summary: 'Let somebody in again',
      params: ID,
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      await managed(request, { action: 'enable', person: id }, (by, log) => people().enable(by, id, log));
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/people/:id/link',
    schema: {
      operationId: 'newPersonLink', tags, summary: 'A new link for who lost the password, which is gone then and nothing else; or for who lost more: all is gone. How you made sure who they are is in the log', params: ID,
      body: Type.Object({ kind: Type.Enum(['password', 'all']), identifiedBy: IDENTIFIED_BY }, { additionalProperties: false }),
      response: { 201: INVITATION },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const { id } = request.params;
      const { kind, identifiedBy } = request.body;
      const made = await managed(request, { action: 'link', person: id, detail: { kind, identifiedBy } }, (by, log) =>
        people().reinvite(by, id, kind, log),
      );
      return reply.code(201).send({ ...made, expiresAt: made.expiresAt.toISOString() });
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/access/people/:id/sessions',
    schema: {
      operationId: 'listSessionsOf', tags, summary: "Somebody's sessions", params: ID,
      response: { 200: Type.Object({ sessions: Type.Array(SESSION) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await allowedActor(needs, request, 'people.manage');
      return { sessions: (await needs.identity.sessions.list(request.params.id)) as never };
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/access/people/:id/sessions/:session',
    schema: {
      operationId: 'endSessionOf', tags, summary: "End one of somebody's sessions", response: { 204: Type.Null() },
      params: Type.Object({ id: Type.String({ maxLength: 40 }), session: Type.String({ maxLength: 40 }) }),
    }, // prettier-ignore
    handler: async (request, reply) => {
      const { id, session } = request.params;
      await managed(request, { action: 'end-session', person: id, detail: { session } }, (_by, log) =>
        needs.identity.sessions.end(id, session, (tx) => log(tx, id)),
      );
      return reply.code(204).send(null);
    },
  });
}

/** What is refused may be anything: of what was asked, the log holds ids and roles, and nothing that only stands where they should. */
function knownOf({ access }: AccessHttpNeeds, by: Actor, { roles, ...ids }: Detail): Detail {
  const kinds: Readonly<Record<string, string>> = { person: 'per', session: 'ses' };
  const fit = Object.entries(ids).filter(
    ([name, text]) => !Object.hasOwn(kinds, name) || parsePublicId(kinds[name] as string, text as string) !== null,
  );
  const known = access.roles(by);
  return {
    ...Object.fromEntries(fit),
    ...(Array.isArray(roles) ? { roles: roles.filter((role) => known.includes(role)) } : {}),
  };
}
