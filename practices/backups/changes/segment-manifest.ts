/** The manifest of a segment: signed, and chained to the one before. Source: docs/formats/backup.md §8 */
import { backupsFailure } from '../failures.ts';
import type { SealedObject } from '../manifest.ts';
import { openDocument, signDocument, type Signer } from '../signed.ts';

export type SegmentManifest = Readonly<{
  format: 'strongroom/segment/1';
  installation: string;
  segment: string;
  /** Of a slot: segments of one follow each other without a gap. */
  timeline: string;
  seq: number;
  /** SHA-256 of the manifest before, in hex; null for the first there ever was. */
  previous: string | null;
  /** Everything that was committed between these two places in the log, the first exclusive. */
  fromLsn: string;
  toLsn: string;
  /** When its first and last transactions were committed, by the database's clock. */
  firstAt: string;
  lastAt: string;
  /** When the log ended here, as far as is known: nothing else was committed until then. Null: it went on. */
  readAt: string | null;
  transactions: number;
  changes: number;
  /** Transactions that migrated the schema: a restore runs the migrations instead. */
  migrating: readonly number[];
  storeTime: string;
  /** In the data plane's stores. */
  objects: readonly SealedObject[];
  /** In the key plane's. */
  keyObjects: readonly SealedObject[];
  recipients: readonly string[];
}>;

export const SEGMENTS = 'data/segments/';
export const segmentName = (seq: bigint | number, random: string): string =>
  `${SEGMENTS}${String(seq).padStart(12, '0')}-${random}`;

/** @returns null for a name that is none */
export function seqOfSegment(name: string): number | null {
  const [, seq = ''] = /^data\/segments\/(\d{12})-[0-9a-f]{32}$/.exec(name) ?? [];
  return seq === '' ? null : Number(seq);
}

export const signSegment = (manifest: Omit<SegmentManifest, 'format'>, signer: Signer): Buffer =>
  signDocument({ format: 'strongroom/segment/1', ...manifest }, signer);

/** @throws BACKUPS_SIGNATURE_REFUSED, BACKUPS_SIGNER_UNKNOWN, BACKUPS_SEGMENT_GAP when it has another number than its name says */
export function openSegment(bytes: Buffer, seq: number, trusted: string): SegmentManifest {
  const manifest = openDocument<SegmentManifest>(bytes, 'strongroom/segment/1', trusted);
  if (manifest.seq !== seq)
    throw backupsFailure('SEGMENT_GAP', { detail: `segment ${manifest.seq} lies where ${seq} is expected` });
  return manifest;
}
