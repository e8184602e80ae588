/** Segments as something that goes on: every ten seconds, more seldom while it fails; and how it stands. */
import type { Db, DbAddress } from '#platform/db';

import { readChanges, watchSlot, type ReadingNeeds, type Round } from './reading.ts';
import { isAnybodyTrusted } from '../store/recipients.ts';
import { openReaders } from '../store/readers.ts';
import { firstJoined, segmentsOf } from '../store/segments.ts';
import { slotName, slotRow, slotState, whyNot } from '../store/slot.ts';

export type PointInTime = Readonly<{
  available: boolean;
  /** Why not; empty when it is. */
  because: string;
  /** Any time between these two can be restored to. */
  from: Date | null;
  to: Date | null;
  segments: number;
  bytes: number;
  /** Log that PostgreSQL keeps for us. */
  lagBytes: number;
}>;

export type Reading = Readonly<{
  /** Reads when it is time. @throws BACKUPS_*, DB_* */
  tick: () => Promise<void>;
  /** Everything that was committed until now. @returns null when this database has no segments */
  read: () => Promise<Round | null>;
  /** Makes the slot that a snapshot is joined by, and waits a little until it may be. */
  before: () => Promise<void>;
  standing: () => Promise<PointInTime>;
  close: () => Promise<void>;
}>;

const EVERY_MS = 10_000;
const LONGEST_MS = 300_000;
/** Who writes since before the slot was made holds up its first snapshot for so long; it is taken without the slot then. */
const PATIENCE_MS = 1000;

export type KeepNeeds = Omit<ReadingNeeds, 'reader'> &
  Readonly<{
    address: DbAddress;
    /** There are no segments here, and why: told once for each reason. */
    onUnable: (because: string) => void;
  }>;

export function keepReading(needs: KeepNeeds): Reading {
  const { db, clock, address } = needs;
  const state = { dueAt: 0, failed: 0, told: '', going: null as Promise<Round | null> | null, pool: null as Db | null };
  const reading: ReadingNeeds = { ...needs, reader: () => (state.pool ??= openReaders(address, 1)) };

  const round = async (): Promise<Round | null> => {
    const isTrusted = await isAnybodyTrusted(db);
    if (!isTrusted && (await slotRow(db)) === null) return null;
    const because = await whyNot(db);
    if (because !== null) {
      if (because !== state.told) needs.onUnable(because);
      state.told = because;
      return null;
    }
    if (isTrusted) return readChanges(reading);
    await watchSlot(reading);
    return null;
  };
  /** One at a time; who comes meanwhile gets what that one finds. */
  const read = (): Promise<Round | null> => (state.going ??= round().finally(() => (state.going = null)));

  return {
    read,
    tick: async () => {
      const left = state.dueAt - clock().getTime();
      // longer than any wait: the clock was set back since, and segments would stop for as long
      if (left > 0 && left <= LONGEST_MS) return;
      try {
        const done = await read();
        state.failed = 0;
        // a new slot and a long backlog are gone on with at the next tick
        state.dueAt = done?.state === 'waiting' || done?.state === 'more' ? 0 : clock().getTime() + EVERY_MS;
      } catch (thrown) {
        // each attempt may leave locked objects in a store that is well
        state.dueAt = clock().getTime() + Math.min(LONGEST_MS, EVERY_MS * 2 ** Math.min(state.failed, 10));
        state.failed += 1;
        throw thrown;
      }
    },
    before: async () => {
      for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
        const done = await read();
        if (done?.state !== 'waiting') return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    standing: async () => {
      const nothing = { available: false, from: null, to: null, segments: 0, bytes: 0, lagBytes: 0 };
      const because = await whyNot(db);
      if (because !== null) return { ...nothing, because: `snapshots only: ${because}` };
      const slot = await slotRow(db);
      if (slot === null) return { ...nothing, because: 'the log is not read yet: it begins with the first backup' };
      const lagBytes = (await slotState(db, await slotName(db)))?.lagBytes ?? 0;
      const { segments, bytes } = await segmentsOf(db, slot.timeline);
      const from = await firstJoined(db, slot.timeline);
      const told = { ...nothing, segments, bytes, lagBytes };
      if (from === null) return { ...told, because: 'no snapshot is joined by the segments yet: take a backup' };
      return { ...told, available: true, because: '', from, to: slot.read_at };
    },
    close: async () => {
      await state.going?.catch(() => undefined);
      await state.pool?.end({ timeout: 1 });
    },
  };
}
