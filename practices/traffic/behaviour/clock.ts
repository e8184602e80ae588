/**
 * What time an event is judged at. Sources lie and clocks step, so: within a source time may run up to five minutes
 * backwards; nothing is later than our own clock said when it came in, but for five minutes. Events older than that are
 * judged at the source's newest time, until twenty in a row agree that the clock was set back: then they are believed.
 */
import type { TrafficEvent } from '../event.ts';
import { createKeyed, type Held } from './keyed.ts';

export const LATE_MS = 5 * 60_000;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const AGREE = 20;

type Source = { newest: number; strange: number; run: number };

export type EventClock = Readonly<{
  timeOf: (event: TrafficEvent) => number;
  held: () => Held;
  /** Events whose own time was not believed, and steps backwards that were. */
  counts: () => Readonly<{ disbelieved: number; steps: number }>;
}>;

export function createEventClock(most = 1000): EventClock {
  const sources = createKeyed<Source>(most);
  let last: Source | undefined;
  let lastName = '';
  let disbelieved = 0;
  let steps = 0;
  return {
    timeOf: ({ time: said, metadata: { log_name, logged_time: logged } }) => {
      const sane = said >= 0 && said <= 8.64e15 ? said : logged;
      if (sane !== said || sane > logged + LATE_MS) disbelieved += 1;
      const time = Math.min(sane, logged + LATE_MS);
      // events of one source come in runs
      const source = last !== undefined && log_name === lastName ? last : sources.get(log_name);
      if (source === undefined) {
        last = { newest: time, strange: 0, run: 0 };
        lastName = log_name;
        sources.set(log_name, last);
        return time;
      }
      last = source;
      lastName = log_name;
      if (time >= source.newest - LATE_MS) {
        if (time > source.newest) source.newest = time;
        source.run = 0;
        return time;
      }
      source.run = source.run > 0 && Math.abs(time - source.strange) <= HOUR ? source.run + 1 : 1;
      source.strange = time;
      if (source.run < AGREE) {
        disbelieved += 1;
        return source.newest;
      }
      steps += 1;
      source.newest = time;
      source.run = 0;
      return time;
    },
    held: sources.held,
    counts: () => ({ disbelieved, steps }),
  };
}
