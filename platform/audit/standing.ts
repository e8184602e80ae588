/** How the stored log stands, for whoever has no keys of it: sizes and witnesses. Believes what the database says; `audit verify` does not. */
import type { Statements } from '#platform/db';

import { headSize, ownsTables, readSigned, readWitnesses, type WitnessRow } from './store.ts';

export type LogStanding = Readonly<{
  size: number;
  /** Entries in the tree that was signed last. */
  signed: number;
  /** Largest size of a checkpoint that is kept. */
  kept: number;
  /** Whether this role could change the log's tables. */
  ownsTables: boolean;
  witnesses: readonly WitnessRow[];
}>;

export async function logStanding(db: Statements): Promise<LogStanding> {
  const { tree, kept } = await readSigned(db);
  return {
    signed: tree?.size ?? 0,
    kept,
    // after what was signed: entries that come meanwhile make it larger, never smaller
    size: await headSize(db),
    ownsTables: await ownsTables(db),
    witnesses: await readWitnesses(db),
  };
}
