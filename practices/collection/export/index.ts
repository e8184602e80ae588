/** Exports for analysis as one object: profiles, runs, counts. */
import type { Audit } from '#platform/audit';
import { dbFailure, type Db } from '#platform/db';
import { isFailure } from '#platform/failure';
import { publicId, uuidv7 } from '#platform/ids';
import type { Caller, Vault } from '#practices/vault';

import type { Catalog, CollectionSpec } from '../catalog.ts';
import { collectionFailure } from '../failures.ts';
import { eventBy, type ArePeople, type By } from '../retention/by.ts';
import { listAnswers, listBudgets } from '../store/counts.ts';
import { insertExportRun, listExportRuns, setExportRun, type RunState } from '../store/exports.ts';
import { createSpool, isSpoolLost } from '../store/spool.ts';
import { countPeople, viewAnswer, type AnswerView, type CountAsk } from './count.ts';
import { leavesBy, mustLeave, type Mask } from './decided.ts';
import { createProfiles, type Profiles } from './profiles.ts';
import { pseudonymsFor } from './pseudonym.ts';
import { prepareExport, type ExportReport } from './run-export.ts';

type ExportNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'append' | 'appendIn'>;
  clock: () => Date;
  catalog: () => Catalog;
  arePeople: ArePeople;
  vault: Pick<Vault, 'exportPage' | 'mayExport' | 'servedOf'>;
  mask: Mask;
  /** Connections for one run, which ends them. */
  openSpool: () => Db;
  /** 32 bytes that pairwise pseudonyms are made under. */
  pseudonymKey: Uint8Array;
}>;
export type ExportRunView = Readonly<{
  id: string;
  profile: string;
  name: string;
  recipient: string;
  requestedBy: string;
  state: RunState;
  report: ExportReport | null;
  refused: string | null;
  begunAt: string;
  finishedAt: string | null;
}>;
/** Who asks; `renew` looks them up again; `stopped` when nobody waits for the answer any more. */
export type Asking = By & Readonly<{ renew: () => Promise<By['actor']>; stopped: () => boolean }>;
export type Exports = {
  profiles: Profiles;
  /** Ready to leave, and in the log. `close` is to be called whatever happens. */
  run: (by: Asking, profileId: string) => Promise<{
    id: string;
    report: ExportReport;
    lines: AsyncGenerator<Buffer>;
    close: () => Promise<void>;
  }>;
  runs: () => Promise<readonly ExportRunView[]>;
  count: (by: Asking, profileId: string, ask: CountAsk) => ReturnType<typeof countPeople>;
  answers: () => Promise<readonly AnswerView[]>;
  budgets: () => Promise<readonly Readonly<{ profile: string; recipient: string; purpose: string; budgetMilli: number; spentMilli: number }>[]>;
}; // prettier-ignore

/** Each has a connection of its own, and sorts in the database. */
const AT_ONCE = 2;

export function createExports(needs: ExportNeeds): Exports {
  const { db, audit, clock, catalog, vault } = needs;
  const profiles = createProfiles(needs);
  const running = { count: 0 };
  const callerOf =
    ({ renew, requestId }: Asking, purpose: string) =>
    async (): Promise<Caller> => ({
      actor: await renew(),
      purpose,
      requestId,
    });

  const run: Exports['run'] = async (by, profileId) => {
    const { id: profileUuid, hash, profile } = await profiles.usable(profileId, 'records');
    const collection = catalog().collections.get(profile.collection) as CollectionSpec;
    const caller = callerOf(by, profile.purpose);
    const stateOf = await vault.mayExport(await caller(), profile.collection);
    if (running.count >= AT_ONCE) throw collectionFailure('EXPORT_BUSY');
    running.count += 1;
    const begunAt = clock();
    const runId = uuidv7(begunAt.getTime());
    const id = publicId('run', runId);
    const spoolDb = needs.openSpool();
    const end = { state: 'cut' as RunState, over: false };
    const close = async (refused?: string): Promise<void> => {
      if (end.over) return;
      end.over = true;
      running.count -= 1;
      // a run whose connection is gone before its end is noted was killed
      try {
        await setExportRun(db, runId, { state: end.state, at: clock(), ...(refused === undefined ? {} : { refused }) });
      } finally {
        await spoolDb.end({ timeout: 5 });
      }
    };
    const told = { run: id, profile: profileId, name: profile.name, hash, recipient: profile.recipient.name };
    const event = { action: 'collection.export.run', ...eventBy(by), purpose: profile.purpose };
    try {
      await createSpool(spoolDb, runId);
      await insertExportRun(db, { run_id: runId, profile_id: profileUuid, requested_by: by.actor.id, begun_at: begunAt }); // prettier-ignore
      mustLeave(collection, profile.fields, stateOf);
      const pseudonym = pseudonymsFor(needs.pseudonymKey, profile.recipient.name);
      const { report, lines } = await prepareExport(
        {
          spoolDb, vault, caller, pseudonym, stopped: by.stopped, detail: { export: id, profile: profile.name },
          leaves: leavesBy(profile.collection, profile.fields, { mask: needs.mask, pseudonym }),
        },
        collection,
        profile,
      ); // prettier-ignore
      const { records, suppressed, measured, sha256, generalised } = report;
      // before anything leaves
      await audit.append({
        ...event, outcome: 'done',
        detail: { ...told, records, suppressed, sha256, k: measured?.k ?? 0, generalised: Object.entries(generalised).map((each) => each.join('=')) },
      }); // prettier-ignore
      await setExportRun(db, runId, { state: 'sending', report });
      return { id, report, lines: untilSent(lines(), end, close), close };
    } catch (thrown) {
      // a refusal says why; what broke is an error of this server, and its run is cut
      const refused = isFailure(thrown) && thrown.status < 500 ? thrown.code : undefined;
      try {
        if (refused !== undefined) {
          end.state = 'refused';
          await audit.append({ ...event, outcome: 'denied', detail: { ...told, code: refused } });
        }
      } finally {
        // also where the log cannot be written: a place that is not given back is gone until the next start
        await close(refused);
      }
      // it may be begun again
      throw isSpoolLost(thrown) ? dbFailure('UNREACHABLE', { cause: thrown }) : thrown;
    }
  };

  return {
    profiles,
    run,
    runs: async () =>
      (await listExportRuns(db)).map((row) => ({
        id: publicId('run', row.run_id),
        profile: publicId('exp', row.profile_id),
        name: row.name,
        recipient: row.recipient,
        requestedBy: row.requested_by,
        state: row.state,
        report: Object.keys(row.report).length === 0 ? null : (row.report as ExportReport),
        refused: row.refused,
        begunAt: row.begun_at.toISOString(),
        finishedAt: row.finished_at?.toISOString() ?? null,
      })),
    count: async (by, profileId, ask) => {
      const usable = await profiles.usable(profileId, 'counts');
      return countPeople(needs, { ...by, caller: callerOf(by, usable.profile.purpose) }, usable, ask);
    },
    answers: async () => (await listAnswers(db)).map(viewAnswer),
    budgets: async () =>
      (await listBudgets(db)).map(({ name, recipient, purpose, budget_milli, spent_milli }) => ({
        profile: name,
        recipient,
        purpose,
        budgetMilli: budget_milli,
        spentMilli: Number(spent_milli),
      })),
  };
}

async function* untilSent(
  lines: AsyncGenerator<Buffer>,
  end: { state: RunState },
  close: () => Promise<void>,
): AsyncGenerator<Buffer> {
  try {
    yield* lines;
    end.state = 'sent';
  } finally {
    await close();
  }
}
