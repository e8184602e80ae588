/** Drills on their schedule: one at a time, whatever is left of one that was cut off, and the alarm when there was none. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { Audit } from '#platform/audit';
import type { Db } from '#platform/db';
import { isFailure } from '#platform/failure';
import { uuidv7, type SubjectId, type Uuid } from '#platform/ids';

import type { Backups, Who } from '../backups.ts';
import { backupsFailure } from '../failures.ts';
import type { Signer } from '../signed.ts';
import { isAnybodyTrusted } from '../store/recipients.ts';
import type { RunRow } from '../store/journal.ts';
import { beatDrill, drillsBefore, endDrill, findDrill, giveUpDrills, keepCanaries, leftCanaries, listDrillRuns, runningDrill, shreddedCanaries, startDrill, type DrillRun } from '../store/drill-runs.ts'; // prettier-ignore
import { drill, drillFailed, type DrillNeeds, type Runner } from './drill.ts';
import { drillDue, overdueDays } from './due.ts';

export type DrillsNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  audit: Pick<Audit, 'append'>;
  backups: Backups;
  signer: () => Promise<Signer>;
  plant: DrillNeeds['plant'];
  shred: DrillNeeds['shred'];
  /** @param onStep how far the restore is */
  startRunner: (onStep: (step: string) => void) => Promise<Runner>;
  /** Days between two drills; 0: none by itself. */
  everyDays: number;
}>;
export type Drills = ReturnType<typeof createDrills>;

const SYSTEM: Who = { kind: 'system', id: 'schedule' };
const BEAT_MS = 10_000;
const BUSY_MS = 500;

export function createDrills(needs: DrillsNeeds) {
  const { db, clock, audit, backups, everyDays } = needs;
  const state: { working: Promise<unknown> | null; runner: Runner | null; thrown: Error[]; closed: boolean; toldAt: number } =
    { working: null, runner: null, thrown: [], closed: false, toldAt: Number.NEGATIVE_INFINITY }; // prettier-ignore

  const shred = async (subjects: readonly SubjectId[]): Promise<void> => {
    if (subjects.length === 0) return;
    await needs.shred(subjects);
    await shreddedCanaries(db, subjects);
  };

  /** One that runs already is not sealed to the runner: the next one is. */
  const backUp = async (who: Who): Promise<RunRow> => {
    for (;;) {
      const { done, begun } = await backups.begin('data', who);
      const row = await done;
      if (begun) return row;
      if (state.closed) throw drillFailed('KILLED');
      await sleep(BUSY_MS);
    }
  };

  const carry = async (id: Uuid, who: Who): Promise<boolean> => {
    const at: { step: string; seq: bigint | null } = { step: 'prepare', seq: null };
    const beat = async (): Promise<void> => {
      if (!(await beatDrill(db, id, at.step, at.seq))) throw drillFailed('KILLED');
    };
    const beating = setInterval(() => void beat().catch(() => undefined), BEAT_MS);
    try {
      const passed = await drill({
        plant: needs.plant,
        shred,
        keepCanaries: (subjects) => keepCanaries(db, id, subjects),
        startRunner: async () => {
          state.runner = await needs.startRunner((step) => (at.step = step));
          return state.runner;
        },
        trust: (recipient) => backups.trust(who, recipient, 'drill'),
        retire: (fingerprint) => backups.retire(who, fingerprint),
        backUp: () => backUp(who),
        sendLedger: backups.sendLedger,
        signer: async () => (await needs.signer()).fingerprint,
        note: (signed) => backups.noteSigned(who, signed),
        step: async (step, seq) => {
          Object.assign(at, { step, seq });
          await beat();
        },
      });
      await endDrill(db, id, passed ? 'passed' : 'failed', passed ? null : 'NOT_PROVEN');
      if (!passed) throw drillFailed('NOT_PROVEN');
      return passed;
    } catch (thrown) {
      const code = (thrown as { code?: string }).code ?? 'unknown';
      await endDrill(db, id, 'failed', code);
      // one that did not prove itself has its entry: it says of what
      if (!isFailure(thrown, 'BACKUPS_DRILL_FAILED'))
        await audit.append({ action: 'backups.drill', actor: who, outcome: 'failed', detail: { code } });
      throw thrown;
    } finally {
      clearInterval(beating);
      state.runner = null;
    }
  };

  const begin = async (who: Who): Promise<{ row: DrillRun; done: Promise<boolean> }> => {
    if (!(await isAnybodyTrusted(db))) throw backupsFailure('RECIPIENT_MISSING');
    const id = uuidv7(clock().getTime());
    if (state.closed || !(await startDrill(db, id, who.id))) {
      const running = await runningDrill(db);
      if (running === null) throw backupsFailure('RUN_BUSY', { detail: 'a drill is under way' });
      return { row: running, done: Promise.resolve(false) };
    }
    const done = carry(id, who);
    state.working = done.catch(() => undefined);
    return { row: (await findDrill(db, id)) as DrillRun, done };
  };

  return {
    /** Begins one, or gives back the one that is under way. @throws BACKUPS_RECIPIENT_MISSING, BACKUPS_RUN_BUSY */
    begin,
    find: (id: Uuid) => findDrill(db, id),
    list: (limit: number) => listDrillRuns(db, limit),

    /** Call it now and then; how a drill failed is thrown by the next call, and once a day that there was none. */
    tick: async (): Promise<void> => {
      await giveUpDrills(db);
      await shred(await leftCanaries(db));
      const before = await drillsBefore(db);
      if (state.working === null || (await runningDrill(db)) === null)
        if (drillDue(before, everyDays, clock()))
          (await begin(SYSTEM)).done.catch((thrown: Error) => void state.thrown.push(thrown));
      const [thrown] = state.thrown.splice(0);
      if (thrown !== undefined) throw thrown;
      const overdue = overdueDays(before, everyDays, clock());
      if (overdue === null || clock().getTime() - state.toldAt < 86_400_000) return;
      state.toldAt = clock().getTime();
      throw backupsFailure('DRILL_OVERDUE', { detail: `no restore was proven for ${overdue} days` });
    },
    close: async (): Promise<void> => {
      state.closed = true;
      await state.runner?.close();
      await state.working;
    },
  };
}
