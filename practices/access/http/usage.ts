/** What nobody needed. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { NULLABLE } from './grant-shapes.ts';
import { allowedActor, type AccessHttpNeeds } from './guard.ts';

const UNUSED = Type.Object({
  role: Type.String(),
  owner: Type.String(),
  action: Type.String(),
  dataClass: Type.String(),
  purpose: Type.String(),
  outcome: Type.Enum(['clear', 'masked']),
  since: Type.String({ description: 'permitted since, as far as was seen' }),
  last: NULLABLE,
  count: Type.Integer(),
  days: Type.Integer(),
  stage: Type.Enum(['hint', 'task', 'convert'], {
    description: '30 days: a hint; 60: a task of the owner; 90: let it be asked for instead',
  }),
});

export function usageRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  server.route({
    method: 'GET',
    url: '/v1/access/unused',
    schema: {
      operationId: 'listUnused',
      tags: ['access'],
      summary: 'Permissions that nobody used for 30, 60, 90 days, by the audit log',
      response: { 200: Type.Object({ unused: Type.Array(UNUSED) }) },
    },
    handler: async (request) => {
      await allowedActor(needs, request, 'grants.read');
      return { unused: await needs.usage.unused() };
    },
  });
}
