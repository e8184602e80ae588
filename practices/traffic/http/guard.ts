/** Routes on who is held back, and on honey. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';
import { parsePublicId } from '#platform/ids';

import { trafficFailure } from '../failures.ts';
import { askedBy, TAGS, type TrafficHttpNeeds } from './needs.ts';
import { CLOSED, HONEY, LONGEST_SECONDS, MEASURE, reason } from './shapes.ts';

const ID = Type.Object({ id: Type.String({ maxLength: 40 }) });

export function guardRoutes(server: HttpServer, needs: TrafficHttpNeeds): void {
  const { traffic } = needs;

  server.route({
    method: 'GET',
    url: '/v1/traffic/measures',
    schema: {
      operationId: 'listMeasures', tags: TAGS, summary: 'Who is held back now: addresses that are refused, keys and people that are slowed down',
      response: { 200: Type.Object({ measures: Type.Array(MEASURE) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await askedBy(needs, request, 'traffic.read');
      return { measures: await traffic.measures.list() };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/traffic/measures',
    schema: {
      operationId: 'takeMeasure', tags: TAGS, summary: 'Hold somebody back for a while; never your own address, nor those that are protected',
      body: Type.Object({ kind: Type.Enum(['throttle', 'block-address']), target: Type.String({ minLength: 1, maxLength: 60 }), seconds: Type.Integer({ minimum: 60, maximum: LONGEST_SECONDS }), reason, case: Type.Optional(Type.String({ maxLength: 40 })) }, CLOSED),
      response: { 201: MEASURE },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const by = await askedBy(needs, request, 'measures.take');
      const { kind, target, seconds, reason: why, case: caseId } = request.body;
      const of = caseId === undefined ? null : parsePublicId('case', caseId);
      if (caseId !== undefined && of === null) throw trafficFailure('NOT_FOUND');
      const wanted = { kind, target, seconds, reason: why, caseId: of };
      return reply.code(201).send(await traffic.measures.take(by, wanted));
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/traffic/measures/:id',
    schema: { operationId: 'endMeasure', tags: TAGS, summary: 'Let somebody go on', params: ID, response: { 204: Type.Null() } },
    handler: async (request, reply) => {
      const by = await askedBy(needs, request, 'measures.take');
      await traffic.measures.end(by, request.params.id);
      return reply.code(204).send(null);
    },
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/traffic/honey',
    schema: {
      operationId: 'listHoney', tags: TAGS, summary: 'Customers and tokens that are planted: nobody has a reason to touch them',
      response: { 200: Type.Object({ honey: Type.Array(HONEY) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await askedBy(needs, request, 'honey.manage');
      return { honey: await traffic.honey.list() };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/traffic/honey',
    config: { inspect: { text: ['body.note'] } } as never,
    schema: {
      operationId: 'plantHoney', tags: TAGS, summary: 'Say that a customer, or a token that lies elsewhere, is planted',
      body: Type.Object({ subjectId: Type.Optional(Type.String({ maxLength: 40 })), token: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{16,128}$' })), note: reason }, CLOSED),
      response: { 201: HONEY },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const by = await askedBy(needs, request, 'honey.manage');
      return reply.code(201).send(await traffic.honey.plant(by, request.body));
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/traffic/honey/:id',
    schema: { operationId: 'removeHoney', tags: TAGS, summary: 'It is planted no longer', params: ID, response: { 204: Type.Null() } },
    handler: async (request, reply) => {
      const by = await askedBy(needs, request, 'honey.manage');
      await traffic.honey.remove(by, request.params.id);
      return reply.code(204).send(null);
    },
  }); // prettier-ignore
}
