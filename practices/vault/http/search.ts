/** Routes that find records: search by fields, export of a whole collection as a stream. */
import { Readable } from 'node:stream';

import Type from 'typebox';

import type { HttpServer } from '#platform/http';
import type { RecordId } from '#platform/ids';

import { purposeOf, requireAction, collectionOf, type Caller } from '../core.ts';
import type { SearchTerm } from '../lookups.ts';
import { sealTo } from '../seal-to.ts';
import { callerOf, type VaultHttpNeeds } from './caller.ts';
import { AnyValue, FieldNames, Index, Name, ReadHeaders, RecordOut, Show } from './shapes.ts';

const PAGE = { first: 100, most: 500, bytes: 2 ** 20 } as const;

export function searchRoutes(server: HttpServer, needs: VaultHttpNeeds): void {
  const { vault } = needs;

  server.route({
    method: 'POST',
    url: '/v1/vault/records/search',
    schema: {
      operationId: 'searchRecords', tags: ['vault'], summary: 'Find records by their searchable fields: exact, {prefix}, {month}', headers: ReadHeaders,
      body: Type.Object(
        {
          collection: Name,
          where: Type.Record(Name, AnyValue, { minProperties: 1, maxProperties: 10 }),
          fields: Type.Optional(FieldNames),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
          cursor: Type.Optional(Type.String({ maxLength: 200 })),
          show: Show,
        },
        { additionalProperties: false },
      ),
      response: { 200: Type.Object({ records: Type.Array(RecordOut), cursor: Type.Optional(Type.String()), auditIndex: Index }) },
    }, // prettier-ignore
    handler: async (request) => {
      const { collection, where, fields = null, limit = 20, cursor, show } = request.body;
      const found = await vault.search(callerOf(needs, request), {
        collection,
        where: where as Record<string, SearchTerm>,
        fields,
        limit,
        cursor,
        masked: show === 'masked',
      });
      return { ...found, auditIndex: Number(found.auditIndex) };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/vault/export',
    schema: {
      operationId: 'exportRecords', tags: ['vault'], summary: 'All records of a collection as JSON lines, or sealed to a recipient',
      headers: Type.Object({ ...ReadHeaders.properties, 'strongroom-recipient': Type.Optional(Type.String({ maxLength: 2000, description: 'X-Wing public key, base64url' })) }),
      querystring: Type.Object({ collection: Name, fields: Type.Optional(Type.String({ maxLength: 4000 })) }, { additionalProperties: false }),
      produces: ['application/x-ndjson', 'application/octet-stream'],
    }, // prettier-ignore
    handler: async (request, reply) => {
      const caller = callerOf(needs, request);
      const { collection, fields } = request.query;
      const purpose = purposeOf(vault.core, caller);
      await requireAction(vault.core, caller, {
        action: 'records.export',
        purpose,
        collection: collectionOf(vault.core, collection),
      });
      const lines = exportLines(needs, caller, collection, fields === undefined ? null : fields.split(','));
      const recipient = request.headers['strongroom-recipient'];
      if (recipient === undefined)
        return reply.type('application/x-ndjson').send(Readable.from(lines, { objectMode: false }));
      const sealed = sealTo(vault.core, recipient, lines);
      return reply.type('application/octet-stream').send(Readable.from(sealed, { objectMode: false }));
    },
  });
}

/**
 * One page at a time, each decided and logged before it is opened; nothing is read ahead of a slow receiver, and pages are as
 * small as their records are large: what waits for it, and what a withdrawal comes too late for, is about a mebibyte.
 * INVARIANT: for each page the actor is looked up again, and so is what each subject said: a revoked key, changed policies and
 * a withdrawal on any server hold at the next one.
 */
async function* exportLines(
  { vault, renew }: VaultHttpNeeds,
  caller: Caller,
  collection: string,
  fields: readonly string[] | null,
): AsyncGenerator<Buffer> {
  let after: RecordId | null = null;
  let limit: number = PAGE.first;
  do {
    const now = { ...caller, actor: await renew(caller.actor) };
    const page: Awaited<ReturnType<typeof vault.exportPage>> = await vault.exportPage(now, {
      collection,
      fields,
      after,
      limit,
    });
    after = page.next;
    if (page.records.length === 0) continue;
    const lines = Buffer.from(page.records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    const fits = Math.max(1, Math.floor((page.records.length * PAGE.bytes) / lines.length));
    // small ones may be followed by large ones: it grows in steps
    limit = Math.min(PAGE.most, limit * 2, fits);
    yield lines;
  } while (after !== null);
}
