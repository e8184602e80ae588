/** Routes of sealed intake: the key that forms are sealed to, and the forms themselves. */
import { createHash } from 'node:crypto';

import Type from 'typebox';

import type { HttpServer, RouteConfig } from '#platform/http';

import { idempotency, once, type Answer } from '../idempotency.ts';
import type { PublishedIntakeKey } from '../intake-keys.ts';
import { MAX_LIFETIME_DAYS } from '../intake.ts';
import type { Received } from '../receive-form.ts';
import { callerOf, type VaultHttpNeeds } from './caller.ts';
import { Index, WriteHeaders } from './shapes.ts';

/** An envelope is at most 66,876 bytes. */
const ENVELOPE_LIMIT_BYTES = 80_000;

const KeyOut = Type.Object({
  format: Type.Literal('strongroom/intake-key/1'),
  installation: Type.String(),
  keyId: Type.String({ description: '16 bytes in hex' }),
  publicKey: Type.String({ description: 'X-Wing, 1,216 bytes, base64url' }),
  fingerprint: Type.String({ description: 'SHA-256 in hex; compare it with what the vault\'s owner tells you by another way' }),
  notAfter: Type.String({ description: 'seal with it until then, and fetch a new one after' }),
  maxLifetimeSeconds: Type.Integer(),
  auditIndex: Type.Integer({ description: 'entry of the audit log that has the fingerprint' }),
}); // prettier-ignore
const KeyRow = Type.Object({
  keyId: Type.String(), madeAt: Type.String(), publishUntil: Type.String(), acceptUntil: Type.String(), auditIndex: Type.Integer(),
}); // prettier-ignore

export function intakeRoutes(server: HttpServer, needs: VaultHttpNeeds): void {
  const { vault } = needs;
  const keyView = (key: PublishedIntakeKey) => ({
    format: 'strongroom/intake-key/1' as const,
    installation: vault.core.installation,
    keyId: key.keyId,
    publicKey: Buffer.from(key.publicKey).toString('base64url'),
    fingerprint: key.fingerprint,
    notAfter: key.publishUntil.toISOString(),
    maxLifetimeSeconds: MAX_LIFETIME_DAYS * 86_400,
    auditIndex: Number(key.auditIndex),
  });

  server.route({
    method: 'GET',
    url: '/v1/vault/intake/key',
    config: { public: true } satisfies RouteConfig as never,
    schema: {
      operationId: 'intakeKey', tags: ['vault'], summary: 'The public key to seal forms to; for everybody', security: [],
      response: { 200: KeyOut },
    }, // prettier-ignore
    handler: async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=300').send(keyView(await vault.intakeKeys.published())),
  });

  server.route({
    method: 'GET',
    url: '/v1/vault/intake/keys',
    schema: {
      operationId: 'listIntakeKeys', tags: ['vault'], summary: 'The keys that sealed forms are opened with, and until when',
      response: { 200: Type.Object({ keys: Type.Array(KeyRow) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const keys = await vault.intakeKeys.list(callerOf(needs, request));
      return {
        keys: keys.map((row) => ({
          keyId: row.keyId, madeAt: row.madeAt.toISOString(), publishUntil: row.publishUntil.toISOString(),
          acceptUntil: row.acceptUntil.toISOString(), auditIndex: Number(row.auditIndex),
        })),
      }; // prettier-ignore
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/vault/intake/keys',
    schema: {
      operationId: 'renewIntakeKey', tags: ['vault'], summary: 'Publish a new key for forms at once; others: end also deletes the older secrets, and what is under way to them is lost',
      body: Type.Object({ others: Type.Optional(Type.Enum(['keep', 'end'])) }, { additionalProperties: false }),
      response: { 201: KeyOut },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const key = await vault.intakeKeys.renew(callerOf(needs, request), request.body.others ?? 'keep');
      return reply.code(201).send(keyView(key));
    },
  });

  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    const parse = { parseAs: 'buffer', bodyLimit: ENVELOPE_LIMIT_BYTES } as const;
    scope.addContentTypeParser('application/octet-stream', parse, (_request, body, done) => done(null, body));
    scope.route({
      method: 'POST',
      url: '/v1/vault/intake',
      bodyLimit: ENVELOPE_LIMIT_BYTES,
      schema: {
        operationId: 'submitForm', tags: ['vault'], summary: 'Hand in a sealed form; it becomes a record. Ids are told only to who may store records',
        headers: Type.Object({ 'idempotency-key': WriteHeaders.properties['idempotency-key'] }),
        body: { content: { 'application/octet-stream': { schema: Type.Unknown({ description: 'the envelope' }) } } } as never,
        response: { 201: Type.Object({ envelopeId: Type.String(), id: Type.Optional(Type.String()), subjectId: Type.Optional(Type.String()), auditIndex: Index }) },
      }, // prettier-ignore
      handler: async (request, reply) => {
        const caller = callerOf(needs, request);
        const envelope = (request.body ?? new Uint8Array(0)) as Uint8Array;
        const asked = ['intake', createHash('sha256').update(envelope).digest('hex')];
        const idempotent = idempotency(
          vault.core,
          caller.actor.id,
          request.headers['idempotency-key'] as string | undefined,
          asked,
        );
        const view = ({ auditIndex, ...received }: Received): Answer => ({
          status: 201,
          body: { ...received, auditIndex: auditIndex === null ? null : Number(auditIndex) },
        });
        const answer = await once(idempotent, async () => {
          const received = await vault.receiveForm(caller, {
            envelope,
            ...(idempotent === null ? {} : { remember: (tx, made) => idempotent.keep(tx, view(made)) }),
          });
          return view(received);
        });
        return reply.code(201).send(answer.body);
      },
    });
  });
}
