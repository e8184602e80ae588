/** The keys of a subject's attachments: which one seals now, which one opens a row, and when an old one may go. */
import type { Tx } from '#platform/db';
import type { SubjectId } from '#platform/ids';

import { nameLookup } from './attachment-manifest.ts';
import { fenceEpochs, type Core } from './core.ts';
import { attachmentKeysInUse, type StoredAttachment } from './store/attachments.ts';
import { lockRings, updateRing } from './store/rings.ts';
import { keyOf, newestKey, type OpenRing } from './subject-keys.ts';

/** @throws VAULT_KEY_REFUSED when the ring has no such key */
export const keyOfAttachment = (ring: OpenRing, keyVersion: number) => keyOf(ring, 'attachment', keyVersion);

/** The attachment of this name among those of one record; each row's name was looked up under its own key. */
export function findByName(
  ring: OpenRing,
  attachments: readonly StoredAttachment[],
  name: string,
): StoredAttachment | undefined {
  return attachments.find((row) =>
    nameLookup(keyOfAttachment(ring, row.keyVersion), row.recordId, name).equals(row.nameLookup),
  );
}

/**
 * Takes keys out of the ring that sealed attachments once and seal none any more, so that a renewed key is really gone.
 * Holds the ring: called in the transaction that took the last chunks of a key away, or later.
 */
export async function dropUnusedAttachmentKeys(core: Core, tx: Tx, subjectId: SubjectId): Promise<void> {
  const held = (await lockRings(tx, [subjectId])).get(subjectId);
  if (held === undefined) return;
  const ring = await core.keys.open(subjectId, held.ring);
  const newest = newestKey(ring, 'attachment')?.version;
  if (ring.keys.filter(({ keyClass }) => keyClass === 'attachment').length < 2) return;
  const used = await attachmentKeysInUse(tx, subjectId);
  const isUsed = (version: number): boolean => version === newest || used.has(version);
  const kept = core.keys.drop(subjectId, ring, (key) => key.keyClass !== 'attachment' || isUsed(key.version));
  if (kept.ring.keys.length === ring.keys.length) return;
  await fenceEpochs(core, tx, { rings: [kept.stored] });
  await updateRing(tx, { subjectId, ring: kept.stored }, 0);
}
