/** Takes away records whose time has come, one transaction each. */
import { transact } from '#platform/db';
import type { RecordId } from '#platform/ids';

import { attachmentsGone } from './attachment-tags.ts';
import { nameOfCollection, type Core } from './core.ts';
import { valuesIn } from './patch.ts';
import { encodeGone } from './seal-tags.ts';
import { destroyUnusedEpochs } from './store/keys.ts';
import { deleteLookups, deleteRecord } from './store/records.ts';
import { lockRings } from './store/rings.ts';
import { expiredRecords, lockExpired } from './store/sweeps.ts';

const AT_ONCE = 500;

/** Ends retired epochs that only expired records still held back: a rotation does not touch those, and left them to the sweep. */
export async function destroyLeftEpochs(core: Core): Promise<void> {
  if (!core.epochs.list().some(({ state }) => state === 'retiring')) return;
  if ((await destroyUnusedEpochs(core.db)) > 0) await core.epochs.reload();
}

/** @returns how many */
export async function expireRecords(core: Core): Promise<number> {
  let gone = 0;
  for (let held = 0; ;) {
    const expired = await expiredRecords(core.db, AT_ONCE, held);
    let went = 0;
    for (const id of expired) if (await expireRecord(core, id)) went += 1;
    gone += went;
    held += expired.length - went;
    // those that a hold keeps are passed over until as many have gone as go at once
    if (gone >= AT_ONCE || expired.length < AT_ONCE) return gone;
  }
}

async function expireRecord(core: Core, id: RecordId): Promise<boolean> {
  return transact(core.db, async (tx) => {
    // the lock first: a change or a new index that is under way has its own idea of the record's lookups
    await lockRings(tx, [id.subjectId]);
    const found = await lockExpired(tx, id);
    if (found === null) return false;
    const collection = nameOfCollection(core, found.collectionNo) ?? '';
    // a hold outlasts an expiry: the record stays unreadable until it is lifted
    if ((await core.keepers.held(tx, { ...id, collections: [collection], fields: null })).length > 0) return false;
    await deleteLookups(tx, id, valuesIn(found.lookups));
    const attachments = (await deleteRecord(tx, id)) ?? [];
    const mac = core.auditMac();
    const { index } = await core.audit.appendIn(tx, {
      action: 'vault.expire', actor: { kind: 'system', id: 'expiry' }, subjects: [id.subjectId], outcome: 'done',
      detail: { records: 1, gone: encodeGone(mac, [id]), ...attachmentsGone(mac, id.subjectId, attachments) },
    }); // prettier-ignore
    const parts = [{ id, collection, fields: [] }];
    await core.keepers.gone(tx, { auditIndex: index, at: core.clock(), cause: 'expiry', scope: 'record', parts });
    return true;
  });
}
