/** Does a checkpoint fulfil a policy: signed by an accepted log, cosigned by a quorum? Source: C2SP tlog-policy */
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import { openNote } from './note.ts';
import { isMet, type Policy, type PolicyWitness } from './policy.ts';
import type { NoteKey } from './vkey.ts';

export type Verdict = Readonly<{
  /** null: not signed by an accepted log, or a signature in a known name is wrong. */
  head: Checkpoint | null;
  quorumMet: boolean;
  cosigned: readonly Readonly<{ witness: PolicyWitness; at: Date | null }>[];
  missing: readonly PolicyWitness[];
}>;

/** @param logKeys accepted logs when the policy names none, as those known from elsewhere */
export function judgeNote(note: string, policy: Policy, logKeys: readonly NoteKey[] = []): Verdict {
  const logs = policy.logs.length > 0 ? policy.logs.map(({ key }) => key) : logKeys;
  const opened = openNote(note, [...logs, ...policy.witnesses.map(({ key }) => key)]);
  const head = opened === null ? null : parseCheckpoint(opened.text);
  const isAccepted = head !== null && logs.some((key) => opened?.signed.has(key) === true && key.name === head.origin);
  if (opened === null || !isAccepted) return { head: null, quorumMet: false, cosigned: [], missing: policy.witnesses };
  const has = ({ key }: PolicyWitness): boolean => opened.signed.has(key);
  return {
    head,
    quorumMet: isMet(policy.quorum, opened.signed),
    cosigned: policy.witnesses.filter(has).map((witness) => ({ witness, at: opened.signed.get(witness.key) ?? null })),
    missing: policy.witnesses.filter((witness) => !has(witness)),
  };
}
