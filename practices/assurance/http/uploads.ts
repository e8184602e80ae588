/** Routes on what comes from elsewhere, and what goes there: reports of tools, feeds of advisories, exports. */
import { Readable } from 'node:stream';

import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { assuranceFailure } from '../failures.ts';
import { DOCUMENT_NAMES } from '../exports/export-as.ts';
import { FORMATS } from '../importers/index.ts';
import { askedBy, CLOSED, TAGS, type AssuranceHttpNeeds } from './needs.ts';
import { FEEDS, NAME, REPORT, SETTLED } from './shapes.ts';

const REPORT_BYTES = 32 * 2 ** 20;
/** An archive of one ecosystem of OSV. */
const FEED_BYTES = 256 * 2 ** 20;
const BYTES = (what: string) => ({ content: { 'application/octet-stream': { schema: Type.Unknown({ description: what }) } } }) as never; // prettier-ignore

export function uploadRoutes(server: HttpServer, needs: AssuranceHttpNeeds): void {
  const { assurance, audit } = needs;

  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.route({
      method: 'POST',
      url: '/v1/assurance/reports',
      bodyLimit: REPORT_BYTES,
      config: { inspect: { data: ['query.asset'] } } as never,
      schema: {
        operationId: 'takeReport', tags: TAGS, summary: 'Take in what another tool reports; what it found before and names no more waits for a retest',
        querystring: Type.Object({
          format: Type.Optional(Type.Enum([...FORMATS], { description: 'left out: seen from the report' })),
          asset: Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: NAME, description: 'what was tested, where the report does not say' })),
        }, CLOSED),
        body: BYTES('the report as the tool wrote it'),
        response: { 201: REPORT },
      },
      handler: async (request, reply) => {
        const by = await askedBy(needs, request, 'findings.report');
        const bytes = (request.body ?? new Uint8Array(0)) as Uint8Array;
        const { format, asset } = request.query as { format?: (typeof FORMATS)[number]; asset?: string };
        return reply.code(201).send((await assurance.reports.take(by, { bytes, ...(format === undefined ? {} : { format }), ...(asset === undefined ? {} : { asset }) })));
      },
    });
    scope.route({
      method: 'PUT',
      url: '/v1/assurance/feeds/:feed',
      bodyLimit: FEED_BYTES,
      schema: {
        operationId: 'loadFeed', tags: TAGS, summary: 'Put a feed of advisories in place of the one before: OSV (JSON or ZIP), KEV (JSON), EPSS (CSV)',
        params: Type.Object({ feed: Type.Enum(['osv', 'kev', 'epss']) }), body: BYTES('the feed as it was got'), response: { 200: FEEDS },
      },
      handler: async (request) => {
        const by = await askedBy(needs, request, 'findings.report');
        const { feed } = request.params as { feed: 'osv' | 'kev' | 'epss' };
        return (await assurance.feeds.load(by, feed, (request.body ?? new Uint8Array(0)) as Uint8Array));
      },
    });
    scope.route({
      method: 'POST',
      url: '/v1/assurance/vex',
      bodyLimit: REPORT_BYTES,
      schema: {
        operationId: 'takeVex', tags: TAGS, summary: 'Take in VEX (OpenVEX, CycloneDX): findings about that very version are not affected, or wait for a retest',
        body: BYTES('the statements as somebody published them'), response: { 200: SETTLED },
      },
      handler: async (request) => {
        const by = await askedBy(needs, request, 'findings.work');
        const { notAffected, retest, reopened, refused, ...counts } = await assurance.settle(by, (request.body ?? new Uint8Array(0)) as Uint8Array);
        return { ...counts, notAffected: [...notAffected], retest: [...retest], reopened: [...reopened], refused: [...refused] };
      },
    });
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/assurance/reports',
    schema: { operationId: 'listTakenReports', tags: TAGS, summary: 'Reports that were taken in, the newest first', response: { 200: Type.Object({ reports: Type.Array(REPORT) }) } },
    handler: async (request) => {
      await askedBy(needs, request, 'assurance.read');
      return { reports: await assurance.reports.list() } as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/assurance/feeds',
    schema: { operationId: 'getFeeds', tags: TAGS, summary: 'How old what is known of advisories is, and how many parts of this product are affected', response: { 200: FEEDS } },
    handler: async (request) => {
      await askedBy(needs, request, 'assurance.read');
      return (await assurance.feeds.state()) as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/assurance/exports/:name',
    schema: {
      operationId: 'exportAssurance', tags: TAGS, summary: 'For others to read: OSCAL, SARIF, CycloneDX, a layer of ATT&CK Navigator, or all of it as a signed archive',
      params: Type.Object({ name: Type.Enum([...DOCUMENT_NAMES, 'bundle.zip']) }), produces: ['application/json', 'application/zip'],
    },
    handler: async (request, reply) => {
      const { actor } = await askedBy(needs, request, 'assurance.read');
      const { name } = request.params;
      const noted = () => audit.append({ action: 'assurance.export', actor, outcome: 'done', requestId: request.id, detail: { name } });
      if (name === 'bundle.zip') {
        const stream = await assurance.exports.bundle();
        await noted();
        return reply.type('application/zip').header('content-disposition', 'attachment; filename="assurance.zip"').send(Readable.from(stream, { objectMode: false }));
      }
      const document = await assurance.exports.document(name);
      if (document === null) throw assuranceFailure('NOTHING_YET');
      await noted();
      return reply.type('application/json').send(JSON.stringify(document));
    },
  }); // prettier-ignore
}
