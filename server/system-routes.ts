/** Routes of the system as a whole: health, status, the OpenAPI document. */
import { setTimeout as sleep } from 'node:timers/promises';

import Type from 'typebox';

import type { Audit } from '#platform/audit';
import { dbFailure } from '#platform/db';
import { httpFailure, type HttpServer } from '#platform/http';
import type { Mail } from '#platform/mail';
import { allowedActor, type Access, type Actor } from '#practices/access';
import type { Vault } from '#practices/vault';

/** Balancers ask often, and give up soon. */
const READY_MS = 3000;

export type SystemRouteNeeds = {
  version: string;
  vault: Vault;
  audit: Audit;
  access: Access;
  mail: Mail;
  actorOf: (request: object) => Actor;
  /** It was told to stop, and balancers are to see it first. */
  isDraining: () => boolean;
};

export function systemRoutes(
  server: HttpServer,
  { version, vault, audit, access, mail, actorOf, isDraining }: SystemRouteNeeds,
): void {
  server.route({
    method: 'GET',
    url: '/healthz',
    config: { public: true } as never,
    schema: {
      operationId: 'health',
      tags: ['system'],
      summary: 'Is the server up, and does its database answer?',
      security: [],
      response: { 200: Type.Object({ status: Type.String(), version: Type.String() }) },
    },
    handler: async () => {
      await audit.size();
      return { status: 'ok', version };
    },
  });

  const WELL = { 200: Type.Object({ status: Type.String() }) };
  server.route({
    method: 'GET',
    url: '/health/live',
    config: { public: true } as never,
    schema: {
      operationId: 'live',
      tags: ['system'],
      summary: 'Does the process answer? Says nothing of its database: a restart would not mend that',
      security: [],
      response: WELL,
    },
    handler: () => ({ status: 'ok' }),
  });
  server.route({
    method: 'GET',
    url: '/health/ready',
    config: { public: true } as never,
    schema: {
      operationId: 'ready',
      tags: ['system'],
      summary:
        'May requests be sent here? No while it is about to stop (HTTP_DRAINING), or its database does not answer',
      security: [],
      response: WELL,
    },
    handler: async () => {
      if (isDraining()) throw httpFailure('DRAINING');
      const size = await Promise.race([audit.size(), sleep(READY_MS, null, { ref: false })]);
      if (size === null) throw dbFailure('UNREACHABLE');
      return { status: 'ok' };
    },
  });
  // who keeps a connection goes elsewhere with its next request
  server.addHook('onSend', async (_request, reply) => {
    if (isDraining()) reply.header('connection', 'close');
  });

  server.route({
    method: 'GET',
    url: '/openapi.json',
    config: { public: true } as never,
    schema: { operationId: 'openapi', tags: ['system'], summary: 'This API as OpenAPI 3.1', security: [] },
    handler: async (_request, reply) => reply.type('application/json').send(JSON.stringify(server.swagger())),
  });

  server.route({
    method: 'GET',
    url: '/v1/status',
    schema: {
      operationId: 'status', tags: ['system'], summary: 'Counts and versions; no customer', response: {
        200: Type.Object({ version: Type.String(), subjects: Type.Integer(), records: Type.Integer(), tokens: Type.Integer(), restricted: Type.Integer(), erased: Type.Integer(), auditSize: Type.Integer(), auditPublished: Type.Integer(), auditWitnessed: Type.Integer(), auditQuorum: Type.String(), auditTampered: Type.Boolean(), mail: Type.Enum(['smtp', 'held']), mailQueued: Type.Integer(), mailHeld: Type.Integer(), mailRefused: Type.Integer(), mailGivenUp: Type.Integer(), mailProblem: Type.Union([Type.String(), Type.Null()]), catalog: Type.String() }),
      },
    }, // prettier-ignore
    handler: async (request) => {
      await allowedActor({ access, audit, actorOf }, request, 'system.inspect');
      const { subjects, records, tokens, restricted, erased } = await vault.counts();
      const [log, post] = await Promise.all([audit.status(), mail.status()]);
      return {
        version, subjects: Number(subjects), records: Number(records), tokens: Number(tokens), restricted: Number(restricted), erased: Number(erased),
        auditSize: log.size, auditPublished: log.publishedSize, auditWitnessed: log.witnessedSize, auditQuorum: log.quorum, auditTampered: log.tampered,
        mail: post.way, mailQueued: post.queued, mailHeld: post.held, mailRefused: post.refused, mailGivenUp: post.givenUp, mailProblem: post.problem,
        catalog: vault.core.catalog().version,
      }; // prettier-ignore
    },
  });
}
