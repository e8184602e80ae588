/**
 * Scans that were handed in: what was found where, and how that differs from the catalogue that holds now. Differences are
 * worked out when somebody asks, so that a change of the catalogue ends them by itself.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements } from '#platform/db';
import { parsePublicId, publicId, uuidv7 } from '#platform/ids';
import { parseInstant } from '#platform/instant';

import type { Catalog } from '../catalog.ts';
import type { Detector } from '../detect/finding.ts';
import { parseDay } from '../day.ts';
import { collectionFailure } from '../failures.ts';
import { eventBy, type By } from '../retention/by.ts';
import { compareScan, declaredIn, type Drift } from '../scan/drift.ts';
import {
  dropOldScans, findScan, insertDecision, insertScan, listScans, newestDecisions,
  type DecisionRow, type KeptReport, type ListedScan, type ScanRow,
} from '../store/scans.ts'; // prettier-ignore
import { driftKey, judgeDrift, type DriftState, type Judged } from './drift-state.ts';
import { bindingOf, countFound, MAX_COLUMNS, scanHash, type HandedScan } from './handed-in.ts';
import { valueIn } from './no-values.ts';

export type DecisionView = Readonly<{
  decision: DecisionRow['decision'];
  reason: string;
  by: string;
  at: string;
  reviewBy: string | null;
}>;
export type DriftView = Drift & Judged & Readonly<{ id: string; decided: DecisionView | null }>;
export type ScanSummary = Readonly<{
  id: string;
  source: string;
  scope: string | null;
  kind: ListedScan['kind'];
  startedAt: string;
  seconds: number;
  receivedAt: string;
  receivedBy: string;
  tables: number;
  columns: number;
  missing: number;
  found: Readonly<Record<string, number>>;
  certain: number;
  current: boolean;
}>;
export type ListedView = ScanSummary & Readonly<{ drift: Readonly<Record<DriftState, number>> | null }>;
export type ScanView = Readonly<{ scan: ScanSummary; drifts: readonly DriftView[] }> & Readonly<{ report: KeptReport }>;
export type DriftDecision = Readonly<{
  decision: DecisionRow['decision'];
  reason: string;
  reviewBy?: string | undefined;
}>;

export type Discovery = {
  /** The same one again is the one that is kept. @throws COLLECTION_SCAN_INVALID, COLLECTION_SCAN_HOLDS_VALUE, COLLECTION_SCAN_OTHER */
  report: (by: By, handed: HandedScan) => Promise<ScanView>;
  /** Newest first; how the newest of each source differs from the catalogue. */
  list: () => Promise<readonly ListedView[]>;
  /** @throws COLLECTION_NOT_FOUND */
  get: (id: string) => Promise<ScanView>;
  /** @throws COLLECTION_NOT_FOUND, COLLECTION_DRIFT_INVALID */
  decide: (by: By, id: string, drift: string, decision: DriftDecision) => Promise<DriftView>;
};
export type DiscoveryNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  clock: () => Date;
  catalog: () => Catalog;
  detect: Detector['detectText'];
}>;

/** Clocks differ by so much; a scan from the future would be the newest for ever, and outlive every "resolved". */
const CLOCK_MS = 5 * 60_000;

