/**
 * Plans and runs: planning → planned → approved → running → done. One at a time, as a leased row (docs/adr/0008): who is
 * killed stops renewing the lease, and another server, or the same after its restart, goes on where the rows say.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements } from '#platform/db';
import { isFailure } from '#platform/failure';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';
import { whoActs } from '#platform/two-people';
import type { VaultRetention } from '#practices/vault';

import type { Catalog } from '../catalog.ts';
import { collectionFailure } from '../failures.ts';
import { liftedSince } from '../store/holds.ts';
import {
  approveRun,
  approversOf,
  cancelPlanned,
  claimRun,
  endRun,
  endRunLeases,
  handBackRun,
  findRun,
  insertRun,
  lastTrusted,
  listRuns,
  lockRun,
  newestRun,
  newestWholePlan,
  renewRun,
  setRunState,
  stopRun,
  type PlanCounts,
  type RunRow,
} from '../store/runs.ts';
import { eventBy, mustBeOneOfTwo, type ArePeople, type By } from './by.ts';
import { carryOut } from './carry-out.ts';
import { certify, type CertificateSigner } from './certificate.ts';
import { NO_COUNTS } from './counting.ts';
import type { Erasures } from './erasures.ts';
import type { Holds } from './holds.ts';
import { GAP_MS, makePlan, PLAN_START } from './plan.ts';
import { rulesNow, type HashedRules } from './rules.ts';
import type { Settings } from './settings.ts';

export type EngineNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'append' | 'appendIn'>;
  clock: () => Date;
  catalog: () => Catalog;
  /** After this, `catalog` is no older than what held when it was called. */
  refreshCatalog: () => Promise<void>;
  /** @returns false when `catalog` is not what holds; otherwise it does until the transaction ends */
  holdCatalog: (tx: Statements) => Promise<boolean>;
  vault: VaultRetention;
  /** Whether anybody can sign in: then a key that nobody stands behind is not one of two. */
  arePeople: ArePeople;
  holds: Pick<Holds, 'standing'>;
  settings: Pick<Settings, 'current'>;
  erasures: Pick<Erasures, 'digestOf'>;
  signer: CertificateSigner;
  runId: (id: Uuid) => string;
}>;
export type RunView = Readonly<{
  id: string;
  state: RunRow['state'];
  requestedBy: string;
  asOf: string;
  ruleHash: string;
  planHash: string;
  plan: Pick<PlanCounts, 'subjects' | 'records' | 'counts' | 'held' | 'restricted' | 'samples'>;
  needed: number;
  approvedBy: readonly string[];
  because: readonly string[];
  done: Readonly<Record<string, number>>;
  refused: string | null;
  createdAt: string;
  finishedAt: string | null;
  certificate: boolean;
}>;
export type Engine = {
  /** @throws COLLECTION_RETENTION_BUSY, COLLECTION_RETENTION_CLOCK */
  plan: (by: By) => Promise<RunView>;
  /** @throws COLLECTION_RETENTION_OTHER_PLAN, COLLECTION_RETENTION_STATE */
  approve: (by: By, id: string, planHash: string) => Promise<RunView>;
  cancel: (by: By, id: string) => Promise<RunView>;
  get: (id: string) => Promise<RunView>;
  /** Newest first. */
  list: (limit?: number) => Promise<readonly RunView[]>;
  certificate: (id: string) => Promise<string>;
  newestPlan: () => Promise<RunRow | null>;
  /** Begins a scheduled plan when its time has come, or when a hold was lifted. @returns whether there is something to do */
  planWhenDue: () => Promise<boolean>;
  /** Does what is to be done until `stopped`. */
  work: (stopped: () => boolean) => Promise<void>;
  endLeases: () => Promise<void>;
};

/** Renewed three times in its length, as the vault's works. */
const LEASE_MS = 6000;
const LISTED = 100;
const SCHEDULE = { actor: { kind: 'system', id: 'schedule' } } as const;

