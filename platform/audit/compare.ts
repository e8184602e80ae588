/**
 * Two checkpoints of a log: does the later one only add to the earlier, and what was added?
 *
 * Both questions need nothing but tiles and entries from anywhere; what does not give the signed roots is not believed.
 */
import {
  appendLeaf,
  consistencyProof,
  edgeRoot,
  emptyEdge,
  leafHash,
  partialTiles,
  subtreeReader,
  TILE_WIDTH,
  tileHashes,
  tileWidth,
  verifyConsistency,
  type Checkpoint,
  type TileEdge,
} from '#platform/tlog';

import type { WalkSource } from './verify-walk.ts';

type Head = Pick<Checkpoint, 'size' | 'root'>;

/**
 * @param tile of the log that has the later checkpoint
 * @returns null when the later one only adds to the earlier, otherwise what is wrong
 */
export async function compareHeads(tile: WalkSource['tile'], earlier: Head, later: Head): Promise<string | null> {
  if (earlier.size > later.size) return compareHeads(tile, later, earlier);
  const subtree = subtreeReader(later.size, async ({ level, index, width }) => {
    const hashes = await tile(level, index, width);
    if (hashes === null) throw new RangeError(`tile ${level}/${index} is gone`);
    return hashes;
  });
  let proof: Uint8Array[];
  try {
    proof = await consistencyProof(earlier.size, later.size, subtree);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return thrown.message;
  }
  if (verifyConsistency(earlier.size, earlier.root, later.size, later.root, proof)) return null;
  return earlier.size === later.size
    ? `two different logs of ${later.size} entries were signed`
    : `the ${earlier.size} entries of the earlier are not the first of the ${later.size} of the later: the log was rewritten, or forked`;
}

/**
 * Hands over the entries that the later checkpoint has and the earlier has not, in order.
 * @returns null when they lead from the one signed root to the other, otherwise what is wrong: then none of them counts
 */
export async function entriesBetween(
  source: WalkSource,
  earlier: Head,
  later: Head,
  onEntry: (entry: Uint8Array, index: number) => void,
): Promise<string | null> {
  const edge = await edgeAt(source.tile, earlier.size);
  if (edge === null || !edgeRoot(edge).equals(earlier.root)) return 'the tiles do not give the earlier root';
  for (let index = Math.floor(earlier.size / TILE_WIDTH); index * TILE_WIDTH < later.size; index += 1) {
    const width = tileWidth(later.size, 0, index);
    const bundle = await source.bundle(index, width);
    if (bundle.length !== width)
      return `of entries from ${index * TILE_WIDTH} there are ${bundle.length}, not ${width}`;
    for (const entry of bundle.slice(edge.size - index * TILE_WIDTH)) {
      onEntry(entry, edge.size);
      appendLeaf(edge, leafHash(entry), () => undefined);
    }
  }
  return edgeRoot(edge).equals(later.root) ? null : 'the entries do not lead to the later root: some were changed';
}

async function edgeAt(tile: WalkSource['tile'], size: number): Promise<TileEdge | null> {
  const edge = emptyEdge();
  edge.size = size;
  for (const { level, index, width } of partialTiles(size)) {
    const bytes = await tile(level, index, width);
    if (bytes === null || bytes.length !== width * 32) return null;
    edge.levels[level] = tileHashes(bytes);
  }
  for (let level = 0; level < edge.levels.length; level += 1) edge.levels[level] ??= [];
  return edge;
}
