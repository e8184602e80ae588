/** The inclusion proof of one entry as a text that can be checked offline. Source: C2SP tlog-proof */
import type { Statements } from '#platform/db';

import { parseCheckpoint } from './checkpoint.ts';
import { auditFailure } from './failures.ts';
import { leafHash } from './merkle.ts';
import { inclusionProof, verifyInclusion } from './merkle-proofs.ts';
import { readEntries, readTile } from './store.ts';
import { subtreeReader } from './tile-reader.ts';

/**
 * @param note the checkpoint that the proof leads to
 * @throws AUDIT_NOT_FOUND, and AUDIT_TAMPERED rather than handing out a proof that does not hold
 */
export async function proveEntry(db: Statements, note: string, index: number): Promise<string> {
  const head = parseCheckpoint(note);
  if (head === null) throw auditFailure('TAMPERED', { detail: 'the stored checkpoint is none' });
  const { size, root } = head;
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) throw auditFailure('NOT_FOUND');
  const subtree = subtreeReader(size, async (tile) => {
    const hashes = await readTile(db, tile.level, tile.index);
    if (hashes === null || hashes.length < tile.width * 32)
      throw auditFailure('TAMPERED', { detail: `tile ${tile.level}/${tile.index} is gone or was cut off` });
    return hashes.subarray(0, tile.width * 32);
  });
  const proof = await inclusionProof(index, size, subtree);
  const [entry] = await readEntries(db, index, index + 1);
  if (entry === undefined || !verifyInclusion(leafHash(entry.bytes), index, size, root, proof))
    throw auditFailure('TAMPERED', { detail: `entry ${index} does not lead to the root that was signed` });
  return [
    'c2sp.org/tlog-proof@v1',
    `index ${index}`,
    ...proof.map((hash) => Buffer.from(hash).toString('base64')),
    '',
    note,
  ].join('\n');
}
