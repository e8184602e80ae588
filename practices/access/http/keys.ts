/** Routes of the access practice: keys of services, and who am I. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { ACTIONS } from '../actions.ts';
import { accessFailure } from '../failures.ts';
import { allowedActor, refusalsLogged, type AccessHttpNeeds } from './guard.ts';

const DATA_CLASS = Type.Enum(['public', 'internal', 'personal', 'sensitive', 'special']);
const SCOPE = Type.Object({
  purposes: Type.Array(Type.String()),
  classes: Type.Array(DATA_CLASS),
  collections: Type.Array(Type.String()),
});
const NAMES = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 100 });
const WHO = Type.Object({
  id: Type.String(),
  name: Type.String(),
  kind: Type.String(),
  role: Type.String(),
  scope: SCOPE,
  expiresAt: Type.Union([Type.String(), Type.Null()]),
  actions: Type.Array(Type.String()),
  purposes: Type.Array(Type.String()),
  policyVersion: Type.String(),
});
const KEY_VIEW = Type.Object({
  id: Type.String(), name: Type.String(), kind: Type.String(), role: Type.String(), scope: SCOPE, createdAt: Type.String(),
  expiresAt: Type.Union([Type.String(), Type.Null()]), revokedAt: Type.Union([Type.String(), Type.Null()]),
  networks: Type.Array(Type.String()), certificate: Type.Union([Type.String(), Type.Null()]), usedAt: Type.Union([Type.String(), Type.Null()]),
  canariesOnly: Type.Boolean(),
}); // prettier-ignore

const MADE = Type.Object({
  id: Type.String(),
  key: Type.String(),
  role: Type.String(),
  expiresAt: Type.Union([Type.String(), Type.Null()]),
});
/** A week is enough to bring a new key everywhere. */
const LONGEST_OVERLAP_HOURS = 168;

export function keyRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const { access, audit, actorOf } = needs;

  server.route({
    method: 'GET',
    url: '/v1/access/whoami',
    schema: {
      operationId: 'whoami',
      tags: ['access'],
      summary: 'Who this key is and what it may',
      response: { 200: WHO },
    },
    handler: async (request) => {
      const actor = actorOf(request);
      const { id, name, kind, role, scope, expiresAt, policyVersion = '' } = actor;
      const possible = ACTIONS.filter((action) => access.isPossible(actor, action));
      const purposes = [...needs.catalog().purposes.keys()].filter((purpose) =>
        possible.some((action) => access.decide({ actor, action, purpose }).allow),
      );
      const actions = possible.filter((action) =>
        [undefined, ...purposes].some((purpose) => access.decide({ actor, action, purpose }).allow),
      );
      return {
        id, name, kind, role, scope: scope as never, expiresAt: expiresAt?.toISOString() ?? null, actions, purposes, policyVersion,
      }; // prettier-ignore
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/keys',
    schema: {
      operationId: 'createKey',
      tags: ['access'],
      summary: 'Make an API key; it is shown once',
      body: Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 100 }),
          role: Type.String({ minLength: 1, maxLength: 50 }),
          purposes: Type.Optional(NAMES),
          classes: Type.Optional(Type.Array(DATA_CLASS, { maxItems: 5 })),
          collections: Type.Optional(NAMES),
          expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 90 })),
          networks: Type.Optional(Type.Array(Type.String({ minLength: 2, maxLength: 50 }), { maxItems: 50 })),
          // 32 bytes in 43 characters: the last one has two bits that are nothing
          certificate: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$' })),
        },
        { additionalProperties: false },
      ),
      response: { 201: MADE },
    },
    handler: async (request, reply) => {
      const actor = await allowedActor(needs, request, 'keys.manage');
      const { role, purposes = [], classes = [], certificate } = request.body;
      if (certificate !== undefined && !needs.asksForCertificates) throw accessFailure('CERTIFICATES_OFF');
      const action = 'access.key.create';
      // what is refused may be anything: nothing of it is in the log
      const made = await refusalsLogged(needs, { action, actor, request, detail: {} }, () =>
        access.createKey(actor, request.body, (tx, key) =>
          audit.appendIn(tx, {
            action,
            actor,
            outcome: 'done',
            requestId: request.id,
            detail: { key, role, purposes, classes, ...(certificate === undefined ? {} : { certificate }) },
          }),
        ),
      );
      return reply.code(201).send({
        id: made.id,
        key: made.key,
        role: request.body.role,
        expiresAt: made.expiresAt?.toISOString() ?? null,
      });
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/access/keys',
    schema: {
      operationId: 'listKeys',
      tags: ['access'],
      summary: 'All keys, without their secrets',
      response: { 200: Type.Object({ keys: Type.Array(KEY_VIEW) }) },
    },
    handler: async (request) => {
      await allowedActor(needs, request, 'keys.manage');
      return { keys: (await access.listKeys()) as never };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/keys/:id/rotate',
    schema: {
      operationId: 'rotateKey',
      tags: ['access'],
      summary: 'A new key in place of one, which goes on for some hours; the new one is shown once',
      params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
      body: Type.Object(
        { overlapHours: Type.Integer({ minimum: 0, maximum: LONGEST_OVERLAP_HOURS, default: 24 }) },
        { additionalProperties: false },
      ),
      response: { 201: MADE },
    },
    handler: async (request, reply) => {
      const actor = await allowedActor(needs, request, 'keys.manage');
      const { overlapHours } = request.body;
      const action = 'access.key.rotate';
      const made = await refusalsLogged(needs, { action, actor, request, detail: {} }, () =>
        access.rotateKey(actor, request.params.id, overlapHours, (tx, key) =>
          audit.appendIn(tx, {
            action,
            actor,
            outcome: 'done',
            requestId: request.id,
            detail: { key, replaces: request.params.id, overlapHours },
          }),
        ),
      );
      return reply.code(201).send({ ...made, expiresAt: made.expiresAt?.toISOString() ?? null });
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/access/keys/:id',
    schema: {
      operationId: 'revokeKey',
      tags: ['access'],
      summary: 'Revoke a key; it fails at its very next request',
      params: Type.Object({ id: Type.String() }),
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      const actor = await allowedActor(needs, request, 'keys.manage');
      await access.revokeKey(request.params.id, (tx, key) =>
        audit.appendIn(tx, {
          action: 'access.key.revoke',
          actor,
          outcome: 'done',
          requestId: request.id,
          detail: { key },
        }),
      );
      return reply.code(204).send(null);
    },
  });
}
