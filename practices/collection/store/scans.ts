/** Statements on scans that were handed in, and on what was decided about their differences. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { Found, HandedBinding } from '../discovery/handed-in.ts';
import type { ScanReport, SourceKind } from '../scan/scan-report.ts';

export type KeptReport = Pick<ScanReport, 'tables' | 'missing' | 'warnings'>;
export type ListedScan = Found &
  Readonly<{
    scan_id: Uuid;
    source: string;
    scope: string;
    kind: SourceKind;
    started_at: Date;
    seconds: number;
    received_at: Date;
    received_by: string;
    missing: number;
    /** The newest of its source and scope. */
    current: boolean;
  }>;
export type ScanRow = ListedScan & Readonly<{ hash: Buffer; report: KeptReport; binding: HandedBinding | null }>;
export type NewScan = Omit<ScanRow, 'current'>;

const KEPT_OF_A_SOURCE = 20;
const LISTED = 500;

/** @returns null when it was taken, else the hash of the one that is there */
export async function insertScan(
  tx: Statements,
  row: NewScan,
): Promise<Readonly<{ scan_id: Uuid; hash: Buffer }> | null> {
  const taken = await tx`
    insert into collection.scans (scan_id, source, scope, kind, started_at, seconds, received_at, received_by, hash, tables, columns,
      missing, found, certain, report, binding)
    values (${row.scan_id}, ${row.source}, ${row.scope}, ${row.kind}, ${row.started_at}, ${row.seconds}, ${row.received_at}, ${row.received_by},
      ${row.hash}, ${row.tables}, ${row.columns}, ${row.missing}, ${JSON.stringify(row.found)}::text::jsonb, ${row.certain},
      ${JSON.stringify(row.report)}::text::jsonb, ${row.binding === null ? null : JSON.stringify(row.binding)}::text::jsonb)
    on conflict (source, scope, started_at) do nothing`;
  if (taken.count === 1) return null;
  const [there] = await tx<{ scan_id: Uuid; hash: Buffer }[]>`
    select scan_id, hash from collection.scans where source = ${row.source} and scope = ${row.scope} and started_at = ${row.started_at}`;
  return there as { scan_id: Uuid; hash: Buffer };
}

/** Older ones of the same source and scope go: what they would tell is what has changed since. */
export async function dropOldScans(
  tx: Statements,
  { source, scope }: Pick<ScanRow, 'source' | 'scope'>,
): Promise<void> {
  await tx`
    delete from collection.scans where scan_id in (select scan_id from collection.scans
      where source = ${source} and scope = ${scope} order by started_at desc offset ${KEPT_OF_A_SOURCE})`;
}

export async function listScans(db: Statements): Promise<ListedScan[]> {
  return db<ListedScan[]>`
    select scan_id, source, scope, kind, started_at, seconds, received_at, received_by, tables, columns, missing, found, certain,
      started_at = max(started_at) over (partition by source, scope) as current
    from collection.scans order by started_at desc, scan_id desc limit ${LISTED}`;
}

export async function findScan(db: Statements, id: Uuid): Promise<ScanRow | null> {
  const [row] = await db<ScanRow[]>`
    select *, not exists (select from collection.scans n where n.source = s.source and n.scope = s.scope and n.started_at > s.started_at) as current
    from collection.scans s where scan_id = ${id}`;
  return row ?? null;
}

export type DecisionRow = Readonly<{
  drift_key: string;
  decision: 'ignored' | 'resolved' | 'reopened';
  reason: string;
  type: string | null;
  class: string | null;
  review_at: Date | null;
  decided_by: string;
  decided_at: Date;
}>;

export async function insertDecision(tx: Statements, id: Uuid, scanId: Uuid, row: DecisionRow): Promise<void> {
  await tx`
    insert into collection.drift_decisions (decision_id, drift_key, scan_id, decision, reason, type, class, review_at, decided_by, decided_at)
    values (${id}, ${row.drift_key}, ${scanId}, ${row.decision}, ${row.reason}, ${row.type}, ${row.class}, ${row.review_at}, ${row.decided_by}, ${row.decided_at})`;
}

/** The newest of each. */
export async function newestDecisions(db: Statements, keys: readonly string[]): Promise<DecisionRow[]> {
  if (keys.length === 0) return [];
  return db<DecisionRow[]>`
    select distinct on (drift_key) drift_key, decision, reason, type, class, review_at, decided_by, decided_at
    from collection.drift_decisions where drift_key = any(${[...keys]}::text[])
    order by drift_key, decided_at desc, decision_id desc`;
}
