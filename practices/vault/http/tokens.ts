/** Routes on tokens. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { callerOf, recordIdOf, type VaultHttpNeeds } from './caller.ts';
import { Id, Index, Name, ReadField, ReadHeaders } from './shapes.ts';

export function tokenRoutes(server: HttpServer, needs: VaultHttpNeeds): void {
  const { vault } = needs;

  server.route({
    method: 'POST',
    url: '/v1/vault/tokens',
    schema: {
      operationId: 'createToken', tags: ['vault'], summary: 'Make a token for one field of a record', headers: ReadHeaders,
      body: Type.Object(
        {
          recordId: Id,
          field: Name,
          kind: Type.Enum(['random', 'format', 'pairwise']),
          audience: Type.Optional(
            Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,99}$', description: 'who receives the token; it stands in the log' }),
          ),
          ttlSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 315_360_000 })),
          maxUses: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
        },
        { additionalProperties: false },
      ),
      response: { 201: Type.Object({ token: Type.String(), auditIndex: Index }) },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const { recordId, kind, ...ask } = request.body;
      const made = await vault.createToken(callerOf(needs, request), {
        ...ask,
        kind: kind,
        recordId: recordIdOf(recordId),
      });
      return reply.code(201).send({ token: made.token, auditIndex: Number(made.auditIndex) });
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/vault/tokens/open',
    schema: {
      operationId: 'openToken', tags: ['vault'], summary: 'Open a token: a read like any other', headers: ReadHeaders,
      body: Type.Object({ token: Type.String({ minLength: 1, maxLength: 4096 }) }, { additionalProperties: false }),
      response: { 200: Type.Object({ recordId: Type.String(), field: Type.String(), ...ReadField.properties, auditIndex: Index }) },
    }, // prettier-ignore
    handler: async (request) => {
      const { record, field, auditIndex } = await vault.openToken(callerOf(needs, request), request.body.token);
      return {
        recordId: record.id,
        field,
        ...(record.fields[field] ?? { state: 'denied' }),
        auditIndex: Number(auditIndex),
      } as never;
    },
  });
}
