/** The inclusion proof of one entry as a text that can be checked offline. Source: C2SP tlog-proof */
import type { Statements } from '#platform/db';
import {
  formatProof,
  inclusionProof,
  leafHash,
  parseCheckpoint,
  splitNote,
  subtreeReader,
  verifyInclusion,
} from '#platform/tlog';

import { auditFailure } from './failures.ts';
import { readEntries, readTile } from './store.ts';

export type ProofAsk = Readonly<{
  /** The checkpoint that the proof leads to. */
  note: string;
  index: number;
  /** Puts the entry's bytes into the proof, as its extra data. */
  withEntry: boolean;
}>;

/** @throws AUDIT_NOT_FOUND, and AUDIT_TAMPERED rather than handing out a proof that does not hold */
export async function proveEntry(db: Statements, { note, index, withEntry }: ProofAsk): Promise<string> {
  const head = parseCheckpoint(splitNote(note)?.text ?? '');
  if (head === null) throw auditFailure('TAMPERED', { detail: 'the stored checkpoint is none' });
  const { size, root } = head;
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) throw auditFailure('NOT_FOUND');
  const subtree = subtreeReader(size, async (tile) => {
    const hashes = await readTile(db, tile.level, tile.index);
    if (hashes === null || hashes.length < tile.width * 32)
      throw auditFailure('TAMPERED', { detail: `tile ${tile.level}/${tile.index} is gone or was cut off` });
    return hashes.subarray(0, tile.width * 32);
  });
  const hashes = await inclusionProof(index, size, subtree);
  const [entry] = await readEntries(db, index, index + 1);
  if (entry === undefined || !verifyInclusion(leafHash(entry.bytes), index, size, root, hashes))
    throw auditFailure('TAMPERED', { detail: `entry ${index} does not lead to the root that was signed` });
  return formatProof({ index, hashes, note, extra: withEntry ? entry.bytes : null });
}
