/** Routes on attachments: store, list, download, take away. Streamed both ways. */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

import Type from 'typebox';

import type { HttpServer, RouteConfig } from '#platform/http';
import { parsePublicId } from '#platform/ids';

import { attachmentIdText, type Attached } from '../attach.ts';
import { checkMediaType } from '../attachment-manifest.ts';
import type { WhichAttachment } from '../attachments.ts';
import type { Caller } from '../core.ts';
import { vaultFailure } from '../failures.ts';
import { idempotency, once, type Answer } from '../idempotency.ts';
import { digestHeader, digestOf, encodedName, nameOf, rangeOf } from './attachment-headers.ts';
import { callerOf, recordIdOf, type VaultHttpNeeds } from './caller.ts';
import { Id, Index, ReadHeaders, WriteHeaders } from './shapes.ts';
import { lingerOn, refuseTooLarge, uploadBody } from './upload-body.ts';

const NAME = Type.Optional(
  Type.String({
    maxLength: 1000,
    description: 'name of the attachment, percent-encoded UTF-8; a name is never part of a URL',
  }),
);
const Listed = Type.Object({
  id: Type.String(),
  state: Type.Enum(['clear', 'masked', 'denied']),
  name: Type.Optional(Type.String()),
  type: Type.Optional(Type.String()),
  sha256: Type.Optional(Type.String()),
  sizeBytes: Type.Integer(),
  createdAt: Type.String(),
});
const Stored = Type.Object({
  id: Type.String(), recordId: Type.String(), sizeBytes: Type.Integer(), sha256: Type.String(), replaced: Type.Boolean(), auditIndex: Index,
}); // prettier-ignore

