/**
 * Whether the disk of the embedded PostgreSQL has room for what is written next.
 *
 * PostgreSQL that cannot write its log ahead ends, and does not start again before there is room: then nothing can be
 * read either. So what comes in is refused while it still runs, out of a reserve that is left to what is under way.
 */
import { statfsSync } from 'node:fs';

export type Room = Readonly<{
  /** Asked before each write: a look at the disk at most every 50 ms, which takes microseconds. */
  isFull: () => boolean;
}>;

const MIB = 2 ** 20;
/** Four files of write-ahead log, 16 MiB each. */
const RESERVE_BYTES = 64 * MIB;
/** There has to be a little more again before it counts as room, so that the answer does not flicker. */
const ENOUGH_BYTES = RESERVE_BYTES + 16 * MIB;
const LOOK_EVERY_MS = 50;

/** For a database that is elsewhere: how much room it has is its own to say (SQLSTATE 53100). */
export const ROOM_UNKNOWN: Room = { isFull: () => false };

/** @param onChange told when it becomes full, and when there is room again */
export function watchRoom(
  folder: string,
  onChange: (news: Readonly<{ full: boolean; freeBytes: number }>) => void,
  { freeBytesOf = freeOf, nowMs = () => performance.now() }: Partial<RoomNeeds> = {},
): Room {
  let full = false;
  let lookedMs = -Infinity;
  return {
    isFull: () => {
      if (nowMs() - lookedMs < LOOK_EVERY_MS) return full;
      lookedMs = nowMs();
      const freeBytes = freeBytesOf(folder);
      const now = freeBytes < (full ? ENOUGH_BYTES : RESERVE_BYTES);
      if (now !== full) onChange({ full: now, freeBytes });
      return (full = now);
    },
  };
}

type RoomNeeds = Readonly<{ freeBytesOf: (folder: string) => number; nowMs: () => number }>;

function freeOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
