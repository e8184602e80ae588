/**
 * What a server tells of itself, where a setting says to whom. Without one nothing is wrapped, and nothing is counted:
 * each part is the very one that it would be.
 */
import type { AuditNeeds } from '#platform/audit';
import { configFailure, type Config } from '#platform/config';
import type { Db } from '#platform/db';
import type { HttpServer } from '#platform/http';
import { createMetrics, serveMetrics, type Metrics } from '#platform/metrics';
import { ACTIONS, type Access } from '#practices/access';

import { createReadings, PRACTICES } from './readings.ts';
import type { Parts } from './parts.ts';
import type { UpkeepRound } from './upkeep.ts';
import { VERSION } from './version.ts';

export type Telemetry = Readonly<{
  /** Of the log's batches. */
  audit: Pick<AuditNeeds, 'onBatch'>;
  /** Of the loops beside the requests. */
  upkeep: { onRound?: (round: UpkeepRound) => void };
  watchAccess: (access: Access) => Access;
  /** Before routes are added: their patterns are what may be said. */
  watchHttp: (http: HttpServer) => void;
  /** Opens the address where it is fetched. @returns closes it */
  begin: (parts: Parts, db: Db) => Promise<() => Promise<void>>;
}>;

const SILENT: Telemetry = {
  audit: {},
  upkeep: {},
  watchAccess: (access) => access,
  watchHttp: () => {},
  begin: () => Promise.resolve(() => Promise.resolve()),
};

export function openTelemetry(
  { metrics: address }: Config,
  clock: () => Date,
  mode: 'serve' | 'quarantine',
): Telemetry {
  if (address === null || mode === 'quarantine') return SILENT;
  const late: { readings?: () => ReturnType<ReturnType<typeof createReadings>> } = {};
  const metrics = createMetrics({
    version: VERSION,
    practices: PRACTICES,
    actions: ACTIONS,
    now: clock,
    readings: () => late.readings?.() ?? Promise.resolve(new Map()),
  });
  return {
    audit: { onBatch: metrics.batch },
    upkeep: { onRound: metrics.round },
    watchAccess: (access) => countDecisions(access, metrics),
    watchHttp: (http) => countRequests(http, metrics),
    begin: async (parts, db) => {
      late.readings = createReadings(parts, db);
      const server = await serveMetrics(metrics, address).catch((cause: unknown) => {
        const { code = 'unknown' } = cause as NodeJS.ErrnoException;
        throw configFailure('LISTEN', { detail: `STRONGROOM_METRICS: ${address.host}:${address.port} cannot be listened on (${code})`, hint: 'stop the program that listens there, or set another address', cause }); // prettier-ignore
      });
      parts.log.info({ host: address.host, port: server.port }, 'numbers are at /metrics');
      return server.close;
    },
  };
}

function countDecisions(access: Access, metrics: Metrics): Access {
  return {
    ...access,
    decide: (ask) => {
      const decision = access.decide(ask);
      metrics.decision(ask.action, decision.allow);
      return decision;
    },
  };
}

function countRequests(http: HttpServer, metrics: Metrics): void {
  http.addHook('onRoute', ({ url }) => metrics.declareRoute(url));
  http.addHook('onResponse', (request, reply, done) => {
    // the pattern as the code declares it, never the path that was asked for
    const route = request.is404 ? '' : (request.routeOptions.url ?? '');
    metrics.request({ method: request.method, route, status: reply.statusCode, ms: reply.elapsedTime });
    done();
  });
}