export function attachmentRoutes(server: HttpServer, needs: VaultHttpNeeds): void {
  const { vault } = needs;
  const Params = Type.Object({ id: Id });
  const One = Type.Object({
    id: Id,
    attachment: Type.String({
      minLength: 5,
      maxLength: 64,
      description: 'att_…, or `named` with the header Strongroom-Name',
    }),
  });
  const streams = { streams: true } satisfies RouteConfig;

  // parsers of its own: a JSON file beside a record is a file, and nothing of it is read into memory
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, body, done) => done(null, body));
    scope.route({
      method: 'PUT',
      url: '/v1/vault/records/:id/attachments/named',
      config: { ...streams, inspect: { data: ['headers.strongroom-name'] } } as never,
      schema: {
        operationId: 'putAttachment', tags: ['vault'], params: Params,
        summary: 'Store a file beside a record, under the name in the header Strongroom-Name; Content-Type is kept with it. Replaces one of that name when it is whole',
        headers: Type.Object({ ...WriteHeaders.properties, 'strongroom-name': NAME, 'repr-digest': Type.Optional(Type.String({ maxLength: 1000, description: 'sha-256=:<base64>: of the content (RFC 9530); checked before it is stored' })) }),
        body: { content: { 'application/octet-stream': { schema: Type.Unknown({ description: 'the file' }) } } } as never,
        response: { 200: Stored, 201: Stored },
      }, // prettier-ignore
      handler: async (request, reply) => {
        const body = (request.body ?? null) as IncomingMessage | null;
        try {
          const answer = await put(needs, request, (request.params as { id: string }).id, body);
          return await reply.code(answer.status as 201).send(answer.body);
        } catch (thrown) {
          lingerOn(request.raw);
          throw thrown;
        }
      },
    });
  });

  server.route({
    method: 'GET',
    url: '/v1/vault/records/:id/attachments',
    schema: {
      operationId: 'listAttachments', tags: ['vault'], summary: 'The attachments of a record, for a purpose', headers: ReadHeaders, params: Params,
      response: { 200: Type.Object({ attachments: Type.Array(Listed), auditIndex: Index }) },
    }, // prettier-ignore
    handler: async (request) => {
      const { attachments, auditIndex } = await vault.attachments(
        callerOf(needs, request),
        recordIdOf(request.params.id),
      );
      return { attachments, auditIndex: Number(auditIndex) };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/vault/records/:id/attachments/:attachment',
    config: { ...streams, inspect: { data: ['headers.strongroom-name'] } } as never,
    schema: {
      operationId: 'getAttachment', tags: ['vault'], params: One, produces: ['application/octet-stream'],
      summary: 'Download an attachment for a purpose; a connection cut before Content-Length is a file that was damaged or taken away',
      headers: Type.Object({ ...ReadHeaders.properties, 'strongroom-name': NAME, range: Type.Optional(Type.String({ maxLength: 100, description: 'bytes=<first>-<last>, one range' })) }),
    }, // prettier-ignore
    handler: async (request, reply) => {
      const caller = callerOf(needs, request);
      const opened = await vault.openAttachment(caller, recordIdOf(request.params.id), whichOf(request));
      const range = rangeOf(request.headers.range, opened.sizeBytes);
      const content = opened.content(range, () => again(needs, caller));
      // what is wrong with the first chunk can still be answered for with a problem
      const first = await content.next();
      const stream = Readable.from(rest(first, content), { objectMode: false });
      stream.on('error', (err) => request.log.error({ err, attachment: opened.id }, 'a download was cut off'));
      const { start, end } = range ?? { start: 0, end: opened.sizeBytes - 1 };
      if (range !== undefined) reply.code(206).header('content-range', `bytes ${start}-${end}/${opened.sizeBytes}`);
      return await reply
        .headers({
          'content-type': 'application/octet-stream',
          'content-length': String(end - start + 1),
          'content-disposition': `attachment; filename*=UTF-8''${encodedName(opened.name)}`,
          'content-security-policy': "default-src 'none'; sandbox",
          'accept-ranges': 'bytes',
          'repr-digest': digestHeader(opened.sha256),
          'strongroom-attachment': opened.id,
          'strongroom-name': encodedName(opened.name),
          'strongroom-type': opened.type,
          'strongroom-audit-index': String(opened.auditIndex),
        })
        .send(stream);
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/vault/records/:id/attachments/:attachment',
    config: { inspect: { data: ['headers.strongroom-name'] } } as never,
    schema: {
      operationId: 'deleteAttachment', tags: ['vault'], summary: 'Take an attachment away, with its chunks', params: One,
      headers: Type.Object({ ...WriteHeaders.properties, 'strongroom-name': NAME }),
      response: { 200: Type.Object({ id: Type.String(), auditIndex: Index }) },
    }, // prettier-ignore
    handler: async (request) => {
      const caller = callerOf(needs, request);
      const which = whichOf(request);
      const asked = ['detach', request.params.id, which];
      const idempotent = idempotency(vault.core, caller.actor.id, request.headers['idempotency-key'], asked);
      const view = (id: string, index: bigint): Answer => ({ status: 200, body: { id, auditIndex: Number(index) } });
      const answer = await once(idempotent, async () => {
        const gone = await vault.detach(caller, {
          id: recordIdOf(request.params.id), which,
          ...(idempotent === null ? {} : { remember: (tx, made) => idempotent.keep(tx, view(made.id, made.auditIndex)) }),
        }); // prettier-ignore
        return view(gone.id, gone.auditIndex);
      });
      return answer.body as never;
    },
  });
}

/** Revoked keys and changed policies hold for what is still to come of a long transfer. */
const again = async ({ renew }: VaultHttpNeeds, caller: Caller): Promise<Caller> => ({
  ...caller,
  actor: await renew(caller.actor),
});

async function put(
  needs: VaultHttpNeeds,
  request: Parameters<typeof callerOf>[1],
  recordId: string,
  body: IncomingMessage | null,
): Promise<Answer> {
  const { vault } = needs;
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const caller = callerOf(needs, request);
  const id = recordIdOf(recordId);
  const name = nameOf(header('strongroom-name'));
  const type = checkMediaType(header('content-type'));
  const sha256 = digestOf(header('repr-digest'));
  const maxBytes = vault.core.attachmentBytes;
  refuseTooLarge(header('content-length'), maxBytes);

  const staged = await vault.stageAttachment(caller, { id, name, type, sha256, source: uploadBody(body, maxBytes) });
  try {
    // the request is the same only with the same content, so it is known whether it was answered when all has arrived
    const asked = ['attach', recordId, name, type, staged.sha256];
    const idempotent = idempotency(vault.core, caller.actor.id, header('idempotency-key'), asked);
    const view = (made: Attached): Answer => ({
      status: made.replaced ? 200 : 201,
      body: {
        id: attachmentIdText(made.attachmentId), recordId, sizeBytes: made.sizeBytes,
        sha256: made.sha256, replaced: made.replaced, auditIndex: Number(made.auditIndex),
      },
    }); // prettier-ignore
    return await once(idempotent, async () =>
      view(await staged.place(async (tx, made) => idempotent?.keep(tx, view(made)), await again(needs, caller))),
    );
  } finally {
    await staged.discard();
  }
}

/** @throws VAULT_ID_INVALID, VAULT_ATTACHMENT_NAME_INVALID */
function whichOf(request: { params: { attachment: string }; headers: Record<string, unknown> }): WhichAttachment {
  const { attachment } = request.params;
  if (attachment === 'named') return { name: nameOf(request.headers['strongroom-name'] as string | undefined) };
  const attachmentId = parsePublicId('att', attachment);
  if (attachmentId === null)
    throw vaultFailure('ID_INVALID', {
      detail: 'this is not the id of an attachment',
      hint: 'write …/attachments/att_…, or …/attachments/named with the name in the header Strongroom-Name',
    });
  return { attachmentId };
}

async function* rest(first: IteratorResult<Buffer>, content: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.done === true) return;
  yield first.value;
  yield* content;
}
