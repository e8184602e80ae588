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
}>;

export const manifestName = (plane: RunPlane, seq: bigint | number, random: string): string =>
  `${plane}/manifests/${String(seq).padStart(10, '0')}-${random}`;

export const signManifest = (manifest: Omit<Manifest, 'format'>, signer: Signer): Buffer =>
  signDocument({ format: 'strongroom/backup/1', ...manifest }, signer);

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** @throws BACKUPS_SIGNATURE_REFUSED, BACKUPS_SIGNER_UNKNOWN */
export const openManifest = (bytes: Buffer, trusted: string): Manifest =>
  openDocument<Manifest>(bytes, 'strongroom/backup/1', trusted);

export type Linked = Readonly<{ manifest: Manifest; sha256: string; name: string; bytes: Buffer }>;

/**
 * Each manifest names the one before. @param bytesOf all manifests of a plane, in any order
 * @returns in order of seq
 * @throws BACKUPS_CHAIN_BROKEN when one is missing, doubled or not of this chain
 */
export function linkManifests(
  found: readonly { name: string; bytes: Buffer }[],
  plane: RunPlane,
  trusted: string,
): Linked[] {
  // a PUT that was tried twice leaves the same manifest in two versions
  const distinct = new Map(found.map(({ name, bytes }) => [sha256Of(bytes), { name, bytes }]));
  const linked = [...distinct]
    .map(([sha256, { name, bytes }]) => ({ name, bytes, manifest: openManifest(bytes, trusted), sha256 }))
    .toSorted((a, b) => a.manifest.seq - b.manifest.seq);
  linked.forEach(({ manifest, name }, n) => {
    const before = linked[n - 1];
    const wanted = before === undefined ? null : before.sha256;
    const broken = (what: string): Error => backupsFailure('CHAIN_BROKEN', { detail: `${name} ${what}` });
    if (manifest.plane !== plane) throw broken(`is of the plane ${manifest.plane}`);
    if (manifest.seq !== n + 1) throw broken(`has number ${manifest.seq} where ${n + 1} is expected`);
    if (manifest.previous !== wanted) throw broken('does not follow the manifest before it');
    if (before !== undefined && manifest.installation !== before.manifest.installation)
      throw broken('is of another installation');
  });
  return linked;
}
