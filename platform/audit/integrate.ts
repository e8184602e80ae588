/**
 * Integration: reads new entries, grows the tree in tiles, signs and publishes a checkpoint.
 *
 * Any server may do it; a compare-and-set on the tree's size decides who did. INVARIANT: before anything is signed, the
 * stored edge must give the root of the checkpoint before, or the stored tree was changed and nothing is signed again.
 */
import { transact, type Db } from '#platform/db';

import { checkpointText, parseCheckpoint } from './checkpoint.ts';
import { auditFailure } from './failures.ts';
import { leafHash } from './merkle.ts';
import { openNote, parseVerifierKey, signNote, verifierKey, type NoteSigner } from './note.ts';
import {
  advanceTree,
  hasCheckpoints,
  headSize,
  keepCheckpoint,
  readEntries,
  readTile,
  readTree,
  writeTiles,
  type StoredTile,
} from './store.ts';
import { appendLeaf, edgeRoot, emptyEdge, type TileEdge } from './tile-edge.ts';
import { partialTiles, tileHashes } from './tiles.ts';

/** Entries taken in at a time: at most this many leaves, some MiB of text. */
const PAGE = 5000;

export type IntegrateNeeds = Readonly<{ db: Db; signer: NoteSigner; clock: () => Date }>;

/**
 * One step. @returns whether there is more
 * @throws AUDIT_TAMPERED
 */
export async function integrate({ db, signer, clock }: IntegrateNeeds): Promise<boolean> {
  const tree = await readTree(db);
  const from = tree?.size ?? 0;
  const size = Math.min(await headSize(db), from + PAGE);
  if (size < from)
    throw auditFailure('TAMPERED', { detail: `the log has ${size} entries, ${from} were signed: its end was cut off` });
  if (tree !== null && size === from) return false;
  const edge = await loadEdge(db, from);
  // the note's signature is checked, not only its root: whoever writes to the database could set both
  const verifier = parseVerifierKey(verifierKey(signer));
  const text = tree === null || verifier === null ? null : openNote(tree.signed, verifier);
  const last = text === null ? null : parseCheckpoint(text);
  if (tree !== null && (last?.origin !== signer.name || last.size !== from || !last.root.equals(edgeRoot(edge)))) {
    throw auditFailure('TAMPERED', { detail: 'the stored tree is not the one that was signed' });
  }
  if (tree === null && (await hasCheckpoints(db))) {
    throw auditFailure('TAMPERED', { detail: 'the log was signed before, and its signed head is gone' });
  }
  const entries = await readEntries(db, from, size);
  if (entries.length !== size - from || entries.some((entry, i) => entry.index !== from + i)) {
    throw auditFailure('TAMPERED', { detail: `entries between ${from} and ${size} are missing` });
  }
  const tiles: StoredTile[] = [];
  for (const entry of entries) {
    appendLeaf(edge, leafHash(entry.bytes), ({ level, index, hashes }) =>
      tiles.push({ level, index, hashes: Buffer.concat(hashes) }),
    );
  }
  for (const { level, index } of partialTiles(size))
    tiles.push({ level, index, hashes: Buffer.concat(edge.levels[level] ?? []) });
  const note = signNote(checkpointText({ origin: signer.name, size, root: edgeRoot(edge) }), signer);
  await transact(db, async (tx) => {
    if (!(await advanceTree(tx, tree === null ? null : from, size, note))) return;
    await writeTiles(tx, tiles);
    await keepCheckpoint(tx, size, clock(), note);
  });
  return (await headSize(db)) > size;
}

async function loadEdge(db: Db, size: number): Promise<TileEdge> {
  const edge = emptyEdge();
  edge.size = size;
  for (const { level, index, width } of partialTiles(size)) {
    const hashes = tileHashes((await readTile(db, level, index)) ?? Buffer.alloc(0));
    if (hashes.length < width)
      throw auditFailure('TAMPERED', {
        detail: `tile ${level}/${index} has ${hashes.length} hashes, ${width} were signed`,
      });
    edge.levels[level] = hashes.slice(0, width);
  }
  for (let level = 0; level < edge.levels.length; level += 1) edge.levels[level] ??= [];
  return edge;
}
