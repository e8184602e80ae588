/** State for each key, bounded: the one not met for the longest goes first, whatever the events' clocks say. */
export type Keys<State> = Readonly<{
  /** The state of a key, made where there is none; it is now the one met last. */
  of: (key: string) => State;
  /** To be told after a state has grown or shrunk. */
  weighed: (change: number) => void;
  size: () => number;
}>;

/** @param mostWeight  of all states together, as `weighed` counts it */
export function createKeys<State>({
  most,
  mostWeight,
  make,
  weightOf,
}: Readonly<{ most: number; mostWeight: number; make: () => State; weightOf: (state: State) => number }>): Keys<State> {
  const states = new Map<string, State>();
  let weight = 0;
  const shrink = (): void => {
    while (states.size > 1 && (states.size > most || weight > mostWeight)) {
      const [oldest, state] = states.entries().next().value as [string, State];
      states.delete(oldest);
      weight -= weightOf(state);
    }
  };
  return {
    of: (key) => {
      const known = states.get(key);
      if (known !== undefined) {
        states.delete(key);
        states.set(key, known);
        return known;
      }
      const made = make();
      states.set(key, made);
      weight += weightOf(made);
      shrink();
      return made;
    },
    weighed: (change) => {
      weight += change;
      if (change > 0) shrink();
    },
    size: () => states.size,
  };
}
