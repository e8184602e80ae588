/**
 * Adds up an amount by key and hour (or day) and says when it goes beyond what is usual for that key: its own finished
 * hours in which there was anything, or what the caller knows of its peers, and never less than a floor; without either, no
 * more than half as much again as what it did before, once that was told twice.
 *
 * What was said to be unusual by a baseline teaches only up to its limit (or `teaches` times it), so that an attack that goes on does not become usual in a day.
 */
import { LATE_MS } from './clock.ts';
import { createKeyed, type Held } from './keyed.ts';
import { limitOf, remember, usualOf } from './usual.ts';

/** Buckets without a baseline after which as much again, or half as much more, is no news. */
const KNOWN = 2;
const AS_BEFORE = 1.5;
/** Buckets that can be given again after a start. */
const AGAIN = 48;

export type Measure = Readonly<{
  bucketMs: number;
  /** Finished buckets that are remembered, at most. */
  history: number;
  /** Finished buckets before the own ones count; before, peers or the floor. */
  warm: number;
  floor: number;
  sigmas: number;
  ratio: number;
  /** Times the largest one remembered: for what has rare honest peaks, as a nightly backup. 0: none. */
  peaks?: number;
  /** Times its limit that an hour teaches at most, once it was said to be unusual. */
  teaches?: number;
  /** Keys, at most. */
  most: number;
}>;

export type Over = Readonly<{
  bucket: number;
  value: number;
  usual: number;
  limit: number;
  basis: 'own' | 'peers' | 'floor';
  known: number;
  events: readonly string[];
}>;

/** `closed`: the last bucket that was remembered: what is given again after a restart teaches nothing twice. */
type State = {
  closed: number;
  bucket: number;
  value: number;
  said: boolean;
  ring: number[];
  limit: number | null;
  uids: string[];
};

export type Tally = Readonly<{
  /** @returns what is over its limit, once for each bucket. @param peers   what is usual for its like, if known */
  add: (key: string, time: number, amount: number, uid: string, peers?: () => number | undefined) => Over | null;
  /** Called with each finished bucket. */
  held: () => Held;
  learned: () => [string, number[], number][];
  learn: (learned: unknown) => void;
}>;

export function createTally(measure: Measure, finished?: (key: string, value: number) => void): Tally {
  const { bucketMs, history, warm, floor, sigmas, ratio, peaks = 0, teaches = 1, most } = measure;
  const keyed = createKeyed<State>(most);

  const close = (key: string, state: State): void => {
    // far before it, the clock was set back
    if (state.bucket <= state.closed && state.bucket > state.closed - AGAIN) return;
    state.closed = state.bucket;
    remember(state.ring, Math.round(state.said ? Math.min(state.value, taughtAtMost(state)) : state.value), history);
    finished?.(key, state.value);
  };
  const taughtAtMost = (state: State): number => {
    const { limit, basis } = judge(state);
    return basis === 'floor' ? Infinity : teaches * limit;
  };
  const judge = (
    state: State,
    peers?: () => number | undefined,
  ): { limit: number; usual: number; basis: Over['basis'] } => {
    const usual = usualOf(state.ring);
    if (state.ring.length >= warm) {
      const peak = peaks === 0 ? 0 : peaks * state.ring.reduce((a, b) => Math.max(a, b), 0);
      return { limit: Math.max(floor, peak, limitOf(usual, sigmas, ratio)), usual: usual.median, basis: 'own' };
    }
    const like = peers?.();
    if (like === undefined) {
      // what was told twice is known, though it is no baseline yet: a new nightly job
      const before = state.ring.length < KNOWN ? 0 : AS_BEFORE * state.ring.reduce((a, b) => Math.max(a, b), 0);
      return { limit: Math.max(floor, before), usual: usual.median, basis: 'floor' };
    }
    return {
      limit: Math.max(floor, limitOf({ median: like, mad: 0, values: 1 }, sigmas, ratio)),
      usual: like,
      basis: 'peers',
    };
  };
  return {
    add: (key, time, amount, uid, peers) => {
      const bucket = Math.floor(time / bucketMs);
      let state = keyed.get(key);
      if (state === undefined) {
        state = { closed: -Infinity, bucket, value: 0, said: false, ring: [], limit: null, uids: [] };
        keyed.set(key, state);
      } else if (state.bucket !== bucket && (bucket > state.bucket || time < state.bucket * bucketMs - LATE_MS)) {
        if (state.value > 0) close(key, state);
        state.bucket = bucket;
        state.value = 0;
        state.said = false;
        state.limit = null;
        state.uids = [];
      }
      state.value += amount;
      if (state.uids.length >= 10) state.uids.shift();
      state.uids.push(uid);
      if (state.said || state.value <= floor) return null;
      if (state.value <= (state.limit ??= judge(state, peers).limit)) return null;
      state.said = true;
      const { limit, usual, basis } = judge(state, peers);
      const { value, ring, uids } = state;
      return { bucket: state.bucket * bucketMs, value, usual, limit, basis, known: ring.length, events: [...uids] };
    },
    held: keyed.held,
    learned: () =>
      [...keyed.entries()]
        .filter(([, { ring }]) => ring.length > 0)
        .map(([key, { ring, closed }]) => [key, [...ring], closed]),
    learn: (learned) => {
      for (const [key, ring, closed] of ringsOf(learned))
        keyed.set(key, { closed, bucket: 0, value: 0, said: false, ring: ring.slice(-history), limit: null, uids: [] });
    },
  };
}

function* ringsOf(learned: unknown): Generator<[string, number[], number]> {
  if (!Array.isArray(learned)) return;
  for (const row of learned as unknown[]) {
    if (!Array.isArray(row)) continue;
    const [key, ring, closed] = row as unknown[];
    if (typeof key === 'string' && Array.isArray(ring))
      yield [key, ring.filter((value) => Number.isFinite(value)), typeof closed === 'number' ? closed : -Infinity];
  }
}

/** How the basis of a limit is said to people. */
export const basisWords = ({ basis, known }: Pick<Over, 'basis' | 'known'>, unit: string): string =>
  basis === 'own'
    ? `by its own last ${known} ${unit}`
    : basis === 'peers'
      ? 'by others of its kind, as it has no baseline of its own yet'
      : 'a floor, as there is no baseline yet';
