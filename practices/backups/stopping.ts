/**
 * A server that stops gives a backup a little while to end, and then gives it up: it fails at once and says so, rather than after
 * nobody heard of it for half a minute, and the next server begins another one without waiting as after a failure.
 */
import { backupsFailure } from './failures.ts';

const PATIENCE_MS = 10_000;

type At = (at: string) => void | Promise<void>;

/** Behind its signed manifest a run is finished, by this server or another one. */
const TOO_LATE: ReadonlySet<string> = new Set(['signed', 'manifest', 'intended manifest', 'put manifest', 'done']);

/** @param giveUp ends what waits for a store */
export function stopping(giveUp: () => void, patienceMs = PATIENCE_MS, then: At = () => undefined): { at: At; begin: () => void; end: (working: ReadonlySet<Promise<unknown>>) => Promise<void> } {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer ??= setTimeout(() => {
      isOver = true;
      giveUp();
    }, patienceMs);
  };
  return {
    at: async (at) => {
      if (isOver && !TOO_LATE.has(at)) throw backupsFailure('STOPPED');
      await then(at);
    },
    /** The time runs from here, should it end later. */
    begin,
    /** What goes on is waited for; what is a backup, for no longer than that. */
    end: async (working) => {
      begin();
      await Promise.all(working).finally(() => clearTimeout(timer));
    },
  };
} // prettier-ignore
