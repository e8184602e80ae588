/** Routes of courses made elsewhere: taking one in, and whether it counts. */
import type { Readable } from 'node:stream';

import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { educationFailure } from '../failures.ts';
import type { PackageListed } from '../packages/packages.ts';
import { partsOf } from '../packages/package.ts';
import { MOST_ZIP_BYTES } from '../packages/take-in.ts';
import { byOf, type EducationHttpNeeds } from './needs.ts';
import { runRoutes } from './runs.ts';
import { tags, TEXT_ID } from './shapes.ts';

const PACKAGE = Type.Object({
  id: Type.String(),
  title: Type.String(),
  seq: Type.Integer(),
  hash: Type.String({ description: 'of all its paths and contents' }),
  schema: Type.Enum(['1.2', '2004', 'cmi5'], { description: 'of SCORM, or cmi5' }),
  parts: Type.Integer({ description: 'how many of it are begun by themselves' }),
  files: Type.Integer(),
  sizeBytes: Type.Integer(),
  minutes: Type.Integer(),
  validityDays: Type.Union([Type.Integer(), Type.Null()]),
  publishedAt: Type.String(),
  publishedBy: Type.String(),
  counts: Type.Boolean({ description: 'passing it is enough for a role that asks for it, though it grades itself' }),
});
const out = ({ version, counts }: PackageListed) => {
  const { id, seq, hash, publishedAt, publishedBy } = version;
  const read = version.text();
  const { title, schema, files, sizeBytes, minutes, validityDays } = read;
  return {
    id,
    title,
    seq,
    hash,
    schema,
    parts: partsOf(read),
    files,
    sizeBytes,
    minutes,
    validityDays,
    publishedAt: publishedAt.toISOString(),
    publishedBy,
    counts,
  };
};
const DAYS = Type.Optional(
  Type.String({
    pattern: '^(0|[1-9][0-9]{0,3})$',
    default: '365',
    description: 'how long passing it holds; 0: until a version comes that changes what people do',
  }),
);

export function packageRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  const packages = () => needs.education.packages;
  server.route({
    method: 'GET',
    url: '/v1/education/packages',
    schema: { operationId: 'listPackages', tags, summary: 'Courses made elsewhere (SCORM, cmi5), and which of them count', response: { 200: Type.Object({ packages: Type.Array(PACKAGE) }) } },
    handler: async (request) => {
      await needs.allowed(request, 'training.read');
      return { packages: (await packages().list()).filter(({ version }) => version.isReadable()).map(out) };
    },
  });

  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // as it comes: it is looked through once all of it is here
    scope.addContentTypeParser('application/zip', (_request, body, done) => done(null, body));
    scope.route({
      method: 'POST',
      url: '/v1/education/packages/:id',
      bodyLimit: MOST_ZIP_BYTES,
      schema: {
        operationId: 'takePackage', tags, summary: 'Take in a course made elsewhere: a zip of SCORM 1.2 or 2004, or of cmi5, on top of the version that it replaces', params: Type.Object({ id: TEXT_ID }),
        querystring: Type.Object({
          replaces: Type.Optional(Type.String({ minLength: 43, maxLength: 43, pattern: '^[A-Za-z0-9_-]+$', description: 'hash of the newest version; left out where there is none' })),
          material: Type.Optional(Type.Enum(['yes', 'no'], { default: 'no', description: 'it changes what people do: they do it anew' })),
          locale: Type.Optional(Type.String({ pattern: '^[a-z]{2}(-[A-Z]{2})?$', default: 'en' })),
          validityDays: DAYS,
          minutes: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$', default: '30' })),
        }, { additionalProperties: false }),
        body: { content: { 'application/zip': { schema: Type.Unknown({ description: 'the package, at most 256 MiB' }) } } } as never,
        response: { 201: PACKAGE },
      },
      handler: async (request, reply) => {
        const actor = await needs.allowed(request, 'texts.publish');
        // said before it is sent: who is cut off in the middle of sending reads no answer
        if (Number(request.headers['content-length'] ?? 0) > MOST_ZIP_BYTES)
          throw educationFailure('PACKAGE_TOO_LARGE', { detail: `the zip has more than ${MOST_ZIP_BYTES} bytes` });
        const { id } = request.params as { id: string };
        const { replaces, material, locale = 'en', validityDays = '365', minutes = '30' } = request.query as Record<string, string | undefined>;
        const made = await packages().take(byOf(actor, request.id), {
          id, replaces: replaces ?? null, material: material === 'yes', locale, minutes: Number(minutes),
          validityDays: validityDays === '0' ? null : Number(validityDays), upload: request.body as Readable,
        });
        return reply.code(201).send(out(made));
      },
    });
  });

  server.route({
    method: 'POST',
    url: '/v1/education/packages/:id/counts',
    schema: {
      operationId: 'sayPackageCounts', tags, summary: 'Say whether passing it is enough for a role: it grades itself in the browser of who takes it', params: Type.Object({ id: TEXT_ID }),
      body: Type.Object({ counts: Type.Boolean() }, { additionalProperties: false }), response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'training.approve');
      await packages().sayCounts(byOf(actor, request.id), request.params.id, request.body.counts);
      return reply.code(204).send(null);
    },
  });

  runRoutes(server, needs);
} // prettier-ignore
