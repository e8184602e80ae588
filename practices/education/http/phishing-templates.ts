/** Routes on mails of exercises that the training team writes: tried out, saved, changed by who has read the newest, retired. */
import type { FastifyReply } from 'fastify';
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { educationFailure } from '../failures.ts';
import type { WholeTemplate } from '../phishing/templates.ts';
import { byOf, type EducationHttpNeeds } from './needs.ts';
import { PREVIEW, previewOut, TEMPLATE, templateOut } from './phishing-shapes.ts';
import { tags, TEXT_ID } from './shapes.ts';

const path = '/v1/education/phishing/templates';
const ID = Type.Object({ id: TEXT_ID });
const CLOSED = { additionalProperties: false } as const;
const SOURCE = Type.Object({ source: Type.String({ minLength: 1, maxLength: 65_536, description: 'Markdown: docs/formats/education-texts.md' }) }, CLOSED); // prettier-ignore
const SEEN = Type.Object({ 'if-match': Type.Optional(Type.String({ maxLength: 60, description: '"version" that was read' })) }); // prettier-ignore
const VERSION = Type.Object({ seq: Type.Integer(), hash: Type.String(), retired: Type.Boolean(), madeBy: Type.String(), madeAt: Type.String() }); // prettier-ignore
const WHOLE = Type.Object({ ...TEMPLATE.properties, source: Type.String(), preview: PREVIEW, versions: Type.Array(VERSION, { description: 'oldest first; none of one that is shipped' }) }); // prettier-ignore

const wholeOut = (reply: FastifyReply, whole: WholeTemplate) => {
  void reply.header('etag', `"${whole.seq}"`);
  const { source, preview, versions } = whole;
  return { ...templateOut(whole), source, preview: previewOut(preview), versions: versions.map(({ madeAt, ...each }) => ({ ...each, madeAt: madeAt.toISOString() })) };
}; // prettier-ignore

/** @throws EDUCATION_TEMPLATE_UNSEEN */
function seenIn(headers: Readonly<{ 'if-match'?: string | undefined }>): number {
  const version = /^"([1-9][0-9]{0,8})"$/.exec(headers['if-match'] ?? '')?.[1];
  if (version === undefined) throw educationFailure('TEMPLATE_UNSEEN');
  return Number(version);
}

export function phishTemplateRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  const templates = () => needs.phishing.templates;

  server.route({
    method: 'GET',
    url: `${path}/:id`,
    schema: { operationId: 'getPhishTemplate', tags, summary: 'A mail of exercises as it is written, as somebody would get it, and its versions; its ETag is what a change names', params: ID, response: { 200: WHOLE } }, // prettier-ignore
    handler: async (request, reply) => {
      await needs.allowed(request, 'training.read');
      return wholeOut(reply, await templates().get(request.params.id));
    },
  });

  server.route({
    method: 'POST',
    url: `${path}/preview`,
    schema: {
      operationId: 'tryPhishTemplate', tags, summary: 'How hard a mail would be to see through, and how it would look; nothing is kept. One with faults is refused with all of them', body: SOURCE,
      response: { 200: Type.Object({ id: Type.String(), level: TEMPLATE.properties.level, preview: PREVIEW }) },
    }, // prettier-ignore
    handler: async (request) => {
      await needs.allowed(request, 'training.manage');
      const { template, preview } = templates().tryOut(request.body.source);
      return { id: template.id, level: template.rating.level, preview: previewOut(preview) };
    },
  });

  server.route({
    method: 'POST',
    url: path,
    schema: { operationId: 'addPhishTemplate', tags, summary: 'Add a mail of your own: by the same rules as those that are shipped (no theme that hurts, no company that exists, signs that give it away, something to learn)', body: SOURCE, response: { 201: WHOLE } }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'training.manage');
      const made = await templates().save(byOf(actor, request.id), request.body.source, null);
      return reply.code(201).send(wholeOut(reply, made));
    },
  });

  server.route({
    method: 'PUT',
    url: `${path}/:id`,
    schema: { operationId: 'changePhishTemplate', tags, summary: 'A newer version of a mail of your own, on top of the one that If-Match names: who was slower gets 412. Exercises that run keep the text they sent', params: ID, headers: SEEN, body: SOURCE, response: { 200: WHOLE } }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'training.manage');
      const { id } = request.params;
      return wholeOut(reply, await templates().save(byOf(actor, request.id), request.body.source, seenIn(request.headers), id)); // prettier-ignore
    },
  });

  server.route({
    method: 'POST',
    url: `${path}/:id/retire`,
    schema: { operationId: 'retirePhishTemplate', tags, summary: 'A mail of your own is in no new exercise any more; saving it again brings it back', params: ID, headers: SEEN, response: { 200: WHOLE } }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'training.manage');
      return wholeOut(reply, await templates().retire(byOf(actor, request.id), request.params.id, seenIn(request.headers))); // prettier-ignore
    },
  });
}
