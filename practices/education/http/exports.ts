/** Routes of what leaves: a course of ours as a package, learning history as xAPI. */
import { Readable } from 'node:stream';

import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { PACKAGE_KINDS } from '../export/course-package.ts';
import { byOf, type EducationHttpNeeds } from './needs.ts';
import { PERSON_ID, tags, TEXT_ID } from './shapes.ts';

const strict = { additionalProperties: false } as const;

export function exportRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  server.route({
    method: 'POST',
    url: '/v1/education/courses/:id/export',
    schema: {
      operationId: 'exportCourse', tags, summary: 'A course of ours as it is published, as a zip for another learning system: with the key of its quiz in it', params: Type.Object({ id: TEXT_ID }),
      body: Type.Object({ as: Type.Enum([...PACKAGE_KINDS], { description: 'SCORM 1.2 (one SCO), or cmi5 (one assignable unit)' }) }, strict),
      produces: ['application/zip'],
    },
    handler: async (request, reply) => {
      // who may read the right answers
      const actor = await needs.allowed(request, 'texts.publish');
      const { fileName, zip } = await needs.education.exports.package(byOf(actor, request.id), request.params.id, request.body.as);
      return reply.type('application/zip').headers({ 'content-disposition': `attachment; filename="${fileName}"`, 'cache-control': 'no-store' }).send(zip);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/history/export',
    schema: {
      operationId: 'exportHistory', tags, summary: 'What people were asked to learn, began, passed, failed, signed, and what ended since, as xAPI 1.0.3 statements; people are accounts under a pseudonym',
      body: Type.Object({
        as: Type.Enum(['xapi']),
        person: Type.Optional(PERSON_ID),
        since: Type.Optional(Type.String({ format: 'date-time', maxLength: 40, description: 'left out: from the beginning' })),
        form: Type.Optional(Type.Enum(['array', 'lines'], { default: 'array', description: 'one JSON array, or a statement on each line' })),
      }, strict),
      produces: ['application/json', 'application/x-ndjson'],
    },
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'training.read');
      const { person = null, since, form = 'array' } = request.body;
      const statements = await needs.education.exports.xapi(byOf(actor, request.id), { person, since: since === undefined ? null : new Date(since), form });
      return reply.type(form === 'array' ? 'application/json' : 'application/x-ndjson').headers({ 'cache-control': 'no-store' }).send(Readable.from(statements, { objectMode: false }));
    },
  });
} // prettier-ignore
