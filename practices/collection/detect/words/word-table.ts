/** Words by their hash → 31 bits each, in flat memory: open addressing, at most half full. */
import { hashOf } from '../text/tokens.ts';
import type { Characters } from '../text/characters.ts';

export type WordTable = Readonly<{
  /** @returns the bits of the word with this hash; 0 when it is not there */
  bitsOf: (hash: number) => number;
  size: number;
}>;

/** Bits of a word that is given more than once are put together. Two words of one hash would be taken for each other: among 50,000 a chance of 1 in 80,000 for each word asked. */
export function createWordTable(
  words: Iterable<readonly [word: string, bits: number]>,
  characters: Characters,
): WordTable {
  const list = [...words];
  let capacity = 16;
  while (capacity < list.length * 2) capacity *= 2;
  const mask = capacity - 1;
  const keys = new Int32Array(capacity);
  const values = new Int32Array(capacity);
  let size = 0;
  for (const [word, bits] of list) {
    const hash = hashOf(word, characters);
    let at = spread(hash) & mask;
    while (values[at] !== 0 && keys[at] !== hash) at = (at + 1) & mask;
    if (values[at] === 0) size += 1;
    keys[at] = hash;
    values[at] = (values[at] as number) | bits;
  }
  return {
    size,
    bitsOf: (hash) => {
      let at = spread(hash) & mask;
      for (;;) {
        const bits = values[at] as number;
        if (bits === 0 || keys[at] === hash) return bits;
        at = (at + 1) & mask;
      }
    },
  };
}

const spread = (hash: number): number => hash ^ (hash >>> 15);
