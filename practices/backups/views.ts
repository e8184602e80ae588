/** Rows as the routes show them. */
import { publicId } from '#platform/ids';

import type { CanaryProof } from './restore/restore.ts';
import type { Standing } from './standing.ts';
import type { RunRow } from './store/journal.ts';
import type { SegmentRow } from './store/segments.ts';

export const runView = (row: RunRow) => ({
  id: publicId('bak', row.run_id),
  plane: row.plane,
  state: row.state,
  seq: Number(row.seq),
  rows: Number(row.rows),
  bytes: Number(row.bytes),
  totalBytes: Number(row.total_bytes),
  sealedBytes: Number(row.sealed_bytes),
  objects: row.objects,
  startedBy: row.started_by,
  startedAt: row.started_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
  because: row.because,
  sha256: row.state === 'done' ? row.manifest_sha256 : null,
  pruned: row.pruned_at !== null,
});

const percent = (part: number, whole: number): number => (whole === 0 ? 100 : Math.round((1000 * part) / whole) / 10);

/** In words: who were to be forgotten and are, who were to open and do. */
const canariesOf = (found: CanaryProof | null | undefined): string =>
  found ? `${found.gone} of ${found.erased} erased are gone, ${found.whole} of ${found.living} others open` : 'none';

export function standingView(found: Standing) {
  const { newest, ledger, coverage, drills, now } = found;
  const age = (at: Date | null | undefined): number | null =>
    at ? Math.max(0, Math.round((now.getTime() - at.getTime()) / 1000)) : null;
  const [drill] = drills;
  // of what is in the stores nothing younger is lost
  const stored = found.pointInTime.available ? found.pointInTime.to : null;
  return {
    nags: [...found.nags],
    signer: found.signer,
    rpoSeconds: {
      data: age(stored ?? newest.data?.started_at),
      key: age(stored ?? newest.key?.started_at),
      ledger: age(ledger.beatAt),
    },
    rtoSeconds: drill === undefined ? null : Number(drill.attestation.seconds ?? 0),
    newest: { data: newest.data && runView(newest.data), key: newest.key && runView(newest.key) },
    ledger: {
      entries: Number(ledger.head?.seq ?? 0n),
      sent: Number(ledger.sent?.seq ?? 0n),
      beatAt: ledger.beatAt?.toISOString() ?? null,
    },
    objects: coverage.objects,
    sealedBytes: coverage.bytes,
    lockedPercent: percent(coverage.locked, coverage.objects),
    scrubbedPercent: percent(coverage.scrubbed, coverage.objects),
    pointInTime: {
      ...found.pointInTime,
      from: found.pointInTime.from?.toISOString() ?? null,
      to: found.pointInTime.to?.toISOString() ?? null,
    },
    recipients: found.recipients.map((row) => ({
      fingerprint: row.fingerprint,
      kind: row.kind,
      addedBy: row.added_by,
      addedAt: row.added_at.toISOString(),
      provenAt: row.proven_at?.toISOString() ?? null,
      retiredAt: row.retired_at?.toISOString() ?? null,
    })),
    stores: found.stores.map((each) => ({ ...each })),
    drills: drills.map(({ at, backup_seq, passed, attestation }) => ({
      at: at.toISOString(),
      seq: Number(backup_seq),
      passed,
      seconds: Number(attestation.seconds ?? 0),
      canaries: canariesOf(attestation.canaries as CanaryProof | null | undefined),
      erased: Number((attestation.erasures as { erased?: number } | undefined)?.erased ?? 0),
      records: Number((attestation.proof as { records?: number } | undefined)?.records ?? 0),
    })),
  };
}

export const segmentView = (row: SegmentRow & Readonly<{ sealed_bytes: bigint }>) => ({
  seq: Number(row.seq),
  timeline: row.timeline,
  fromLsn: row.from_lsn,
  toLsn: row.to_lsn,
  firstAt: row.first_at.toISOString(),
  lastAt: row.last_at.toISOString(),
  transactions: row.transactions,
  changes: Number(row.changes),
  sealedBytes: Number(row.sealed_bytes),
});
