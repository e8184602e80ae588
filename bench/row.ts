/**
 * What a row of the benchmark is: contenders measured side by side in one run, and goals as ratios between them.
 *
 * Absolute numbers say how fast this machine is; only a ratio against a peer or a limit, measured in the same run, says
 * how fast the program is.
 */
import type { Peers } from './peers.ts';
import type { Spread } from './rounds.ts';
import type { Sizes } from './sizes.ts';
import type { World } from './world/world.ts';

export type Side = Readonly<{ name: string; unit: string; spread: Spread }>;
export type Goal = Readonly<{
  says: string;
  /** Our rate over the other's, or our time over the other's: one for each round. */
  ratio: Spread;
  bound: Readonly<{ atLeast: number } | { atMost: number }> | null;
  /** null where there is no bound: measured, not judged. */
  met: boolean | null;
}>;
export type Figure = Readonly<{ name: string; value: number; unit: string }>;
export type Missing = Readonly<{ peer: string; why: string }>;
export type Measured = Readonly<{
  sides: readonly Side[];
  goals: readonly Goal[];
  figures?: readonly Figure[];
  missing?: readonly Missing[];
}>;

export type Bench = Readonly<{
  sizes: Sizes;
  /** Says what is going on; goes to stderr. */
  progress: (words: string) => void;
  peers: Peers;
  /** Of servers that a row starts by itself. */
  serverFlags: readonly string[];
  /** The running system; started by the first row that asks. */
  world: () => Promise<World>;
  /** Another one beside it, with few people. */
  smallWorld: () => Promise<World>;
}>;

export type Row = Readonly<{
  name: string;
  title: string;
  /** How it is measured, for the reader of docs/benchmarks.md: a line each. */
  how: readonly string[];
  measure: (bench: Bench) => Promise<Measured>;
}>;

export function goal(says: string, ratio: Spread, bound: Goal['bound'] = null): Goal {
  if (bound === null) return { says, ratio, bound, met: null };
  return {
    says,
    ratio,
    bound,
    met: 'atLeast' in bound ? ratio.median >= bound.atLeast : ratio.median <= bound.atMost,
  };
}
