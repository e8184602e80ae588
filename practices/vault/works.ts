/**
 * Long works, while serving: a new epoch for all key rings, new keys for all records, new wrapping under the root, a new
 * index, and the comparison of what is stored with what was logged.
 *
 * A work is a row with a cursor. Whoever holds its lease does one slice after another; a server that is killed stops
 * renewing the lease and another one, or the same after its restart, goes on at the cursor. Every slice may run twice.
 */
import { isFailure } from '#platform/failure';
import { publicId, uuidv7, type SubjectId, type Uuid } from '#platform/ids';

import { eventOf, requireAction, type Caller, type Core } from './core.ts';
import { isDamaged } from './damaged.ts';
import { rewrapIdentities } from './identities.ts';
import { begun, rest, type Pace } from './pace.ts';
import { renewAttachments } from './renew-attachments.ts';
import { reindex } from './rotate-index.ts';
import { rewrapRings } from './rewrap-rings.ts';
import { renewSubject } from './rotate-keys.ts';
import { destroyUnusedEpochs } from './store/keys.ts';
import {
  advanceWork,
  claimWork,
  countRings,
  finishWork,
  pageOfRings,
  handBack,
  renewLease,
  startWork,
  type HeldRing,
  type WorkKind,
  type WorkRow,
} from './store/works.ts';
import { verifyRecords } from './verify-records.ts';

export type WorkView = Readonly<{
  id: string;
  what: WorkKind;
  state: string;
  done: number;
  total: number;
  startedAt: string;
  finishedAt: string | null;
  result: Record<string, unknown>;
}>;

const PAGE = 250;
/** Renewed three times in its length while somebody is at work, however long a slice takes. */
const LEASE_MS = 6_000;
/** A pause after each slice, as a share of the slice's time: readers keep the greater part of the machine. */
const REST = 0.5;

export function workView(row: WorkRow): WorkView {
  return {
    id: publicId('work', row.work_id),
    what: row.what,
    state: row.state,
    done: Number(row.done),
    total: Number(row.total),
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    result: row.result,
  };
}

/** Starts a work, or gives back the one of its kind that runs. Writers use the new epoch at once. */
export async function beginWork(core: Core, caller: Caller, what: WorkKind): Promise<WorkRow> {
  await requireAction(core, caller, { action: what === 'verify' ? 'system.inspect' : 'keys.rotate' });
  const total = await countRings(core.db);
  const row = await startWork(core.db, uuidv7(core.clock().getTime()), what, total, caller.actor.id);
  await core.audit.append(
    eventOf(caller, {
      action: what === 'verify' ? 'vault.verify' : 'vault.rotate',
      outcome: 'done',
      detail: { what, work: publicId('work', row.work_id), subjects: Number(total) },
    }),
  );
  return row;
}

/**
 * Does what is to be done until it is stopped; call it at start and whenever a work was begun.
 * @param dropped kept by the caller from one call to the next: works that a fault made this server let go
 */
export async function runWorks(core: Core, pace: Pace, dropped: Set<Uuid> = new Set()): Promise<void> {
  for (;;) {
    if (pace.stopped()) return;
    const work = await claimWork(core.db, LEASE_MS, [...dropped]);
    if (work === null) return;
    dropped.add(work.work_id);
    const beat = setInterval(() => void renewLease(core.db, work.work_id).catch(() => undefined), LEASE_MS / 3);
    try {
      await run(core, work, pace);
    } catch (thrown) {
      // only what the vault itself refuses ends a work; a lost connection, key provider or log leaves it running: its
      // lease ends, and it is taken up again
      if (!isFailure(thrown) || !thrown.code.startsWith('VAULT_')) throw thrown;
      await finishWork(core.db, work.work_id, 'failed', { code: thrown.code });
    } finally {
      clearInterval(beat);
      if (pace.stopped()) await handBack(core.db, work.work_id);
    }
    dropped.delete(work.work_id);
  }
}

async function run(core: Core, work: WorkRow, pace: Pace): Promise<void> {
  switch (work.what) {
    case 'root':
      return finishWork(core.db, work.work_id, 'done', {
        epochs: await core.epochs.rewrapAll(),
        identities: await rewrapIdentities(core),
      });
    case 'verify':
      return verifyRecords(core, work, pace);
    case 'epoch':
      return rotateEpoch(core, work, pace);
    case 'index':
      return rotateIndex(core, work, pace);
    case 'keys':
      return rotateKeys(core, work, pace);
  }
}

