/** Routes on roles that rest: what one may ask for, asking, answering, ending. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { NULLABLE } from './grant-shapes.ts';
import { allowedActor, refusalsLogged, type AccessHttpNeeds } from './guard.ts';

const REQUEST = Type.Object({
  id: Type.String(),
  person: Type.String(),
  name: Type.String(),
  role: Type.String(),
  minutes: Type.Union([Type.Number(), Type.Null()], { description: 'null: for good' }),
  reason: Type.String(),
  askedAt: Type.String(),
  waitsUntil: Type.String(),
  state: Type.Enum(['pending', 'lent', 'given', 'denied', 'ended']),
  decidedBy: NULLABLE,
  until: NULLABLE,
});
const ID = Type.Object({ id: Type.String({ maxLength: 40, description: 'rrq_…' }) });
const tags = ['access'];

export function roleRequestRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const requests = () => needs.roleRequests;
  /** An id that somebody made up is not repeated in the log. */
  const named = (id: string): Readonly<Record<string, string>> =>
    /^rrq_[0-9a-z]{26}$/.test(id) ? { request: id } : {};

  server.route({
    method: 'GET',
    url: '/v1/access/role-requests',
    schema: {
      operationId: 'listRoleRequests', tags, summary: 'Roles of yours that rest and may be asked for, your requests, and those you decide on',
      response: { 200: Type.Object({ eligible: Type.Array(Type.String()), requests: Type.Array(REQUEST) }) },
    }, // prettier-ignore
    handler: async (request) => (await requests().list(needs.actorOf(request))) as never,
  });

  server.route({
    method: 'POST',
    url: '/v1/access/role-requests',
    config: { inspect: { text: ['body.reason'] } } as never,
    schema: {
      operationId: 'requestRole', tags, summary: 'Ask for a role of yours that rests, for a time; without `minutes` for good',
      body: Type.Object(
        { role: Type.String({ minLength: 1, maxLength: 50 }), minutes: Type.Optional(Type.Integer({ minimum: 5, maximum: 480 })), reason: Type.String({ minLength: 1, maxLength: 1000 }) },
        { additionalProperties: false },
      ),
      response: { 201: REQUEST },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = needs.actorOf(request);
      const { minutes = null, ...wanted } = request.body;
      const made = await refusalsLogged(needs, { action: 'access.role.request', actor, request, detail: {} }, () =>
        requests().ask({ actor, requestId: request.id }, { ...wanted, minutes }),
      );
      return reply.code(201).send(made);
    },
  });

  for (const [decision, summary] of [
    ['approve', 'Approve what another asked for: the role is lent, and the clock starts; or it is theirs again'],
    ['deny', 'Deny what another asked for'],
  ] as const)
    server.route({
      method: 'POST',
      url: `/v1/access/role-requests/:id/${decision}`,
      schema: { operationId: `${decision}RoleRequest`, tags, summary, params: ID, response: { 200: REQUEST } },
      handler: async (request) => {
        const actor = await allowedActor(needs, request, 'grants.approve');
        const { id } = request.params;
        const what = { action: `access.role.${decision}`, actor, request, detail: named(id) };
        return (await refusalsLogged(needs, what, () =>
          requests().decide({ actor, requestId: request.id }, id, decision),
        )) as never;
      },
    });

  server.route({
    method: 'POST',
    url: '/v1/access/role-requests/:id/end',
    schema: {
      operationId: 'endRoleRequest', tags, summary: 'Take a request of your own back, or end what was lent before its time', params: ID, response: { 200: REQUEST },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = needs.actorOf(request);
      const { id } = request.params;
      return (await refusalsLogged(needs, { action: 'access.role.end', actor, request, detail: named(id) }, () =>
        requests().end({ actor, requestId: request.id }, id),
      )) as never;
    },
  });
}
