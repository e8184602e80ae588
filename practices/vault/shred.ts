/**
 * Shreds a subject: key ring, records, lookups, tokens, attachments, in one transaction with the log's entry, and a
 * receipt that says what is final when.
 *
 * Copies we cannot reach (replicas, heap pages, backups) hold ciphertext and perhaps the old ring blob, wrapped under an
 * epoch key: they are dead for good when the next epoch rotation destroys that key. NIST SP 800-88r2 accepts this only
 * when all copies of the wrapping key go too.
 */
import { createHash } from 'node:crypto';

import { lengthPrefixed } from '#platform/crypto';
import { transact, type Tx } from '#platform/db';
import { subjectIdText, uuidBytes, type SubjectId, type Uuid } from '#platform/ids';

import { attachmentsGone } from './attachment-tags.ts';
import { eventOf, nameOfCollection, refuseHeld, requireAction, type Caller, type Core } from './core.ts';
import { vaultFailure } from './failures.ts';
import type { Gone } from './keepers.ts';
import { encodeGone } from './seal-tags.ts';
import {
  collectionsOf,
  findReceipt,
  keepReceipt,
  liftRestriction,
  lockForShred,
  remainsOf,
  restrictSubject,
  shredSubject,
  viewSubject,
} from './store/subjects.ts';

export type ErasureReceipt = Readonly<{
  receipt: 'strongroom/erasure/1';
  subjectId: string;
  erasedAt: string;
  records: number;
  lookups: number;
  tokens: number;
  attachments: number;
  /** The key epoch that dead copies were wrapped under; nothing can ever open them once it is destroyed. */
  keyEpoch: number;
  /** Rows of the subject found after the deletion, in its transaction: 0. */
  remains: number;
  auditIndex: number;
}>;

/** What a tombstone keeps of the id. */
export function subjectHash(installation: Uuid, subjectId: SubjectId): Buffer {
  return createHash('sha256')
    .update(lengthPrefixed('strongroom/tombstone/1', uuidBytes(installation), uuidBytes(subjectId)))
    .digest();
}

/** Pseudonyms that go into one entry of the log. */
const GONE_IN_ONE = 4000;
/** Of them, attachments' beside records'. */
const ATTACHMENTS_IN_ONE = 1000;

/**
 * Erasing twice gives the first receipt again.
 * @throws VAULT_DENIED, VAULT_SUBJECT_NOT_FOUND, VAULT_HELD
 */
export async function eraseSubject(core: Core, caller: Caller, subjectId: SubjectId): Promise<ErasureReceipt> {
  await requireAction(core, caller, { action: 'subjects.erase', subject: subjectId });
  const { receipt, committed } = await transact(core.db, (tx) => eraseHeldIn(core, tx, caller, subjectId));
  committed();
  return receipt;
}

/**
 * In the caller's transaction: it is erased when that commits.
 * @returns what is to be done then
 * @throws as eraseSubject
 */
export async function eraseIn(core: Core, tx: Tx, caller: Caller, subjectId: SubjectId): Promise<Erased> {
  await requireAction(core, caller, { action: 'subjects.erase', subject: subjectId });
  return eraseHeldIn(core, tx, caller, subjectId);
}
export type Erased = Readonly<{ receipt: ErasureReceipt; committed: () => void }>;

async function eraseHeldIn(core: Core, tx: Tx, caller: Caller, subjectId: SubjectId): Promise<Erased> {
  const { collections } = await lockSubject(core, tx, subjectId);
  await refuseHeld(core, tx, { subjectId, recordNo: null, collections, fields: null });
  const made = await shredIn(core, tx, caller, subjectId, { cause: 'request' });
  const receipt = made ?? (await findReceipt(tx, subjectHash(core.installation, subjectId)));
  if (receipt === null) throw vaultFailure('SUBJECT_NOT_FOUND');
  return { receipt: receipt as ErasureReceipt, committed: () => core.keys.forget(subjectId) };
}

/**
 * Shreds in the caller's transaction. INVARIANT: who calls has asked who holds it, in this transaction.
 * @returns null when the subject is not there, or was erased by somebody else
 */
