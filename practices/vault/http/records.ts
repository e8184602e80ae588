/** Routes on records: put, put many, read, read many, change, take away. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';
import { recordIdText, subjectIdText } from '#platform/ids';

import { vaultFailure } from '../failures.ts';
import { idempotency, once, type Answer } from '../idempotency.ts';
import type { Changed } from '../patch.ts';
import { outcomeView, type PutAnswer, type PutOutcome } from '../put.ts';
import { callerOf, reasonOf, recordIdOf, type VaultHttpNeeds } from './caller.ts';
import {
  FieldNames,
  FieldsIn,
  Id,
  Index,
  Name,
  Outcome,
  PutBody,
  ReadHeaders,
  RecordOut,
  RecordRead,
  Show,
  Stored,
  WriteHeaders,
} from './shapes.ts';

export function recordRoutes(server: HttpServer, needs: VaultHttpNeeds): void {
  const { vault } = needs;
  const Params = Type.Object({ id: Id });

  server.route({
    method: 'POST',
    url: '/v1/vault/records',
    schema: {
      operationId: 'putRecord', tags: ['vault'], summary: 'Store a record', headers: WriteHeaders,
      body: Type.Object({ collection: Name, ...PutBody }, { additionalProperties: false }),
      response: { 201: Stored },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const caller = callerOf(needs, request);
      const { collection, ...item } = request.body;
      const idempotent = idempotency(vault.core, caller.actor.id, request.headers['idempotency-key'], [
        'put',
        request.body,
      ]);
      const answer = await once(idempotent, async () => {
        const one = (put: PutAnswer): Answer => ({
          status: 201,
          body: storedView(put.outcomes[0] as PutOutcome, put.auditIndex),
        });
        const put = await vault.put(caller, {
          collection, items: [item], onDuplicate: 'reject',
          // a rejected record leaves nothing behind, so its key may be used again
          ...(idempotent === null ? {} : { remember: async (tx, made) => (made.outcomes[0]?.status === 'created' ? idempotent.keep(tx, one(made)) : undefined) }),
        }); // prettier-ignore
        return one(put);
      });
      return reply.code(201).send(answer.body as never);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/vault/records/batch',
    schema: {
      operationId: 'putRecords', tags: ['vault'], summary: 'Store up to 1,000 records; each has an outcome of its own', headers: WriteHeaders,
      body: Type.Object(
        {
          collection: Name,
          onDuplicate: Type.Optional(Type.Enum(['reject', 'skip', 'update'])),
          values: Type.Optional(Type.Enum(['json', 'text'], { description: 'text: every value is text and read by its field\'s type, as from CSV' })),
          dryRun: Type.Optional(Type.Boolean({ description: 'check everything, store nothing: what would be stored is valid' })),
          records: Type.Array(Type.Object(PutBody, { additionalProperties: false }), { minItems: 1, maxItems: 1000 }),
        },
        { additionalProperties: false },
      ),
      response: { 200: Type.Object({ results: Type.Array(Outcome), auditIndex: Index }) },
    }, // prettier-ignore
    handler: async (request) => {
      const caller = callerOf(needs, request);
      const { collection, records, onDuplicate = 'reject', values = 'json', dryRun = false } = request.body;
      const key = dryRun ? undefined : request.headers['idempotency-key'];
      const idempotent = idempotency(vault.core, caller.actor.id, key, ['batch', request.body]);
      const view = (put: PutAnswer): Answer => ({
        status: 200,
        body: { results: put.outcomes.map(outcomeView), auditIndex: numberOf(put.auditIndex) },
      });
      const answer = await once(idempotent, async () =>
        view(
          await vault.put(caller, {
            collection, items: records, onDuplicate, values, dryRun,
            ...(idempotent === null ? {} : { remember: (tx, made) => idempotent.keep(tx, view(made)) }),
          }), // prettier-ignore
        ),
      );
      return answer.body as never;
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/vault/records/:id',
    config: { inspect: { text: ['headers.strongroom-reason'] } } as never,
    schema: {
      operationId: 'readRecord', tags: ['vault'], summary: 'Read a record for a purpose', params: Params,
      headers: Type.Object({ ...ReadHeaders.properties, 'strongroom-reason': Type.Optional(Type.String({ minLength: 3, maxLength: 1500, description: 'why, in your own words, percent-encoded UTF-8; kept in the log, sealed under the customer\u2019s key' })) }),
      querystring: Type.Object({ fields: Type.Optional(Type.String({ maxLength: 4000, description: 'names, separated by commas; all without it' })), show: Show }, { additionalProperties: false }),
      response: { 200: RecordRead },
    }, // prettier-ignore
    handler: async (request) => {
      const { fields, show } = request.query;
      const wanted = fields === undefined ? null : fields.split(',').filter((name) => name !== '');
      const read = await vault.read(callerOf(needs, request), [recordIdOf(request.params.id)], {
        fields: wanted,
        masked: show === 'masked',
        reason: reasonOf(request.headers['strongroom-reason']),
      });
      return { ...read.records[0], auditIndex: Number(read.auditIndex) } as never;
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/vault/records/read',
    schema: {
      operationId: 'readRecords', tags: ['vault'], summary: 'Read up to 1,000 records: one decision, one entry in the log', headers: ReadHeaders,
      body: Type.Object({ ids: Type.Array(Id, { minItems: 1, maxItems: 1000 }), fields: Type.Optional(FieldNames) }, { additionalProperties: false }),
      response: { 200: Type.Object({ records: Type.Array(RecordOut), auditIndex: Index }) },
    }, // prettier-ignore
    handler: async (request) => {
      const read = await vault.read(callerOf(needs, request), request.body.ids.map(recordIdOf), {
        fields: request.body.fields ?? null,
      });
      return { records: read.records, auditIndex: Number(read.auditIndex) };
    },
  });

  server.route({
    method: 'PATCH',
    url: '/v1/vault/records/:id',
    schema: {
      operationId: 'patchRecord', tags: ['vault'], summary: 'Change fields of the version that was read; null takes a field away', params: Params,
      headers: Type.Object({ ...WriteHeaders.properties, 'if-match': Type.Optional(Type.String({ maxLength: 40 })) }),
      body: Type.Object({ fields: Type.Optional(FieldsIn), expiresAt: Type.Optional(Type.Union([Type.String({ maxLength: 40 }), Type.Null()])) }, { additionalProperties: false }),
      response: { 200: Stored },
    }, // prettier-ignore
    handler: async (request) => {
      const caller = callerOf(needs, request);
      const id = recordIdOf(request.params.id);
      const seen = versionOf(request.headers['if-match']);
      const idempotent = idempotency(vault.core, caller.actor.id, request.headers['idempotency-key'], [
        'patch',
        request.params.id,
        seen,
        request.body,
      ]);
      const view = ({ version, auditIndex, warnings }: Changed): Answer => ({
        status: 200,
        body: {
          id: request.params.id,
          subjectId: subjectIdText(id.subjectId),
          version,
          auditIndex: Number(auditIndex),
          ...(warnings.length === 0 ? {} : { warnings }),
        },
      });
      const answer = await once(idempotent, async () => {
        const changed = await vault.patch(caller, {
          id, seen, change: request.body,
          ...(idempotent === null ? {} : { remember: (tx, made) => idempotent.keep(tx, view(made)) }),
        }); // prettier-ignore
        return view(changed);
      });
      return answer.body as never;
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/vault/records/:id',
    schema: {
      operationId: 'deleteRecord',
      tags: ['vault'],
      summary: 'Delete a record; its subject stays',
      headers: WriteHeaders,
      params: Params,
      response: { 200: Type.Object({ id: Type.String(), auditIndex: Index }) },
    },
    handler: async (request) => {
      const caller = callerOf(needs, request);
      const id = recordIdOf(request.params.id);
      const idempotent = idempotency(vault.core, caller.actor.id, request.headers['idempotency-key'], [
        'delete',
        request.params.id,
      ]);
      const view = (index: bigint): Answer => ({
        status: 200,
        body: { id: request.params.id, auditIndex: Number(index) },
      });
      const answer = await once(idempotent, async () =>
        view(
          await vault.remove(
            caller,
            id,
            idempotent === null ? undefined : (tx, index) => idempotent.keep(tx, view(index)),
          ),
        ),
      );
      return answer.body as never;
    },
  });
}

const numberOf = (index: bigint | null): number | null => (index === null ? null : Number(index));

function storedView(outcome: PutOutcome, auditIndex: bigint | null): Record<string, unknown> {
  if (outcome.status === 'rejected') throw outcome.failure;
  if (outcome.status === 'valid') throw new TypeError('one record is never a dry run');
  return {
    id: recordIdText(outcome.id),
    subjectId: subjectIdText(outcome.id.subjectId),
    version: 1,
    auditIndex: numberOf(auditIndex),
    ...(outcome.warnings === undefined || outcome.warnings.length === 0 ? {} : { warnings: outcome.warnings }),
  };
}

/** @throws VAULT_IF_MATCH_MISSING */
function versionOf(header: string | undefined): number {
  const match = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header ?? '');
  if (match === null) throw vaultFailure('IF_MATCH_MISSING');
  return Number(match[1]);
}
