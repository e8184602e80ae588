/** Routes on subjects: what they have, restriction, erasure. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';
import { recordIdText, subjectIdText } from '#platform/ids';

import { RESTRICTION_REASONS } from '../shred.ts';
import { asRecordIds } from '../store/subjects.ts';
import { callerOf, subjectIdOf, type VaultHttpNeeds } from './caller.ts';
import { Id, Name, ReadHeaders, Receipt } from './shapes.ts';

export function subjectRoutes(server: HttpServer, needs: VaultHttpNeeds): void {
  const { vault } = needs;
  const Params = Type.Object({ id: Id });

  server.route({
    method: 'POST',
    url: '/v1/vault/subjects/find',
    schema: {
      operationId: 'findSubject', tags: ['vault'], summary: 'Which subject and record has this external id?', headers: ReadHeaders,
      body: Type.Object({ collection: Name, externalId: Type.String({ minLength: 1, maxLength: 256 }) }, { additionalProperties: false }),
      response: { 200: Type.Object({ subjectId: Type.String(), recordId: Type.String() }) },
    }, // prettier-ignore
    handler: async (request) => {
      const id = await vault.findByExternalId(
        callerOf(needs, request),
        request.body.collection,
        request.body.externalId,
      );
      return { subjectId: subjectIdText(id.subjectId), recordId: recordIdText(id) };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/vault/subjects/:id',
    schema: {
      operationId: 'getSubject', tags: ['vault'], summary: 'The records of a subject, and whether its processing is restricted', params: Params,
      response: { 200: Type.Object({ id: Type.String(), state: Type.Enum(['living', 'restricted']), because: Type.Optional(Type.String()), since: Type.Optional(Type.String()), records: Type.Array(Type.String()) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const subjectId = subjectIdOf(request.params.id);
      const view = await vault.subject(callerOf(needs, request), subjectId);
      return {
        id: request.params.id,
        state: view.restricted === null ? 'living' : 'restricted',
        ...(view.restricted === null
          ? {}
          : { because: view.restricted.because, since: view.restricted.since.toISOString() }),
        records: asRecordIds(subjectId, view.records).map(recordIdText),
      } as never;
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/vault/subjects/:id',
    schema: {
      operationId: 'eraseSubject',
      tags: ['vault'],
      summary: 'Shred a subject: keys, records, lookups, tokens, attachments',
      headers: ReadHeaders,
      params: Params,
      response: { 200: Receipt },
    },
    handler: async (request) => (await vault.erase(callerOf(needs, request), subjectIdOf(request.params.id))) as never,
  });

  server.route({
    method: 'POST',
    url: '/v1/vault/subjects/:id/restriction',
    schema: {
      operationId: 'restrictSubject',
      tags: ['vault'],
      summary: 'Restrict processing (GDPR art. 18)',
      params: Params,
      body: Type.Object({ reason: Type.Enum([...RESTRICTION_REASONS]) }, { additionalProperties: false }),
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      await vault.restrict(callerOf(needs, request), subjectIdOf(request.params.id), request.body.reason);
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/vault/subjects/:id/restriction',
    schema: {
      operationId: 'liftRestriction',
      tags: ['vault'],
      summary: 'Lift the restriction, once its subject was told (POST /v1/privacy/restrictions/{subject}/end)',
      params: Params,
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      await vault.restrict(callerOf(needs, request), subjectIdOf(request.params.id), null);
      return reply.code(204).send(null);
    },
  });
}
