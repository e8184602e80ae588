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
import { transact } from '#platform/db';
import { subjectIdText, uuidBytes, type SubjectId, type Uuid } from '#platform/ids';

import { attachmentsGone } from './attachment-tags.ts';
import { eventOf, requireAction, type Caller, type Core } from './core.ts';
import { vaultFailure } from './failures.ts';
import { encodeGone } from './seal-tags.ts';
import {
  findReceipt,
  keepReceipt,
  liftRestriction,
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
 * @throws VAULT_DENIED, VAULT_SUBJECT_NOT_FOUND
 */
export async function eraseSubject(core: Core, caller: Caller, subjectId: SubjectId): Promise<ErasureReceipt> {
  await requireAction(core, caller, { action: 'subjects.erase' });
  const idHash = subjectHash(core.installation, subjectId);
  const receipt = await transact(core.db, async (tx) => {
    const counts = await shredSubject(tx, subjectId, idHash);
    if (counts === null) return null;
    const { epoch, recordNos, attachmentIds, ...gone } = counts;
    const erasedAt = core.clock().toISOString();
    const ids = recordNos.map((recordNo) => ({ subjectId, recordNo }));
    const mac = core.auditMac();
    for (let at = GONE_IN_ONE; at < ids.length; at += GONE_IN_ONE) {
      const part = ids.slice(at, at + GONE_IN_ONE);
      const more = eventOf(caller, { action: 'vault.delete', purpose: caller.purpose, subjects: [subjectId], outcome: 'done', detail: { records: part.length, gone: encodeGone(mac, part) } }); // prettier-ignore
      await core.audit.appendIn(tx, more);
    }
    for (let at = ATTACHMENTS_IN_ONE; at < attachmentIds.length; at += GONE_IN_ONE) {
      const part = attachmentIds.slice(at, at + GONE_IN_ONE);
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
        gone: encodeGone(mac, ids.slice(0, GONE_IN_ONE)),
        ...attachmentsGone(mac, subjectId, attachmentIds.slice(0, ATTACHMENTS_IN_ONE)),
      },
    });
    // the receipt names its entry, so the entry comes first; the head of the log stays locked for one small statement more
    const { index } = await core.audit.appendIn(tx, event);
    const made: ErasureReceipt = {
      receipt: 'strongroom/erasure/1', subjectId: subjectIdText(subjectId), erasedAt, ...gone, keyEpoch: epoch,
      remains: await remainsOf(tx, subjectId), auditIndex: Number(index),
    }; // prettier-ignore
    await keepReceipt(tx, idHash, made);
    return made;
  });
  core.keys.forget(subjectId);
  if (receipt === null) {
    const earlier = await findReceipt(core.db, idHash);
    if (earlier !== null) return earlier as ErasureReceipt;
    throw vaultFailure('SUBJECT_NOT_FOUND');
  }
  return receipt;
}

export const RESTRICTION_REASONS = ['accuracy', 'unlawful', 'claim', 'objection'] as const;

/** GDPR art. 18: the data stays, and is used for nothing but legal claims until the restriction is lifted. */
export async function setRestriction(
  core: Core,
  caller: Caller,
  subjectId: SubjectId,
  because: (typeof RESTRICTION_REASONS)[number] | null,
): Promise<void> {
  await requireAction(core, caller, { action: 'subjects.restrict' });
  await transact(core.db, async (tx) => {
    if (!(await viewSubject(tx, subjectId)).living) throw vaultFailure('SUBJECT_NOT_FOUND');
    await (because === null
      ? liftRestriction(tx, subjectId)
      : restrictSubject(tx, subjectId, because, caller.actor.id));
    const event = eventOf(caller, {
      action: because === null ? 'vault.unrestrict' : 'vault.restrict',
      subjects: [subjectId],
      outcome: 'done',
      detail: because === null ? {} : { because },
    });
    await core.audit.appendIn(tx, event);
  });
}
