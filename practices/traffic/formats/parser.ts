/**
 * What every parser of this folder is: bytes in, events out, what it could not read counted and kept aside.
 *
 * INVARIANT: no bytes whatever make one throw, and what it holds is bounded.
 */
import type { TrafficEvent } from '../event.ts';
import { plain } from './text.ts';

export type ParserNeeds = Readonly<{
  /** The sensor's name in this installation. */
  logName: string;
  /** Ours, in milliseconds since 1970. */
  clock: () => number;
}>;

/** How often each thing happened; names are each parser's own, `events`, `malformed` and `ignored` everybody's. */
export type Counts = Readonly<Record<string, number>>;

/** What could not be read: for people only, since it can hold a customer's value. */
export type Aside = Readonly<{ position: number | string; why: string; sample: string }>;

export type Parser = Readonly<{
  feed: (bytes: Buffer) => TrafficEvent[];
  /** At the end of the input: what is still open. */
  end: () => TrafficEvent[];
  counts: () => Counts;
  /** The newest of what could not be read, 20 at most, 200 characters each, nothing in them moves a terminal. */
  aside: () => readonly Aside[];
}>;

const MOST_ASIDE = 20;
const SAMPLE_CHARACTERS = 200;

export type Tally = Readonly<{
  count: (name: string, times?: number) => void;
  setAside: (position: number | string, why: string, sample: string | Uint8Array) => void;
  counts: () => Counts;
  aside: () => readonly Aside[];
}>;

export function createTally(): Tally {
  const counts = new Map<string, number>([
    ['events', 0],
    ['ignored', 0],
    ['malformed', 0],
  ]);
  const aside: Aside[] = [];
  const count = (name: string, times = 1): void => void counts.set(name, (counts.get(name) ?? 0) + times);
  return {
    count,
    setAside: (position, why, sample) => {
      count('malformed');
      const text =
        typeof sample === 'string' ? sample : Buffer.from(sample.subarray(0, SAMPLE_CHARACTERS / 2)).toString('hex');
      aside.push({ position, why, sample: plain(text, SAMPLE_CHARACTERS) });
      if (aside.length > MOST_ASIDE) aside.shift();
    },
    counts: () => Object.fromEntries(counts),
    aside: () => [...aside],
  };
}
