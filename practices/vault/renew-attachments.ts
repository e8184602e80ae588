/**
 * Re-encryption of attachments: each one that lies under an older key of its subject is read, opened and sealed again
 * under the newest, chunk by chunk, and takes the old one's place when it is whole. The old chunks stay as long as those
 * of any replaced attachment, for who is reading them; the old key goes with the last of them.
 */
import { transact } from '#platform/db';
import { isFailure } from '#platform/failure';
import { publicId, uuidv7, type RecordId, type SubjectId, type Uuid } from '#platform/ids';

import { dropUnusedAttachmentKeys, keyOfAttachment } from './attachment-keys.ts';
import { nameLookup, openManifest, sealManifest } from './attachment-manifest.ts';
import { attachmentsGone, attachmentTag } from './attachment-tags.ts';
import type { Core } from './core.ts';
import { vaultFailure } from './failures.ts';
import { readContent } from './read-content.ts';
import { sealingFailure } from './sealing-failures.ts';
import { storeChunks } from './store-chunks.ts';
import {
  attachmentIdsOf,
  beginUpload,
  deleteLoose,
  isHeld,
  loadAttachments,
  placeUpload,
  retireAttachment,
} from './store/attachments.ts';
import { lockRings } from './store/rings.ts';
import { newestKey } from './subject-keys.ts';

const LEFT_ALONE = new Set(['SEALING_ATTACHMENT_REFUSED', 'VAULT_UPLOAD_LOST', 'VAULT_ATTACHMENT_NOT_FOUND']);

type Place = Readonly<{ recordId: RecordId; attachmentId: Uuid }>;

/**
 * All attachments of a subject under its newest key. One that does not open stays as it is, under its old key, with an
 * entry in the log: a damaged file must not keep everybody else's keys from being renewed.
 * @returns false when it was stopped before the end
 */
export async function renewAttachments(core: Core, subjectId: SubjectId, stopped: () => boolean): Promise<boolean> {
  for (const { keyVersion, publicId: called, ...place } of await attachmentIdsOf(core.db, subjectId)) {
    if (stopped()) return false;
    try {
      await renewAttachment(core, place);
    } catch (thrown) {
      if (!isFailure(thrown) || !LEFT_ALONE.has(thrown.code)) throw thrown;
      // taken away while it was being renewed: nothing is left to do
      if (!(await isHeld(core.db, { subjectId, attachmentId: place.attachmentId }))) continue;
      await core.audit.append({
        action: 'vault.reencrypt', actor: { kind: 'system', id: 'rotation' }, subjects: [subjectId], outcome: 'failed',
        detail: { attachment: publicId('att', called), code: thrown.code, keyVersion },
      }); // prettier-ignore
    }
  }
  await transact(core.db, (tx) => dropUnusedAttachmentKeys(core, tx, subjectId));
  return true;
}

/** Does nothing for one that is gone, or under the newest key. @throws SEALING_ATTACHMENT_REFUSED */
export async function renewAttachment(core: Core, place: Place): Promise<void> {
  const { recordId } = place;
  const { subjectId } = recordId;
  const attachmentId = uuidv7(core.clock().getTime());
  const begun = await transact(core.db, async (tx) => {
    const held = (await lockRings(tx, [subjectId])).get(subjectId);
    const found = await loadAttachments(tx, recordId, place.attachmentId);
    const [row] = found?.attachments ?? [];
    if (held === undefined || row === undefined) return null;
    const ring = await core.keys.open(subjectId, held.ring);
    const from = keyOfAttachment(ring, row.keyVersion);
    const to = newestKey(ring, 'attachment') ?? from;
    if (to.version === from.version) return null;
    const manifest = openManifest(from, core.installation, row, row.manifest);
    await beginUpload(tx, { recordId, attachmentId, keyVersion: to.version }, core.clock());
    return { row, from, to, manifest };
  });
  if (begun === null) return;
  const { row, from, to, manifest } = begun;
  try {
    const content = await storeChunks(core, to, { recordId, attachmentId }, readContent(core, row, from));
    if (content.sha256 !== manifest.sha256)
      throw sealingFailure('ATTACHMENT_REFUSED', {
        detail: `attachment ${row.publicId} is not what it says it is`,
      });
    const { head, sizeBytes, chunks, chunksDigest } = content;
    const renewed = {
      recordId, attachmentId, publicId: row.publicId, keyVersion: to.version, sizeBytes, chunks, head, nameLookup: nameLookup(to, recordId, manifest.name),
    }; // prettier-ignore
    const sealed = sealManifest(to, core.installation, renewed, manifest);
    await transact(core.db, async (tx) => {
      await lockRings(tx, [subjectId]);
      // replaced or taken away meanwhile: then there is nothing to renew
      if (!(await retireAttachment(tx, { subjectId, attachmentId: row.attachmentId }, core.clock()))) return;
      if (!(await placeUpload(tx, renewed, sealed, row.createdAt))) throw vaultFailure('UPLOAD_LOST');
      const mac = core.auditMac();
      await core.audit.appendIn(tx, {
        action: 'vault.reencrypt', actor: { kind: 'system', id: 'rotation' }, subjects: [subjectId], outcome: 'done',
        detail: {
          attachmentSeals: attachmentTag(mac, { subjectId, attachmentId }, { ...renewed, manifest: sealed, chunksDigest }).toString('base64'),
          ...attachmentsGone(mac, subjectId, [row.attachmentId]),
        },
      }); // prettier-ignore
    });
  } finally {
    await transact(core.db, (tx) => deleteLoose(tx, { subjectId, attachmentId }, 'uploading'));
  }
}
