/**
 * What others have to say when something is taken away: who holds it, and who keeps account of what went. Both in the
 * transaction that takes it away, so that a hold and a deletion never both win, and no erasure is without its row.
 */
import type { Tx } from '#platform/db';
import type { RecordId, SubjectId } from '#platform/ids';

/** What is about to go. Null: all of it. */
export type Going = Readonly<{
  subjectId: SubjectId;
  recordNo: bigint | null;
  /** Collections that it has records in. */
  collections: readonly string[];
  /** Field names; `@attachments` for the files beside a record. */
  fields: readonly string[] | null;
}>;

export type Gone = Readonly<{
  /** Of the entry that tells of it. */
  auditIndex: bigint;
  at: Date;
  cause: 'request' | 'expiry' | 'retention';
  /** Of a retention run: which, and by which rules. */
  run?: Readonly<{ id: string; ruleHash: string }> | undefined;
}> &
  (
    | Readonly<{ scope: 'subject'; subjectId: SubjectId }>
    | Readonly<{ scope: 'record' | 'fields'; parts: readonly GonePart[] }>
  );
export type GonePart = Readonly<{ id: RecordId; collection: string; fields: readonly string[] }>;

export type Keepers = Readonly<{
  /**
   * Keeps holds from being placed until the transaction ends. @returns matters that hold some of it; empty: it may go
   */
  held: (tx: Tx, going: Going) => Promise<readonly string[]>;
  gone: (tx: Tx, gone: Gone) => Promise<void>;
  /**
   * A restriction is about to be lifted: was its subject told before (GDPR art. 18(3))? @param since it holds
   * @returns null when it was; else why it was not
   */
  lifting?: (tx: Tx, subjectId: SubjectId, since: Date) => Promise<string | null>;
}>;

/** An installation without retention: nothing is held, and no account is kept. */
export const NO_KEEPERS: Keepers = { held: async () => await Promise.resolve([]), gone: () => Promise.resolve() };
/** Stands for the files beside a record, where names of fields stand. */
export const ATTACHMENTS = '@attachments';
