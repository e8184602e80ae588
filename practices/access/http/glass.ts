/** Routes on broken glass: break it, see it, look at it afterwards. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { ASKED, GRANT, GRANT_ID, NULLABLE } from './grant-shapes.ts';
import type { AccessHttpNeeds } from './guard.ts';
import { concerned, stepOf } from './requests.ts';

const tags = ['access'];
const VERDICT = Type.Enum(['justified', 'unjustified']);
const GLASS = Type.Object({
  ...GRANT.properties,
  review: Type.Object({
    dueAt: Type.String({
      description: 'until then another person has to look at it, or the holder gets no grant any more',
    }),
    overdue: Type.Boolean(),
    reviewer: NULLABLE,
    verdict: Type.Union([VERDICT, Type.Null()]),
    note: NULLABLE,
  }),
});

export function glassRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const glass = () => needs.access.glass;

  server.route({
    method: 'POST',
    url: '/v1/access/break-glass',
    config: { inspect: { text: ['body.reason', 'body.incident', 'body.case'] } } as never,
    schema: {
      operationId: 'breakGlass', tags, summary: 'In an emergency: see what you must, at once; an alarm says so, and another person looks at it within 72 hours',
      body: Type.Object({ ...ASKED, minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 60 })), incident: Type.String({ minLength: 1, maxLength: 100 }) }, { additionalProperties: false }),
      response: { 201: GRANT },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const { minutes, ...ask } = request.body;
      const seconds = minutes === undefined ? undefined : minutes * 60;
      const made = await stepOf(needs, request, { action: 'grants.breakGlass', verb: 'break-glass' }, (by) =>
        glass().break(by, { ...ask, seconds }),
      );
      return reply.code(201).send(made as never);
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/access/break-glass',
    schema: {
      operationId: 'listBrokenGlass', tags, summary: 'Where glass was broken, and whether somebody has looked at it',
      response: { 200: Type.Object({ glass: Type.Array(GLASS) }) },
    }, // prettier-ignore
    handler: async (request) => ({ glass: (await glass().list(await concerned(needs, request))) as never }),
  });

  server.route({
    method: 'POST',
    url: '/v1/access/break-glass/:id/review',
    config: { inspect: { text: ['body.note'] } } as never,
    schema: {
      operationId: 'reviewBrokenGlass', tags, summary: 'Say whether it was justified; by another person, once it has ended', params: GRANT_ID,
      body: Type.Object({ verdict: VERDICT, note: Type.String({ minLength: 1, maxLength: 1000 }) }, { additionalProperties: false }), response: { 200: GRANT },
    }, // prettier-ignore
    handler: async (request) => {
      const { id } = request.params;
      const { verdict, note } = request.body;
      return (await stepOf(needs, request, { action: 'grants.approve', verb: 'glass-review', grant: id }, (by) =>
        glass().review(by, id, verdict, note),
      )) as never;
    },
  });
}
