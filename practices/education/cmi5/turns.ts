/** So many at once of one key, on this server: who comes beyond is turned away before a connection is taken for them. */
export type Turns = <T>(key: string, busy: () => Error, work: () => Promise<T>) => Promise<T>;

export const AT_ONCE = 4;

export function createTurns(most = AT_ONCE): Turns {
  const running = new Map<string, number>();
  return async (key, busy, work) => {
    const before = running.get(key) ?? 0;
    if (before >= most) throw busy();
    running.set(key, before + 1);
    try {
      return await work();
    } finally {
      const left = (running.get(key) ?? 1) - 1;
      if (left === 0) running.delete(key);
      else running.set(key, left);
    }
  };
}
