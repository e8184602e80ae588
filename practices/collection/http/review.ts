/** Routes of the review of fields: how each is used, what is proposed, and what was decided. */
import Type from 'typebox';

import type { Review } from '../review/review.ts';
import { byOf, Id, Nullable, strict, tags, type RetentionHttpNeeds, type Server } from './retention-shapes.ts';

const Count = Type.Record(Type.String(), Type.Integer());
const Proposal = Type.Object({
  id: Type.String(),
  collection: Type.String(),
  field: Type.String(),
  kind: Type.Enum(['never-read', 'one-purpose', 'over-precise', 'mostly-empty', 'always-same', 'duplicate']),
  suggests: Type.Enum(['erase', 'coarsen', 'narrow']),
  evidence: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  owner: Type.String(),
  dueAt: Type.String(),
  overdue: Type.Boolean(),
  state: Type.Enum(['open', 'kept', 'applied', 'gone']),
  reviewAt: Nullable,
  history: Type.Array(Type.Record(Type.String(), Type.String())),
});
const Proposals = Type.Object({ proposals: Type.Array(Proposal) });
const Fields = Type.Object({
  since: Type.String({ description: 'uses are counted since then' }),
  fields: Type.Array(
    Type.Object({
      collection: Type.String(),
      field: Type.String(),
      class: Type.String(),
      present: Type.Integer(),
      records: Type.Integer(),
      ages: Count,
      uses: Type.Array(
        Type.Object({ purpose: Type.String(), clear: Type.Integer(), masked: Type.Integer(), last: Type.String() }),
      ),
      last: Nullable,
    }),
  ),
});

export type ReviewHttpNeeds = Omit<RetentionHttpNeeds, 'retention'> & Readonly<{ review: Review }>;

export function reviewRoutes(server: Server, needs: ReviewHttpNeeds): void {
  const { review } = needs;

  server.route({
    method: 'GET',
    url: '/v1/collection/fields',
    schema: { operationId: 'listFieldUses', tags, summary: 'Of each field: how many values, how old, last read when and for which purpose', response: { 200: Fields } },
    handler: async (request) => {
      await needs.allowed(request, 'retention.read');
      return (await review.fields()) as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/collection/fields/proposals',
    schema: { operationId: 'listFieldProposals', tags, summary: 'What is held and seems not to be needed, open ones first', response: { 200: Proposals } },
    handler: async (request) => {
      await needs.allowed(request, 'retention.read');
      return { proposals: await review.proposals() } as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/fields/review',
    schema: { operationId: 'reviewFields', tags, summary: 'Look anew; it is done once a day without being asked', body: Type.Object({ days: Type.Integer({ minimum: 1, maximum: 3650, description: 'how far back; usually 90' }) }, strict), response: { 200: Proposals } },
    handler: async (request) => {
      await needs.allowed(request, 'fields.decide');
      return { proposals: await review.look(request.body.days) } as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/fields/proposals/:id/decide',
    config: { inspect: { text: ['body.reason'] } } as never,
    schema: {
      operationId: 'decideFieldProposal', tags, summary: 'Keep it, with a reason until a day; or apply it: the catalogue is proposed anew, and retention takes away what is held', params: Id,
      body: Type.Object({ decision: Type.Enum(['keep', 'apply']), reason: Type.String({ minLength: 3, maxLength: 500 }), reviewBy: Type.Optional(Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' })) }, strict),
      response: { 200: Type.Object({ ...Proposal.properties, version: Nullable }) },
    },
    handler: async (request) => (await review.decide(await byOf(needs, request, 'fields.decide'), request.params.id, request.body)) as never,
  }); // prettier-ignore
}
