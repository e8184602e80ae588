/**
 * A busy second after the other, request by request: they come at random, a balancer gives each to the server with the fewest, its
 * one thread works on it, PostgreSQL does, and the log takes in what has come while it wrote down what came before.
 * The chance is a sequence from a seed, so that the same costs give the same figures.
 */
import type { Costs, Kind } from './costs.ts';
import type { Need } from './model.ts';

export type Waiting = Readonly<{ p50Ms: number; p99Ms: number; requests: number; serverBusy: number; databaseBusy: number; largestBatch: number }>; // prettier-ignore

export type SimulateOptions = Readonly<{
  requests?: number;
  seed?: number;
  /** Until a batch of the log is durable: a disk's flush and one statement. */
  commitMs?: number;
  /** There and back between server and database. */
  roundTripMs?: number;
  databaseCores?: number;
  servers?: number;
}>;

/** @param need whose busiest second it is */
export function simulate(need: Need, costs: Costs, options: SimulateOptions = {}): Waiting {
  const { requests = 40_000, seed = 1, commitMs = 2, roundTripMs = 0.5, databaseCores = Math.max(1, Math.ceil(need.databaseCores)), servers = need.servers } = options; // prettier-ignore
  const chance = sequence(seed);
  const kinds = Object.keys(need.rate) as Kind[];
  const all = kinds.reduce((sum, kind) => sum + need.rate[kind], 0);
  const exponential = (mean: number): number => -mean * Math.log(1 - chance());
  const kindOf = (): Kind => {
    let left = chance() * all;
    return kinds.find((kind) => (left -= need.rate[kind]) < 0) ?? 'read';
  };
  // when each will be free again
  const threads = Array.from({ length: servers }, () => 0);
  const cores = Array.from({ length: databaseCores }, () => 0);
  const took: number[] = [];
  const work = { server: 0, database: 0 };
  const arrived: { at: number; begun: number }[] = [];
  let now = 0;
  for (let n = 0; n < requests; n += 1) {
    now += exponential(1000 / all);
    const { serverMs, databaseMs } = costs.cost[kindOf()];
    // all of a server's part before the database is asked: what comes after the log is counted here too
    const before = serve(threads, now, exponential(serverMs));
    const asked = serve(cores, before + roundTripMs, exponential(databaseMs));
    work.server += serverMs;
    work.database += databaseMs;
    arrived.push({ at: asked + roundTripMs, begun: now });
  }
  arrived.sort((one, other) => one.at - other.at);
  let [free, largestBatch] = [0, 0];
  for (let n = 0; n < arrived.length;) {
    const begins = Math.max(free, (arrived[n] as { at: number }).at);
    let batch = 0;
    // everything that waits when a commit begins is in it
    while (n < arrived.length && (arrived[n] as { at: number }).at <= begins) {
      took.push(begins + commitMs - (arrived[n] as { begun: number }).begun);
      n += 1;
      batch += 1;
    }
    largestBatch = Math.max(largestBatch, batch);
    free = begins + commitMs;
  }
  took.sort((one, other) => one - other);
  const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99), requests, serverBusy: work.server / now / servers, databaseBusy: work.database / now / databaseCores, largestBatch }; // prettier-ignore
}

/** Whoever is free first takes it. @returns when it is done */
function serve(each: number[], from: number, ms: number): number {
  let least = 0;
  for (let n = 1; n < each.length; n += 1) if ((each[n] as number) < (each[least] as number)) least = n;
  const done = Math.max(from, each[least] as number) + ms;
  each[least] = done;
  return done;
}

/** Numbers from 0 to below 1: a counter, mixed. Source: C. Wellons, hash-prospector (the constants) */
function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let word = state ^ (state >>> 16);
    word = Math.imul(word, 0x21f0aaad);
    word ^= word >>> 15;
    word = Math.imul(word, 0x735a2d97);
    return ((word ^ (word >>> 15)) >>> 0) / 2 ** 32;
  };
}
