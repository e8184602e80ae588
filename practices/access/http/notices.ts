/** Routes on what one is told: one's own notices, and nobody else's. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import type { AccessHttpNeeds } from './guard.ts';

const tags = ['access'];
const NOTICE = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  says: Type.String({ description: 'in words; no value of a customer' }),
  link: Type.String({ description: 'below /console' }),
  urgent: Type.Boolean(),
  count: Type.Integer({ description: 'how often it happened within this notice' }),
  customers: Type.Integer(),
  firstAt: Type.String(),
  lastAt: Type.String(),
  read: Type.Boolean(),
});

export function noticeRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  server.route({
    method: 'GET',
    url: '/v1/access/notices',
    schema: {
      operationId: 'listNotices',
      tags,
      summary: 'What you are told: requests, alarms, ends, reviews; your own only, the newest 200',
      response: { 200: Type.Object({ unread: Type.Integer(), notices: Type.Array(NOTICE) }) },
    },
    handler: async (request) => needs.notices.list(needs.actorOf(request)),
  });

  server.route({
    method: 'POST',
    url: '/v1/access/notices/read',
    schema: {
      operationId: 'readNotices',
      tags,
      summary: 'Say of some of your notices that you have read them',
      body: Type.Object(
        { ids: Type.Array(Type.String({ maxLength: 40 }), { minItems: 1, maxItems: 500 }) },
        { additionalProperties: false },
      ),
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      await needs.notices.read(needs.actorOf(request), request.body.ids);
      return reply.code(204).send(null);
    },
  });
}
