/**
 * Whom a verifier believes: the log's keys, from its own keeping or from a policy, and the policy's witnesses.
 */
import {
  judgeNote,
  openNote,
  parseCheckpoint,
  parseVerifierKeys,
  type Checkpoint,
  type NoteKey,
  type Policy,
  type Verdict,
} from '#platform/tlog';

export type TrustedHead = Checkpoint &
  Readonly<{ /** Latest time that a key of the log gives; null when none does. */ at: Date | null }>;
export type Trust = Readonly<{
  /** A checkpoint as it must be now: signed by every key that was given, and by a log that the policy accepts. */
  open: (note: string) => TrustedHead | null;
  /** A checkpoint from before: one key is enough, as a log may have gained one since; or the first, where only that is believed. */
  openOlder: (note: string) => TrustedHead | null;
  /** null without a policy. */
  judge: (note: string) => Verdict | null;
}>;

/**
 * @param verifierKey the log's keys, one on a line; null: those of the policy
 * @param alone `first`: the others are what the log itself shows by now, and stand for nothing without the first
 * @throws RangeError when there is no key to verify with, or it is none
 */
export function trustOf(verifierKey: string | null, policy: Policy | null, alone: 'each' | 'first' = 'each'): Trust {
  const given = verifierKey === null ? [] : parseVerifierKeys(verifierKey);
  if (given === null) throw new RangeError('the verifier key of the log is malformed');
  const accepted = policy?.logs.map(({ key }) => key) ?? [];
  const keys = [...given, ...accepted.filter((key) => !given.some((one) => isSame(one, key)))];
  if (keys.length === 0) throw new RangeError('no key of the log is known: give its verifier key');

  const open = (note: string, isEnough: (signers: readonly NoteKey[]) => boolean): TrustedHead | null => {
    const opened = openNote(note, keys);
    const head = opened === null ? null : parseCheckpoint(opened.text);
    if (opened === null || head === null) return null;
    const signers = [...opened.signed.keys()].filter((key) => key.name === head.origin);
    if (signers.length === 0 || !isEnough(signers)) return null;
    const times = signers.map((key) => opened.signed.get(key)?.getTime() ?? 0);
    const latest = Math.max(...times);
    return { ...head, at: latest === 0 ? null : new Date(latest) };
  };
  const signedBy = (signers: readonly NoteKey[], key: NoteKey): boolean => signers.some((one) => isSame(one, key));
  return {
    open: (note) =>
      open(
        note,
        (signers) =>
          given.every((key) => signedBy(signers, key)) &&
          (accepted.length === 0 || accepted.some((key) => signedBy(signers, key))),
      ),
    openOlder: (note) => open(note, (signers) => alone === 'each' || signedBy(signers, keys[0] as NoteKey)),
    judge: (note) => (policy === null ? null : judgeNote(note, policy, given)),
  };
}

function isSame(one: NoteKey, other: NoteKey): boolean {
  return one.name === other.name && one.type === other.type && one.raw.equals(other.raw);
}
