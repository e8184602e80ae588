/**
 * Integration: reads new entries, grows the tree in tiles, signs a checkpoint.
 *
 * Any server may do it; a compare-and-set on what was signed decides who did. INVARIANT: before anything is signed, the
 * stored edge must give the root of the checkpoint before, or the stored tree was changed and nothing is signed again.
 */
import { transact, type Db } from '#platform/db';
import {
  appendLeaf,
  checkpointText,
  edgeRoot,
  emptyEdge,
  leafHash,
  openNote,
  parseCheckpoint,
  partialTiles,
  signNote,
  TILE_WIDTH,
  tileHashes,
  type TileEdge,
} from '#platform/tlog';

import { auditFailure } from './failures.ts';
import type { LogKeys } from './signers.ts';
import {
  advanceTree,
  headSize,
  keepCheckpoint,
  readEntries,
  readSigned,
  readTile,
  writeTiles,
  type StoredTile,
  type TreeRow,
} from './store.ts';

/** Leaves taken in at a time. Their entries are read by tiles: 256 of the largest are 15 MiB, so many would be 300. */
const PAGE = 5000;

export type IntegrateNeeds = Readonly<{ db: Db; keys: LogKeys; clock: () => Date }>;

/**
 * One step. @returns whether there was more when it began; what came meanwhile waits for the next one, or a log that is
 *   written to all the time would be signed all the time
 * @throws AUDIT_TAMPERED
 */
export async function integrate({ db, keys, clock }: IntegrateNeeds): Promise<boolean> {
  const { tree, kept } = await readSigned(db);
  const from = tree?.size ?? 0;
  if (kept > from)
    throw tampered(`a checkpoint of ${kept} entries was kept, ${from} is the signed size: it was set back`);
  const head = await headSize(db);
  const size = Math.min(head, from + PAGE);
  if (size < from) throw tampered(`the log has ${size} entries, ${from} were signed: its end was cut off`);
  if (tree !== null && size === from && isByAll(tree.signed, keys)) return false;
  const edge = await loadEdge(db, from);
  if (tree !== null && !isSigned(tree, edge, keys)) throw tampered('the stored tree is not the one that was signed');
  if (from > 0 && !(await isLastEntryKept(db, from)))
    throw tampered(
      `entry ${from - 1} is not the one that was signed: the end was cut off or changed, and filled up again`,
    );
  const tiles: StoredTile[] = [];
  for (let at = from; at < size; at += TILE_WIDTH) {
    const end = Math.min(size, at + TILE_WIDTH);
    const entries = await readEntries(db, at, end);
    if (entries.length !== end - at || entries.some((entry, i) => entry.index !== at + i)) {
      throw tampered(`entries between ${from} and ${size} are missing`);
    }
    for (const entry of entries) {
      appendLeaf(edge, leafHash(entry.bytes), ({ level, index, hashes }) =>
        tiles.push({ level, index, hashes: Buffer.concat(hashes) }),
      );
    }
  }
  for (const { level, index } of partialTiles(size))
    tiles.push({ level, index, hashes: Buffer.concat(edge.levels[level] ?? []) });
  const at = clock();
  const note = signNote(checkpointText({ origin: keys.name, size, root: edgeRoot(edge) }), keys.signers, at);
  const signed = await transact(db, async (tx) => {
    if (!(await advanceTree(tx, tree?.signed ?? null, size, note))) return false;
    if (!(await writeTiles(tx, tiles))) throw tampered('there are tiles of entries that were never taken in');
    await keepCheckpoint(tx, size, at, note);
    return true;
  });
  // another server that was quicker may have signed less than is there
  return !signed || head > size;
}

const tampered = (detail: string): Error => auditFailure('TAMPERED', { detail });

/** False for a checkpoint from before the log had all its keys: it is signed once more, as it is. */
function isByAll(note: string, { keys }: LogKeys): boolean {
  return openNote(note, keys)?.signed.size === keys.length;
}

/** The note's signature is checked, not only its root: whoever writes to the database could set both. */
function isSigned(tree: TreeRow, edge: TileEdge, { name, keys }: LogKeys): boolean {
  const opened = openNote(tree.signed, keys);
  const last = opened === null ? null : parseCheckpoint(opened.text);
  return last?.origin === name && last.size === tree.size && last.root.equals(edgeRoot(edge));
}

async function isLastEntryKept(db: Db, size: number): Promise<boolean> {
  const [last] = await readEntries(db, size - 1, size);
  const tile = tileHashes((await readTile(db, 0, Math.floor((size - 1) / TILE_WIDTH))) ?? Buffer.alloc(0));
  return last !== undefined && tile[(size - 1) % TILE_WIDTH]?.equals(leafHash(last.bytes)) === true;
}

async function loadEdge(db: Db, size: number): Promise<TileEdge> {
  const edge = emptyEdge();
  edge.size = size;
  for (const { level, index, width } of partialTiles(size)) {
    const hashes = tileHashes((await readTile(db, level, index)) ?? Buffer.alloc(0));
    if (hashes.length < width)
      throw tampered(`tile ${level}/${index} has ${hashes.length} hashes, ${width} were signed`);
    edge.levels[level] = hashes.slice(0, width);
  }
  for (let level = 0; level < edge.levels.length; level += 1) edge.levels[level] ??= [];
  return edge;
}
