/** Routes on reviews of roles. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { NULLABLE } from './grant-shapes.ts';
import { allowedActor, refusalsLogged, type AccessHttpNeeds } from './guard.ts';

const tags = ['access'];
const ID = Type.Object({ id: Type.String({ maxLength: 40, description: 'rvw_…' }) });
const DECISION = Type.Enum(['keep', 'remove']);
const ON_OVERDUE = Type.Enum(['suspend', 'alert'], {
  description: 'suspend: who was not decided on sees nothing above internal in clear; alert: people are told',
});
const REVIEW_MEMBERS = {
  id: Type.String(),
  role: Type.String(),
  owner: Type.String({ description: 'the role whose holders decide' }),
  showsClear: Type.Boolean(),
  beganBy: Type.String(),
  beganAt: Type.String(),
  dueAt: Type.String(),
  overdue: Type.Boolean(),
  onOverdue: ON_OVERDUE,
  extendedBy: NULLABLE,
  extendedAt: NULLABLE,
  closedBy: NULLABLE,
  closedAt: NULLABLE,
};
const REVIEW_OUT = Type.Object(REVIEW_MEMBERS);
const WITH_ITEMS = Type.Object({
  ...REVIEW_MEMBERS,
  items: Type.Array(
    Type.Object({
      holder: Type.String(),
      name: Type.String(),
      lastUsed: NULLABLE,
      count: Type.Integer(),
      peers: Type.Integer(),
      decision: Type.Union([DECISION, Type.Null()]),
      decidedBy: NULLABLE,
      decidedAt: NULLABLE,
      note: NULLABLE,
    }),
  ),
});
const A_DAY_SECONDS = 86_400;

export function reviewRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const { reviews } = needs;

  server.route({
    method: 'GET',
    url: '/v1/access/reviews',
    schema: {
      operationId: 'listReviews',
      tags,
      summary: 'Reviews of roles, newest first',
      response: { 200: Type.Object({ reviews: Type.Array(REVIEW_OUT) }) },
    },
    handler: async (request) => {
      await allowedActor(needs, request, 'reviews.read');
      return { reviews: await reviews.list() };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/reviews',
    schema: {
      operationId: 'beginReview', tags, summary: 'Ask the owner of a role whether each of its holders still needs it',
      body: Type.Object({ role: Type.String({ minLength: 1, maxLength: 50 }), days: Type.Integer({ minimum: 1, maximum: 90 }), onOverdue: Type.Optional(ON_OVERDUE) }, { additionalProperties: false }),
      response: { 201: REVIEW_OUT },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await allowedActor(needs, request, 'reviews.begin');
      const { role, days, onOverdue } = request.body;
      const by = { actor, requestId: request.id };
      const began = await reviews.begin(by, role, days * A_DAY_SECONDS, onOverdue);
      return reply.code(201).send(began);
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/access/reviews/:id',
    schema: {
      operationId: 'getReview', tags, summary: 'One review: of each holder when and how often it used the role, and what was decided', params: ID,
      response: { 200: WITH_ITEMS },
    }, // prettier-ignore
    handler: async (request) => {
      await allowedActor(needs, request, 'reviews.read');
      return (await reviews.get(request.params.id)) as never;
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/reviews/:id/decide',
    config: { inspect: { text: ['body.note'] } } as never,
    schema: {
      operationId: 'decideReview', tags, summary: 'Keep or remove; one holder at a time where the role sees customers in clear', params: ID,
      body: Type.Object({ holders: Type.Array(Type.String({ maxLength: 40 }), { minItems: 1, maxItems: 200 }), decision: DECISION, note: Type.Optional(Type.String({ maxLength: 500 })) }, { additionalProperties: false }),
      response: { 200: WITH_ITEMS },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await allowedActor(needs, request, 'reviews.decide');
      const { holders, decision, note = '' } = request.body;
      return (await refusalsLogged(
        needs,
        { action: 'access.review.decide', actor, request, detail: { decision } },
        () => reviews.decide({ actor, requestId: request.id }, request.params.id, holders, decision, note),
      )) as never;
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/reviews/:id/extend',
    config: { inspect: { text: ['body.reason'] } } as never,
    schema: {
      operationId: 'extendReview', tags, summary: 'Give a review more time, once; by somebody whose role does not decide in it', params: ID,
      body: Type.Object({ days: Type.Integer({ minimum: 1, maximum: 14 }), reason: Type.String({ minLength: 1, maxLength: 500 }) }, { additionalProperties: false }),
      response: { 200: REVIEW_OUT },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await allowedActor(needs, request, 'reviews.begin');
      const { days, reason } = request.body;
      return (await refusalsLogged(needs, { action: 'access.review.extend', actor, request, detail: { days } }, () =>
        reviews.extend({ actor, requestId: request.id }, request.params.id, days * A_DAY_SECONDS, reason),
      )) as never;
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/reviews/:id/close',
    schema: {
      operationId: 'closeReview',
      tags,
      summary: 'End a review in which all was decided; its result goes into the log',
      params: ID,
      response: { 200: REVIEW_OUT },
    },
    handler: async (request) => {
      const actor = await allowedActor(needs, request, 'reviews.decide');
      return await reviews.close({ actor, requestId: request.id }, request.params.id);
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/access/reviews/:id/bundle',
    schema: {
      operationId: 'reviewBundle', tags, summary: 'The result of a closed review, with the proof that the signed log has its hash', params: ID,
      response: { 200: Type.Object({ result: Type.String(), resultHash: Type.String(), auditIndex: Type.Integer(), proof: Type.String() }) },
    }, // prettier-ignore
    handler: async (request) => {
      await allowedActor(needs, request, 'reviews.read');
      return await reviews.bundle(request.params.id);
    },
  });
}
