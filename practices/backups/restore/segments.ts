/**
 * Segments as a store has them, in order and without a gap: each names the one before, and one that is missing, doubled or
 * of another time line ends the walk or refuses it. Held at once: one manifest, one object.
 */
import { parseLsn } from '../changes/pgoutput.ts';
import { openSegment, SEGMENTS, seqOfSegment, type SegmentManifest } from '../changes/segment-manifest.ts';
import { backupsFailure } from '../failures.ts';
import { sha256Of, type Manifest, type SealedObject } from '../manifest.ts';
import { framesOf, type Frame } from '../sealing/frames.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { written, type Target } from '../targets/target.ts';

export type SegmentRef = Readonly<{ seq: number; name: string; version: string | null; storedAt: Date }>;

/** All that the store shows, in order. */
export async function listSegments(target: Target): Promise<SegmentRef[]> {
  const refs: SegmentRef[] = [];
  for (const { name, version, storedAt } of written(await target.list(SEGMENTS))) {
    const seq = seqOfSegment(name);
    if (seq === null) throw backupsFailure('SEGMENT_GAP', { detail: `${name} is no name of a segment` });
    const last = refs.at(-1);
    if (last?.seq === seq) throw backupsFailure('SEGMENT_GAP', { detail: `there are two segments ${seq}` });
    refs.push({ seq, name, version, storedAt });
  }
  return refs;
}

/**
 * What goes on from a snapshot. It ends where the time line does.
 * @throws BACKUPS_SEGMENT_GAP, BACKUPS_SIGNATURE_REFUSED, BACKUPS_SIGNER_UNKNOWN
 */
export async function* walkSegments(
  target: Target,
  refs: readonly SegmentRef[],
  { timeline, from }: NonNullable<Manifest['segments']>,
  { installation, trusted }: Readonly<{ installation: string; trusted: string }>,
): AsyncGenerator<SegmentManifest> {
  let before: { sha256: string; seq: number; toLsn: string } | null = null;
  for (const { seq, name, version } of refs) {
    if (seq < from) continue;
    const expected: number = before === null ? from : before.seq + 1;
    if (seq !== expected) throw backupsFailure('SEGMENT_GAP', { detail: `segment ${expected} is missing` });
    const bytes = await target.get(name, { version });
    const manifest = openSegment(bytes, seq, trusted);
    if (manifest.installation !== installation)
      throw backupsFailure('SEGMENT_GAP', { detail: `segment ${seq} is of another installation` });
    if (before !== null && manifest.previous !== before.sha256)
      throw backupsFailure('SEGMENT_GAP', { detail: `segment ${seq} does not follow the one before it` });
    if (manifest.timeline !== timeline) return;
    if (before !== null && parseLsn(manifest.fromLsn) < parseLsn(before.toLsn))
      throw backupsFailure('SEGMENT_GAP', { detail: `segment ${seq} begins before the one before it ends` });
    before = { sha256: sha256Of(bytes), seq, toLsn: manifest.toLsn };
    yield manifest;
  }
}

/** Frames of these objects, one object at a time. @throws BACKUPS_OBJECT_MISSING, BACKUPS_OBJECT_DAMAGED, BACKUPS_KEY_WRONG */
export async function* framesIn(
  { target, sealer, identity }: Readonly<{ target: Target; sealer: Sealer; identity: string }>,
  objects: readonly SealedObject[],
): AsyncGenerator<Frame> {
  for (const { name, sha256 } of objects)
    for (const frame of framesOf(await sealer.open(await target.get(name, { sha256 }), [identity]))) yield frame;
}
