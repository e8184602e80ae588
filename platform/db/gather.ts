/**
 * Gathers the look-ups of one moment into one statement: what many requests ask for in the same turn of the event loop
 * is asked of PostgreSQL once. No waiting is added: a batch leaves when the turn ends, and while one is under way the
 * next one fills.
 */
export type Gather<K, V> = (key: K) => Promise<V>;

/**
 * @param fetch answers for each key, in order
 * @param options.most keys in one statement; `lanes` statements under way at a time
 */
export function gather<K, V>(
  fetch: (keys: readonly K[]) => Promise<readonly V[]>,
  { most = 256, lanes = 3 }: { readonly most?: number; readonly lanes?: number } = {},
): Gather<K, V> {
  type Waiting = { key: K; resolve: (value: V) => void; reject: (thrown: unknown) => void };
  let waiting: Waiting[] = [];
  let busy = 0;
  let planned = false;

  const leave = (): void => {
    planned = false;
    while (busy < lanes && waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      busy += 1;
      run(batch).then(leaveAgain, leaveAgain);
    }
  };
  const leaveAgain = (): void => {
    busy -= 1;
    leave();
  };
  const run = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const values = await fetch(batch.map((each) => each.key));
      batch.forEach((each, i) => each.resolve(values[i] as V));
    } catch (thrown) {
      for (const each of batch) each.reject(thrown);
    }
  };
  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      if (planned || busy >= lanes) return;
      planned = true;
      setImmediate(leave);
    });
}
