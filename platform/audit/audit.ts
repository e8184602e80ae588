/** The log as one object: appending, taking in, publishing, proving. */
import type { Db, Statements } from '#platform/db';
import { isFailure } from '#platform/failure';
import { parseCheckpoint, splitNote } from '#platform/tlog';

import { entryEncoder, type EntryNeeds } from './entry.ts';
import type { AuditEvent } from './event.ts';
import { auditFailure } from './failures.ts';
import { groupCommit, type OnBatch } from './append.ts';
import { integrate } from './integrate.ts';
import { proveEntry } from './prove.ts';
import { publish, type WitnessNeeds } from './publish.ts';
import { takeCosigned } from './put-out.ts';
import { logKeys, type LogSigner } from './signers.ts';
import {
  appendEntries,
  endPublishing,
  headSize,
  ownsTables,
  readEntries,
  readEntriesWith,
  readEntriesWithin,
  readSigned,
  readTile,
  readWitnesses,
  type WitnessRow,
} from './store.ts';
import { inTurns, recently } from './turns.ts';
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
  entriesWith: (
    tx: Statements,
    from: number,
    to: number,
    pieces: readonly string[],
  ) => Promise<Readonly<{ index: number; bytes: Buffer }>[]>;
  /** As many of them as fit into `bytes`, one at least: the first ones, or the last. */
  readWithin: (
    from: number,
    to: number,
    limit: Readonly<{ bytes: number; which: 'first' | 'last' }>,
  ) => Promise<{ index: number; bytes: Buffer }[]>;
  /** Takes in and publishes what is new, then gives the newest checkpoint. Not for requests. @throws AUDIT_TAMPERED */
  checkpoint: () => Promise<string>;
  /**
   * The published checkpoint as it is, at most half a second old: cheap, however many ask.
   * @throws AUDIT_NOT_FOUND before the first, AUDIT_TAMPERED while this server finds that the log was changed
   */
  published: () => Promise<string>;
  /** The newest checkpoint that a quorum of the configured witnesses cosigned. @throws AUDIT_NOT_FOUND */
  witnessed: () => Promise<string>;
  /** The checkpoint for witnesses that fetch: it stands still for up to a minute. @throws AUDIT_NOT_FOUND */
  offered: () => Promise<string>;
  /** Takes the cosignatures of a note from a witness that fetched it. @throws AUDIT_STALE, AUDIT_NO_WITNESS */
  cosign: (note: string) => Promise<void>;
  /** Where a verifier reads from, straight from the database. */
  source: LogSource;
  /**
   * tlog-proof of one entry, under the newest checkpoint with a quorum that covers it, otherwise the published one.
   * @throws AUDIT_NOT_FOUND, AUDIT_NOT_PUBLISHED, AUDIT_TAMPERED
   */
  prove: (index: number, options?: Readonly<{ withEntry?: boolean }>) => Promise<string>;
  /** The log's keys, one on a line, Ed25519 first. */
  verifierKey: string;
  /** Takes in new entries until there are none, and publishes them when there are no witnesses. @throws AUDIT_TAMPERED */
  integrate: () => Promise<void>;
  /** One round of asking witnesses and publishing. */
  publish: () => Promise<void>;
  /** A server that stops: another one asks the witnesses at once, and not when the lease has ended. After the last `publish`. */
  endPublishing: () => Promise<void>;
  status: () => Promise<AuditStatus>;
};

export type AuditStatus = Readonly<{
  size: number;
  signedSize: number;
  publishedSize: number;
  witnessedSize: number;
  /** `none`: no policy is configured. */
  quorum: 'none' | 'met' | 'not met';
  /** This server found that the log was changed, and signs nothing. */
  tampered: boolean;
  /** The server's database role could change the log's tables: platform/audit/owner.sql takes that away. */
  ownsTables: boolean;
  witnesses: readonly WitnessRow[];
}>;

export type AuditNeeds = EntryNeeds &
  Readonly<{
    db: Db;
    clock: () => Date;
    signer: LogSigner;
    /** Left out: the log has no witnesses. */
    witnesses?: WitnessNeeds | null;
    onBatch?: OnBatch;
  }>;

/** How long an answer about what is published may be used again. */
const RECENT_MS = 500;

