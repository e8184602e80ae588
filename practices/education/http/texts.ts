/** Routes on texts: what was published, and publishing. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { educationFailure } from '../failures.ts';
import type { TextKind } from '../store/versions.ts';
import type { Version } from '../texts/library.ts';
import { byOf, type EducationHttpNeeds } from './needs.ts';
import { tags } from './shapes.ts';

const KIND = Type.Enum(['lesson', 'quiz', 'exercise', 'policy', 'drill']);
const VERSION = Type.Object({
  kind: KIND,
  id: Type.String(),
  seq: Type.Integer(),
  hash: Type.String({ description: 'SHA-256 of the whole text, base64url' }),
  locale: Type.String(),
  title: Type.String(),
  material: Type.Boolean({ description: 'it changes what people do: they do it anew' }),
  publishedAt: Type.String(),
  publishedBy: Type.String(),
});
const versionOut = (version: Version<TextKind>) => {
  const { kind, id, seq, hash, locale, material, publishedAt, publishedBy } = version;
  return { kind, id, seq, hash, locale, title: version.isReadable() ? version.text().title : id, material, publishedAt: publishedAt.toISOString(), publishedBy };
}; // prettier-ignore

export function textRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  server.route({
    method: 'GET',
    url: '/v1/education/texts',
    schema: {
      operationId: 'listTexts', tags, summary: 'The newest version of each lesson, quiz, exercise, policy and drill',
      response: { 200: Type.Object({ texts: Type.Array(VERSION) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await needs.allowed(request, 'training.read');
      const library = await needs.education.gate.library();
      const kinds = ['lesson', 'quiz', 'exercise', 'policy', 'drill'] as const;
      return { texts: kinds.flatMap((kind) => library.all(kind).map(versionOut)) };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/education/texts/:kind/:id',
    schema: {
      operationId: 'readText', tags, summary: 'All versions of a text, and the newest one as it was published',
      params: Type.Object({ kind: KIND, id: Type.String({ maxLength: 100 }) }),
      response: { 200: Type.Object({ source: Type.String(), versions: Type.Array(VERSION) }) },
    }, // prettier-ignore
    handler: async (request) => {
      // of a quiz it has the right answers
      await needs.allowed(request, 'texts.publish');
      const versions = (await needs.education.gate.library()).versions(request.params.kind, request.params.id);
      const newest = versions.at(-1);
      if (newest === undefined) throw educationFailure('TEXT_NOT_FOUND');
      return { source: newest.source, versions: versions.map(versionOut) };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/texts',
    schema: {
      operationId: 'publishText', tags, summary: 'Publish a text on top of the version that was read',
      body: Type.Object({
        kind: KIND,
        source: Type.String({ minLength: 1, maxLength: 262_144 }),
        replaces: Type.Union([Type.String({ maxLength: 60 }), Type.Null()], { description: 'hash of the newest version; null where there is none' }),
        material: Type.Optional(Type.Boolean({ description: 'it changes what people do; a policy says so itself' })),
      }, { additionalProperties: false }),
      response: { 201: VERSION },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'texts.publish');
      const { material = false, ...wanted } = request.body;
      const made = await needs.education.publish(byOf(actor, request.id), { ...wanted, material });
      return reply.code(201).send(versionOut(made));
    },
  });
}
