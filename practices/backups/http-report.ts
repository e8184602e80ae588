/** Routes of what pages and auditors look at: the line of time, the report, the cover sheet. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { backupsFailure } from './failures.ts';
import type { BackupsHttpNeeds } from './http.ts';
import { sheetPdf } from './keys/ceremony.ts';
import { reportSheets } from './report/report.ts';

const tags = ['backups'];
const DAYS = Type.Object({ days: Type.String({ pattern: '^([1-9][0-9]?|[1-3][0-9]{2}|400)$', default: '30' }) });
const SECONDS = Type.Union([Type.Number(), Type.Null()]);
const TIME = Type.Union([Type.String(), Type.Null()]);
const COUNT = Type.Integer();
const TRIED = { done: COUNT, failed: COUNT };

const POINT = Type.Object({
  kind: Type.Enum(['data', 'key', 'segment', 'drill', 'erasure']),
  at: Type.String(),
  outcome: Type.Enum(['done', 'failed', 'running']),
  seconds: Type.Union([Type.Number(), Type.Null()], { description: 'how long it took; of a drill the RTO' }),
  exposedSeconds: Type.Union([Type.Number(), Type.Null()], {
    description: 'of a backup or of segments: what would have been lost just before they were there, the RPO',
  }),
  count: Type.Integer({ description: 'number of the backup; how many segments, or erased persons, in that hour' }),
});

const REPORT = Type.Object({
  format: Type.String(),
  madeAt: Type.String(),
  installation: Type.String(),
  days: COUNT,
  rpo: Type.Object({
    dataNowSeconds: SECONDS,
    keyNowSeconds: SECONDS,
    ledgerNowSeconds: SECONDS,
    dataWorstSeconds: SECONDS,
    keyWorstSeconds: SECONDS,
    segmentWorstSeconds: SECONDS,
  }),
  rto: Type.Object({ lastSeconds: SECONDS, worstSeconds: SECONDS }),
  backups: Type.Object(TRIED),
  keyBackups: Type.Object(TRIED),
  drills: Type.Object({ ...TRIED, lastPassedAt: TIME, ageDays: Type.Union([COUNT, Type.Null()]) }),
  objects: Type.Object({
    count: COUNT,
    sealedBytes: COUNT,
    lockedPercent: Type.Number(),
    scrubbedPercent: Type.Number(),
    faulty: COUNT,
  }),
  horizon: Type.Object(
    { days: COUNT, keyBackups: COUNT, oldestAt: TIME, beyond: COUNT, proven: Type.Boolean() },
    { description: 'backups of keys that are older than keys may be; proven: there is none' },
  ),
  ledger: Type.Object({ entries: COUNT, sent: COUNT, beatAt: TIME, erasures: COUNT }),
  offlineKeys: Type.Array(
    Type.Object({
      fingerprint: Type.String(),
      addedAt: Type.String(),
      provenAt: TIME,
      ageDays: Type.Union([COUNT, Type.Null()], { description: 'since its shares were last seen to make it' }),
    }),
  ),
  stores: Type.Array(
    Type.Object({ plane: Type.String(), place: Type.String(), locks: Type.String(), nearby: Type.Boolean(), problem: TIME }),
  ),
  findings: Type.Array(Type.String()),
}); // prettier-ignore

export function reportRoutes(server: HttpServer, { backups, allowedActor }: BackupsHttpNeeds): void {
  server.route({
    method: 'GET',
    url: '/v1/backups/timeline',
    schema: {
      operationId: 'backupsTimeline',
      tags,
      summary: 'What happened, the oldest first: backups, restores that were tried, erasures by the hour',
      querystring: DAYS,
      response: { 200: Type.Object({ points: Type.Array(POINT) }) },
    },
    handler: async (request) => {
      await allowedActor(request, 'backups.read');
      const points = await backups.timeline(Number(request.query.days));
      return { points: points.map((point) => ({ ...point, at: point.at.toISOString() })) };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/backups/report',
    schema: {
      operationId: 'backupsReport',
      tags,
      summary: 'What was measured and what is not in order, for an auditor',
      querystring: DAYS,
      response: {
        200: Type.Object({
          report: REPORT,
          signed: Type.Union([Type.String(), Type.Null()], {
            description: 'the report as a line, with two signatures of who signs the manifests: docs/formats/backup.md §2',
          }),
        }),
      },
    },
    handler: async (request) => {
      await allowedActor(request, 'backups.read');
      const { made, signed } = await backups.report(Number(request.query.days));
      return { report: made, signed };
    },
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/backups/report.pdf',
    schema: { operationId: 'backupsReportPdf', tags, summary: 'The same for print', querystring: DAYS },
    handler: async (request, reply) => {
      await allowedActor(request, 'backups.read');
      const { made, signer } = await backups.report(Number(request.query.days));
      return reply
        .type('application/pdf')
        .header('content-disposition', 'attachment; filename="backups-report.pdf"')
        .send(await sheetPdf(reportSheets(made, signer)));
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/backups/recipients/:fingerprint/cover.pdf',
    schema: {
      operationId: 'backupsCoverSheet',
      tags,
      summary: 'The cover sheet of a ceremony, with the signer, for print; no share is on it',
      params: Type.Object({ fingerprint: Type.String({ pattern: '^[0-9a-f]{16}$' }) }),
    },
    handler: async (request, reply) => {
      await allowedActor(request, 'backups.read');
      const sheet = await backups.cover(request.params.fingerprint);
      if (sheet === null) throw backupsFailure('NOTHING_FOUND', { detail: 'there is no such offline recipient' });
      return reply
        .type('application/pdf')
        .header('content-disposition', 'attachment; filename="backups-cover.pdf"')
        .send(await sheetPdf([sheet]));
    },
  });
}