export function createEngine(needs: EngineNeeds): Engine {
  const { db, audit, clock } = needs;
  const dropped = new Set<Uuid>();
  const view = async (row: RunRow): Promise<RunView> =>
    viewRun(row, needs.runId(row.run_id), await approversOf(db, row.run_id));

  const begin = async (
    requestedBy: string,
    event: Pick<Parameters<Audit['append']>[0], 'actor' | 'requestId'>,
  ): Promise<RunRow> => {
    const runId = uuidv7(clock().getTime());
    await needs.refreshCatalog();
    return transact(db, async (tx) => {
      const asOf = clock();
      const last = await newestRun(tx);
      if (last !== null && asOf < last.as_of) throw collectionFailure('RETENTION_CLOCK', { detail: `the clock stands before the plan of ${last.as_of.toISOString()}` }); // prettier-ignore
      const rules = await rulesNow(tx, needs.catalog());
      await cancelPlanned(tx, asOf);
      const run = { run_id: runId, requested_by: requestedBy, as_of: asOf, rule_hash: rules.hash, plan_hash: PLAN_START, plan: NO_COUNTS };
      if (!(await insertRun(tx, run))) throw collectionFailure('RETENTION_BUSY');
      await audit.appendIn(tx, { action: 'collection.retention.begin', ...event, outcome: 'done', detail: { run: needs.runId(runId), rules: rules.hash } });
      return (await findRun(tx, runId)) as RunRow;
    }); // prettier-ignore
  };

  /** In a transaction with the run locked. */
  const change = async (by: By, id: string, what: string, work: (tx: Parameters<Parameters<typeof transact>[1]>[0], row: RunRow) => Promise<object>): Promise<RunView> => {
    const runId = parsePublicId('run', id);
    if (runId === null) throw collectionFailure('NOT_FOUND');
    await transact(db, async (tx) => {
      const row = await lockRun(tx, runId);
      if (row === null) throw collectionFailure('NOT_FOUND');
      const detail = await work(tx, row);
      await audit.appendIn(tx, { action: `collection.retention.${what}`, ...eventBy(by), outcome: 'done', detail: { run: id, ...detail } });
    });
    return view((await findRun(db, runId)) as RunRow);
  }; // prettier-ignore

  const refuse = async (row: RunRow, because: string): Promise<void> => {
    await transact(db, async (tx) => {
      if (!(await stopRun(tx, row.run_id, { state: 'refused', refused: because, at: clock() }))) return;
      await audit.appendIn(tx, { action: 'collection.retention.run', actor: { kind: 'system', id: 'retention' }, outcome: 'failed', detail: { run: needs.runId(row.run_id), because } });
    });
  }; // prettier-ignore

  const doRun = async (row: RunRow, rules: HashedRules, stopped: () => boolean): Promise<void> => {
    if (row.state === 'approved') await transact(db, (tx) => setRunState(tx, row.run_id, 'running', clock()));
    const { perSecond } = await needs.settings.current();
    if (!(await carryOut(needs, row, rules, { stopped, perSecond }))) return;
    const id = needs.runId(row.run_id);
    const digest = await needs.erasures.digestOf(id);
    const approvers = await approversOf(db, row.run_id);
    await transact(db, async (tx) => {
      const now = await lockRun(tx, row.run_id);
      if (now === null || now.state !== 'running') return;
      const finishedAt = clock();
      const certificate = certify(needs.signer, { run: id, row: now, approvers, digest, finishedAt });
      await endRun(tx, row.run_id, { certificate, at: finishedAt });
      await audit.appendIn(tx, { action: 'collection.retention.run', actor: { kind: 'system', id: 'retention' }, outcome: 'done', detail: { run: id, plan: now.plan_hash, rules: now.rule_hash, rows: digest.rows, digest: digest.digest, ...now.done } });
    });
  }; // prettier-ignore

  const step = async (row: RunRow, stopped: () => boolean): Promise<void> => {
    await needs.refreshCatalog();
    const rules = await rulesNow(db, needs.catalog());
    // what was looked at, and approved, was by other rules
    if (rules.hash !== row.rule_hash) return refuse(row, 'rules');
    const now = clock();
    if (now < row.as_of || now.getTime() - row.as_of.getTime() > GAP_MS) return refuse(row, 'clock');
    if (row.state !== 'planning') return doRun(row, rules, stopped);
    await makePlan(needs, row, rules, { stopped, lastAsOf: await lastTrusted(db, row.run_id) });
    return undefined;
  };

  return {
    plan: async (by) => view(await begin(by.actor.id, eventBy(by))),
    approve: (by, id, planHash) =>
      change(by, id, 'approve', async (tx, row) => {
        if (row.state !== 'planned') throw wrongState(row);
        if (row.plan_hash !== planHash) throw collectionFailure('RETENTION_OTHER_PLAN');
        if (row.needed > 1) await mustBeOneOfTwo(by, null, tx, needs.arePeople);
        const at = clock();
        const n = await approveRun(tx, { runId: row.run_id, who: whoActs(by.actor), actor: by.actor.id, planHash, at });
        if (n >= row.needed) await setRunState(tx, row.run_id, 'approved', at);
        return { plan: planHash, approvals: n, needed: row.needed };
      }),
    cancel: (by, id) =>
      change(by, id, 'cancel', async (tx, row) => {
        if (!(await stopRun(tx, row.run_id, { state: 'cancelled', refused: null, at: clock() }))) throw wrongState(row);
        return {};
      }),
    get: async (id) => {
      const runId = parsePublicId('run', id);
      const row = runId === null ? null : await findRun(db, runId);
      if (row === null) throw collectionFailure('NOT_FOUND');
      return view(row);
    },
    list: async (limit = LISTED) => Promise.all((await listRuns(db, limit)).map(view)),
    certificate: async (id) => {
      const runId = parsePublicId('run', id);
      const row = runId === null ? null : await findRun(db, runId);
      if (row === null || row.certificate === null) throw collectionFailure('NOT_FOUND');
      return row.certificate;
    },
    newestPlan: () => newestWholePlan(db),
    planWhenDue: async () => {
      const { everyHours } = await needs.settings.current();
      const last = await newestRun(db);
      if (last !== null && ['planning', 'approved', 'running'].includes(last.state)) return true;
      const age = last === null ? Infinity : clock().getTime() - last.as_of.getTime();
      const waits = age >= 0 && age < everyHours * 3_600_000;
      if (waits && !(last !== null && (await liftedSince(db, last.as_of)))) return false;
      try {
        await begin('schedule', SCHEDULE);
      } catch (thrown) {
        // another server was quicker
        if (!isFailure(thrown, 'COLLECTION_RETENTION_BUSY')) throw thrown;
      }
      return true;
    },
    work: async (stopped) => {
      for (;;) {
        if (stopped()) return;
        const row = await claimRun(db, LEASE_MS, [...dropped]);
        if (row === null) return;
        dropped.add(row.run_id);
        const beat = setInterval(() => void renewRun(db, row.run_id).catch(() => undefined), LEASE_MS / 3);
        try {
          await step(row, stopped);
        } catch (thrown) {
          // another version of the catalogue holds by now: whether the rules are others is seen at the next step
          if (!isFailure(thrown, 'COLLECTION_CATALOG_CHANGED')) throw thrown;
          continue;
        } finally {
          clearInterval(beat);
          if (stopped()) await handBackRun(db, row.run_id);
        }
        const after = await findRun(db, row.run_id);
        if (after === null || !['planning', 'approved', 'running'].includes(after.state)) dropped.delete(row.run_id);
        else if (after.state === row.state) return;
      }
    },
    endLeases: () => endRunLeases(db),
  };
}

const wrongState = ({ state }: RunRow): Error =>
  collectionFailure('RETENTION_STATE', { detail: `the run is ${state}`, extra: { state } });

export const runIdText = (id: Uuid): string => publicId('run', id);

function viewRun(row: RunRow, id: string, approvedBy: readonly string[]): RunView {
  const { subjects, records, counts, held, restricted, samples } = row.plan;
  return {
    id,
    state: row.state,
    requestedBy: row.requested_by,
    asOf: row.as_of.toISOString(),
    ruleHash: row.rule_hash,
    planHash: row.plan_hash,
    plan: { subjects, records, counts, held, restricted, samples },
    needed: row.needed,
    approvedBy,
    because: row.because,
    done: row.done,
    refused: row.refused,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    certificate: row.certificate !== null,
  };
}
