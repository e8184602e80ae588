/** Routes on findings. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { JUSTIFICATIONS, MOVES } from '../findings/states.ts';
import { FINDING_STATES } from '../types.ts';
import { askedBy, CLOSED, TAGS, type AssuranceHttpNeeds } from './needs.ts';
import { COUNT, FINDING, ID, NAME, NULLABLE, SEVERITY, WHOLE_FINDING, words } from './shapes.ts';

const CHANGE = Type.Object(
  {
    version: COUNT,
    note: words(0, 4000),
    move: Type.Optional(Type.Enum([...MOVES])),
    severity: Type.Optional(SEVERITY),
    owner: Type.Optional(Type.String({ maxLength: 60, pattern: '^(?:[a-z]{3,4}_[0-9a-hjkmnp-tv-z]{26})?$', description: 'per_…; empty: nobody' })),
    duplicateOf: Type.Optional(Type.String({ maxLength: 60, description: 'fnd_…' })),
    justification: Type.Optional(Type.Enum([...JUSTIFICATIONS], { description: 'of what is not affected, in the words of VEX' })),
    anchor: Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: NAME, description: 'the version of which that is said' })),
  },
  CLOSED,
); // prettier-ignore

export function findingRoutes(server: HttpServer, needs: AssuranceHttpNeeds): void {
  const { assurance } = needs;

  server.route({
    method: 'GET',
    url: '/v1/assurance/findings',
    config: { inspect: { data: ['query.source'] } } as never,
    schema: {
      operationId: 'listFindings', tags: TAGS, summary: 'Findings, the one that is due first',
      querystring: Type.Object({
        state: Type.Optional(Type.Enum([...FINDING_STATES, 'open', 'all'], { description: 'left out: open ones' })),
        severity: Type.Optional(SEVERITY),
        source: Type.Optional(Type.String({ maxLength: 100, pattern: NAME, description: 'a tool, `control test`, `advisories`' })),
        test: Type.Optional(Type.String({ maxLength: 30, pattern: '^[A-Z]{2,20}-[0-9]{2,3}$' })),
        after: Type.Optional(Type.String({ maxLength: 100, description: '`next` of the page before' })),
        limit: Type.String({ pattern: '^[1-9][0-9]{0,2}$', default: '100' }),
      }, CLOSED),
      response: { 200: Type.Object({ findings: Type.Array(FINDING), next: NULLABLE }) },
    },
    handler: async (request) => {
      await askedBy(needs, request, 'assurance.read');
      const { limit, ...ask } = request.query;
      return assurance.findings.list({ ...ask, most: Number(limit) });
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/assurance/findings',
    schema: {
      operationId: 'noteFinding', tags: TAGS, summary: 'Note what somebody reported, as they wrote to the address of security.txt: it is a new finding',
      body: Type.Object({ title: words(1, 300), description: words(0, 4000), severity: SEVERITY, asset: words(1, 200), place: words(1, 300), reporter: words(0, 200) }, CLOSED),
      response: { 201: WHOLE_FINDING },
    },
    handler: async (request, reply) => reply.code(201).send((await assurance.findings.note(await askedBy(needs, request, 'findings.report'), request.body)) as never),
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/assurance/findings/:id',
    schema: { operationId: 'getFinding', tags: TAGS, summary: 'One finding: what happened to it, and what can be done', params: ID, response: { 200: WHOLE_FINDING } },
    handler: async (request) => {
      await askedBy(needs, request, 'assurance.read');
      return assurance.findings.get(request.params.id);
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/assurance/findings/:id/change',
    schema: {
      operationId: 'changeFinding', tags: TAGS, summary: 'Move it, judge it, give it to somebody, note something; what a control test found is closed by that test alone',
      params: ID, body: CHANGE, response: { 200: WHOLE_FINDING },
    },
    handler: async (request) => assurance.findings.change(await askedBy(needs, request, 'findings.work'), request.params.id, request.body),
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/assurance/findings/:id/acceptance',
    schema: {
      operationId: 'proposeAcceptance', tags: TAGS, summary: 'Propose to live with it until a day, with what stands in for the fix; somebody else approves it', params: ID,
      body: Type.Object({ version: COUNT, days: Type.Integer({ minimum: 1, maximum: 365 }), control: words(1, 4000), reason: words(1, 4000) }, CLOSED),
      response: { 200: WHOLE_FINDING },
    },
    handler: async (request) => assurance.findings.propose(await askedBy(needs, request, 'findings.work'), request.params.id, request.body),
  }); // prettier-ignore

  const decide = (verb: 'approve' | 'refuse', operationId: string, summary: string): void => {
    server.route({
      method: 'POST',
      url: `/v1/assurance/findings/:id/acceptance/${verb}`,
      schema: { operationId, tags: TAGS, summary, params: ID, body: Type.Object({ version: COUNT, note: words(0, 4000) }, CLOSED), response: { 200: WHOLE_FINDING } },
      handler: async (request) => {
        const by = await askedBy(needs, request, 'findings.accept');
        return assurance.findings.decide(by, request.params.id, { ...request.body, verdict: verb === 'approve' ? 'approved' : 'refused' });
      },
    });
  }; // prettier-ignore
  decide('approve', 'approveAcceptance', 'Approve it; somebody else than who proposed it');
  decide('refuse', 'refuseAcceptance', 'Refuse it');
}