export async function shredIn(
  core: Core,
  tx: Tx,
  caller: Caller,
  subjectId: SubjectId,
  why: Pick<Gone, 'cause' | 'run'>,
): Promise<ErasureReceipt | null> {
  const idHash = subjectHash(core.installation, subjectId);
  const counts = await shredSubject(tx, subjectId, idHash);
  if (counts === null) return null;
  const { epoch, recordNos, attachmentIds, ...gone } = counts;
  const at = core.clock();
  const ids = recordNos.map((recordNo) => ({ subjectId, recordNo }));
  const mac = core.auditMac();
  for (let from = GONE_IN_ONE; from < ids.length; from += GONE_IN_ONE) {
    const part = ids.slice(from, from + GONE_IN_ONE);
    const more = eventOf(caller, { action: 'vault.delete', purpose: caller.purpose, subjects: [subjectId], outcome: 'done', detail: { records: part.length, gone: encodeGone(mac, part) } }); // prettier-ignore
    await core.audit.appendIn(tx, more);
  }
  for (let from = ATTACHMENTS_IN_ONE; from < attachmentIds.length; from += GONE_IN_ONE) {
    const part = attachmentIds.slice(from, from + GONE_IN_ONE);
    const more = eventOf(caller, { action: 'vault.detach', purpose: caller.purpose, subjects: [subjectId], outcome: 'done', detail: { attachments: part.length, ...attachmentsGone(mac, subjectId, part) } }); // prettier-ignore
    await core.audit.appendIn(tx, more);
  }
  const event = eventOf(caller, {
    action: 'vault.erase',
    purpose: caller.purpose,
    subjects: [subjectId],
    outcome: 'done',
    detail: {
      ...gone,
      keyEpoch: epoch,
      ...(why.run === undefined ? {} : { run: why.run.id, rules: why.run.ruleHash }),
      gone: encodeGone(mac, ids.slice(0, GONE_IN_ONE)),
      ...attachmentsGone(mac, subjectId, attachmentIds.slice(0, ATTACHMENTS_IN_ONE)),
    },
  });
  // the receipt names its entry, so the entry comes first; the head of the log stays locked for small statements more
  const { index } = await core.audit.appendIn(tx, event);
  const made: ErasureReceipt = {
    receipt: 'strongroom/erasure/1', subjectId: subjectIdText(subjectId), erasedAt: at.toISOString(), ...gone, keyEpoch: epoch,
    remains: await remainsOf(tx, subjectId), auditIndex: Number(index),
  }; // prettier-ignore
  await keepReceipt(tx, idHash, made);
  await core.keepers.gone(tx, { auditIndex: index, at, ...why, scope: 'subject', subjectId });
  return made;
}

/** Locked against everybody who writes for it or shreds it. @returns where it has records; nothing of one that is gone */
export async function lockSubject(core: Core, tx: Tx, subjectId: SubjectId): Promise<{ collections: string[] }> {
  await lockForShred(tx, subjectId);
  const numbers = await collectionsOf(tx, subjectId);
  return { collections: numbers.flatMap((number) => nameOfCollection(core, number) ?? []) };
}

export const RESTRICTION_REASONS = ['accuracy', 'unlawful', 'claim', 'objection'] as const;
export type RestrictionReason = (typeof RESTRICTION_REASONS)[number];

/** GDPR art. 18: the data stays, and is used for nothing but legal claims until the restriction is lifted. */
export async function setRestriction(
  core: Core,
  caller: Caller,
  subjectId: SubjectId,
  because: RestrictionReason | null,
): Promise<void> {
  await transact(core.db, (tx) => restrictIn(core, tx, caller, subjectId, because));
}

/**
 * In the caller's transaction: it holds when that commits, for every read that is decided after it. Saying it twice is saying
 * it once: the first reason and the first day stay.
 * @throws VAULT_DENIED, VAULT_SUBJECT_NOT_FOUND, VAULT_LIFT_UNTOLD
 */
export async function restrictIn(
  core: Core,
  tx: Tx,
  caller: Caller,
  subjectId: SubjectId,
  because: RestrictionReason | null,
): Promise<void> {
  await requireAction(core, caller, { action: 'subjects.restrict', subject: subjectId });
  // whoever writes for the subject, or erases it, comes before or after
  await lockForShred(tx, subjectId);
  const { living, restricted } = await viewSubject(tx, subjectId);
  if (!living) throw vaultFailure('SUBJECT_NOT_FOUND');
  if (because === null) {
    if (restricted === null) return;
    const untold = await core.keepers.lifting?.(tx, subjectId, restricted.since);
    if (typeof untold === 'string') throw vaultFailure('LIFT_UNTOLD', { detail: untold });
    await liftRestriction(tx, subjectId);
  } else if (!(await restrictSubject(tx, subjectId, because, caller.actor.id))) return;
  const event = eventOf(caller, {
    action: because === null ? 'vault.unrestrict' : 'vault.restrict',
    subjects: [subjectId],
    outcome: 'done',
    detail: because === null ? {} : { because },
  });
  await core.audit.appendIn(tx, event);
}
