/** The way from a snapshot to a time: which segments, whether they are all there, and putting them in. */
import type { Db } from '#platform/db';

import { seenBy } from '../changes/seen-by.ts';
import { openSegment, type SegmentManifest } from '../changes/segment-manifest.ts';
import { backupsFailure } from '../failures.ts';
import type { Details, Manifest } from '../manifest.ts';
import type { AppliedSql } from '../store/catalogue.ts';
import type { RunPlane } from '../store/journal.ts';
import { raiseSequence } from '../store/slot.ts';
import { applySegments } from './apply.ts';
import type { Found } from './find.ts';
import type { RestoreAsk, RestoreNeeds } from './restore.ts';
import { framesIn, listSegments, walkSegments, type SegmentRef } from './segments.ts';

export type Plan = Readonly<{
  ask: RestoreAsk;
  refs: readonly SegmentRef[];
  installation: string;
  joins: Readonly<Record<RunPlane, Readonly<{ segments: NonNullable<Manifest['segments']>; snapshot: string }> | null>>;
  snapshots: Readonly<Record<RunPlane, Details>>;
}>;
export type Followed = Readonly<{ segments: number; transactions: number; changes: number; lastAt: string | null }>;

/**
 * Looks all segments through before there is a database.
 * @returns null when none go on from the snapshot, or none are wanted
 * @throws BACKUPS_SEGMENT_GAP when that time is not reached, BACKUPS_STORE_STALE when segments are hidden, BACKUPS_KEY_WRONG when
 *   they are sealed to others than the backup
 */
export async function planSegments(
  ask: RestoreAsk,
  found: Found,
  details: Readonly<Record<RunPlane, Details>>,
): Promise<Plan | null> {
  const { manifest } = found.data;
  const { beat } = found.ledger;
  const joinOf = (segments: Manifest['segments'] | undefined, snapshot: string | null | undefined) =>
    segments === undefined || segments === null || snapshot === undefined || snapshot === null
      ? null
      : { segments, snapshot };
  const joins = { data: joinOf(manifest.segments, details.data.snapshot), key: joinOf(found.key.manifest.segments, details.key.snapshot) }; // prettier-ignore
  if (ask.points !== 'segments' || joins.data === null) return null;
  const refs = await listSegments(ask.stores.data);
  const last = refs.at(-1)?.seq ?? 0;
  if (last < (beat.segment ?? 0))
    throw backupsFailure('STORE_STALE', { detail: `the store shows segments up to ${last}, the ledger knows of ${beat.segment}` }); // prettier-ignore
  const plan: Plan = { ask, refs, installation: manifest.installation, joins, snapshots: details };
  let [covered, reached, seq] = [Date.parse(manifest.startedAt), false, joins.data.segments.from - 1];
  for await (const segment of walk(plan, 'data')) {
    if (ask.at !== null && Date.parse(segment.firstAt) > ask.at.getTime()) {
      reached = true;
      break;
    }
    requireOpened(segment, ask);
    seq = segment.seq;
    covered = Math.max(covered, Date.parse(segment.lastAt), Date.parse(segment.readAt ?? segment.lastAt));
  }
  // nothing was committed after the last one until the log was read again
  if (seq === (beat.segment ?? 0) && beat.timeline === joins.data.segments.timeline && typeof beat.readAt === 'string')
    covered = Math.max(covered, Date.parse(beat.readAt));
  const until = new Date(covered).toISOString();
  if (!reached && ask.at !== null && ask.at.getTime() > covered)
    throw backupsFailure('SEGMENT_GAP', { detail: `what is there from this backup on reaches to ${until}` });
  if (ask.at === null && seq < last)
    throw backupsFailure('SEGMENT_GAP', {
      detail: `the log was lost at ${until}, and no backup was taken since: segments ${seq + 1} to ${last} follow nothing`,
      hint: `restore to ${until} with --at, or with --snapshot`,
    });
  // keys are followed to their end, whatever time the rows are restored to
  const newest = refs.at(-1);
  if (newest !== undefined && joins.key !== null && newest.seq >= joins.key.segments.from) {
    const bytes = await ask.stores.data.get(newest.name, { version: newest.version });
    const segment = openSegment(bytes, newest.seq, ask.trusted);
    if (segment.timeline === joins.key.segments.timeline) requireOpened(segment, ask);
  }
  return plan;
}

function requireOpened({ seq, recipients }: SegmentManifest, { fingerprint }: RestoreAsk): void {
  if (recipients.includes(fingerprint)) return;
  throw backupsFailure('KEY_WRONG', {
    detail: `segment ${seq} is sealed to ${recipients.join(', ')}, these shares are of ${fingerprint}`,
    hint: 'somebody else was trusted since the backup: their shares open the next one; these open it alone, with --snapshot',
  });
}

function walk(plan: Plan, plane: RunPlane): ReturnType<typeof walkSegments> {
  const { ask, refs, installation, joins } = plan;
  const join = joins[plane];
  return walkSegments(ask.stores.data, join === null ? [] : refs, join?.segments ?? { timeline: '', from: 1 }, { installation, trusted: ask.trusted }); // prettier-ignore
}

/** Rows of data up to the time that was asked for; keys as they are now. */
export async function followChanges(
  needs: RestoreNeeds,
  db: Db,
  plan: Plan | null,
  plane: RunPlane,
  migrate: (applied: readonly AppliedSql[]) => Promise<void>,
): Promise<{ followed: Followed; escrows: readonly Buffer[] }> {
  const join = plan?.joins[plane] ?? null;
  if (plan === null || join === null)
    return { followed: { segments: 0, transactions: 0, changes: 0, lastAt: null }, escrows: [] };
  const { ask } = plan;
  const { sealer, onStep, stop = () => {} } = needs;
  const opening = { target: ask.stores[plane], sealer, identity: ask.identity };
  const last = plan.refs.at(-1)?.seq ?? 0;
  const until = plane === 'data' ? ask.at : null;
  const segments = async function* segments() {
    for await (const manifest of walk(plan, plane)) {
      if (until !== null && Date.parse(manifest.firstAt) > until.getTime()) return;
      yield { manifest, frames: framesIn(opening, plane === 'data' ? manifest.objects : manifest.keyObjects) };
    }
  };
  const { from } = join.segments;
  const applied = await applySegments({
    db,
    sealer,
    plane,
    seen: seenBy(join.snapshot),
    until,
    segments,
    migrate,
    onSegment: (seq) => onStep(`changes of ${plane === 'data' ? 'rows' : 'keys'}`, seq - from + 1, last - from + 1),
    stop,
  });
  for (const sequence of [...(plan.snapshots[plane].sequences ?? []), ...applied.sequences])
    await raiseSequence(db, sequence);
  const { segments: count, transactions, changes, lastAt } = applied;
  return {
    followed: { segments: count, transactions, changes, lastAt: lastAt?.toISOString() ?? null },
    escrows: applied.escrows,
  };
}
