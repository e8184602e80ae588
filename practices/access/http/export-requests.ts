/** Routes on somebody else's yes to exports: asking for it, and saying yes or no. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { NULLABLE } from './grant-shapes.ts';
import { allowedActor, refusalsLogged, type AccessHttpNeeds } from './guard.ts';

const REQUEST = Type.Object({
  id: Type.String(), person: Type.String(), name: Type.String(), purpose: Type.String(), reason: Type.String(), askedAt: Type.String(), waitsUntil: Type.String(),
  state: Type.Enum(['pending', 'approved', 'denied', 'ended']), decidedBy: NULLABLE, until: Type.Union([Type.String(), Type.Null()], { description: 'exports for the purpose are open until then' }),
}); // prettier-ignore
const ID = Type.Object({ id: Type.String({ maxLength: 40, description: 'erq_…' }) });
const LIST = { 200: Type.Object({ requests: Type.Array(REQUEST) }) };
const tags = ['access'];
const path = '/v1/access/export-requests';

export function exportRequestRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const requests = () => needs.exportRequests;
  const named = (id: string): Readonly<Record<string, string>> => (/^erq_[0-9a-z]{26}$/.test(id) ? { request: id } : {});

  server.route({
    method: 'GET',
    url: `${path}/mine`,
    schema: { operationId: 'myExportRequests', tags, summary: 'Where I asked for a second pair of eyes on exports, newest first', response: LIST },
    handler: async (request) => ({ requests: await requests().list(needs.actorOf(request), false) }) as never,
  });

  server.route({
    method: 'GET',
    url: path,
    schema: { operationId: 'listExportRequests', tags, summary: 'Who asks for a second pair of eyes on exports, newest first', response: LIST },
    handler: async (request) => ({ requests: await requests().list(await allowedActor(needs, request, 'grants.approve'), true) }) as never,
  });

  server.route({
    method: 'POST',
    url: path,
    config: { inspect: { text: ['body.reason'] } } as never,
    schema: {
      operationId: 'requestExport', tags, summary: 'Ask for a second pair of eyes on exports for a purpose: once another person has said yes, they are open for an hour',
      body: Type.Object({ purpose: Type.String({ pattern: '^[a-z][a-z-]*(\\.[a-z][a-z-]*){0,5}$', maxLength: 100 }), reason: Type.String({ minLength: 1, maxLength: 1000 }) }, { additionalProperties: false }),
      response: { 201: REQUEST },
    },
    handler: async (request, reply) => {
      const actor = needs.actorOf(request);
      const made = await refusalsLogged(needs, { action: 'access.export.request', actor, request, detail: {} }, () => requests().ask({ actor, requestId: request.id }, request.body));
      return reply.code(201).send(made);
    },
  });

  for (const [decision, summary] of [
    ['approve', 'Say yes to exports that another person asked for: for an hour, for that purpose'],
    ['deny', 'Say no to exports that another person asked for'],
  ] as const)
    server.route({
      method: 'POST',
      url: `${path}/:id/${decision}`,
      schema: { operationId: `${decision}ExportRequest`, tags, summary, params: ID, response: { 200: REQUEST } },
      handler: async (request) => {
        const actor = await allowedActor(needs, request, 'grants.approve');
        const { id } = request.params;
        return (await refusalsLogged(needs, { action: `access.export.${decision}`, actor, request, detail: named(id) }, () => requests().decide({ actor, requestId: request.id }, id, decision))) as never;
      },
    });
} // prettier-ignore
