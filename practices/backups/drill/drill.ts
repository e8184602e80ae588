/**
 * One drill: persons who do not exist are planted, some of them erased; a backup is taken that a runner of its own can open;
 * more of them are erased; the runner restores beside the system and proves that the erased are unreadable, that the living
 * open to what was written, and everything that a restore proves.
 *
 * Who can decrypt: not this server. The runner makes the identity in its own memory, tells only its public half, and ends
 * with the drill: one backup, one key, never on a disk.
 */
import type { SubjectId } from '#platform/ids';
import type { Canary } from '#practices/vault';

import { backupsFailure } from '../failures.ts';
import type { RunRow } from '../store/journal.ts';

/** What the runner is told, beside where the stores are. */
export type DrillAsk = Readonly<{
  signer: string;
  /** The newest backup of then or before. */
  at: string;
  canaries: Readonly<{ erased: readonly Canary[]; living: readonly Canary[] }>;
}>;
export type Runner = Readonly<{
  recipient: string;
  /** @returns the signed attestation @throws BACKUPS_*, by the code that the runner ended with */
  restore: (ask: DrillAsk) => Promise<string>;
  /** Ends it, and takes away what it restored. */
  close: () => Promise<void>;
}>;

export type DrillNeeds = Readonly<{
  plant: (count: number) => Promise<readonly Canary[]>;
  shred: (subjects: readonly SubjectId[]) => Promise<void>;
  keepCanaries: (subjects: readonly SubjectId[]) => Promise<void>;
  startRunner: () => Promise<Runner>;
  trust: (recipient: string) => Promise<string>;
  retire: (fingerprint: string) => Promise<unknown>;
  /** A backup of data that begins now. @returns once it is done */
  backUp: () => Promise<RunRow>;
  /** What was erased until now is in every store of the ledger when it returns. */
  sendLedger: () => Promise<void>;
  signer: () => Promise<string>;
  /** @returns whether it passed @throws BACKUPS_SIGN* */
  note: (signed: string) => Promise<boolean>;
  /** @throws when another server took this drill for dead */
  step: (name: string, seq: bigint | null) => Promise<void>;
}>;

/** Erased before the backup, erased after it, and living. */
const OF_EACH = 2;

/** @returns whether it passed @throws BACKUPS_CANARIES_NONE, BACKUPS_*, VAULT_*, … */
export async function drill(needs: DrillNeeds): Promise<boolean> {
  const living = new Set<SubjectId>();
  const erase = async (some: readonly Canary[]): Promise<void> => {
    const subjects = some.map(({ subjectId }) => subjectId);
    await needs.shred(subjects);
    for (const each of subjects) living.delete(each);
  };
  const runner = await needs.startRunner();
  let fingerprint: string | null = null;
  try {
    const planted = await needs.plant(3 * OF_EACH);
    // without them a restore says nothing about erasure, and must not look as if it did
    if (planted.length === 0) throw backupsFailure('CANARIES_NONE');
    await needs.keepCanaries(planted.map(({ subjectId }) => subjectId));
    for (const { subjectId } of planted) living.add(subjectId);
    const part = (n: number): readonly Canary[] => planted.slice(n * OF_EACH, (n + 1) * OF_EACH);
    await erase(part(0));
    await needs.step('backup', null);
    fingerprint = await needs.trust(runner.recipient);
    const backup = await needs.backUp();
    await erase(part(1));
    await needs.sendLedger();
    await needs.step('restore', backup.seq);
    const signed = await runner.restore({
      signer: await needs.signer(),
      at: (backup.finished_at ?? new Date()).toISOString(),
      canaries: { erased: [...part(0), ...part(1)], living: part(2) },
    });
    return await needs.note(signed);
  } finally {
    try {
      await runner.close();
    } finally {
      if (fingerprint !== null) await needs.retire(fingerprint);
      await needs.shred([...living]);
    }
  }
}

export const drillFailed = (code: string): Error =>
  backupsFailure('DRILL_FAILED', { detail: `the drill failed: ${code}` });
