/** Backups as one object: what the routes and the upkeep call. */
import type { Audit, AuditEvent } from '#platform/audit';
import type { Db } from '#platform/db';
import { isFailure } from '#platform/failure';
import { uuidv7, type Uuid } from '#platform/ids';

import { keepReading } from './changes/keep-reading.ts';
import { backupsFailure } from './failures.ts';
import { coverSheet } from './keys/ceremony.ts';
import { beat, feedLedger, sendLedger, type LedgerNeeds } from './ledger.ts';
import { report, signedReport } from './report/report.ts';
import { timeline } from './report/timeline.ts';
import { KEEPING, prune, type Keeping, type Pruned } from './retention.ts';
import { beginRun, runBackup, type RunNeeds } from './run.ts';
import { scrub, type Scrubbed } from './scrub.ts';
import { createSealer, type Sealer } from './sealing/sealer.ts';
import type { Attestation } from './restore/restore.ts';
import { openDocument, type Signer } from './signed.ts';
import { standing } from './standing.ts';
import { keepDrill } from './store/drills.ts';
import { stopping } from './stopping.ts';
import { attempts, findRun, listRuns, newestRun, runningRun, type RunPlane, type RunRow } from './store/journal.ts';
import { newestSent, renewedAt } from './store/ledger.ts';
import { listSegments } from './store/segments.ts';
import { slotRow } from './store/slot.ts';
import { recipientsOf } from './recipients.ts';
import { isAnybodyTrusted, trustedAt } from './store/recipients.ts';
import type { Stores } from './stores.ts';
import { completeChains, removeOrphans, settleRuns } from './sweep.ts';

export type BackupsNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  audit: Pick<Audit, 'append'>;
  installation: string;
  /** Made at the first backup. */
  signer: () => Promise<Signer>;
  stores: Stores;
  address: RunNeeds['address'];
  takeKeys: RunNeeds['takeKeys'];
  files: RunNeeds['files'];
  forgottenSince: LedgerNeeds['forgottenSince'];
  partsSince: LedgerNeeds['partsSince'];
  /** Hours between two backups; 0: none by itself. */
  everyHours: number;
  /** Days between two drills; 0: none by itself. */
  drillDays?: number;
  /** What an operator should hear of, once. */
  say?: (words: string) => void;
  keep?: Keeping;
  /** Days that objects are locked. */
  lockDays?: Readonly<Record<RunPlane | 'ledger', number>>;
  maxLagBytes?: number;
  /** Threads to seal in; made and ended here when none are given. */
  sealer?: Sealer;
  /** Where a test may kill a run, or do something meanwhile. */
  stop?: RunNeeds['stop'];
  /** How long `close` waits for a backup before it gives it up. */
  patienceMs?: number;
}>;

export type Who = AuditEvent['actor'];
export type Backups = ReturnType<typeof createBackups>;

const LOCK_DAYS = { data: 30, key: 7, ledger: 500 } as const;
const SYSTEM: Who = { kind: 'system', id: 'schedule' };
/** So long may a store hide the newest segments without being found out. */
const BEAT_MS = 300_000;
const HOUR_MS = 3_600_000;
const RETRY_MS = 300_000; // after the first failure; twice as long after each other one
const TIDY_MS = 6 * HOUR_MS;

