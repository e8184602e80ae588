/**
 * State for each key, bounded: keys not met for long go, whatever the events' clocks say.
 *
 * Two generations instead of one list in order: a Map from which the oldest is taken again and again is searched through ever
 * more empty places.
 */
export type Keys<State> = Readonly<{
  /** The state of a key, made where there is none; it is now one of the young. */
  of: (key: string) => State;
  /** To be told after the state last asked for has grown or shrunk. */
  weighed: (change: number) => void;
  size: () => number;
}>;

type Generation<State> = { states: Map<string, State>; weight: number };

/** @param mostWeight  of all states together, as `weighed` counts it */
export function createKeys<State>({
  most,
  mostWeight,
  make,
  weightOf,
}: Readonly<{ most: number; mostWeight: number; make: () => State; weightOf: (state: State) => number }>): Keys<State> {
  const half = Math.max(1, Math.floor(most / 2));
  const empty = (): Generation<State> => ({ states: new Map(), weight: 0 });
  let [young, old] = [empty(), empty()];
  const turn = (): void => {
    [young, old] = [empty(), young];
  };
  return {
    of: (key) => {
      const known = young.states.get(key);
      if (known !== undefined) return known;
      const state = old.states.get(key) ?? make();
      const weight = weightOf(state);
      if (old.states.delete(key)) old.weight -= weight;
      if (young.states.size >= half) turn();
      young.states.set(key, state);
      young.weight += weight;
      return state;
    },
    weighed: (change) => {
      young.weight += change;
      if (young.weight * 2 > mostWeight) turn();
    },
    size: () => young.states.size + old.states.size,
  };
}
