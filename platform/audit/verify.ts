/**
 * The offline verifier: from a signed checkpoint and the entries' bytes alone, is this the log that was signed?
 *
 * 1. The checkpoint is signed by every key of the log that was given, and by a log that the policy accepts.
 * 2. The policy's quorum of witnesses has cosigned it, or an earlier one.
 * 3. It has not fewer entries than were seen before.
 *    What a quorum has seen beyond it only adds to it.
 * 4. Every entry and every tile gives its root, and on the way that of each checkpoint seen before (verify-walk.ts).
 */
import { isFailure } from '#platform/failure';
import type { Policy } from '#platform/tlog';

import { compareHeads } from './compare.ts';
import { trustOf, type Trust, type TrustedHead } from './trust.ts';
import { walkLog, type PolicyVersion, type Seen, type WalkSource } from './verify-walk.ts';

export type LogSource = WalkSource &
  Readonly<{
    /** The newest published checkpoint. */
    checkpoint: () => Promise<string>;
    /** The newest one that met the log's own quorum of witnesses; null when there is none. */
    witnessed: () => Promise<string | null>;
  }>;
export type VerifyAsk = Readonly<{
  source: LogSource;
  /** The log's keys, one on a line. null: those of the policy. */
  verifierKey: string | null;
  policy?: Policy | null;
  /** A checkpoint that was seen before. */
  remembered?: string | null;
  onProgress?: (done: number, size: number) => void;
}>;
export type QuorumReport = Readonly<{
  /** Has a quorum cosigned this very checkpoint? */
  met: boolean;
  cosigned: readonly Readonly<{ witness: string; at: string | null }>[];
  missing: readonly string[];
  /** How many entries a quorum has cosigned. */
  witnessedSize: number;
}>;
export type VerifyReport = Readonly<{
  /** The log is what was signed. Whether the quorum is met is said in `quorum`. */
  ok: boolean;
  size: number;
  root: string;
  note: string;
  problems: readonly string[];
  /** null when no policy was given. */
  quorum: QuorumReport | null;
  /** Versions of the policies that decided, in the order in which they appeared. */
  policyVersions: readonly PolicyVersion[];
}>;

/** @throws RangeError when there is no key to verify with */
export async function verifyLog(ask: VerifyAsk): Promise<VerifyReport> {
  const { source, remembered = null } = ask;
  const trust = trustOf(ask.verifierKey, ask.policy ?? null);
  let note: string;
  try {
    note = await source.checkpoint();
  } catch (thrown) {
    // the log found by itself that it was changed, and signs nothing any more
    if (!isFailure(thrown, 'AUDIT_TAMPERED')) throw thrown;
    return nothing('', thrown.message);
  }
  const head = trust.open(note);
  if (head === null) return nothing(note, 'the checkpoint is not signed by this log: forged, or another log');

  const problems: string[] = [];
  const seen: Seen[] = [];
  const before = remembered === null ? null : trust.openOlder(remembered);
  if (remembered !== null && before === null) problems.push('the remembered checkpoint is not signed by this log');
  if (before !== null) {
    seen.push({ ...before, by: 'those seen before' });
    if (before.size > head.size)
      problems.push(
        `the log has ${head.size} entries, ${before.size} were seen before: its end was cut off, or an old copy was put back`,
      );
  }
  // the log's signatures hold, so it is one of a witness that does not
  if (trust.judge(note)?.head === null) problems.push('a cosignature in the name of a witness of the policy is forged');
  const { quorum, witnessed } = await askQuorum(source, trust, note, head.size);
  if (witnessed !== null) seen.push({ ...witnessed, by: 'those that the witnesses saw' });
  // a log that is written to may have gone on since; the walk ends before
  const beyond =
    witnessed === null || witnessed.size <= head.size ? null : await compareHeads(source.tile, head, witnessed);
  if (beyond !== null)
    problems.push(`this is not the beginning of the ${witnessed?.size} entries that the witnesses saw: ${beyond}`);
  const walked = await walkLog({ source, head, seen, onProgress: ask.onProgress });
  problems.push(...walked.problems);
  return {
    ok: problems.length === 0,
    size: head.size,
    root: head.root.toString('base64'),
    note,
    problems,
    quorum,
    policyVersions: walked.policyVersions,
  };
}

function nothing(note: string, problem: string): VerifyReport {
  return { ok: false, size: 0, root: '', note, problems: [problem], quorum: null, policyVersions: [] };
}

/** When this checkpoint has no quorum, the last one that had: the log must contain that one too. */
async function askQuorum(
  source: LogSource,
  trust: Trust,
  note: string,
  size: number,
): Promise<{ quorum: QuorumReport | null; witnessed: TrustedHead | null }> {
  const verdict = trust.judge(note);
  if (verdict === null) return { quorum: null, witnessed: null };
  const { quorumMet: met, cosigned, missing } = verdict;
  const earlier = met ? null : await source.witnessed();
  const head = earlier === null ? null : trust.openOlder(earlier);
  const witnessed = earlier !== null && trust.judge(earlier)?.quorumMet === true ? head : null;
  const quorum = {
    met,
    cosigned: cosigned.map(({ witness, at }) => ({ witness: witness.name, at: at?.toISOString() ?? null })),
    missing: missing.map(({ name }) => name),
    witnessedSize: met ? size : Math.min(size, witnessed?.size ?? 0),
  };
  return { quorum, witnessed };
}
