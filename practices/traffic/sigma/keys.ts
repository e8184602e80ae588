/**
 * State for each key, bounded: keys not met for long go, whatever the events' clocks say. Several holders share one room, and when
 * it is full the fullest of them forgets: who floods one rule with keys blinds no other.
 *
 * Two generations instead of one list in order: a Map from which the oldest is taken again and again is searched through ever
 * more empty places.
 */
export type Keys<State> = Readonly<{
  /** The state of a key, made where there is none; it is now one of the young. */
  of: (key: string) => State;
  /** To be told after the state last asked for has grown or shrunk. */
  weighed: (change: number) => void;
}>;
export type KeyRoom<State> = Readonly<{ holder: () => Keys<State>; size: () => number }>;

type Generation<State> = { states: Map<string, State>; weight: number };
type Holder<State> = { young: Generation<State>; old: Generation<State> };

const countOf = ({ young, old }: Holder<unknown>): number => young.states.size + old.states.size;
const heftOf = ({ young, old }: Holder<unknown>): number => young.weight + old.weight;

/** @param mostWeight  of all states together, as `weighed` counts it */
export function createKeyRoom<State>({
  most,
  mostWeight,
  make,
  weightOf,
}: Readonly<{
  most: number;
  mostWeight: number;
  make: () => State;
  weightOf: (state: State) => number;
}>): KeyRoom<State> {
  const holders: Holder<State>[] = [];
  let [size, weight] = [0, 0];
  const empty = (): Generation<State> => ({ states: new Map(), weight: 0 });

  const move = (key: string, state: State, from: Generation<State>, to: Generation<State>): void => {
    const moved = weightOf(state);
    from.states.delete(key);
    from.weight -= moved;
    to.states.set(key, state);
    to.weight += moved;
  };
  const forget = (holder: Holder<State>): void => {
    const { young, old } = holder;
    // it has no old ones yet: the half that came first counts as such
    if (old.states.size === 0)
      for (const [key, state] of [...young.states].slice(0, Math.ceil(young.states.size / 2))) move(key, state, young, old);
    size -= old.states.size;
    weight -= old.weight;
    [holder.old, holder.young] = [young, empty()];
  }; // prettier-ignore
  const isTooHeavy = (): boolean => weight > mostWeight;
  const fullest = (by: (holder: Holder<State>) => number): Holder<State> =>
    holders.reduce((most, each) => (by(each) > by(most) ? each : most));

  return {
    holder: () => {
      const holder: Holder<State> = { young: empty(), old: empty() };
      holders.push(holder);
      return {
        of: (key) => {
          const known = holder.young.states.get(key);
          if (known !== undefined) return known;
          const aged = holder.old.states.get(key);
          if (aged !== undefined) {
            move(key, aged, holder.old, holder.young);
            return aged;
          }
          if (size >= most) forget(fullest(countOf));
          const state = make();
          const born = weightOf(state);
          // so that what is met again has become young before the room is full
          if (holder.old.states.size === 0 && holder.young.states.size * 2 >= most)
            [holder.old, holder.young] = [holder.young, empty()];
          holder.young.states.set(key, state);
          holder.young.weight += born;
          [size, weight] = [size + 1, weight + born];
          return state;
        },
        weighed: (change) => {
          holder.young.weight += change;
          weight += change;
          while (isTooHeavy()) forget(fullest(heftOf));
        },
      };
    },
    size: () => size,
  };
}
