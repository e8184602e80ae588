/**
 * Stores a file beside a record. Two steps, so that what is cut off in the middle leaves nothing: `stageAttachment` seals
 * the content into chunks that no attachment names yet; `place` gives them name and row, and retires what had that name
 * before, in one transaction with the entry of the log. Until then the old one is read.
 */
import { transact, type Tx } from '#platform/db';
import { publicId, uuidv7, type RecordId, type Uuid } from '#platform/ids';
import type { CollectionSpec, FieldSpec } from '#practices/collection';

import { findByName, keyOfAttachment } from './attachment-keys.ts';
import { nameLookup, sealManifest } from './attachment-manifest.ts';
import { attachmentsGone, attachmentTag } from './attachment-tags.ts';
import { holdCatalog, underCatalog } from './catalog-change.ts';
import { eventOf, type Caller, type Core } from './core.ts';
import { vaultFailure } from './failures.ts';
import { lockRecord } from './patch.ts';
import { growRing } from './grow-ring.ts';
import { renewAttachment } from './renew-attachments.ts';
import { storeChunks } from './store-chunks.ts';
import { beginUpload, deleteLoose, loadAttachments, placeUpload, retireAttachment } from './store/attachments.ts';
import { newestKey } from './subject-keys.ts';
import type { DataKey } from './types.ts';

/** A list of them is read at once. */
export const MAX_ATTACHMENTS = 1000;

export type AttachAsk = Readonly<{
  id: RecordId;
  /** As `checkAttachmentName` returns it. */
  name: string;
  type: string;
  /** At most `core.attachmentBytes`: who reads the request sees to that. */
  source: AsyncIterable<Uint8Array>;
  /** What the sender says the SHA-256 of the content is, 64 hex digits. */
  sha256?: string | undefined;
}>;
export type Attached = Readonly<{
  attachmentId: Uuid;
  sizeBytes: number;
  sha256: string;
  /** Whether one of this name was there before. */
  replaced: boolean;
  auditIndex: bigint;
}>;
export type StagedAttachment = Readonly<{
  sha256: string;
  /**
   * @param remember runs in the transaction, last
   * @param now who asks, looked up again after a long upload; decided on in the transaction
   */
  place: (remember?: (tx: Tx, made: Attached) => Promise<void>, now?: Caller) => Promise<Attached>;
  /** Takes away what was not placed; does nothing to what was. */
  discard: () => Promise<void>;
}>;

/** @throws VAULT_ATTACHMENTS_UNDECLARED */
export function attachmentsOf(collection: CollectionSpec): FieldSpec {
  if (collection.attachments === null)
    throw vaultFailure('ATTACHMENTS_UNDECLARED', {
      detail: `the collection ${collection.name} takes no attachments`,
    });
  return collection.attachments;
}

export const attachmentIdText = (id: Uuid): string => publicId('att', id);

/**
 * @throws VAULT_DENIED, VAULT_NOT_FOUND, VAULT_RESTRICTED, VAULT_ATTACHMENTS_UNDECLARED before anything is read;
 *   VAULT_UPLOAD_LOST, VAULT_DIGEST_MISMATCH, and what `source` throws, with nothing left behind
 */
export async function stageAttachment(core: Core, caller: Caller, ask: AttachAsk): Promise<StagedAttachment> {
  const { id } = ask;
  const attachmentId = uuidv7(core.clock().getTime());
  const discard = () => discardUpload(core, id, attachmentId);
  const key = await transact(core.db, async (tx) => {
    const { collection, held } = await lockRecord(core, tx, caller, 'records.write', id, null);
    attachmentsOf(collection);
    const { ring } = await growRing(core, tx, id.subjectId, held, new Set(['attachment']), 1);
    const newest = newestKey(ring, 'attachment') as DataKey;
    await beginUpload(tx, { recordId: id, attachmentId, keyVersion: newest.version }, core.clock());
    return newest;
  });
  try {
    const content = await storeChunks(core, key, { recordId: id, attachmentId }, ask.source);
    if (ask.sha256 !== undefined && ask.sha256 !== content.sha256) throw vaultFailure('DIGEST_MISMATCH');
    const place: StagedAttachment['place'] = async (remember, now = caller) => {
      const upload = { attachmentId, keyVersion: key.version };
      const { made, stale } = await underCatalog(core, () => placeContent(core, now, ask, upload, content, remember));
      // keys were renewed while this was being uploaded: it must not be left under the old one
      if (stale) await renewAttachment(core, { recordId: id, attachmentId });
      return made;
    };
    return { sha256: content.sha256, place, discard };
  } catch (thrown) {
    // what went wrong first is what is told; should this fail too, the sweep takes the chunks away
    await discard().catch(() => undefined);
    throw thrown;
  }
}

async function placeContent(
  core: Core,
  caller: Caller,
  ask: AttachAsk,
  { attachmentId, keyVersion }: Readonly<{ attachmentId: Uuid; keyVersion: number }>,
  content: Awaited<ReturnType<typeof storeChunks>>,
  remember: ((tx: Tx, made: Attached) => Promise<void>) | undefined,
): Promise<{ made: Attached; stale: boolean }> {
  const { id, name, type } = ask;
  return transact(core.db, async (tx) => {
    await holdCatalog(core, tx);
    const { collection, held } = await lockRecord(core, tx, caller, 'records.write', id, null);
    const spec = attachmentsOf(collection);
    const ring = await core.keys.open(id.subjectId, held.ring);
    const key = keyOfAttachment(ring, keyVersion);
    const there = (await loadAttachments(tx, id, null))?.attachments ?? [];
    const before = findByName(ring, there, name);
    if (before === undefined && there.length >= MAX_ATTACHMENTS) throw vaultFailure('ATTACHMENTS_FULL');

    const now = core.clock();
    const { head, sizeBytes, chunks, sha256, chunksDigest } = content;
    const row = {
      recordId: id, attachmentId, publicId: attachmentId, keyVersion, sizeBytes, chunks, head, nameLookup: nameLookup(key, id, name),
    }; // prettier-ignore
    const manifest = sealManifest(key, core.installation, row, { name, type, sha256 });
    if (before !== undefined)
      await retireAttachment(tx, { subjectId: id.subjectId, attachmentId: before.attachmentId }, now);
    if (!(await placeUpload(tx, row, manifest, now))) throw vaultFailure('UPLOAD_LOST');
    const mac = core.auditMac();
    const place = { subjectId: id.subjectId, attachmentId };
    const entry = eventOf(caller, {
      action: 'vault.attach', purpose: caller.purpose, subjects: [id.subjectId], classes: [spec.class], outcome: 'done',
      detail: {
        collection: collection.name, attachment: attachmentIdText(attachmentId), sizeBytes,
        attachmentSeals: attachmentTag(mac, place, { ...row, manifest, chunksDigest }).toString('base64'),
        ...attachmentsGone(mac, id.subjectId, before === undefined ? [] : [before.attachmentId]),
      },
    }); // prettier-ignore
    const auditIndex = (await core.audit.appendIn(tx, entry)).index;
    const made = { attachmentId, sizeBytes, sha256, replaced: before !== undefined, auditIndex };
    await remember?.(tx, made);
    return { made, stale: newestKey(ring, 'attachment')?.version !== keyVersion };
  });
}

export async function discardUpload(core: Core, { subjectId }: RecordId, attachmentId: Uuid): Promise<void> {
  await transact(core.db, (tx) => deleteLoose(tx, { subjectId, attachmentId }, 'uploading'));
}
