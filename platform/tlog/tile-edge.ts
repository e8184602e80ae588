/**
 * The right edge of a tree in tiles: for each level the hashes of its last, still partial tile. It is all that is needed
 * to add leaves and to tell the root: at most 255 hashes a level, 8 KiB for each factor of 256 in size.
 */
import { nodeHash, rootOf } from './merkle.ts';
import { hashesAtLevel, TILE_WIDTH } from './tiles.ts';

export type TileEdge = {
  size: number;
  /** levels[L] are the hashes of the partial tile of level L, 0 to 255 of them. */
  levels: Uint8Array[][];
};

/** A tile that became full: 256 hashes. */
export type FullTile = Readonly<{ level: number; index: number; hashes: readonly Uint8Array[] }>;

export function emptyEdge(): TileEdge {
  return { size: 0, levels: [] };
}

/** Adds one leaf's hash; hands over every tile that this made full, lowest level first. */
export function appendLeaf(edge: TileEdge, leaf: Uint8Array, onFull: (tile: FullTile) => void): void {
  edge.size += 1;
  let carried: Uint8Array | null = leaf;
  for (let level = 0; carried !== null; level++) {
    const hashes: Uint8Array[] = (edge.levels[level] ??= []);
    hashes.push(carried);
    if (hashes.length < TILE_WIDTH) return;
    onFull({ level, index: hashesAtLevel(edge.size, level + 1) - 1, hashes });
    edge.levels[level] = [];
    carried = rootOf(hashes);
  }
}

/** Root of the tree (RFC 6962 §2.1): the perfect subtrees of each level's tile, smallest folded in first. */
export function edgeRoot(edge: TileEdge): Buffer {
  let root: Buffer | null = null;
  for (const hashes of edge.levels) {
    for (const perfect of perfectSubtrees(hashes)) root = root === null ? perfect : nodeHash(perfect, root);
  }
  return root ?? rootOf([]);
}

/** Splits up to 255 hashes by the binary digits of their count; the smallest (right-most) subtree comes first. */
function perfectSubtrees(hashes: readonly Uint8Array[]): Buffer[] {
  const roots: Buffer[] = [];
  let end = hashes.length;
  for (let width = 1; width < TILE_WIDTH; width *= 2) {
    if ((hashes.length & width) === 0) continue;
    roots.push(rootOf(hashes.slice(end - width, end)));
    end -= width;
  }
  return roots;
}
