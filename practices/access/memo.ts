/**
 * Remembers values under paths of words, exactly, and at most so many of them.
 *
 * A path is walked map by map: words that a question has anyway are found by their own hashes, where one key put together
 * from them would have to be made and hashed for every question. When it is full all is forgotten: what is asked all the
 * time is back after one question each, and neither a question nor an eviction has an order of use to keep.
 */
export type Memo<Value> = Readonly<{
  get: (path: readonly string[]) => Value | undefined;
  /** @param path not part of another value's path */
  keep: (path: readonly string[], value: Value) => void;
  size: () => number;
  clear: () => void;
}>;

type Branch<Value> = Map<string, Branch<Value> | Value>;

export function createMemo<Value extends object>(most: number): Memo<Value> {
  const root: Branch<Value> = new Map();
  let size = 0;
  const clear = (): void => {
    root.clear();
    size = 0;
  };
  return {
    get: (path) => {
      let at: Branch<Value> | Value | undefined = root;
      for (const word of path) {
        at = (at as Branch<Value>).get(word);
        if (at === undefined) return undefined;
      }
      return at as Value;
    },
    keep: (path, value) => {
      if (size >= most) clear();
      let branch = root;
      for (const word of path.slice(0, -1)) {
        let next = branch.get(word) as Branch<Value> | undefined;
        if (next === undefined) {
          next = new Map();
          branch.set(word, next);
        }
        branch = next;
      }
      const last = path.at(-1) as string;
      if (!branch.has(last)) size += 1;
      branch.set(last, value);
    },
    size: () => size,
    clear,
  };
}
