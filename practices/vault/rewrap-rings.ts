/**
 * New wrapping for all key rings under the current epochs, a slice at a time, while serving.
 *
 * Three slices are in memory and no more: one is read ahead, one is wrapped, one is written. What is kept as the work's
 * cursor is committed with the slice that ends there.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

import { transact } from '#platform/db';

import { fenceEpochs, type Core } from './core.ts';
import { begun, rest, type Pace } from './pace.ts';
import { advanceWork, pageOfRings, swapRings, type HeldRing, type RingSwap, type WorkRow } from './store/works.ts';

const SLICE = 500;
/** Rings wrapped in one turn of the event loop, a third of a millisecond: whoever waits for an answer waits no longer. */
const AT_ONCE = 8;
/** A pause after each slice, as a share of the time it was being wrapped. */
const REST = 0.25;

/**
 * Goes on from the work's cursor.
 * @returns false when it was stopped before the end, or another server has taken it up
 */
export async function rewrapRings(core: Core, work: WorkRow, pace: Pace): Promise<boolean> {
  let cursor = work.cursor;
  let reading = begun(pageOfRings(core.db, cursor, SLICE));
  let writing = Promise.resolve(true);
  try {
    for (;;) {
      const slice = await reading;
      const last = slice.at(-1);
      if (last === undefined) return await writing;
      if (pace.stopped()) return false;
      reading = begun(pageOfRings(core.db, last.subjectId, SLICE));
      const swaps = await wrapAnew(core, slice, pace);
      if (!(await writing)) return false;
      const moved = { from: cursor, cursor: last.subjectId, done: slice.length };
      writing = begun(write(core, work, { slice, swaps, moved, pace }));
      cursor = last.subjectId;
    }
  } finally {
    await Promise.allSettled([reading, writing]);
  }
}

async function wrapAnew(core: Core, slice: readonly HeldRing[], pace: Pace): Promise<RingSwap[]> {
  const began = performance.now();
  const epoch = core.epochs.current('data').epoch;
  const second = core.epochs.current('second').epoch;
  const swaps: RingSwap[] = [];
  for (const { subjectId, ring } of slice) {
    if (ring.epoch === epoch && (ring.secondEpoch === null || ring.secondEpoch === second)) continue;
    swaps.push({ subjectId, from: ring, to: await core.keys.rewrap(subjectId, ring) });
    if (swaps.length % AT_ONCE === 0) await nextTurn();
  }
  await rest(pace, began, REST);
  return swaps;
}

type Slice = Readonly<{
  slice: readonly HeldRing[];
  swaps: readonly RingSwap[];
  moved: Parameters<typeof advanceWork>[2];
  pace: Pace;
}>;

/** Stores each ring only where nobody changed it meanwhile. @returns false when another server has taken the work up */
async function write(core: Core, work: WorkRow, { slice, swaps, moved, pace }: Slice): Promise<boolean> {
  let ready: readonly RingSwap[] | null = swaps;
  return await transact(core.db, async (tx) => {
    // tried again, it is because an epoch has ended meanwhile: then all is wrapped once more, under the next
    const wrapped = ready ?? (await wrapAnew(core, slice, pace));
    ready = null;
    if (wrapped.length > 0) {
      await fenceEpochs(core, tx, { rings: wrapped.map(({ to }) => to) });
      await swapRings(tx, wrapped);
    }
    return await advanceWork(tx, work.work_id, moved);
  });
}
