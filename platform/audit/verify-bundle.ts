/** What differs between 256 entries and the tile that holds their leaf hashes, said entry by entry. */

/**
 * @param start index of the first entry
 * @param leaves hashes of the entries that are there
 * @param tile hashes that should be theirs
 */
export function compareBundle(start: number, leaves: readonly Buffer[], tile: readonly Buffer[]): string[] {
  const text = (hash: Buffer): string => hash.toString('latin1');
  if (leaves.length < tile.length) {
    const there = new Set(leaves.map(text));
    const logged = new Set(tile.map(text));
    const onlyGone = leaves.every((leaf) => logged.has(text(leaf)));
    return tile.flatMap((hash, i) => {
      if (there.has(text(hash))) return [];
      return [`entry ${start + i} is gone${onlyGone ? '' : ', or was edited: others around it are gone'}`];
    });
  }
  const places = new Map(tile.map((hash, i) => [text(hash), start + i]));
  return tile.flatMap((hash, i) => {
    const leaf = leaves[i] as Buffer;
    if (leaf.equals(hash)) return [];
    const from = places.get(text(leaf));
    const what =
      from === undefined ? 'it was edited, or brought from elsewhere' : `the one logged as ${from} stands there`;
    return [`entry ${start + i} is not what was logged: ${what}`];
  });
}
