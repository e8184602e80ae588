/**
 * What became of a difference: open until a person decided. What was ignored is open again on the day it is to be looked at, or
 * when something else is found there; what was called resolved is open again when a later scan still finds it.
 */
import { createHash } from 'node:crypto';

import type { Drift } from '../scan/drift.ts';

export type Decision = Readonly<{
  decision: 'ignored' | 'resolved' | 'reopened';
  reason: string;
  type: string | null;
  class: string | null;
  reviewAt: Date | null;
  by: string;
  at: Date;
}>;
export const DRIFT_STATES = ['open', 'ignored', 'resolved'] as const;
export type DriftState = (typeof DRIFT_STATES)[number];
export type Judged = Readonly<{
  state: DriftState;
  /** Why it is open though somebody had decided. */
  again: 'review' | 'changed' | 'found' | null;
}>;

/** The same place and kind in another scan of the source is the same difference. */
export const driftKey = (source: string, { kind, table, column, collection, field }: Drift): string =>
  createHash('sha256')
    .update(JSON.stringify([source, kind, table, column, collection, field]))
    .digest('hex')
    .slice(0, 32);

/** @param scannedAt when the scan that found it began */
export function judgeDrift(
  drift: Pick<Drift, 'type' | 'class'>,
  decision: Decision | null,
  { scannedAt, now }: Readonly<{ scannedAt: Date; now: Date }>,
): Judged {
  if (decision === null || decision.decision === 'reopened') return { state: 'open', again: null };
  if (decision.decision === 'resolved')
    return scannedAt > decision.at ? { state: 'open', again: 'found' } : { state: 'resolved', again: null };
  if (decision.type !== drift.type || decision.class !== drift.class) return { state: 'open', again: 'changed' };
  return decision.reviewAt !== null && decision.reviewAt <= now
    ? { state: 'open', again: 'review' }
    : { state: 'ignored', again: null };
}
