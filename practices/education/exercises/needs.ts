/** What exercises need of others. */
import type { Audit } from '#platform/audit';
import type { Db, Statements, Tx } from '#platform/db';
import type { SubjectId } from '#platform/ids';

import type { Gate } from '../standing/gate.ts';
import type { ReadableLog } from './own-entries.ts';

export type ExerciseNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'append' | 'appendIn'>;
  log: ReadableLog;
  gate: Pick<Gate, 'library' | 'now'>;
  stage: Stage;
}>;

export type GrantToDecide = Readonly<{
  role: string;
  purpose: string;
  classes: readonly string[];
  minutes: number;
  reads: number;
  reason: string;
}>;

/** What is set up for a try in the real system, and taken down after it. */
export type Stage = Readonly<{
  /**
   * Made-up customers with these values, in order; they expire by themselves.
   * @param remember in the transaction that makes them
   * @returns null where the catalogue has no place for them
   */
  plant: (
    people: readonly Readonly<Record<string, string>>[],
    livesMs: number,
    remember: (tx: Tx, subjects: readonly SubjectId[]) => Promise<void>,
  ) => Promise<readonly SubjectId[] | null>;
  shred: (subjects: readonly SubjectId[]) => Promise<void>;
  /** As it stands in the log. */
  pseudonymOf: (subject: SubjectId) => string;
  /** In the name of a made-up customer, and shown that it is they. */
  ask: (subject: SubjectId, request: Readonly<{ kind: string; words: string }>) => Promise<void>;
  /** What was asked for in their name waits for nobody any more, whatever became of it. */
  withdraw: (subject: SubjectId) => Promise<void>;
  /** A request for a grant on a made-up customer, by nobody, that this learner alone decides on. */
  askGrant: (subject: SubjectId, ask: GrantToDecide) => Promise<void>;
  /** Grants that are about these alone end, and what was asked for is taken back. */
  endGrants: (tx: Statements, subjects: readonly SubjectId[]) => Promise<void>;
}>;
