/**
 * Keeps the embedded PostgreSQL up: one that ends unasked is started again, for as long as that takes. A disk that is
 * full for an hour is no reason to stay down when there is room again.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import type { Watched } from './embedded-process.ts';

export type EmbeddedNews =
  | Readonly<{ what: 'exited'; code: number | null; signal: NodeJS.Signals | null }>
  | Readonly<{ what: 'recovered'; afterMs: number }>
  | Readonly<{ what: 'not-started'; because: unknown; againInMs: number }>;

export type Supervised = Readonly<{
  /** The one that runs, or ran last. */
  running: () => Watched;
  /** Starts nothing more; resolves when no start is under way. What runs is the caller's to stop. */
  end: () => Promise<void>;
}>;

/** One that stayed up for this long is started again at once; one that did not, after a pause that doubles. */
const STAYED_MS = 60_000;
const PAUSE_MS = { first: 250, longest: 15_000 };

export function supervise(
  first: Watched,
  start: () => Promise<Watched>,
  onNews: (news: EmbeddedNews) => void,
): Supervised {
  const ending = new AbortController();
  let running = first;
  let starting: Promise<boolean> = Promise.resolve(true);

  const again = async (pauseMs: number): Promise<boolean> => {
    const since = Date.now();
    for (let nextMs = pauseMs; ; nextMs = longer(nextMs)) {
      await sleep(nextMs, undefined, { signal: ending.signal }).catch(() => {});
      if (ending.signal.aborted) return false;
      try {
        running = await start();
        if (!ending.signal.aborted) onNews({ what: 'recovered', afterMs: Date.now() - since });
        return true;
      } catch (because) {
        if (!ending.signal.aborted) onNews({ what: 'not-started', because, againInMs: longer(nextMs) });
      }
    }
  };
  const watch = async (): Promise<void> => {
    for (let pauseMs = 0; ; pauseMs = longer(pauseMs)) {
      const since = Date.now();
      const ended = await running.exited;
      if (ending.signal.aborted) return;
      onNews({ what: 'exited', ...ended });
      if (Date.now() - since > STAYED_MS) pauseMs = 0;
      starting = again(pauseMs);
      if (!(await starting)) return;
    }
  };
  // its faults are those of onNews, and are the caller's: nothing here catches them
  const watched = watch();
  return {
    running: () => running,
    end: async () => {
      ending.abort();
      await Promise.race([starting, watched]);
    },
  };
}

const longer = (pauseMs: number): number => Math.min(PAUSE_MS.longest, Math.max(PAUSE_MS.first, pauseMs * 2));
