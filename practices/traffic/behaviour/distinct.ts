/**
 * How many different things there were: exact up to 64 of them (but for one in 10^6 that shares its 32-bit hash with
 * another), then HyperLogLog with 2^precision registers of a byte.
 *
 * Published standard error: 1.04 / √registers: 3.25 % for precision 10, 6.5 % for 8; held to by the test.
 * Source: Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog", 2007, figure 3 (small range: linear counting).
 */
const EXACT = 64;

/** @param salt   one that a stranger does not know keeps him from choosing names that count as one */
export function hashOf(text: string, salt = 0): number {
  let hash = 0x811c9dc5 ^ salt;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // the finalizer of MurmurHash3: FNV-1a alone leaves the upper bits poor
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export type Distinct = {
  /** @returns whether it was not there before: sure while exact, later only that it changed the estimate */
  add: (hash: number) => boolean;
  count: () => number;
};

export function createDistinct(precision: 8 | 10 | 12 = 8): Distinct {
  let few: number[] | null = [];
  let registers: Uint8Array | null = null;
  let estimate: number | null = null;

  const place = (into: Uint8Array, hash: number): boolean => {
    const index = hash >>> (32 - precision);
    const rest = (hash << precision) >>> 0;
    const rank = rest === 0 ? 33 - precision : Math.min(Math.clz32(rest) + 1, 33 - precision);
    if ((into[index] as number) >= rank) return false;
    into[index] = rank;
    return true;
  };
  return {
    add: (hash) => {
      if (few !== null) {
        if (few.includes(hash)) return false;
        if (few.length < EXACT) {
          few.push(hash);
          return true;
        }
        registers = new Uint8Array(2 ** precision);
        for (const each of few) place(registers, each);
        few = null;
      }
      const changed = place(registers as Uint8Array, hash);
      if (changed) estimate = null;
      return changed;
    },
    count: () => (few === null ? (estimate ??= Math.max(EXACT, estimateOf(registers as Uint8Array))) : few.length),
  };
}

function estimateOf(registers: Uint8Array): number {
  const m = registers.length;
  let sum = 0;
  let empty = 0;
  for (const rank of registers) {
    sum += 2 ** -rank;
    if (rank === 0) empty += 1;
  }
  const raw = ((0.7213 / (1 + 1.079 / m)) * m * m) / sum;
  if (raw <= 2.5 * m && empty > 0) return Math.round(m * Math.log(m / empty));
  const space = 2 ** 32;
  return Math.round(raw <= space / 30 ? raw : -space * Math.log(1 - raw / space));
}
