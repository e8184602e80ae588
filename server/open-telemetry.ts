/**
 * What a server tells of itself, where a setting says to whom. Without one nothing is wrapped, and nothing is counted:
 * each part is the very one that it would be.
 */
import type { Audit, AuditNeeds } from '#platform/audit';
import { configFailure, type Config } from '#platform/config';
import type { Db } from '#platform/db';
import type { HttpServer } from '#platform/http';
import type { Readings } from '#platform/metrics';
import { openTraces } from '#platform/traces';
import { ACTIONS, type Access } from '#practices/access';

import type { VaultCore } from './open-core.ts';
import { createReadings, PRACTICES } from './readings.ts';
import type { Parts } from './parts.ts';
import { tracing } from './tracing.ts';
import type { UpkeepRound } from './upkeep.ts';
import { VERSION } from './version.ts';

export type Telemetry = Readonly<{
  /** Of the log's batches. */
  audit: Pick<AuditNeeds, 'onBatch'>;
  /** Of the loops beside the requests. */
  upkeep: { onRound?: (round: UpkeepRound) => void };
  watchDb: (db: Db) => Db;
  watchAudit: (audit: Audit) => Audit;
  watchAccess: (access: Access) => Access;
  watchCore: (core: VaultCore) => VaultCore;
  /** Before routes are added: their patterns are what may be said. */
  watchHttp: (http: HttpServer) => void;
  /** Opens the address where numbers are fetched. @returns closes it */
  begin: (parts: Parts, db: Db) => Promise<() => Promise<void>>;
  /** Sends what is left. */
  close: () => Promise<void>;
}>;

const done = (): Promise<void> => Promise.resolve();
const SILENT: Telemetry = {
  audit: {}, upkeep: {}, watchDb: (db) => db, watchAudit: (audit) => audit, watchAccess: (access) => access,
  watchCore: (core) => core, watchHttp: () => {}, begin: () => Promise.resolve(done), close: done,
}; // prettier-ignore

export async function openTelemetry(
  config: Config,
  clock: () => Date,
  mode: 'serve' | 'quarantine',
): Promise<Telemetry> {
  if (mode === 'quarantine') return SILENT;
  const counted = config.metrics === null ? SILENT : await counting(config.metrics, clock);
  if (config.traces === null) return counted;
  const traced = tracing(
    await openTraces({ endpoint: config.traces, percent: config.tracesPercent, version: VERSION }),
  );
  return {
    ...counted,
    ...traced,
    watchAccess: (access) => traced.watchAccess(counted.watchAccess(access)),
    watchHttp: (http) => {
      // first at the door, so that all hooks of others are inside
      traced.watchHttp(http);
      counted.watchHttp(http);
    },
  };
}

async function counting(address: NonNullable<Config['metrics']>, clock: () => Date): Promise<Telemetry> {
  // loaded where it is wanted
  const { createMetrics, serveMetrics } = await import('#platform/metrics');
  const late: { readings?: () => Promise<Readings> } = {};
  const metrics = createMetrics({
    version: VERSION, practices: PRACTICES, actions: ACTIONS, now: clock,
    readings: () => late.readings?.() ?? Promise.resolve(new Map()),
  }); // prettier-ignore
  return {
    ...SILENT,
    audit: { onBatch: metrics.batch },
    upkeep: { onRound: metrics.round },
    watchAccess: (access) => ({
      ...access,
      decide: (ask) => {
        const decision = access.decide(ask);
        metrics.decision(ask.action, decision.allow);
        return decision;
      },
    }),
    watchHttp: (http) => {
      http.addHook('onRoute', ({ url }) => metrics.declareRoute(url));
      http.addHook('onResponse', (request, reply, next) => {
        // the pattern as the code declares it, never the path that was asked for
        const route = request.is404 ? '' : (request.routeOptions.url ?? '');
        metrics.request({ method: request.method, route, status: reply.statusCode, ms: reply.elapsedTime });
        next();
      });
    },
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