export function createAudit(needs: AuditNeeds): Audit {
  const { db, clock, witnesses = null } = needs;
  const keys = logKeys(needs.signer);
  const commit = groupCommit(db, needs.onBatch === undefined ? {} : { onBatch: needs.onBatch });
  const encode = entryEncoder(needs);
  let tampered: Error | null = null;

  const takeIn = inTurns(async () => {
    try {
      while (await integrate({ db, keys, clock }));
      tampered = null;
    } catch (thrown) {
      if (isFailure(thrown, 'AUDIT_TAMPERED')) tampered = thrown;
      throw thrown;
    }
  });
  const putOut = inTurns(() => publish({ db, clock, node: needs.node, witnesses }));
  const readTree = recently(RECENT_MS, clock, () => readSigned(db));
  const published = async (): Promise<string> => {
    if (tampered !== null) throw tampered;
    const { tree } = await readTree();
    if (tree?.published === null || tree === null) throw auditFailure('NOT_FOUND');
    return tree.published;
  };
  const checkpoint = async (): Promise<string> => {
    await takeIn();
    await putOut();
    const { tree } = await readSigned(db);
    // another server that asks the witnesses for longer publishes it; until then the one before stands
    if (tree === null || tree.published === null) throw auditFailure('NOT_FOUND');
    return tree.published;
  };

  return {
    append: async (event) => ({ index: await commit(await encode(event, clock())) }),
    appendIn: async (tx, event) => ({ index: await appendEntries(tx, [await encode(event, clock())]) }),
    size: () => headSize(db),
    read: (from, to) => readEntries(db, from, to),
    sizeIn: headSize,
    entriesWith: readEntriesWith,
    readWithin: (from, to, limit) => readEntriesWithin(db, from, to, limit),
    checkpoint,
    published,
    witnessed: async () => {
      const { tree } = await readTree();
      if (tree === null || tree.witnessed === null) throw auditFailure('NOT_FOUND');
      return tree.witnessed;
    },
    offered: async () => {
      const { tree } = await readTree();
      if (tree === null || tree.offered === null) throw auditFailure('NOT_FOUND');
      return tree.offered;
    },
    cosign: async (note) => {
      if (witnesses === null) throw auditFailure('NO_WITNESS');
      const { tree } = await readTree();
      const taken =
        tree === null
          ? 'stale'
          : await takeCosigned(db, { note, policy: witnesses.policy, now: clock(), lately: tree });
      if (taken !== 'taken') throw auditFailure(taken === 'stale' ? 'STALE' : 'NO_WITNESS');
    },
    source: {
      checkpoint,
      witnessed: async () => (await readSigned(db)).tree?.witnessed ?? null,
      tile: async (level, index, width) => (await readTile(db, level, index))?.subarray(0, width * 32) ?? null,
      bundle: async (index, width) => (await readEntries(db, index * 256, index * 256 + width)).map((row) => row.bytes),
    },
    prove: async (index, { withEntry = false } = {}) => {
      if (!Number.isSafeInteger(index) || index < 0) throw auditFailure('NOT_FOUND');
      const { tree } = await readSigned(db);
      const note = [tree?.witnessed ?? null, tree?.published ?? null].find((each) => sizeOf(each) > index) ?? null;
      if (note !== null) return proveEntry(db, { note, index, withEntry });
      if (index < (await headSize(db))) throw auditFailure('NOT_PUBLISHED');
      throw auditFailure('NOT_FOUND');
    },
    verifierKey: keys.verifierKey,
    integrate: async () => {
      await takeIn();
      // with nobody to ask there is nothing to wait for
      if (witnesses === null) await putOut();
    },
    publish: putOut,
    endPublishing: () => endPublishing(db, needs.node),
    status: async () => {
      const [{ tree }, size, rows, owns] = await Promise.all([
        readSigned(db),
        headSize(db),
        readWitnesses(db),
        ownsTables(db),
      ]);
      const asked = new Set(witnesses?.policy.witnesses.map(({ url }) => url));
      const [publishedSize, witnessedSize] = [sizeOf(tree?.published ?? null), sizeOf(tree?.witnessed ?? null)];
      const isMet = publishedSize === witnessedSize && (tree?.witnessed ?? null) !== null;
      return {
        size,
        signedSize: tree?.size ?? 0,
        publishedSize,
        witnessedSize,
        quorum: witnesses === null ? 'none' : isMet ? 'met' : 'not met',
        tampered: tampered !== null,
        ownsTables: owns,
        witnesses: rows.filter(({ url }) => asked.has(url)),
      };
    },
  };
}

/** 0 for what is no checkpoint. */
function sizeOf(note: string | null): number {
  const text = note === null ? '' : splitNote(note)?.text;
  return parseCheckpoint(text ?? '')?.size ?? 0;
}