async function rotateKeys(core: Core, work: WorkRow, pace: Pace): Promise<void> {
  let result: Result = work.result;
  const whole = await sweep(core, work, pace, async (page) => {
    for (const { subjectId } of page) {
      try {
        await renewSubject(core, subjectId);
        if (!(await renewAttachments(core, subjectId, pace.stopped))) return 'stopped';
      } catch (thrown) {
        result = await passBy(core, result, { action: 'vault.reencrypt', subjectId, detail: {} }, thrown);
      }
    }
    return result;
  });
  if (whole) await finishWork(core.db, work.work_id, 'done', result);
}

type Result = Readonly<Record<string, unknown>>;

/** What is damaged stays as it is, with an entry in the log: it must not keep everybody else's from being made anew. */
async function passBy(
  core: Core,
  result: Result,
  { action, subjectId, detail }: Readonly<{ action: string; subjectId: SubjectId; detail: Record<string, string> }>,
  thrown: unknown,
): Promise<Result> {
  if (!isDamaged(thrown)) throw thrown;
  const actor = { kind: 'system', id: 'rotation' } as const;
  await core.audit.append({ action, actor, subjects: [subjectId], outcome: 'failed', detail: { ...detail, code: thrown.code } }); // prettier-ignore
  return { ...result, damaged: Number(result.damaged ?? 0) + 1 };
}

async function rotateEpoch(core: Core, work: WorkRow, pace: Pace): Promise<void> {
  if (work.cursor === null) {
    await core.epochs.advance('data');
    await core.epochs.advance('second');
  }
  if (!(await rewrapRings(core, work, pace))) return;
  const destroyed = await destroyUnusedEpochs(core.db);
  await core.epochs.reload();
  const { epoch } = core.epochs.current('data');
  await finishWork(core.db, work.work_id, 'done', { epoch, destroyed });
}

async function rotateIndex(core: Core, work: WorkRow, pace: Pace): Promise<void> {
  if (work.cursor === null) await core.epochs.advance('index');
  let result: Result & { records: number; collisions: number } = { records: 0, collisions: 0, ...work.result };
  const make = async (subjects: readonly SubjectId[]): Promise<void> => {
    const { records, collisions } = await reindex(core, subjects);
    result = { ...result, records: result.records + records, collisions: result.collisions + collisions };
  };
  const whole = await sweep(core, work, pace, async (page) => {
    const subjects = page.map(({ subjectId }) => subjectId);
    try {
      await make(subjects);
    } catch (thrown) {
      if (!isDamaged(thrown)) throw thrown;
      for (const subjectId of subjects) {
        try {
          await make([subjectId]);
        } catch (again) {
          const passed = await passBy(
            core,
            {},
            { action: 'vault.rotate', subjectId, detail: { what: 'index' } },
            again,
          );
          result = { ...result, damaged: Number(result.damaged ?? 0) + Number(passed.damaged) };
        }
      }
    }
    return result;
  });
  if (!whole) return;
  const destroyed = await destroyUnusedEpochs(core.db);
  await core.epochs.reload();
  await finishWork(core.db, work.work_id, 'done', { ...result, epoch: core.epochs.current('index').epoch, destroyed });
}

/**
 * Goes over all subjects from the work's cursor on, page after page. Without rests two pages are under way: PostgreSQL works
 * for one while the other is opened and sealed here. The cursor moves over them in their order.
 * @param onPage may give a result to be kept with the cursor; `stopped`: the page was not done to its end
 * @returns false when it was stopped before the end, or another server has taken it up
 */
async function sweep(
  core: Core,
  work: WorkRow,
  pace: Pace,
  onPage: (page: readonly HeldRing[]) => Promise<object | 'stopped' | void>,
): Promise<boolean> {
  let cursor = work.cursor;
  let before = Promise.resolve(true);
  const finish = async (
    page: readonly HeldRing[],
    from: string | null,
    earlier: Promise<boolean>,
  ): Promise<boolean> => {
    // both are waited for: nothing of a page goes on behind the end
    const [done, went] = await Promise.allSettled([onPage(page), earlier]);
    if (done.status === 'rejected') throw done.reason;
    if (went.status === 'rejected') throw went.reason;
    const result = done.value;
    if (result === 'stopped' || !went.value) return false;
    const { subjectId } = page.at(-1) as HeldRing;
    return advanceWork(core.db, work.work_id, {
      from,
      cursor: subjectId,
      done: page.length,
      ...(result ? { result } : {}),
    });
  };
  try {
    for (;;) {
      if (pace.stopped()) return false;
      const began = performance.now();
      const page = await pageOfRings(core.db, cursor, PAGE);
      const last = page.at(-1);
      if (last === undefined) return await before;
      const earlier = before;
      before = begun(finish(page, cursor, earlier));
      if (!(await (pace.rests ? before : earlier))) return false;
      cursor = last.subjectId;
      await rest(pace, began, REST);
    }
  } finally {
    await Promise.allSettled([before]);
  }
}
