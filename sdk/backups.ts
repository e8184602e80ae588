/** Backups: what there is, taking one, reading stores back, whom they are sealed to. */
import type {
  BackupPoint,
  BackupReport,
  BackupRun,
  BackupSegment,
  BackupStanding,
  DrillRun,
  Pruned,
  Scrubbed,
} from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Backups = {
  status: (options?: CallOptions) => Promise<BackupStanding>;
  list: (limit?: number, options?: CallOptions) => Promise<Readonly<{ runs: readonly BackupRun[] }>>;
  /** Change segments, the newest first. */
  segments: (limit?: number, options?: CallOptions) => Promise<Readonly<{ segments: readonly BackupSegment[] }>>;
  get: (id: string, options?: CallOptions) => Promise<BackupRun>;
  /** What happened, the oldest first: backups, restores that were tried, erasures by the hour. */
  timeline: (days?: number, options?: CallOptions) => Promise<Readonly<{ points: readonly BackupPoint[] }>>;
  /** What was measured in so many days, for an auditor. */
  report: (days?: number, options?: CallOptions) => Promise<BackupReport>;
  /** Begins one; `get` says how far it is. */
  run: (plane?: 'data' | 'key', options?: CallOptions) => Promise<BackupRun>;
  /** Reads objects back from the stores. */
  verify: (objects?: number, options?: CallOptions) => Promise<Scrubbed>;
  prune: (mode?: 'dry-run' | 'apply', options?: CallOptions) => Promise<Pruned>;
  /** @param recipient `age1pq1…`, the public half of an offline identity, or of the next drill's */
  trust: (
    recipient: string,
    kind?: 'offline' | 'drill',
    options?: CallOptions,
  ) => Promise<Readonly<{ fingerprint: string }>>;
  retire: (fingerprint: string, options?: CallOptions) => Promise<unknown>;
  /** Notes that the shares of a recipient were put together and made its identity. */
  proven: (fingerprint: string, options?: CallOptions) => Promise<unknown>;
  /** Takes a backup and restores it beside the system; `drillRun` says how far it is. */
  drill: (options?: CallOptions) => Promise<DrillRun>;
  drillRuns: (limit?: number, options?: CallOptions) => Promise<Readonly<{ drills: readonly DrillRun[] }>>;
  drillRun: (id: string, options?: CallOptions) => Promise<DrillRun>;
  /** @param signed the attestation of a restore, as the restore wrote it */
  noteDrill: (signed: string, options?: CallOptions) => Promise<Readonly<{ passed: boolean }>>;
};

export function createBackups({ json }: Transport): Backups {
  const runs = '/v1/backups/runs';
  const recipients = '/v1/backups/recipients';
  const of = (fingerprint: string): string => `${recipients}/${encodeURIComponent(fingerprint)}`;
  return {
    status: (options) => json({ method: 'GET', path: '/v1/backups/status', does: 'read' }, options),
    list: (limit = 100, options) =>
      json({ method: 'GET', path: runs, query: { limit: String(limit) }, does: 'read' }, options),
    segments: (limit = 100, options) =>
      json({ method: 'GET', path: '/v1/backups/segments', query: { limit: String(limit) }, does: 'read' }, options),
    get: (id, options) => json({ method: 'GET', path: `${runs}/${encodeURIComponent(id)}`, does: 'read' }, options),
    timeline: (days = 30, options) =>
      json({ method: 'GET', path: '/v1/backups/timeline', query: { days: String(days) }, does: 'read' }, options),
    report: (days = 30, options) =>
      json({ method: 'GET', path: '/v1/backups/report', query: { days: String(days) }, does: 'read' }, options),
    run: (plane = 'data', options) => json({ method: 'POST', path: runs, json: { plane }, does: 'change' }, options),
    verify: (objects = 100, options) =>
      json({ method: 'POST', path: '/v1/backups/verify', json: { objects }, does: 'change' }, options),
    prune: (mode = 'dry-run', options) =>
      json({ method: 'POST', path: '/v1/backups/prune', json: { mode }, does: 'change' }, options),
    trust: (recipient, kind = 'offline', options) =>
      json({ method: 'POST', path: recipients, json: { recipient, kind }, does: 'change' }, options),
    retire: (fingerprint, options) => json({ method: 'DELETE', path: of(fingerprint), does: 'change' }, options),
    proven: (fingerprint, options) =>
      json({ method: 'POST', path: `${of(fingerprint)}/proof`, does: 'change' }, options),
    drill: (options) => json({ method: 'POST', path: '/v1/backups/drill-runs', does: 'change' }, options),
    drillRuns: (limit = 20, options) =>
      json({ method: 'GET', path: '/v1/backups/drill-runs', query: { limit: String(limit) }, does: 'read' }, options),
    drillRun: (id, options) =>
      json({ method: 'GET', path: `/v1/backups/drill-runs/${encodeURIComponent(id)}`, does: 'read' }, options),
    noteDrill: (signed, options) =>
      json({ method: 'POST', path: '/v1/backups/drills', json: { signed }, does: 'change' }, options),
  };
}