export function createDiscovery({ db, audit, clock, catalog, detect }: DiscoveryNeeds): Discovery {
  const drifts = async (tx: Statements, row: ScanRow): Promise<(DriftView & { key: string })[]> => {
    const found = compareScan(row.report, declaredIn(catalog()), bindingOf(row.binding));
    const keys = found.map((each) => driftKey(row.source, each));
    const decided = new Map((await newestDecisions(tx, keys)).map((each) => [each.drift_key, each]));
    const now = clock();
    return found.map((each, n) => {
      const key = keys[n] as string;
      const decision = decided.get(key) ?? null;
      const judged = judgeDrift(each, decision === null ? null : decisionOf(decision), { scannedAt: row.started_at, now }); // prettier-ignore
      return {
        ...each,
        ...judged,
        key,
        id: `drift_${key}`,
        decided: decision === null ? null : viewDecision(decision),
      };
    });
  };
  const view = async (tx: Statements, row: ScanRow): Promise<ScanView> => ({
    scan: viewScan(row),
    report: row.report,
    drifts: await drifts(tx, row),
  });
  const find = async (tx: Statements, id: string): Promise<ScanRow> => {
    const scanId = parsePublicId('scan', id);
    const row = scanId === null ? null : await findScan(tx, scanId);
    if (row === null) throw collectionFailure('NOT_FOUND');
    return row;
  };
  return {
    report: async (by, handed) => {
      const { report, scope, binding } = handed;
      const now = clock();
      const startedAt = parseInstant(report.startedAt);
      const counted = countFound(report);
      if (startedAt === null || startedAt === 'form' || startedAt.getTime() > now.getTime() + CLOCK_MS)
        throw collectionFailure('SCAN_INVALID', { detail: 'startedAt is no moment that has been' });
      if (counted.columns > MAX_COLUMNS)
        throw collectionFailure('SCAN_INVALID', {
          detail: `it has more than ${MAX_COLUMNS} columns: scan table by table`,
        });
      const value = await valueIn(handed, detect);
      if (value !== null)
        throw collectionFailure('SCAN_HOLDS_VALUE', { detail: `${value.at} seems to be or hold: ${value.type}` });
      const { source, kind, seconds, tables, missing, warnings } = report;
      const row = {
        ...counted, scan_id: uuidv7(now.getTime()), source, scope: scope ?? '', kind, started_at: startedAt, seconds, received_at: now,
        received_by: by.actor.id, missing: missing.length, hash: scanHash(handed), binding, report: { tables, missing, warnings },
      }; // prettier-ignore
      return transact(db, async (tx) => {
        const there = await insertScan(tx, row);
        if (there !== null && !there.hash.equals(row.hash)) throw collectionFailure('SCAN_OTHER');
        const id = there?.scan_id ?? row.scan_id;
        if (there === null) {
          await dropOldScans(tx, row);
          const { tables: many, columns, certain, found } = counted;
          const detail = {
            scan: publicId('scan', id),
            kind,
            tables: many,
            columns,
            certain,
            missing: missing.length,
            ...found,
          };
          await audit.appendIn(tx, { action: 'collection.scan.report', ...eventBy(by), outcome: 'done', detail });
        }
        // an older one than the twenty that are kept was dropped at once
        return view(tx, (await findScan(tx, id)) ?? { ...row, current: false });
      });
    },
    list: async () => {
      const listed: ListedView[] = [];
      // one after the other: a report may be megabytes
      for (const row of await listScans(db)) {
        const whole = row.current ? await findScan(db, row.scan_id) : null;
        const found = whole === null ? null : await drifts(db, whole);
        const many = (state: DriftState): number => found?.filter((each) => each.state === state).length ?? 0;
        const drift =
          found === null ? null : { open: many('open'), ignored: many('ignored'), resolved: many('resolved') };
        listed.push({ ...viewScan(row), drift });
      }
      return listed;
    },
    get: async (id) => view(db, await find(db, id)),
    decide: async (by, id, driftId, { decision, reason, reviewBy }) => {
      const reviewAt = reviewBy === undefined ? null : parseDay(reviewBy);
      const now = clock();
      // a day to come for what is ignored, and none for anything else
      if (decision === 'ignored' ? reviewAt === null || reviewAt <= now : reviewBy !== undefined)
        throw collectionFailure('DRIFT_INVALID');
      return transact(db, async (tx) => {
        const row = await find(tx, id);
        const drift = (await drifts(tx, row)).find((each) => each.id === driftId);
        if (drift === undefined) throw collectionFailure('NOT_FOUND');
        const { key, type, class: dataClass, kind } = drift;
        await insertDecision(tx, uuidv7(now.getTime()), row.scan_id, {
          drift_key: key, decision, reason, type, class: dataClass, review_at: reviewAt, decided_by: by.actor.id, decided_at: now,
        }); // prettier-ignore
        const detail = { scan: id, drift: driftId, kind, decision };
        await audit.appendIn(tx, { action: 'collection.scan.decide', ...eventBy(by), outcome: 'done', detail });
        return (await drifts(tx, row)).find((each) => each.id === driftId) as DriftView;
      });
    },
  };
}

const decisionOf = (row: DecisionRow) => ({
  decision: row.decision, reason: row.reason, type: row.type, class: row.class, reviewAt: row.review_at, by: row.decided_by, at: row.decided_at,
}); // prettier-ignore

const viewDecision = (row: DecisionRow): DecisionView => ({
  decision: row.decision,
  reason: row.reason,
  by: row.decided_by,
  at: row.decided_at.toISOString(),
  reviewBy: row.review_at?.toISOString().slice(0, 10) ?? null,
});

const viewScan = (row: ListedScan): ScanSummary => ({
  id: publicId('scan', row.scan_id),
  source: row.source,
  scope: row.scope === '' ? null : row.scope,
  kind: row.kind,
  startedAt: row.started_at.toISOString(),
  seconds: row.seconds,
  receivedAt: row.received_at.toISOString(),
  receivedBy: row.received_by,
  tables: row.tables,
  columns: row.columns,
  missing: row.missing,
  found: row.found,
  certain: row.certain,
  current: row.current,
});
