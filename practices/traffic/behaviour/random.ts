/** Chance that is the same each time for one seed: for the simulator and its tests, never for a secret (mulberry32). */
export type Random = Readonly<{
  /** 0 ≤ x < 1 */
  unit: () => number;
  /** from ≤ x < to, whole */
  whole: (from: number, to: number) => number;
  chance: (probability: number) => boolean;
  pick: <Item>(from: readonly Item[]) => Item;
  /** Normal about `mean`, never below 0, whole. */
  about: (mean: number, deviation: number) => number;
}>;

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (from: number, to: number): number => from + Math.floor(unit() * (to - from));
  return {
    unit,
    whole,
    chance: (probability) => unit() < probability,
    pick: (from) => from[whole(0, from.length)] as (typeof from)[number],
    about: (mean, deviation) => {
      const normal = Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
      return Math.max(0, Math.round(mean + deviation * normal));
    },
  };
}
