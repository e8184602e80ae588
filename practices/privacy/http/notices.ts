/** Routes on the notice: what is published, for people's programs and for machines; and its making, for a person. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { privacyFailure } from '../failures.ts';
import { dpvOf } from '../notice/dpv.ts';
import { LANGUAGES } from '../notice/languages.ts';
import { noticeLayers } from '../notice/layers.ts';
import type { Notice } from '../notice/notices.ts';
import { byOf, type PrivacyHttpNeeds } from './needs.ts';

const tags = ['privacy'];
const HASH = Type.String({ pattern: '^[0-9a-f]{64}$' });
const TEXTS = Type.Record(Type.String(), Type.String({ maxLength: 2000 }), { description: 'words of the catalogue' });
const CHANGE = Type.Object({ says: Type.String(), what: Type.String(), words: Type.String() });
const PUBLISHED = Type.Object({
  hash: Type.String(),
  publishedAt: Type.String(),
  publishedBy: Type.String(),
  languages: Type.Array(Type.String()),
});
const publishedOut = ({ hash, publishedAt, publishedBy, languages }: Notice) => ({
  hash,
  publishedAt: publishedAt.toISOString(),
  publishedBy,
  languages: [...languages],
});

export function noticeRoutes(server: HttpServer, needs: PrivacyHttpNeeds): void {
  const notices = () => needs.privacy.notices;
  const current = async (): Promise<Notice> => {
    const found = await notices().published();
    if (found === null) throw privacyFailure('NOTICE_NOT_FOUND');
    return found;
  };
  const publicly = { config: { public: true } as never };

  server.route({
    method: 'GET',
    url: '/v1/privacy/notice',
    schema: {
      operationId: 'readNotice', tags, summary: 'What is published, what would be published today, and where the two disagree',
      response: { 200: Type.Object({
        published: Type.Union([PUBLISHED, Type.Null()]),
        draft: Type.Object({ factsHash: Type.String(), facts: Type.Unknown(), texts: TEXTS }),
        drift: Type.Array(CHANGE),
        missing: Type.Array(Type.String()),
        languages: Type.Array(Type.String(), { description: 'those there are messages for' }),
        translations: Type.Record(Type.String(), TEXTS, { description: 'of what is published' }),
      }) },
    }, // prettier-ignore
    handler: async (request) => {
      await needs.allowed(request, 'notice.read');
      const { published, draft, drift, missing } = await notices().standing();
      return {
        published: published === null ? null : publishedOut(published),
        draft: { ...draft, texts: { ...draft.texts } },
        drift: [...drift],
        missing: [...missing],
        languages: [...LANGUAGES],
        translations: published?.texts ?? {},
      };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/notice',
    schema: {
      operationId: 'publishNotice', tags, summary: 'Publish the draft that was read; a person answers for it',
      body: Type.Object({
        factsHash: HASH,
        languages: Type.Array(Type.String({ minLength: 2, maxLength: 8 }), { minItems: 1, maxItems: 20 }),
        translations: Type.Optional(Type.Record(Type.String({ maxLength: 8 }), TEXTS)),
      }, { additionalProperties: false }),
      response: { 201: PUBLISHED },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'notice.publish');
      if (actor.session === undefined) throw privacyFailure('PERSON_NEEDED');
      const { factsHash, languages, translations = {} } = request.body;
      const made = await notices().publish(byOf(actor, request.id), { factsHash, languages, translations });
      return reply.code(201).send(publishedOut(made));
    },
  });

  server.route({
    method: 'GET',
    url: '/.well-known/privacy-notice.json',
    ...publicly,
    schema: {
      operationId: 'publicNotice', tags, summary: 'The notice that holds, for machines: facts, and its layers in each language', security: [],
      response: { 200: Type.Object({
        schema: Type.String(), hash: Type.String(), publishedAt: Type.String(), facts: Type.Unknown(),
        languages: Type.Record(Type.String(), Type.Unknown()), versions: Type.Array(Type.Object({ hash: Type.String(), publishedAt: Type.String() })),
      }) },
    }, // prettier-ignore
    handler: async (_request, reply) => {
      const { hash, publishedAt, facts, languages, texts } = await current();
      const layers = languages.map((each) => [each, noticeLayers(facts, texts[each] ?? {}, each)] as const);
      return reply.header('cache-control', 'public, max-age=300').send({
        schema: 'strongroom/notice/1',
        hash,
        publishedAt: publishedAt.toISOString(),
        facts,
        languages: Object.fromEntries(layers),
        versions: (await notices().list()).map((each) => ({
          hash: each.hash,
          publishedAt: each.publishedAt.toISOString(),
        })),
      });
    },
  });

  server.route({
    method: 'GET',
    url: '/.well-known/privacy-notice.jsonld',
    ...publicly,
    schema: {
      operationId: 'publicNoticeDpv', tags, summary: "The notice that holds, in W3C's Data Privacy Vocabulary", security: [],
      response: { 200: Type.Unknown() },
    }, // prettier-ignore
    handler: async (_request, reply) => {
      const { facts, hash } = await current();
      return reply.header('cache-control', 'public, max-age=300').type('application/ld+json; charset=utf-8').send(JSON.stringify(dpvOf(facts, hash))); // prettier-ignore
    },
  });

  server.route({
    method: 'GET',
    url: '/.well-known/gpc.json',
    ...publicly,
    schema: {
      operationId: 'gpcSupport', tags, summary: 'That the Global Privacy Control signal is honoured here', security: [],
      response: { 200: Type.Object({ gpc: Type.Boolean(), lastUpdate: Type.String() }) },
    }, // prettier-ignore
    // the day on which honouring it became part of this program
    handler: async (_request, reply) => reply.header('cache-control', 'public, max-age=3600').send({ gpc: true, lastUpdate: '2026-11-26' }), // prettier-ignore
  });
}
