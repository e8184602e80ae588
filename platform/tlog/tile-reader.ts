/**
 * Subtree hashes out of tiles, so that any reader can build inclusion and consistency proofs (C2SP tlog-tiles).
 */
import { nodeHash, rootOf, splitPoint } from './merkle.ts';
import type { SubtreeHash } from './merkle-proofs.ts';
import { TILE_WIDTH, tileHashes, tileWidth, type TileId } from './tiles.ts';

/** Gives the bytes of one tile, exactly `width` hashes. */
export type ReadTile = (tile: TileId) => Promise<Uint8Array>;

/** Reads subtrees of the tree of `size` leaves; each tile is fetched once. Not verified: check what is made of it. */
export function subtreeReader(size: number, readTile: ReadTile): SubtreeHash {
  const seen = new Map<string, Promise<Buffer[]>>();
  const tile = (level: number, index: number): Promise<Buffer[]> => {
    const key = `${level}/${index}`;
    const fetched = seen.get(key) ?? fetchTile({ level, index, width: tileWidth(size, level, index) }, readTile);
    seen.set(key, fetched);
    return fetched;
  };
  const subtree: SubtreeHash = async (start, end) => {
    let [level, span] = [0, 1];
    // go up while the range is made of whole nodes of the level above
    while (
      start % (span * TILE_WIDTH) === 0 &&
      end - start >= span * TILE_WIDTH &&
      (end - start) % (span * TILE_WIDTH) === 0
    ) {
      level += 1;
      span *= TILE_WIDTH;
    }
    const [first, last] = [start / span, end / span];
    const index = Math.floor(first / TILE_WIDTH);
    if (Number.isInteger(last) && Math.ceil(last / TILE_WIDTH) === index + 1) {
      const hashes = await tile(level, index);
      return rootOf(hashes.slice(first - index * TILE_WIDTH, last - index * TILE_WIDTH));
    }
    const middle = start + splitPoint(end - start);
    return nodeHash(await subtree(start, middle), await subtree(middle, end));
  };
  return subtree;
}

async function fetchTile(id: TileId, readTile: ReadTile): Promise<Buffer[]> {
  const hashes = tileHashes(await readTile(id));
  if (hashes.length !== id.width)
    throw new RangeError(`tile ${id.level}/${id.index}: ${hashes.length} hashes, not ${id.width}`);
  return hashes;
}