export function createBackups(needs: BackupsNeeds) {
  const { db, clock, audit, stores, keep = KEEPING, lockDays = LOCK_DAYS, everyHours } = needs;
  const sealer = needs.sealer ?? createSealer();
  const stops = stopping(stores.giveUp, needs.patienceMs, needs.stop);
  const ledgerNeeds: LedgerNeeds = { ...needs, ledgerDays: lockDays.ledger, compared: { mark: null, seq: 0 } };
  const runNeeds: RunNeeds = {
    ...needs,
    sealer,
    lockDays,
    stop: stops.at,
    // what was erased until now is durable before a manifest says so
    ledgerSeq: async () => {
      await feedLedger(ledgerNeeds);
      await sendLedger(ledgerNeeds);
      return (await newestSent(db, stores.addresses.ledger))?.seq ?? 0n;
    },
  };
  const reading = keepReading({
    ...runNeeds,
    onUnable: (because) => needs.say?.(`there are no change segments, only snapshots: ${because}`),
    onLost: async (because) => {
      needs.say?.(`ALARM: the log of changes was lost (${because}): points in time begin anew with the next backup`);
      await tell('backups.segments.lost', SYSTEM, { because }, 'failed');
    },
  });
  const state: { beatAt: Date | null; beatSeq: bigint; tidiedAt: number; thrown: unknown; scheduled: boolean } = {
    beatAt: null,
    beatSeq: -1n,
    tidiedAt: Number.NEGATIVE_INFINITY,
    thrown: null,
    scheduled: false,
  };
  /** What goes on beside the requests; whoever closes waits for it. */
  const working = new Set<Promise<unknown>>();
  const beside = (work: Promise<unknown>): void => {
    const settled: Promise<unknown> = work.catch(() => undefined).finally(() => working.delete(settled));
    working.add(settled);
  };
  const tell = (action: string, actor: Who, detail: AuditEvent['detail'], outcome: AuditEvent['outcome'] = 'done') =>
    audit.append({ action, actor, outcome, detail });
  const sentSeq = async (): Promise<bigint> => (await newestSent(db, stores.addresses.ledger))?.seq ?? 0n;

  const giveBeat = async (): Promise<void> => {
    const sent = await sentSeq();
    await beat(ledgerNeeds);
    state.beatAt = clock();
    state.beatSeq = sent;
  };

  const carry = async (plane: RunPlane, who: Who, id: Uuid): Promise<RunRow> => {
    try {
      // the slot first: segments join what is seen after it. Where there can be none, the snapshot stands alone, and the status says so
      if (plane === 'data') await reading.before().catch((thrown: unknown) => void (state.thrown ??= thrown));
      const done = await runBackup(runNeeds, plane, who.id, id);
      // it is done, whatever the ledger's store says now: the next tick gives the beat
      await giveBeat().catch(() => {
        state.beatSeq = -1n;
      });
      await tell('backups.run', who, {
        plane,
        seq: Number(done.seq),
        rows: Number(done.rows),
        bytes: Number(done.sealed_bytes),
        sha256: done.manifest_sha256 ?? '',
      });
      return done;
    } catch (thrown) {
      await tell('backups.run', who, { plane, code: (thrown as { code?: string }).code ?? 'unknown' }, 'failed');
      throw thrown;
    }
  };

  const readBack = async (who: Who, limit: number): Promise<Scrubbed> => {
    const found = await scrub({ db, stores, now: clock }, limit);
    await tell('backups.scrub', who, { read: found.read, faults: found.faults.length }, found.faults.length === 0 ? 'done' : 'failed'); // prettier-ignore
    return found;
  };

  const takeAway = async (who: Who, mode: 'dry-run' | 'apply'): Promise<Record<RunPlane, Pruned>> => {
    const done = await prune({ db, stores, keep }, mode);
    const [runs, objects] = [done.data.runs + done.key.runs, done.data.objects + done.key.objects];
    if (mode === 'apply' && (runs > 0 || who !== SYSTEM))
      await tell('backups.prune', who, { data: done.data.runs, key: done.key.runs, objects });
    return done;
  };

  /** Who was forgotten is told on first, whatever else does not work. */
  const keepLedger = async (): Promise<void> => {
    await feedLedger(ledgerNeeds);
    await sendLedger(ledgerNeeds);
    const late = state.beatAt === null || Math.abs(clock().getTime() - state.beatAt.getTime()) > BEAT_MS;
    if (late || (await sentSeq()) !== state.beatSeq) await giveBeat();
  };

  const sweep = async (): Promise<void> => {
    const settled = await settleRuns({ db, stores, now: clock, lockDays });
    if (settled.finished + (await completeChains({ db, stores, now: clock, lockDays })) > 0) await giveBeat();
  };

  /** Also where backups are only begun by hand: keys must not outlive the horizon. */
  const tidy = async (): Promise<void> => {
    if (Math.abs(clock().getTime() - state.tidiedAt) < TIDY_MS) return;
    state.tidiedAt = clock().getTime();
    await removeOrphans({ db, stores });
    await takeAway(SYSTEM, 'apply');
    const { faults } = await readBack(SYSTEM, 50);
    const [first] = faults;
    if (first !== undefined)
      throw backupsFailure(first.fault === 'missing' ? 'OBJECT_MISSING' : first.fault === 'damaged' ? 'OBJECT_DAMAGED' : 'LOCK_MISSING', { detail: `${faults.length} objects are not as they were written: strongroom backups status` }); // prettier-ignore
  };

  /** Segments of now go on from no backup, its rows do not open with the keys of now, or it does not open for all who are trusted. */
  const isOutrun = async ({ timeline, started_at: at }: RunRow): Promise<boolean> => {
    const slot = await slotRow(db);
    if (slot !== null && slot.ready_at !== null && slot.timeline !== timeline) return true;
    return (await trustedAt(db)) > at || ((await renewedAt(db)) ?? at) > at;
  };

  const schedule = async (): Promise<void> => {
    if (everyHours === 0) return;
    const [newest, { backupMs, attemptMs, failed }] = [await newestRun(db, 'data'), await attempts(db)];
    if (newest !== null && backupMs !== null && backupMs < everyHours * HOUR_MS && !(await isOutrun(newest))) return;
    // each attempt leaves locked objects: it waits longer after each failure
    const wait = failed === 0 ? 0 : Math.min(everyHours * HOUR_MS, RETRY_MS * 2 ** Math.min(failed - 1, 20));
    if (attemptMs !== null && attemptMs < wait) return;
    const id = await beginRun(runNeeds, 'data', SYSTEM.id).catch((thrown: unknown) => {
      if (isFailure(thrown, 'BACKUPS_RUN_BUSY') || isFailure(thrown, 'BACKUPS_RECIPIENT_MISSING')) return null;
      throw thrown;
    });
    if (id !== null) await carry('data', SYSTEM, id);
  };

  const stand = () =>
    standing(
      { ...needs, keep, everyHours, drillDays: needs.drillDays ?? 0, pointInTime: reading.standing },
      state.beatAt,
    );

  return {
    /** Begins a backup, or gives back the one that runs. @returns its row, when it is done, whether it is a new one @throws BACKUPS_RUN_BUSY, BACKUPS_RECIPIENT_MISSING */
    begin: async (plane: RunPlane, who: Who): Promise<{ row: RunRow; done: Promise<RunRow>; begun: boolean }> => {
      const id = await beginRun(runNeeds, plane, who.id).catch((thrown: unknown) => {
        if (!isFailure(thrown, 'BACKUPS_RUN_BUSY')) throw thrown;
        return null;
      });
      const busy = id === null ? await runningRun(db, plane) : null;
      if (busy !== null) return { row: busy, done: Promise.resolve(busy), begun: false };
      if (id === null) throw backupsFailure('RUN_BUSY');
      const done = carry(plane, who, id);
      beside(done);
      return { row: (await findRun(db, id)) as RunRow, done, begun: true };
    },
    run: (id: Uuid) => findRun(db, id),
    runs: (limit: number) => listRuns(db, limit),
    ...recipientsOf({ db, tell }),
    /** Keeps the attestation of a restore of one of this system's backups: the restored one signs with the same keys. @throws BACKUPS_SIGN* */
    noteSigned: async (who: Who, signed: string): Promise<boolean> => {
      // a signer is made at the first backup: before it there is nothing to attest to
      if ((await newestRun(db, 'data')) === null)
        throw backupsFailure('NOTHING_FOUND', { detail: 'there is no backup that could have been restored' });
      const attestation = openDocument<Attestation>(
        Buffer.from(signed),
        'strongroom/restore/1',
        (await needs.signer()).fingerprint,
      );
      const { backupSeq, passed } = attestation;
      await keepDrill(db, uuidv7(clock().getTime()), attestation);
      await tell('backups.drill', who, { seq: backupSeq, passed }, passed ? 'done' : 'failed');
      return passed;
    },
    /** What was erased until now is in every store of the ledger when it returns. */
    sendLedger: keepLedger,
    scrub: readBack,
    prune: takeAway,
    standing: stand,
    timeline: (days: number) => timeline(db, days),
    /** For an auditor: what was measured in so many days. */
    report: async (days: number) => {
      const found = await stand();
      const made = await report({ ...needs, keep }, found, days);
      return {
        made,
        signer: found.signer,
        signed: await signedReport(made, { ...needs, keep }, found.signer !== null),
      };
    },
    cover: async (fingerprint: string) => {
      const { recipients, signer } = await stand();
      const row = recipients.find((each) => each.kind === 'offline' && each.fingerprint === fingerprint);
      return row === undefined ? null : coverSheet({ ...row, signer, at: row.added_at });
    },

    /**
     * What has to be done by itself; call it every few seconds. A backup goes on beside it, and how that failed is thrown
     * by the next call.
     */
    tick: async (): Promise<void> => {
      // whoever retires the last one ends no erasure: the backups of before are there, and open for who was trusted then
      if (!(await isAnybodyTrusted(db)) && (await newestRun(db, 'key')) === null) return;
      const failed: unknown[] = state.thrown === null ? [] : [state.thrown];
      state.thrown = null;
      const tried = async (work: Promise<void>): Promise<void> =>
        work.catch((thrown: unknown) => void failed.push(thrown));
      await tried(keepLedger());
      await tried(sweep());
      beside(reading.tick().catch((thrown: unknown) => void (state.thrown = thrown)));
      if (!state.scheduled) {
        state.scheduled = true;
        const long = Promise.allSettled([schedule(), tidy()]).then((outcomes) => {
          state.scheduled = false;
          for (const outcome of outcomes) if (outcome.status === 'rejected') state.thrown = outcome.reason;
        });
        beside(long);
      }
      if (failed.length > 0) throw failed[0];
    },
    /** Segments of everything that was committed until now. @returns null where there can be none */
    readChanges: reading.read,
    segments: (limit: number) => listSegments(db, limit),
    leaving: stops.begin,
    close: async (): Promise<void> => {
      await stops.end(working);
      await reading.close();
      if (needs.sealer === undefined) await sealer.close();
      stores.close();
    },
  };
}
