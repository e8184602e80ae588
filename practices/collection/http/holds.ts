/** Routes of legal holds. */
import Type from 'typebox';

import { byOf, HoldBody, HoldOut, Id, strict, tags, type RetentionHttpNeeds, type Server } from './retention-shapes.ts';

const ONE = { params: Id, response: { 200: HoldOut } };

export function holdRoutes(server: Server, needs: RetentionHttpNeeds): void {
  const { retention } = needs;

  server.route({
    method: 'GET',
    url: '/v1/collection/holds',
    schema: { operationId: 'listHolds', tags, summary: 'Legal holds, those that stand first', response: { 200: Type.Object({ holds: Type.Array(HoldOut) }) } },
    handler: async (request) => {
      await needs.allowed(request, 'retention.read');
      return { holds: await retention.holds.list() } as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/holds',
    config: { inspect: { text: ['body.reason', 'body.matter', 'body.authority'] } } as never,
    schema: { operationId: 'requestHold', tags, summary: 'Ask for a hold; it stands once somebody else approved it', body: HoldBody, response: { 201: HoldOut } },
    handler: async (request, reply) => reply.code(201).send((await retention.holds.request(await byOf(needs, request, 'holds.request'), request.body)) as never),
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/holds/:id/approve',
    schema: { operationId: 'approveHold', tags, summary: 'The second person: place what was asked for, or lift what was asked to be lifted', ...ONE },
    handler: async (request) => (await retention.holds.approve(await byOf(needs, request, 'holds.approve'), request.params.id)) as never,
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/holds/:id/refuse',
    schema: { operationId: 'refuseHold', tags, summary: 'Not so: it is not placed, or stays in place', ...ONE },
    handler: async (request) => (await retention.holds.refuse(await byOf(needs, request, 'holds.approve'), request.params.id)) as never,
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/holds/:id/lift',
    config: { inspect: { text: ['body.reason'] } } as never,
    schema: { operationId: 'liftHold', tags, summary: 'Ask for its end; somebody else approves', body: Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500 }) }, strict), ...ONE },
    handler: async (request) => (await retention.holds.lift(await byOf(needs, request, 'holds.request'), request.params.id, request.body.reason)) as never,
  }); // prettier-ignore
}
