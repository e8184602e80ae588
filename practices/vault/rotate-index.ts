/**
 * A page of subjects' lookups, made anew under the current index epoch and by the catalogue as it is now.
 *
 * While this goes on a search asks under both epochs, and a unique value is refused under either. Versions and boxes stay.
 * Source: docs/formats/blind-index.md §1
 */
import { transact, type Tx } from '#platform/db';
import type { RecordId, SubjectId } from '#platform/ids';

import { holdCatalog, underCatalog } from './catalog-change.ts';
import { collectionByNo, fenceEpochs, type Core } from './core.ts';
import { openExternalId } from './external-id.ts';
import type { RecordLookups } from './lookups.ts';
import { valuesIn } from './patch.ts';
import { openFields } from './seal-record.ts';
import { dropLookups, replaceLookups, type LookupRow } from './store/lookups.ts';
import { insertLookups, loadRecords, type StoredRecord } from './store/records.ts';
import { lockRings } from './store/rings.ts';
import { recordIdsOf } from './store/works.ts';

/** What a stored record should have in the lookup tables. @throws VAULT_BOX_REFUSED, VAULT_KEY_REFUSED, VAULT_FORMAT_UNKNOWN */
export async function lookupsOfStored(core: Core, stored: StoredRecord): Promise<RecordLookups> {
  const collection = collectionByNo(core, stored.collectionNo);
  const ring = await core.keys.openOnce(stored.id.subjectId, stored.ring);
  const fields = openFields(core, collection, stored.id, ring, stored.box, null);
  const externalId = openExternalId(core, collection, stored.id, ring, stored.box);
  return core.lookups.ofRecord(collection, fields, externalId);
}

/**
 * One transaction for the page; may run twice.
 * @returns records gone over, and unique values that two records have: the catalogue asked for `unique` after they were stored
 */
export async function reindex(
  core: Core,
  subjects: readonly SubjectId[],
): Promise<{ records: number; collisions: number }> {
  const work = () =>
    transact(core.db, async (tx) => {
      await holdCatalog(core, tx);
      await lockRings(tx, subjects);
      const stored = (await loadRecords(tx, await recordIdsOf(tx, subjects))).filter((each) => each !== null);
      const old: LookupRow[] = [];
      const next: { id: RecordId; made: RecordLookups }[] = [];
      for (const each of stored) {
        const made = await lookupsOfStored(core, each);
        if (Buffer.concat([...made.uniques, ...made.lookups]).equals(each.lookups)) continue;
        old.push(...valuesIn(each.lookups).map((value) => ({ id: each.id, value })));
        next.push({ id: each.id, made });
      }
      await fenceEpochs(core, tx, { index: core.lookups.epoch() });
      const collisions = next.length === 0 ? 0 : await move(core, tx, old, next);
      return { records: stored.length, collisions };
    });
  return underCatalog(core, work);
}

async function move(
  core: Core,
  tx: Tx,
  old: readonly LookupRow[],
  next: readonly { id: RecordId; made: RecordLookups }[],
): Promise<number> {
  const rows = (of: 'uniques' | 'lookups') => next.flatMap(({ id, made }) => made[of].map((value) => ({ id, value })));
  await dropLookups(tx, old);
  const uniques = rows('uniques');
  const inserted = await insertLookups(tx, 'unique_lookups', uniques, core.lookups.epoch());
  // who came second stays findable, as one of several
  const doubles = inserted === uniques.length ? [] : uniques;
  await insertLookups(tx, 'lookups', [...rows('lookups'), ...doubles], core.lookups.epoch());
  await replaceLookups(
    tx,
    next.map(({ id, made }) => ({ id, values: Buffer.concat([...made.uniques, ...made.lookups]) })),
  );
  return uniques.length - inserted;
}
