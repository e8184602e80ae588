/** The log as one object: appending, taking in, proving. */
import type { Db, Statements } from '#platform/db';

import { encodeEntry, type EntryNeeds } from './entry.ts';
import type { AuditEvent } from './event.ts';
import { auditFailure } from './failures.ts';
import { groupCommit } from './append.ts';
import { integrate } from './integrate.ts';
import { inclusionProof } from './merkle-proofs.ts';
import { verifierKey, type NoteSigner } from './note.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { appendEntries, headSize, readEntries, readTile, readTree } from './store.ts';
import { subtreeReader } from './tile-reader.ts';
import type { LogSource } from './verify.ts';

export type Audit = {
  /** Resolves when the entry is durable. @throws AUDIT_UNAVAILABLE, AUDIT_OVERLOADED, AUDIT_ENTRY_INVALID */
  append: (event: AuditEvent) => Promise<{ index: bigint }>;
  /**
   * Appends in the caller's transaction, so that entry and change commit together. The head of the log stays locked until
   * that transaction ends: call it as near to the end as can be.
   */
  appendIn: (tx: Statements, event: AuditEvent) => Promise<{ index: bigint }>;
  size: () => Promise<number>;
  read: (from: number, to: number) => Promise<{ index: number; bytes: Buffer }[]>;
  /** The newest signed checkpoint, taking in what is new first. @throws AUDIT_TAMPERED */
  checkpoint: () => Promise<string>;
  /** Where a verifier reads from, straight from the database. */
  source: LogSource;
  /** tlog-proof of one entry. @throws AUDIT_NOT_FOUND */
  prove: (index: number) => Promise<string>;
  verifierKey: string;
  /** Takes in new entries until there are none. */
  integrate: () => Promise<void>;
};

export type AuditNeeds = EntryNeeds & Readonly<{ db: Db; clock: () => Date; signer: NoteSigner }>;

export function createAudit(needs: AuditNeeds): Audit {
  const { db, clock } = needs;
  const commit = groupCommit(db);
  const takeIn = async (): Promise<void> => {
    while (await integrate(needs));
  };
  const checkpoint = async (): Promise<string> => {
    await takeIn();
    const tree = await readTree(db);
    if (tree === null) throw auditFailure('NOT_FOUND');
    return tree.published;
  };
  const tile: LogSource['tile'] = async (level, index, width) => {
    const hashes = await readTile(db, level, index);
    if (hashes === null || hashes.length < width * 32) throw auditFailure('NOT_FOUND');
    return hashes.subarray(0, width * 32);
  };
  return {
    append: async (event) => ({ index: await commit(await encodeEntry(needs, event, clock())) }),
    appendIn: async (tx, event) => ({ index: await appendEntries(tx, [await encodeEntry(needs, event, clock())]) }),
    size: () => headSize(db),
    read: (from, to) => readEntries(db, from, to),
    checkpoint,
    source: {
      checkpoint,
      tile,
      bundle: async (index, width) => (await readEntries(db, index * 256, index * 256 + width)).map((row) => row.bytes),
    },
    prove: async (index) => {
      const note = await checkpoint();
      const size = parseCheckpoint(note)?.size ?? 0;
      if (!(index >= 0 && index < size)) throw auditFailure('NOT_FOUND');
      const subtree = subtreeReader(size, ({ level, index: at, width }) => tile(level, at, width));
      const hashes = await inclusionProof(index, size, subtree);
      return [
        'c2sp.org/tlog-proof@v1',
        `index ${index}`,
        ...hashes.map((hash) => Buffer.from(hash).toString('base64')),
        '',
        note,
      ].join('\n');
    },
    verifierKey: verifierKey(needs.signer),
    integrate: takeIn,
  };
}
