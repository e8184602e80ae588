/** Routes on restrictions: who is restricted since when, and telling them before it ends. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';
import { parseSubjectId } from '#platform/ids';

import { privacyFailure } from '../failures.ts';
import { LANGUAGES } from '../notice/languages.ts';
import { byOf, type PrivacyHttpNeeds } from './needs.ts';

const tags = ['privacy'];
const END = Type.Object({
  toldAt: Type.String(),
  endsAt: Type.String(),
  how: Type.Enum(['mail', 'otherwise']),
  mail: Type.Union([Type.String(), Type.Null()], { description: 'queued, held, sent, refused, given-up; null when they were told otherwise' }),
}); // prettier-ignore
const RESTRICTION = Type.Object({
  subject: Type.String(),
  because: Type.String(),
  since: Type.String(),
  end: Type.Union([END, Type.Null()]),
  liftable: Type.Boolean({ description: 'they were told, and the time that they were told has come' }),
});

export function restrictionRoutes(server: HttpServer, needs: PrivacyHttpNeeds): void {
  const restrictions = () => needs.privacy.restrictions;

  server.route({
    method: 'GET',
    url: '/v1/privacy/restrictions',
    schema: {
      operationId: 'listRestrictions', tags, summary: 'Whose processing is restricted, the longest first, and what they were told of its end; at most 500',
      response: { 200: Type.Object({ restrictions: Type.Array(RESTRICTION) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await needs.allowed(request, 'rights.read');
      return { restrictions: [...(await restrictions().list())] };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/restrictions/:subject/end',
    schema: {
      operationId: 'endRestriction', tags, summary: 'Tell a subject that its restriction ends (GDPR art. 18(3)): only then, and when that day has come, it can be lifted with DELETE /v1/vault/subjects/{id}/restriction',
      params: Type.Object({ subject: Type.String({ minLength: 4, maxLength: 64 }) }),
      body: Type.Object({
        words: Type.String({ minLength: 1, maxLength: 4000, description: 'why it ends; they read it in the center, no mail has it' }),
        how: Type.Enum(['mail', 'otherwise'], { description: 'otherwise: they were told by letter or telephone' }),
        days: Type.Optional(Type.Integer({ minimum: 1, maximum: 90, description: 'until it ends; 7 when left out' })),
        language: Type.Optional(Type.Enum([...LANGUAGES], { description: 'of the mail; en when left out' })),
      }, { additionalProperties: false }),
      response: { 200: RESTRICTION },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'rights.decide');
      const subjectId = parseSubjectId(request.params.subject);
      if (subjectId === null) throw privacyFailure('HOLDER_INVALID');
      const { words, how, days = 7, language = 'en' } = request.body;
      return restrictions().end(byOf(actor, request.id), subjectId, { words, how, days, language });
    },
  }); // prettier-ignore
}
