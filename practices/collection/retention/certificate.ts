/**
 * The certificate of a run: what was done by which rules, and the hash of its rows in the account, signed with the log's
 * Ed25519 key as a signed note. Its first line is no origin of a log, so that it is never taken for a checkpoint.
 * Source: docs/formats/retention-certificate.md; C2SP signed-note
 */
import type { KeyObject } from 'node:crypto';

import { NOTE_ED25519, signNote } from '#platform/tlog';

import type { RunRow } from '../store/runs.ts';
import type { RunDigest } from './erasures.ts';

export const CERTIFICATE = 'strongroom/retention-certificate/1';
export type CertificateSigner = Readonly<{ name: string; privateKey: KeyObject }>;

export function certify(
  signer: CertificateSigner,
  about: Readonly<{
    run: string;
    row: Pick<RunRow, 'as_of' | 'rule_hash' | 'plan_hash' | 'begun_at' | 'done'>;
    approvers: readonly string[];
    digest: RunDigest;
    finishedAt: Date;
  }>,
): string {
  const { run, row, digest, approvers, finishedAt } = about;
  const counts = Object.entries(row.done).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = [
    CERTIFICATE,
    `origin ${signer.name}`,
    `run ${run}`,
    `as-of ${row.as_of.toISOString()}`,
    `begun ${(row.begun_at ?? finishedAt).toISOString()}`,
    `finished ${finishedAt.toISOString()}`,
    `rules ${row.rule_hash}`,
    `plan ${row.plan_hash}`,
    `approved-by ${approvers.length === 0 ? 'settings' : approvers.join(' ')}`,
    ...counts.map(([name, count]) => `count ${name} ${count}`),
    `rows ${digest.rows} ${digest.digest}`,
    ...(digest.rows === 0
      ? []
      : [`range ${digest.first} ${digest.last}`, `subjects ${digest.lowest} ${digest.highest}`]),
    '',
  ].join('\n');
  return signNote(text, [{ ...signer, type: NOTE_ED25519 }], finishedAt);
}
