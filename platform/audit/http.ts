/**
 * Routes of the log: checkpoint and tiles for anybody who verifies, entries for who may read the log. Nothing that is
 * asked here takes in entries or asks a witness: that goes at the server's own pace. Source: C2SP tlog-tiles
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import Type from 'typebox';

import type { HttpServer } from '#platform/http';
import { encodeBundle, HASH_BYTES, parseTileIndex } from '#platform/tlog';

import { auditFailure } from './failures.ts';
import type { Audit } from './audit.ts';

type Reader = { kind: 'service' | 'staff' | 'system'; id: string; role: string };
export type AuditHttpNeeds = Readonly<{
  audit: Audit;
  /** Lets only readers of the log through, and says who it is. @throws when not, once that is in the log */
  requireReader: (request: object & { id: string }) => Promise<Reader>;
}>;

const CHANGES = 'public, max-age=2';
/** Hashes of a tile never change, in a partial one neither: its width is in its path. */
const NEVER_CHANGES = 'public, max-age=31536000, immutable';
/** A checkpoint with some 30 ML-DSA-44 signatures. */
const MOST_NOTE_BYTES = 128 * 1024;
/** Of one answer with entries. */
const MOST_BYTES = 4 * 2 ** 20;

export function auditRoutes(server: HttpServer, { audit, requireReader }: AuditHttpNeeds): void {
  const toAnybody = (url: string, operationId: string, summary: string, note: () => Promise<string | Buffer>): void => {
    server.route({
      method: 'GET',
      url,
      config: { public: true } as never,
      schema: { operationId, tags: ['audit'], summary, produces: ['text/plain'], security: [] },
      handler: async (_request, reply) =>
        reply
          .type('text/plain; charset=utf-8')
          .header('cache-control', CHANGES)
          .send(await note()),
    });
  };
  toAnybody(
    '/v1/audit/checkpoint', 'auditCheckpoint',
    'The newest published checkpoint, with the cosignatures that came (C2SP tlog-checkpoint)', () => audit.published(),
  ); // prettier-ignore
  toAnybody(
    '/v1/audit/witnessed', 'auditWitnessed',
    'The newest checkpoint that a quorum of the configured witnesses cosigned', () => audit.witnessed(),
  ); // prettier-ignore
  toAnybody(
    '/v1/audit/offered', 'auditOffered',
    'A checkpoint that stands still for up to a minute, for witnesses that fetch it', () => audit.offered(),
  ); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/audit/cosignatures',
    config: { public: true } as never,
    bodyLimit: MOST_NOTE_BYTES,
    schema: {
      operationId: 'auditCosign',
      tags: ['audit'],
      summary: 'Cosignatures of a fetched checkpoint, as the note with them; from witnesses of the policy only',
      consumes: ['text/plain'],
      body: Type.String(),
      security: [],
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      await audit.cosign(request.body);
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/audit/key',
    config: { public: true } as never,
    schema: {
      operationId: 'auditKey',
      tags: ['audit'],
      summary: "The log's verifier keys, one on a line: Ed25519, then ML-DSA-44 (C2SP signed-note)",
      produces: ['text/plain'],
      security: [],
    },
    handler: async (_request, reply) => reply.type('text/plain; charset=utf-8').send(`${audit.verifierKey}\n`),
  });

  server.route({
    method: 'GET',
    url: '/v1/audit/tile/entries/*',
    schema: {
      operationId: 'auditBundle',
      tags: ['audit'],
      summary: 'A bundle of entries (C2SP tlog-tiles)',
      params: Type.Object({ '*': Type.String({ maxLength: 80 }) }),
      produces: ['application/octet-stream'],
    },
    handler: async (request, reply) => {
      const actor = await requireReader(request);
      const at = parseTileIndex(request.params['*']);
      if (at === null || at.index * 256 + at.width > (await audit.size())) throw auditFailure('NOT_FOUND');
      const from = at.index * 256;
      // entries that were taken out are not hidden behind a 404: the verifier gets what is there, and counts
      const rows = await audit.read(from, from + at.width);
      await logReading(audit, actor, { from, entries: rows.length, requestId: request.id });
      const bundle = encodeBundle(rows.map((row) => row.bytes));
      // never from a cache: each reading of entries is an entry
      reply.type('application/octet-stream').header('cache-control', 'private, no-store');
      if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(bundle);
      return reply.header('content-encoding', 'gzip').send(await promisify(gzip)(bundle));
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/audit/tile/:level/*',
    config: { public: true } as never,
    schema: {
      operationId: 'auditTile',
      tags: ['audit'],
      summary: 'A tile of hashes (C2SP tlog-tiles)',
      params: Type.Object({ level: Type.String({ maxLength: 2 }), '*': Type.String({ maxLength: 80 }) }),
      produces: ['application/octet-stream'],
      security: [],
    },
    handler: async (request, reply) => {
      const at = parseTileIndex(request.params['*']);
      const level = /^(0|[1-9]\d?)$/.test(request.params.level) ? Number(request.params.level) : -1;
      if (at === null || level < 0 || level > 63) throw auditFailure('NOT_FOUND');
      const hashes = await audit.source.tile(level, at.index, at.width);
      if (hashes === null || hashes.length < at.width * HASH_BYTES) throw auditFailure('NOT_FOUND');
      reply.header('cache-control', NEVER_CHANGES);
      return reply.type('application/octet-stream').send(Buffer.from(hashes));
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/audit/entries',
    schema: {
      operationId: 'auditEntries', tags: ['audit'], summary: 'Entries of the log, newest last; without from the last ones. At most 4 MiB: fewer than asked for means that more follow, or without from, that older ones were left out',
      querystring: Type.Object({ from: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' })), limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$' })) }, { additionalProperties: false }),
      response: { 200: Type.Object({ size: Type.Integer(), entries: Type.Array(Type.Object({ index: Type.Integer(), entry: Type.Unknown() })) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await requireReader(request);
      const limit = Math.min(Number(request.query.limit ?? 50), 1000);
      const size = await audit.size();
      const isTail = request.query.from === undefined;
      const from = isTail ? Math.max(0, size - limit) : Number(request.query.from);
      // without a place the last ones are asked for: what does not fit is older
      const within = { bytes: MOST_BYTES, which: isTail ? 'last' : 'first' } as const;
      const rows = await audit.readWithin(from, isTail ? size : from + limit, within);
      await logReading(audit, actor, { from: rows[0]?.index ?? from, entries: rows.length, requestId: request.id });
      return {
        size,
        entries: rows.map((row) => ({ index: row.index, entry: readable(row.bytes) })),
      };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/audit/entries/:index/proof',
    schema: {
      operationId: 'auditProof',
      tags: ['audit'],
      summary: 'Inclusion proof of an entry, for offline checking (C2SP tlog-proof)',
      params: Type.Object({ index: Type.String({ pattern: '^[0-9]{1,15}$' }) }),
      querystring: Type.Object({ with: Type.Optional(Type.Literal('entry')) }, { additionalProperties: false }),
      produces: ['text/plain'],
    },
    handler: async (request, reply) => {
      const actor = await requireReader(request);
      const [index, withEntry] = [Number(request.params.index), request.query.with === 'entry'];
      const proof = await audit.prove(index, { withEntry });
      await audit.append({
        action: 'audit.prove',
        actor,
        outcome: 'done',
        detail: { index, withEntry },
        requestId: request.id,
      });
      return reply.type('text/plain; charset=utf-8').send(proof);
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/audit/witnesses',
    schema: {
      operationId: 'auditWitnesses', tags: ['audit'], summary: 'How far the log is signed, published and witnessed, and how it went with each witness',
      response: { 200: Type.Object({
        size: Type.Integer(), signedSize: Type.Integer(), publishedSize: Type.Integer(), witnessedSize: Type.Integer(), quorum: Type.Union([Type.Literal('none'), Type.Literal('met'), Type.Literal('not met')]), tampered: Type.Boolean(), ownsTables: Type.Boolean(),
        witnesses: Type.Array(Type.Object({ url: Type.String(), size: Type.Integer(), cosignedAt: Type.Union([Type.String(), Type.Null()]), failures: Type.Integer(), problem: Type.Union([Type.String(), Type.Null()]) })),
      }) },
    }, // prettier-ignore
    handler: async (request) => {
      await requireReader(request);
      const { witnesses, ...sizes } = await audit.status();
      return {
        ...sizes,
        witnesses: witnesses.map(({ url, size, cosignedAt, failures, problem }) => ({
          url, size, cosignedAt: cosignedAt?.toISOString() ?? null, failures, problem,
        })), // prettier-ignore
      };
    },
  });
}

/** Reading the log is in the log. */
async function logReading(
  audit: Audit,
  actor: Reader,
  { from, entries, requestId }: { from: number; entries: number; requestId: string },
): Promise<void> {
  await audit.append({ action: 'audit.read', actor, outcome: 'done', detail: { from, entries }, requestId });
}

/** null for bytes that are no JSON: somebody changed them, and the entries around them must stay readable. */
function readable(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return null;
  }
}
