/** The log as one object: appending, taking in, proving. */
import type { Db, Statements } from '#platform/db';

import { encodeEntry, type EntryNeeds } from './entry.ts';
import type { AuditEvent } from './event.ts';
import { auditFailure } from './failures.ts';
import { groupCommit } from './append.ts';
import { integrate } from './integrate.ts';
import { verifierKey, type NoteSigner } from './note.ts';
import { proveEntry } from './prove.ts';
import { appendEntries, headSize, readEntries, readEntriesWith, readSigned, readTile } from './store.ts';
import type { LogSource } from './verify.ts';

export type Audit = {
  /** Resolves when the entry is durable. @throws AUDIT_UNAVAILABLE, AUDIT_OVERLOADED, AUDIT_ENTRY_INVALID */
  append: (event: AuditEvent) => Promise<{ index: bigint }>;
  /**
   * Appends in the caller's transaction, so that entry and change commit together. The head of the log stays locked until
   * that transaction ends: call it as near to the end as can be, and never wait in there for `append`, which needs that lock.
   */
  appendIn: (tx: Statements, event: AuditEvent) => Promise<{ index: bigint }>;
  size: () => Promise<number>;
  read: (from: number, to: number) => Promise<{ index: number; bytes: Buffer }[]>;
  /** The size as the transaction sees it. */
  sizeIn: (tx: Statements) => Promise<number>;
  /** The entries from `from` to below `to` that hold one of these pieces of text, as the transaction sees them. */
  entriesWith: (tx: Statements, from: number, to: number, pieces: readonly string[]) => Promise<Buffer[]>;
  /** The newest signed checkpoint, taking in what is new first. @throws AUDIT_TAMPERED */
  checkpoint: () => Promise<string>;
  /** Where a verifier reads from, straight from the database. */
  source: LogSource;
  /** tlog-proof of one entry. @throws AUDIT_NOT_FOUND, AUDIT_TAMPERED */
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
    const { tree } = await readSigned(db);
    if (tree === null) throw auditFailure('NOT_FOUND');
    return tree.published;
  };
  return {
    append: async (event) => ({ index: await commit(await encodeEntry(needs, event, clock())) }),
    appendIn: async (tx, event) => ({ index: await appendEntries(tx, [await encodeEntry(needs, event, clock())]) }),
    size: () => headSize(db),
    read: (from, to) => readEntries(db, from, to),
    sizeIn: headSize,
    entriesWith: readEntriesWith,
    checkpoint,
    source: {
      checkpoint,
      tile: async (level, index, width) => (await readTile(db, level, index))?.subarray(0, width * 32) ?? null,
      bundle: async (index, width) => (await readEntries(db, index * 256, index * 256 + width)).map((row) => row.bytes),
    },
    prove: async (index) => proveEntry(db, await checkpoint(), index),
    verifierKey: verifierKey(needs.signer),
    integrate: takeIn,
  };
}
