/**
 * Every entry and every tile of the tree, once, in order.
 *
 * Says which entry was changed, taken out or moved where the tiles allow it to be told; or which tile, when the entries
 * are right. Memory does not grow with the log.
 */
import {
  appendLeaf,
  edgeRoot,
  emptyEdge,
  HASH_BYTES,
  leafHash,
  partialTiles,
  TILE_WIDTH,
  tileHashes,
  tileWidth,
  type FullTile,
} from '#platform/tlog';

import { checkEntry } from './entry-format.ts';
import type { TrustedHead } from './trust.ts';
import { compareBundle } from './verify-bundle.ts';

export type WalkSource = Readonly<{
  /** Entries of bundle `index`, `width` of them; fewer when some are gone. */
  bundle: (index: number, width: number) => Promise<readonly Uint8Array[]>;
  /** The first `width` hashes of a tile; fewer when it was cut off, null when it is gone. */
  tile: (level: number, index: number, width: number) => Promise<Uint8Array | null>;
}>;
/** A checkpoint that the log must contain; `by` says whose entries those were. */
export type Seen = Readonly<{ size: number; root: Uint8Array; by: string }>;
export type PolicyVersion = Readonly<{ version: string; first: number; last: number; decisions: number }>;
export type Walked = Readonly<{ problems: readonly string[]; policyVersions: readonly PolicyVersion[] }>;

/** Problems of a kind that are listed one by one. */
const MOST_PROBLEMS = 20;
const MOST_VERSIONS = 1000;
/** Servers' clocks differ a little; minutes would be a reordering, or a clock that is wrong. */
const CLOCKS_DIFFER_MS = 120_000;

type Ask = Readonly<{
  source: WalkSource;
  head: TrustedHead;
  seen: readonly Seen[];
  onProgress: ((done: number, size: number) => void) | undefined;
}>;

export async function walkLog({ source, head, seen, onProgress }: Ask): Promise<Walked> {
  const [certain, entries, tiles, hidden] = [listed(), listed(), listed(), listed()];
  const content = contentCheck(head.at, certain.add);
  const edge = emptyEdge();
  let complete = true;

  const compareSeen = (): void => {
    for (const { size, root, by } of seen)
      if (edge.size === size && !edgeRoot(edge).equals(root))
        certain.add(`the first ${size} entries are not ${by}: the log was rewritten`);
  };
  const compareAbove = async ({ level, index, hashes }: FullTile): Promise<void> => {
    const stored = await hashesOf(source, level, index, hashes.length);
    if (stored.length < hashes.length) certain.add(`tile ${level}/${index} is gone or was cut off`);
    const changed = stored.flatMap((hash, i) => (hash.equals(hashes[i] as Uint8Array) ? [] : [i]));
    if (changed.length > 0) tiles.add(`${level}/${index}`);
    for (const i of level === 1 ? changed : []) {
      const start = (index * TILE_WIDTH + i) * TILE_WIDTH;
      hidden.add(`of entries ${start} to ${start + TILE_WIDTH - 1} some were changed, or their tile was`);
    }
  };

  for (let index = 0; index * TILE_WIDTH < head.size; index += 1) {
    const [start, width] = [index * TILE_WIDTH, tileWidth(head.size, 0, index)];
    const bundle = await source.bundle(index, width);
    const leaves = bundle.map(leafHash);
    const tile = await hashesOf(source, 0, index, width);
    if (tile.length < width) certain.add(`tile 0/${index} is gone or was cut off`);
    if (bundle.length !== width) {
      complete = false;
      certain.add(`of entries ${start} to ${start + width - 1} there are ${bundle.length}, not ${width}`);
    }
    const different = compareBundle(start, leaves, tile);
    different.forEach(entries.add);
    if (different.length > 0) tiles.add(`0/${index}`);
    const full: FullTile[] = [];
    bundle.forEach((entry, i) => {
      content.check(entry, start + i);
      compareSeen();
      appendLeaf(edge, leaves[i] as Buffer, (made) => full.push({ ...made, hashes: [...made.hashes] }));
    });
    // without all entries nothing above them can be compared
    for (const made of complete ? full : []) if (made.level > 0) await compareAbove(made);
    onProgress?.(edge.size, head.size);
  }
  compareSeen();
  const policyVersions = content.versions();
  if (!complete) return { problems: [...certain.all(), ...entries.all()], policyVersions };
  for (const { level, index } of partialTiles(head.size))
    if (level > 0) await compareAbove({ level, index, hashes: edge.levels[level] ?? [] });
  if (edgeRoot(edge).equals(head.root)) {
    const changed = tiles.all().map((id) => `tile ${id} was changed; the entries are those that were signed`);
    return { problems: [...certain.all(), ...changed], policyVersions };
  }
  const which = entries.all().length > 0 ? entries.all() : hidden.all();
  return { problems: [...certain.all(), ...which, 'the entries do not give the root that was signed'], policyVersions };
}

/** Form, order in time, and the policies that decided. */
function contentCheck(signedAt: Date | null, add: (problem: string) => void) {
  const versions = new Map<string, { first: number; last: number; decisions: number }>();
  let previous = Number.NEGATIVE_INFINITY;
  return {
    check: (entry: Uint8Array, index: number): void => {
      const checked = checkEntry(entry);
      if (!checked.ok) {
        add(`entry ${index} is not a readable entry: ${checked.why}`);
        return;
      }
      const { time, policyVersion } = checked;
      if (time < previous - CLOCKS_DIFFER_MS) add(`entry ${index} is older than the one before it by minutes`);
      if (signedAt !== null && time > signedAt.getTime() + CLOCKS_DIFFER_MS)
        add(`entry ${index} is younger than the checkpoint that covers it by minutes`);
      previous = time;
      if (policyVersion === null) return;
      const known = versions.get(policyVersion);
      if (known !== undefined) [known.last, known.decisions] = [index, known.decisions + 1];
      else if (versions.size < MOST_VERSIONS) versions.set(policyVersion, { first: index, last: index, decisions: 1 });
    },
    versions: (): PolicyVersion[] => [...versions].map(([version, range]) => ({ version, ...range })),
  };
}

function listed(): { add: (problem: string) => void; all: () => string[] } {
  const problems: string[] = [];
  return {
    add: (problem) => {
      if (problems.length < MOST_PROBLEMS) problems.push(problem);
    },
    all: () => problems,
  };
}

/** Empty when the tile is gone, or is none. */
async function hashesOf(source: WalkSource, level: number, index: number, width: number): Promise<Buffer[]> {
  const bytes = await source.tile(level, index, width);
  return bytes === null || bytes.length % HASH_BYTES !== 0 || bytes.length > width * HASH_BYTES
    ? []
    : tileHashes(bytes);
}
