/** Routes on tests by people from outside. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { FORMATS } from '../importers/index.ts';
import { askedBy, CLOSED, TAGS, type AssuranceHttpNeeds } from './needs.ts';
import { ENGAGEMENT, FINDING, ID, NAME, REPORT, words } from './shapes.ts';

const REPORT_BYTES = 32 * 2 ** 20;
const WHOLE = Type.Intersect([
  ENGAGEMENT,
  Type.Object({
    findings: Type.Array(FINDING),
    cases: Type.Array(Type.String({ description: 'case_…: what was noticed of it' })),
    more: Type.Boolean({ description: 'there are more findings than these, which are the worst' }),
  }),
]);

export function engagementRoutes(server: HttpServer, needs: AssuranceHttpNeeds): void {
  const { assurance } = needs;
  const url = '/v1/assurance/engagements';

  server.route({
    method: 'GET',
    url,
    schema: { operationId: 'listEngagements', tags: TAGS, summary: 'Tests by people from outside, the newest first', response: { 200: Type.Object({ engagements: Type.Array(ENGAGEMENT) }) } },
    handler: async (request) => {
      await askedBy(needs, request, 'assurance.read');
      return { engagements: await assurance.engagements.list() } as never;
    },
  });

  server.route({
    method: 'GET',
    url: `${url}/:id`,
    schema: { operationId: 'getEngagement', tags: TAGS, summary: 'One of them: what it found, and what was noticed of it', params: ID, response: { 200: WHOLE } },
    handler: async (request) => {
      await askedBy(needs, request, 'assurance.read');
      return (await assurance.engagements.get(request.params.id)) as never;
    },
  });

  server.route({
    method: 'POST',
    url,
    schema: {
      operationId: 'proposeEngagement', tags: TAGS, summary: 'Propose that people from outside test this system: what, how, from where, until when; somebody else approves it',
      body: Type.Object({
        title: words(1, 200), tester: words(1, 200), scope: words(1, 4000), rules: words(1, 4000),
        sources: Type.Array(Type.String({ maxLength: 50, description: 'an address or a network' }), { minItems: 1, maxItems: 50 }),
        startsAt: Type.String({ format: 'date-time', maxLength: 40 }), days: Type.Integer({ minimum: 1, maximum: 365 }),
      }, CLOSED),
      response: { 201: ENGAGEMENT },
    },
    handler: async (request, reply) => reply.code(201).send((await assurance.engagements.propose(await askedBy(needs, request, 'assurance.arm'), request.body)) as never),
  });

  for (const [verb, operationId, summary] of [['approve', 'approveEngagement', 'Approve it; somebody else than who proposed it'], ['end', 'endEngagement', 'End it and its keys at once; one person is enough']] as const)
    server.route({
      method: 'POST',
      url: `${url}/:id/${verb}`,
      schema: { operationId, tags: TAGS, summary, params: ID, response: { 200: ENGAGEMENT } },
      handler: async (request) => (await assurance.engagements[verb](await askedBy(needs, request, 'assurance.arm'), request.params.id)) as never,
    });

  server.route({
    method: 'POST',
    url: `${url}/:id/keys`,
    schema: {
      operationId: 'giveEngagementKey', tags: TAGS, summary: 'A key for its testers, shown once: it reads made-up persons alone, and ends with the test', params: ID,
      body: Type.Object({ role: Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$' }) }, CLOSED),
      response: { 201: Type.Object({ id: Type.String(), key: Type.String(), until: Type.String(), records: Type.Array(Type.String({ description: 'of persons who are made up for it; with the first key' })) }) },
    },
    handler: async (request, reply) => reply.code(201).send((await assurance.engagements.key(await askedBy(needs, request, 'assurance.arm'), request.params.id, request.body.role)) as never),
  });

  server.route({
    method: 'GET',
    url: `${url}/:id/report`,
    schema: {
      operationId: 'reportEngagement', tags: TAGS, summary: 'As it stands now, signed: what was found, and what became of it', params: ID,
      response: { 200: Type.Object({ report: Type.String({ description: 'JSON, as it was signed' }), signature: Type.String({ description: 'Ed25519, base64' }), publicKey: Type.String({ description: 'PEM' }) }) },
    },
    handler: async (request) => {
      const { actor } = await askedBy(needs, request, 'assurance.read');
      const made = await assurance.engagements.report(request.params.id);
      await needs.audit.append({ action: 'assurance.export', actor, outcome: 'done', requestId: request.id, detail: { name: 'engagement', engagement: request.params.id } });
      return made;
    },
  });

  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.route({
      method: 'POST',
      url: `${url}/:id/reports`,
      bodyLimit: REPORT_BYTES,
      config: { inspect: { data: ['query.asset'] } } as never,
      schema: {
        operationId: 'takeEngagementReport', tags: TAGS, summary: 'Take in what its testers report', params: ID,
        querystring: Type.Object({ format: Type.Optional(Type.Enum([...FORMATS])), asset: Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: NAME })) }, CLOSED),
        body: { content: { 'application/octet-stream': { schema: Type.Unknown({ description: 'the report as the tool wrote it' }) } } } as never,
        response: { 201: REPORT },
      },
      handler: async (request, reply) => {
        const by = await askedBy(needs, request, 'findings.report');
        const { format, asset } = request.query as { format?: (typeof FORMATS)[number]; asset?: string };
        const { id } = request.params as { id: string };
        const bytes = (request.body ?? new Uint8Array(0)) as Uint8Array;
        return reply.code(201).send((await assurance.engagements.take(by, id, { bytes, ...(format === undefined ? {} : { format }), ...(asset === undefined ? {} : { asset }) })));
      },
    });
  });
} // prettier-ignore
