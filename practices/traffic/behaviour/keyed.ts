/**
 * What is known by key, of which the least recently used goes when there are too many: two generations of a map. A key that
 * is asked for moves to the young one; when that is half of the most, the old one is forgotten. A key that came up within the
 * last `most / 2` different keys is always held.
 */
export type Held = Readonly<{ keys: number; most: number; /** Keys forgotten so far, idle or not. */ dropped: number }>;

export type Keyed<Value> = Readonly<{
  get: (key: string) => Value | undefined;
  set: (key: string, value: Value) => void;
  /** Least recently used generation first. */
  entries: () => IterableIterator<[string, Value]>;
  held: () => Held;
}>;

export function createKeyed<Value>(most: number): Keyed<Value> {
  const half = Math.max(1, Math.floor(most / 2));
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  let dropped = 0;

  const set = (key: string, value: Value): void => {
    if (young.has(key)) {
      young.set(key, value);
      return;
    }
    old.delete(key);
    if (young.size >= half) {
      dropped += old.size;
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };
  return {
    get: (key) => {
      const held = young.get(key);
      if (held !== undefined) return held;
      const aged = old.get(key);
      if (aged !== undefined) set(key, aged);
      return aged;
    },
    set,
    *entries() {
      yield* old;
      yield* young;
    },
    held: () => ({ keys: young.size + old.size, most: half * 2, dropped }),
  };
}

export const allHeld = (parts: readonly Held[]): Held =>
  parts.reduce((sum, part) => ({
    keys: sum.keys + part.keys,
    most: sum.most + part.most,
    dropped: sum.dropped + part.dropped,
  }));
