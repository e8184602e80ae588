/** Routes on workloads: programs that are known by tokens of an issuer. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { allowedActor, eventActor, refusalsLogged, type AccessHttpNeeds } from './guard.ts';

const tags = ['access'];
const DATA_CLASS = Type.Enum(['public', 'internal', 'personal', 'sensitive', 'special']);
const NAMES = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 100 });
const TEXT = Type.String({ minLength: 1, maxLength: 500 });
const WORKLOAD = Type.Object({
  id: Type.String(),
  name: Type.String(),
  issuer: Type.String(),
  subject: Type.String(),
  audience: Type.String(),
  jwksUrl: Type.Union([Type.String(), Type.Null()]),
  role: Type.String(),
  scope: Type.Object({
    purposes: Type.Array(Type.String()),
    classes: Type.Array(DATA_CLASS),
    collections: Type.Array(Type.String()),
  }),
  createdAt: Type.String(),
  revokedAt: Type.Union([Type.String(), Type.Null()]),
});

export function workloadRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const { audit } = needs;
  const workloads = () => needs.identity.workloads;

  server.route({
    method: 'GET',
    url: '/v1/access/workloads',
    schema: {
      operationId: 'listWorkloads', tags, summary: 'Programs that are known by tokens of an issuer',
      response: { 200: Type.Object({ workloads: Type.Array(WORKLOAD) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await allowedActor(needs, request, 'keys.manage');
      return { workloads: (await workloads().list()) as never };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/workloads',
    schema: {
      operationId: 'trustWorkload', tags, summary: "Trust an issuer's tokens for one subject, in one role",
      body: Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 100 }),
          issuer: TEXT,
          subject: TEXT,
          audience: TEXT,
          jwks: Type.Optional(
            Type.Object({ keys: Type.Array(Type.Object({ kty: Type.String({ maxLength: 20 }) }, { additionalProperties: true }), { minItems: 1, maxItems: 20 }) }),
          ),
          jwksUrl: Type.Optional(TEXT),
          role: Type.String({ minLength: 1, maxLength: 50 }),
          purposes: Type.Optional(NAMES),
          classes: Type.Optional(Type.Array(DATA_CLASS, { maxItems: 5 })),
          collections: Type.Optional(NAMES),
        },
        { additionalProperties: false },
      ),
      response: { 201: Type.Object({ id: Type.String() }) },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await allowedActor(needs, request, 'keys.manage');
      const action = 'access.workload.trust';
      const { role } = request.body;
      const made = await refusalsLogged(needs, { action, actor, request, detail: {} }, () =>
        workloads().trust(actor, request.body as never, (tx, workload) =>
          audit.appendIn(tx, {
            action, actor: eventActor(actor), outcome: 'done', detail: { workload, role }, requestId: request.id,
          }),
        ),
      ); // prettier-ignore
      return reply.code(201).send(made);
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/access/workloads/:id',
    schema: {
      operationId: 'revokeWorkload', tags, summary: 'Trust it no more; its next request fails', response: { 204: Type.Null() },
      params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await allowedActor(needs, request, 'keys.manage');
      const action = 'access.workload.revoke';
      await workloads().revoke(request.params.id, (tx, workload) =>
        audit.appendIn(tx, {
          action, actor: eventActor(actor), outcome: 'done', detail: { workload }, requestId: request.id,
        }),
      ); // prettier-ignore
      return reply.code(204).send(null);
    },
  });
}
