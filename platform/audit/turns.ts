/** Two ways of doing something once for many who ask. */

/**
 * One run at a time; who asks during one gets the next, which is shared by all who wait. So each caller gets a run that
 * began after it asked.
 */
export function inTurns<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null;
  let next: Promise<T> | null = null;
  const run = async (): Promise<T> => {
    try {
      return await work();
    } finally {
      running = null;
    }
  };
  return () => {
    if (running === null) return (running = run());
    return (next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null;
        return (running = run());
      }));
  };
}

/** The last answer again while it is younger than `forMs`; one that failed is not kept. */
export function recently<T>(forMs: number, clock: () => Date, ask: () => Promise<T>): () => Promise<T> {
  let last: { at: number; answer: Promise<T> } | null = null;
  return () => {
    const now = clock().getTime();
    if (last !== null && Math.abs(now - last.at) < forMs) return last.answer;
    const answer = ask();
    const asked = { at: now, answer };
    last = asked;
    answer.catch(() => {
      if (last === asked) last = null;
    });
    return answer;
  };
}
