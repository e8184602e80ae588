/**
 * The manifest: the last object of a backup, and what makes it one. Signed, and chained to the one before.
 *
 * What anybody may know stands open: order, times, names, sizes and hashes of sealed objects. What tells of the content
 * (tables, counts, sums) is in a sealed object that it names. Source: docs/formats/backup.md §2
 */
import { createHash } from 'node:crypto';

import { backupsFailure } from './failures.ts';
import { openDocument, signDocument, type Signer } from './signed.ts';
import type { AppliedSql } from './store/catalogue.ts';
import type { RunPlane } from './store/journal.ts';
import type { SequenceValue } from './store/slot.ts';

export type SealedObject = Readonly<{ name: string; sizeBytes: number; sha256: string }>;
export type Manifest = Readonly<{
  format: 'strongroom/backup/1';
  plane: RunPlane;
  installation: string;
  backup: string;
  seq: number;
  /** SHA-256 of the manifest before, in hex; null for the first. */
  previous: string | null;
  startedAt: string;
  finishedAt: string;
  /** The store's clock when the manifest was written. */
  storeTime: string;
  lsn: string;
  migrations: readonly Pick<AppliedSql, 'schema' | 'number' | 'sha256'>[];
  /** The key backup that opens what is in this one: durable before this manifest. */
  keys: Readonly<{ seq: number; sha256: string }> | null;
  /** Of which time line of segments, and the first with anything that is not in this snapshot; null: none go on from it. */
  segments: Readonly<{ timeline: string; from: number }> | null;
  /** Entries of the ledger that were durable before. */
  ledgerSeq: number;
  objects: readonly SealedObject[];
  /** The sealed object with `Details`. */
  details: SealedObject;
  /** Fingerprints of whom it is sealed to. */
  recipients: readonly string[];
}>;

export type TableDetails = Readonly<{
  table: string;
  columns: readonly string[];
  rows: number;
  bytes: number;
  sum: string;
  /** Numbers of objects with frames of it, in the manifest's order. */
  objects: readonly number[];
}>;
export type Details = Readonly<{
  format: 'strongroom/backup-details/1';
  tables: readonly TableDetails[];
  migrations: readonly AppliedSql[];
  /** Which transactions the snapshot sees: `xmin:xmax:xip,…`. */
  snapshot: string | null;
  sequences: readonly SequenceValue[];
}>;

export const manifestName = (plane: RunPlane, seq: bigint | number, random: string): string =>
  `${plane}/manifests/${String(seq).padStart(10, '0')}-${random}`;

export const signManifest = (manifest: Omit<Manifest, 'format'>, signer: Signer): Buffer =>
  signDocument({ format: 'strongroom/backup/1', ...manifest }, signer);

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** @throws BACKUPS_SIGNATURE_REFUSED, BACKUPS_SIGNER_UNKNOWN */
export const openManifest = (bytes: Buffer, trusted: string): Manifest =>
  openDocument<Manifest>(bytes, 'strongroom/backup/1', trusted);

export type Linked = Readonly<{ manifest: Manifest; sha256: string; name: string; version: string | null }>;

/**
 * Each manifest names the one before. They are read one at a time, in order of their names, which begin with their number:
 * a chain of years with a megabyte each need not fit into memory.
 * @param found all manifests of a plane, in order of their names
 * @throws BACKUPS_CHAIN_BROKEN when one is missing, doubled or not of this chain
 */
export async function* walkChain(
  found: readonly Readonly<{ name: string; version: string | null }>[],
  read: (name: string, version: string | null) => Promise<Buffer>,
  plane: RunPlane,
  trusted: string,
): AsyncGenerator<Linked> {
  // a PUT that was tried twice leaves the same manifest in two versions
  const seen = new Set<string>();
  let before: { sha256: string; seq: number; installation: string } | null = null;
  for (const { name, version } of found) {
    const bytes = await read(name, version);
    const sha256 = sha256Of(bytes);
    if (seen.has(sha256)) continue;
    seen.add(sha256);
    const manifest = openManifest(bytes, trusted);
    const broken = (what: string): Error => backupsFailure('CHAIN_BROKEN', { detail: `${name} ${what}` });
    const expected: number = (before?.seq ?? 0) + 1;
    if (manifest.plane !== plane) throw broken(`is of the plane ${manifest.plane}`);
    if (manifest.seq !== expected) throw broken(`has number ${manifest.seq} where ${expected} is expected`);
    if (manifest.previous !== (before?.sha256 ?? null)) throw broken('does not follow the manifest before it');
    if (before !== null && manifest.installation !== before.installation) throw broken('is of another installation');
    before = { sha256, seq: manifest.seq, installation: manifest.installation };
    yield { manifest, sha256, name, version };
  }
}
