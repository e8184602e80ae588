/** Routes of drills: beginning one, how far it is, how the last ones went. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';
import { parsePublicId, publicId } from '#platform/ids';

import type { Drills } from './drill/drills.ts';
import { backupsFailure } from './failures.ts';
import type { BackupsHttpNeeds } from './http.ts';
import type { DrillRun } from './store/drill-runs.ts';

const tags = ['backups'];
const NULLABLE = Type.Union([Type.String(), Type.Null()]);
const DRILL_RUN = Type.Object({
  id: Type.String(),
  state: Type.Enum(['running', 'passed', 'failed']),
  step: Type.String({ description: 'prepare, backup, restore, then the steps of a restore' }),
  seq: Type.Union([Type.Integer(), Type.Null()], { description: 'number of the backup that is restored' }),
  startedBy: Type.String(),
  startedAt: Type.String(),
  finishedAt: NULLABLE,
  because: Type.Union([Type.String(), Type.Null()], { description: 'code of the failure' }),
});

const viewOf = (row: DrillRun) => ({
  id: publicId('drl', row.drill_id),
  state: row.state,
  step: row.step,
  seq: row.backup_seq === null ? null : Number(row.backup_seq),
  startedBy: row.started_by,
  startedAt: row.started_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
  because: row.because,
});

export type DrillsHttpNeeds = BackupsHttpNeeds & Readonly<{ drills: Drills }>;

export function drillRoutes(server: HttpServer, { drills, allowedActor }: DrillsHttpNeeds): void {
  const url = '/v1/backups/drill-runs';
  server.route({
    method: 'POST',
    url,
    schema: {
      operationId: 'beginDrill',
      tags,
      summary:
        'Takes a backup and restores it beside the system, by a key that is only for this; what it proves is kept',
      response: { 202: DRILL_RUN },
    },
    handler: async (request, reply) => {
      const { kind, id, role } = await allowedActor(request, 'backups.run');
      const { row, done } = await drills.begin({ kind, id, role });
      // its row says how it went, and the log does
      done.catch((err: unknown) => request.log.error({ err, drill: publicId('drl', row.drill_id) }, 'a drill failed'));
      return reply.code(202).send(viewOf(row));
    },
  });

  server.route({
    method: 'GET',
    url,
    schema: {
      operationId: 'listDrills',
      tags,
      summary: 'Drills that this system began, the newest first',
      querystring: Type.Object({ limit: Type.String({ pattern: '^[1-9][0-9]{0,2}$', default: '20' }) }),
      response: { 200: Type.Object({ drills: Type.Array(DRILL_RUN) }) },
    },
    handler: async (request) => {
      await allowedActor(request, 'backups.read');
      return { drills: (await drills.list(Number(request.query.limit))).map(viewOf) };
    },
  });

  server.route({
    method: 'GET',
    url: `${url}/:id`,
    schema: {
      operationId: 'getDrill',
      tags,
      summary: 'One drill, and how far it is',
      params: Type.Object({ id: Type.String() }),
      response: { 200: DRILL_RUN },
    },
    handler: async (request) => {
      await allowedActor(request, 'backups.read');
      const id = parsePublicId('drl', request.params.id);
      const row = id === null ? null : await drills.find(id);
      if (row === null) throw backupsFailure('NOTHING_FOUND', { detail: 'there is no such drill' });
      return viewOf(row);
    },
  });
}
