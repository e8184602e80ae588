/**
 * What every sensor is: started with a sink, which takes events as fast as it can and no faster. A sensor knows what it has
 * missed, and says so: as an event (`finding_info.types` has `sensor gap`), and in its health.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { eventOf, type TrafficEvent } from '../event.ts';
import type { Aside, Counts } from '../formats/parser.ts';
import { uidsOf } from '../formats/uid.ts';

/**
 * Resolves when the events are stored, with the cursor beside them: what comes after it is given again after a restart.
 * Rejects: the same events come again, after a while.
 */
export type Sink<Cursor> = (events: readonly TrafficEvent[], cursor: Cursor) => Promise<void>;

export type Sensor<Cursor> = Readonly<{
  start: (sink: Sink<Cursor>) => Promise<void>;
  /** Resolves when nothing of it goes on. */
  stop: () => Promise<void>;
  health: () => Health;
}>;

/** Something was not seen. `fromMs` to `toMs`: when, as far as is known. */
export type Gap = Readonly<{ fromMs: number; toMs: number; why: string }>;

export type Health = Readonly<{
  /** `waiting`: for its file, its program, or a sink that fails. */
  state: 'stopped' | 'running' | 'waiting';
  counts: Counts;
  aside: readonly Aside[];
  /** The newest 50; `counts.gaps` says how many there were. */
  gaps: readonly Gap[];
}>;

const MOST_GAPS = 50;

export type Delivery<Cursor> = Readonly<{
  /** Until the sink has taken them, or the sensor is stopped. @returns whether it took them */
  deliver: (events: readonly TrafficEvent[], cursor: Cursor) => Promise<boolean>;
  count: (name: string, times?: number) => void;
  /** Counts it, keeps it for health, and makes the event that says it. */
  gapEvent: (gap: Gap) => TrafficEvent;
  counts: () => Counts;
  gaps: () => readonly Gap[];
  isFailing: () => boolean;
}>;

type DeliveryNeeds<Cursor> = Readonly<{
  logName: string;
  clock: () => number;
  sink: Sink<Cursor>;
  signal: AbortSignal;
  retryMs: number;
}>;

export function createDelivery<Cursor>(needs: DeliveryNeeds<Cursor>): Delivery<Cursor> {
  const { logName, clock, sink, signal, retryMs } = needs;
  const counts = new Map<string, number>();
  const gaps: Gap[] = [];
  const uidOf = uidsOf(logName);
  let failing = false;
  const count = (name: string, times = 1): void => void counts.set(name, (counts.get(name) ?? 0) + times);

  return {
    count,
    deliver: async (events, cursor) => {
      while (!signal.aborted) {
        try {
          await sink(events, cursor);
          failing = false;
          count('delivered', events.length);
          return true;
        } catch {
          // the sink's owner knows why; nothing is lost by waiting for it
          failing = true;
          count('sinkFailures');
          await pause(retryMs, signal);
        }
      }
      return false;
    },
    gapEvent: (gap) => {
      count('gaps');
      gaps.push(gap);
      if (gaps.length > MOST_GAPS) gaps.shift();
      const observed = {
        class: 'finding' as const,
        activity_id: 1,
        severity_id: 3,
        time: gap.fromMs,
        duration: Math.max(0, gap.toMs - gap.fromMs),
        // told again after a restart, it is the same one
        uid: uidOf(`gap ${gap.fromMs}`, gap.why),
        finding_info: { uid: 'strongroom:gap', title: `${logName}: ${gap.why}`, types: ['sensor gap'] },
      };
      return eventOf({ log_name: logName, product: 'Strongroom', vendor: 'Strongroom' }, observed, clock());
    },
    counts: () => Object.fromEntries(counts),
    gaps: () => [...gaps],
    isFailing: () => failing,
  };
}

/** Ends early when stopped. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** Each name's sum. */
export function sumCounts(all: readonly Counts[]): Counts {
  const sums: Record<string, number> = {};
  for (const counts of all) for (const [name, times] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + times;
  return sums;
}
