/** Routes of backups. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';
import { parsePublicId, publicId } from '#platform/ids';
import type { Action, Actor } from '#practices/access';

import type { Backups } from './backups.ts';
import { backupsFailure } from './failures.ts';
import { runView, segmentView, standingView } from './views.ts';
import { drillRoutes, type DrillsHttpNeeds } from './http-drills.ts';
import { reportRoutes } from './http-report.ts';
import { DRILL, PRUNED, RECIPIENT, RUN, SCRUBBED, SEGMENT, STANDING } from './http-shapes.ts';

export type BackupsHttpNeeds = Readonly<{
  backups: Backups;
  /** Decides, and logs a refusal. @throws ACCESS_DENIED */
  allowedActor: (request: object & { id: string }, action: Action) => Promise<Actor>;
}>;

const TAGS = ['backups'];
const ofFingerprint = Type.Object({ fingerprint: Type.String({ pattern: '^[0-9a-f]{16}$' }) });
const who = ({ kind, id, role }: Actor) => ({ kind, id, role });

export function backupsRoutes(server: HttpServer, needs: DrillsHttpNeeds): void {
  const { backups, allowedActor } = needs;
  reportRoutes(server, needs);
  drillRoutes(server, needs);
  server.route({
    method: 'GET',
    url: '/v1/backups/status',
    schema: {
      operationId: 'backupsStatus',
      tags: TAGS,
      summary: 'What would be left if the machine were lost now',
      response: { 200: STANDING },
    },
    handler: async (request) => {
      await allowedActor(request, 'backups.read');
      return standingView(await backups.standing());
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/backups/runs',
    schema: {
      operationId: 'listBackups',
      tags: TAGS,
      summary: 'Backups, the newest first',
      querystring: Type.Object({ limit: Type.String({ pattern: '^[1-9][0-9]{0,2}$', default: '100' }) }),
      response: { 200: Type.Object({ runs: Type.Array(RUN) }) },
    },
    handler: async (request) => {
      await allowedActor(request, 'backups.read');
      return { runs: (await backups.runs(Number(request.query.limit))).map(runView) };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/backups/segments',
    schema: {
      operationId: 'listSegments',
      tags: TAGS,
      summary: 'Change segments, the newest first',
      querystring: Type.Object({ limit: Type.String({ pattern: '^[1-9][0-9]{0,2}$', default: '100' }) }),
      response: { 200: Type.Object({ segments: Type.Array(SEGMENT) }) },
    },
    handler: async (request) => {
      await allowedActor(request, 'backups.read');
      return { segments: (await backups.segments(Number(request.query.limit))).map(segmentView) };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/backups/runs/:id',
    schema: {
      operationId: 'getBackup',
      tags: TAGS,
      summary: 'One backup, and how far it is',
      params: Type.Object({ id: Type.String() }),
      response: { 200: RUN },
    },
    handler: async (request) => {
      await allowedActor(request, 'backups.read');
      const id = parsePublicId('bak', request.params.id);
      const row = id === null ? null : await backups.run(id);
      if (row === null) throw backupsFailure('NOTHING_FOUND', { detail: 'there is no such backup' });
      return runView(row);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/backups/runs',
    schema: {
      operationId: 'runBackup',
      tags: TAGS,
      summary: 'Begins a backup',
      body: Type.Object({ plane: Type.Enum(['data', 'key'], { default: 'data' }) }, { additionalProperties: false }),
      response: { 202: RUN },
    },
    handler: async (request, reply) => {
      const actor = await allowedActor(request, 'backups.run');
      const { row, done } = await backups.begin(request.body.plane, who(actor));
      // its row says how it went, and the log does
      done.catch((err: unknown) => request.log.error({ err, run: publicId('bak', row.run_id) }, 'a backup failed'));
      return reply.code(202).send(runView(row));
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/backups/verify',
    schema: {
      operationId: 'verifyBackups',
      tags: TAGS,
      summary: 'Reads objects back from the stores, those first that were not read for the longest time',
      body: Type.Object(
        { objects: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }) },
        { additionalProperties: false },
      ),
      response: { 200: SCRUBBED },
    },
    handler: async (request) => {
      const found = await backups.scrub(who(await allowedActor(request, 'backups.run')), request.body.objects);
      return { ...found, faults: [...found.faults] };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/backups/prune',
    schema: {
      operationId: 'pruneBackups',
      tags: TAGS,
      summary: 'Takes away what need not be kept; what is locked stays',
      body: Type.Object(
        { mode: Type.Enum(['dry-run', 'apply'], { default: 'dry-run' }) },
        { additionalProperties: false },
      ),
      response: { 200: PRUNED },
    },
    handler: async (request) => backups.prune(who(await allowedActor(request, 'backups.manage')), request.body.mode),
  });

  server.route({
    method: 'POST',
    url: '/v1/backups/recipients',
    schema: {
      operationId: 'trustRecipient',
      tags: TAGS,
      summary: 'Seals backups to this recipient from now on',
      body: RECIPIENT,
      response: { 201: Type.Object({ fingerprint: Type.String() }) },
    },
    handler: async (request, reply) => {
      const actor = await allowedActor(request, 'backups.manage');
      const { recipient, kind } = request.body;
      return reply.code(201).send({ fingerprint: await backups.trust(who(actor), recipient, kind) });
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/backups/recipients/:fingerprint',
    schema: {
      operationId: 'retireRecipient',
      tags: TAGS,
      summary: 'Seals nothing more to this recipient; what is sealed stays so',
      params: ofFingerprint,
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      const actor = await allowedActor(request, 'backups.manage');
      if (!(await backups.retire(who(actor), request.params.fingerprint))) throw unknown();
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/backups/recipients/:fingerprint/proof',
    schema: {
      operationId: 'proveRecipient',
      tags: TAGS,
      summary: 'Notes that the shares of this recipient were put together and made its identity',
      params: ofFingerprint,
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      const actor = await allowedActor(request, 'backups.manage');
      if (!(await backups.proven(who(actor), request.params.fingerprint))) throw unknown();
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/backups/drills',
    schema: {
      operationId: 'noteDrill',
      tags: TAGS,
      summary: 'Keeps the signed attestation of a restore that was tried',
      body: DRILL,
      response: { 201: Type.Object({ passed: Type.Boolean() }) },
    },
    handler: async (request, reply) => {
      const actor = await allowedActor(request, 'backups.run');
      return reply.code(201).send({ passed: await backups.noteSigned(who(actor), request.body.signed) });
    },
  });
}

const unknown = (): Error => backupsFailure('NOTHING_FOUND', { detail: 'there is no such recipient' });
