/** @returns what `read` gave the first time: for what is shipped, and does not change while the program runs */
export function once<T extends object>(read: () => T): () => T {
  let known: T | undefined;
  return () => (known ??= read());
}
