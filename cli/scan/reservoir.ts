/** A sample of a stream of unknown length, each item as likely as any other, in bounded memory. Source: Vitter, Algorithm R. */
export const SAMPLES = 1000;
/** What a value is read of: what a column holds shows in the beginning, and one value may be 100 MB. */
export const LONGEST_SAMPLE = 4096;
/** UTF-16 code units of samples held for one table. */
const ROOM = 32 * 1024 * 1024;

/** `make` is called for what is taken. */
export type Reservoir<T> = Readonly<{ offer: (make: () => T) => void; taken: () => readonly T[]; seen: () => number }>;

export function createReservoir<T>(limit: number, random: () => number): Reservoir<T> {
  const kept: T[] = [];
  let seen = 0;
  return {
    offer: (make) => {
      seen += 1;
      const at = kept.length < limit ? kept.length : Math.floor(random() * seen);
      if (at < limit) kept[at] = make();
    },
    taken: () => kept,
    seen: () => seen,
  };
}

/** How many rows, and how much of each value, fit into the room for so many columns. */
export function shareOf(columns: number): Readonly<{ rows: number; prefix: number }> {
  const prefix = Math.min(LONGEST_SAMPLE, Math.max(256, Math.floor(ROOM / (SAMPLES * Math.max(1, columns)))));
  return { prefix, rows: Math.min(SAMPLES, Math.max(50, Math.floor(ROOM / (prefix * Math.max(1, columns))))) };
}

/** The beginning as a string of its own: a slice would keep all of what it was cut from. */
export const beginningOf = (text: string, length: number): string =>
  text.length <= 12 ? text : Buffer.from(text.length <= length ? text : text.slice(0, length)).toString();
