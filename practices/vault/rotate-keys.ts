/** New keys for everything a subject has. */
import { transact } from '#platform/db';
import type { SubjectId } from '#platform/ids';

import { collectionByNo, fenceEpochs, placeOf, type Core } from './core.ts';
import { EXTERNAL_NO, openExternalId, planExternalId } from './external-id.ts';
import { keepBox, packRecord, unpackRecord } from './record-box.ts';
import { keyOfEntry, planField } from './seal-record.ts';
import { encodeTags, sealTag } from './seal-tags.ts';
import { loadRecords, replaceBox } from './store/records.ts';
import { lockRings, updateRing } from './store/rings.ts';
import { attachmentKeysInUse } from './store/attachments.ts';
import { recordIdsOf } from './store/works.ts';
import type { KeyClass } from './types.ts';

/** Gives one subject new keys of all classes, seals all its fields under them, and drops the old keys: one transaction. */
export async function renewSubject(core: Core, subjectId: SubjectId): Promise<void> {
  await transact(core.db, async (tx) => {
    const held = (await lockRings(tx, [subjectId])).get(subjectId);
    if (held === undefined) return;
    const before = await core.keys.open(subjectId, held.ring);
    const classes = new Set(
      before.keys.map((key) => key.keyClass).filter((each): each is KeyClass => each !== 'audit'),
    );
    // attachments are sealed anew after this, one by one: until then, and while one is being uploaded, their keys stay
    const attachmentKeys = await attachmentKeysInUse(tx, subjectId);
    const renewed = core.keys.renew(subjectId, before, classes);
    const ids = await recordIdsOf(tx, [subjectId]);
    const tags: Buffer[] = [];
    const unnamed = new Set<string>();
    // what a hold keeps after its time too: under an old key that goes, it would be kept unreadable
    for (const stored of await loadRecords(tx, ids, 'kept')) {
      if (stored === null) continue;
      const collection = collectionByNo(core, stored.collectionNo);
      const specs = core.fieldsByNo(collection);
      core.cipher.bind(placeOf(core, collection, stored.id));
      const plans = unpackRecord(stored.box).map((entry) => {
        const spec = specs.get(entry.fieldNo);
        if (entry.fieldNo === EXTERNAL_NO) {
          const externalId = openExternalId(core, collection, stored.id, before, stored.box) as string;
          return planExternalId(core, renewed.ring, externalId);
        }
        if (spec === undefined) {
          // the catalogue does not name this field any more: it is kept as it is, and so is its key
          const key = keyOfEntry(before, entry);
          unnamed.add(`${key.keyClass}/${key.version}`);
          return keepBox(entry);
        }
        const value = core.cipher.open(entry.box, spec.name, keyOfEntry(before, entry));
        return planField(core, collection, renewed.ring, spec, value);
      });
      const box = packRecord(plans);
      await replaceBox(tx, stored.id, stored.version, box);
      tags.push(sealTag(core.auditMac(), stored.id, stored.version, box));
    }
    // old keys of these classes seal nothing any more; keys of the log's personal parts stay
    const newest = new Map<KeyClass, number>();
    for (const key of renewed.ring.keys) newest.set(key.keyClass, Math.max(newest.get(key.keyClass) ?? 0, key.version));
    const kept = core.keys.drop(
      subjectId,
      renewed.ring,
      (key) =>
        !classes.has(key.keyClass) ||
        key.version === newest.get(key.keyClass) ||
        (key.keyClass === 'attachment' && attachmentKeys.has(key.version)) ||
        unnamed.has(`${key.keyClass}/${key.version}`),
    );
    await fenceEpochs(core, tx, { rings: [kept.stored] });
    await updateRing(tx, { subjectId, ring: kept.stored }, tags.length);
    await core.audit.appendIn(tx, {
      action: 'vault.reencrypt', actor: { kind: 'system', id: 'rotation' }, subjects: [subjectId], outcome: 'done',
      detail: { records: tags.length, seals: encodeTags(tags) },
    }); // prettier-ignore
  });
}
