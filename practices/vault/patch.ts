/** Changes a record on the version that was read, or takes it away. */
import type { AuditEvent } from '#platform/audit';
import { transact, type Tx } from '#platform/db';
import { recordIdText, type RecordId } from '#platform/ids';

import { attachmentsGone } from './attachment-tags.ts';
import { holdCatalog } from './catalog-change.ts';
import { checkConsents, type CheckConsent } from './check-consent.ts';
import { checkChanges, checkedOnce, checkExpiry, type CheckValue, type FieldWarning } from './check-record.ts';
import {
  collectionByNo,
  eventOf,
  fenceEpochs,
  fieldNo,
  placeOf,
  refuseHeld,
  requireAction,
  type Caller,
  type Core,
} from './core.ts';
import { openExternalId } from './external-id.ts';
import { vaultFailure } from './failures.ts';
import type { RecordLookups } from './lookups.ts';
import { growRing } from './grow-ring.ts';
import { keepBox, packRecord, unpackRecord } from './record-box.ts';
import { openFields, planField } from './seal-record.ts';
import { encodeGone, encodeTags, sealTag } from './seal-tags.ts';
import {
  deleteLookups,
  deleteRecord,
  findUniques,
  insertLookups,
  loadRecords,
  updateRecord,
  type StoredRecord,
} from './store/records.ts';
import { lockRings } from './store/rings.ts';
import { dropPairwiseTokens, dropTokensOf } from './store/tokens.ts';
import type { OpenRing } from './subject-keys.ts';
import type { FieldValue, KeyClass } from './types.ts';

export type Change = Readonly<{
  fields?: Readonly<Record<string, unknown>> | undefined;
  expiresAt?: string | null | undefined;
}>;
export type Changed = Readonly<{
  id: RecordId;
  version: number;
  auditIndex: bigint;
  warnings: readonly FieldWarning[];
}>;

const VALUE_BYTES = 16;
/** `subject`: it was decided that what the subject asked for is done (correct.ts). */
type Authority = 'caller' | 'subject';
type ChangeAsk = Readonly<{
  id: RecordId;
  /** The version the change was made against; null, as for an upsert, takes whatever is there. */
  seen: number | null;
  change: Change;
  checkValue: CheckValue;
  checkConsent: CheckConsent;
}>;

/** What a change of one record did; the entry in the log is still to be written. */
export type MadeChange = Readonly<{
  id: RecordId;
  version: number;
  fields: readonly string[];
  classes: ReadonlySet<KeyClass>;
  tag: Buffer;
  warnings: readonly FieldWarning[];
}>;

/**
 * @throws VAULT_NOT_FOUND, VAULT_VERSION_STALE, VAULT_RESTRICTED, VAULT_NOT_UNIQUE, and what checkChanges throws
 */
export async function patchRecord(
  core: Core,
  caller: Caller,
  ask: Omit<ChangeAsk, 'checkConsent'> &
    Readonly<{
      /** For each transaction. */
      consents: () => CheckConsent;
      remember?: (tx: Tx, changed: Changed) => Promise<void>;
    }>,
): Promise<Changed> {
  const checkValue = checkedOnce(ask.checkValue);
  return transact(core.db, async (tx) => {
    await holdCatalog(core, tx);
    const made = await changeRecord(core, tx, caller, { ...ask, checkValue, checkConsent: ask.consents() });
    const { index } = await core.audit.appendIn(tx, changeEvent(caller, made.collection, [made]));
    const fields = takenAway(ask.change);
    if (fields.length > 0) {
      const parts = [{ id: made.id, collection: made.collection, fields }];
      await core.keepers.gone(tx, { auditIndex: index, at: core.clock(), cause: 'request', scope: 'fields', parts });
    }
    const changed = { id: made.id, version: made.version, auditIndex: index, warnings: made.warnings };
    await ask.remember?.(tx, changed);
    return changed;
  });
}

const takenAway = ({ fields = {} }: Change): string[] =>
  Object.entries(fields).flatMap(([name, value]) => (value === null ? [name] : []));

/** @param made of one collection, at least one @returns the entry for the log */
export function changeEvent(caller: Caller, collection: string, made: readonly MadeChange[]): AuditEvent {
  return eventOf(caller, {
    action: 'vault.change',
    purpose: caller.purpose,
    subjects: made.map(({ id }) => id.subjectId),
    classes: [...new Set(made.flatMap(({ classes }) => [...classes]))],
    outcome: 'done',
    detail: {
      collection,
      records: made.length,
      fields: [...new Set(made.flatMap(({ fields }) => fields))],
      seals: encodeTags(made.map(({ tag }) => tag)),
    },
  });
}

/**
 * Changes one record in the caller's transaction, all but the entry in the log.
 * @throws like patchRecord
 */
export async function changeRecord(
  core: Core,
  tx: Tx,
  caller: Caller,
  ask: ChangeAsk & Readonly<{ authority?: Authority }>,
): Promise<MadeChange & { collection: string }> {
  const { id, change, authority = 'caller' } = ask;
  const { stored, collection, held } = await lockRecord(core, tx, caller, 'records.write', id, ask.seen, authority);
  const { fields, warnings: found } = checkChanges(collection, change.fields ?? {}, ask.checkValue);
  const less = takenAway(change);
  if (less.length > 0) await refuseHeld(core, tx, { ...id, collections: [collection.name], fields: less });
  const written = [...fields].filter((entry): entry is [string, FieldValue] => entry[1] !== null);
  const how = { check: ask.checkConsent, consents: held.consents, now: core.clock() };
  const warnings = [...found, ...checkConsents(collection, written.map(([name]) => name), how)]; // prettier-ignore
  const used = new Set(written.map(([name]) => collection.fields.get(name)?.class as KeyClass));
  const { ring } = await growRing(core, tx, id.subjectId, held, used, written.length);

  const changedNos = new Set([...fields.keys()].map((name) => fieldNo(core, collection, name)));
  const kept = unpackRecord(stored.box)
    .filter((entry) => !changedNos.has(entry.fieldNo))
    .map(keepBox);
  const plans = written.map(([name, value]) => planField(core, collection, ring, specOf(collection, name), value));
  core.cipher.bind(placeOf(core, collection, id));
  const box = packRecord([...kept, ...plans]);

  const expiresAt = change.expiresAt === undefined ? stored.expiresAt : checkExpiry(change.expiresAt, core.clock());
  const lookups = await moveLookups(core, tx, stored, changedLookups(core, collection, stored, ring, fields));
  if (!(await updateRecord(tx, id, stored.version, { box, lookups, expiresAt })))
    throw again('the record was taken away meanwhile');
  await dropPairwiseTokens(tx, id, [...fields.keys()]);
  // what they stood for is gone: they must not come to stand for what is stored there next
  if (less.length > 0) await dropTokensOf(tx, id, less);
  const version = stored.version + 1;
  const tag = sealTag(core.auditMac(), id, version, box);
  return { id, version, fields: [...fields.keys()], classes: used, tag, warnings, collection: collection.name };
}

/** @throws VAULT_NOT_FOUND */
export async function removeRecord(
  core: Core,
  caller: Caller,
  id: RecordId,
  remember?: (tx: Tx, auditIndex: bigint) => Promise<void>,
): Promise<bigint> {
  return transact(core.db, async (tx) => {
    const { stored, collection } = await lockRecord(core, tx, caller, 'records.delete', id, null);
    await refuseHeld(core, tx, { ...id, collections: [collection.name], fields: null });
    await deleteLookups(tx, id, valuesIn(stored.lookups));
    const attachments = await deleteRecord(tx, id);
    if (attachments === null) throw vaultFailure('NOT_FOUND');
    const mac = core.auditMac();
    const event = eventOf(caller, {
      action: 'vault.delete',
      purpose: caller.purpose,
      subjects: [id.subjectId],
      outcome: 'done',
      detail: {
        collection: collection.name,
        records: 1,
        gone: encodeGone(mac, [id]),
        ...attachmentsGone(mac, id.subjectId, attachments),
      },
    });
    const { index } = await core.audit.appendIn(tx, event);
    const parts = [{ id, collection: collection.name, fields: [] }];
    await core.keepers.gone(tx, { auditIndex: index, at: core.clock(), cause: 'request', scope: 'record', parts });
    await remember?.(tx, index);
    return index;
  });
}

/** INVARIANT: whether the caller may is decided with the record's own collection, before anything else is told of it. */
export async function lockRecord(
  core: Core,
  tx: Tx,
  caller: Caller,
  action: 'records.write' | 'records.delete',
  id: RecordId,
  seen: number | null,
  authority: Authority = 'caller',
) {
  const asks = authority === 'caller';
  if (asks) await requireAction(core, caller, { action, subject: id.subjectId });
  const held = (await lockRings(tx, [id.subjectId])).get(id.subjectId);
  const [stored] = await loadRecords(tx, [id]);
  if (held === undefined || stored === undefined || stored === null) throw vaultFailure('NOT_FOUND');
  const collection = collectionByNo(core, stored.collectionNo);
  if (asks) await requireAction(core, caller, { action, collection, subject: id.subjectId });
  // read behind the lock: a write that waited for a restriction sees it
  if (asks && stored.restricted !== null) throw vaultFailure('RESTRICTED');
  if (seen !== null && stored.version !== seen) {
    throw vaultFailure('VERSION_STALE', {
      detail: `the record is at version ${stored.version}, the change was made against ${seen}`,
      extra: { version: stored.version },
    });
  }
  return { stored, held, collection };
}

type Collection = ReturnType<typeof collectionByNo>;
const specOf = (collection: Collection, name: string) =>
  collection.fields.get(name) as NonNullable<ReturnType<Collection['fields']['get']>>;

/**
 * What the change takes from the lookups and what it puts there.
 *
 * While an index is rebuilt the record may still stand under the old epoch: then all its values move to the new one.
 */
function changedLookups(
  core: Core,
  collection: Collection,
  stored: StoredRecord,
  ring: OpenRing,
  fields: ReadonlyMap<string, FieldValue | null>,
): { old: readonly Buffer[]; next: RecordLookups } {
  const apply = (before: ReadonlyMap<string, FieldValue>) =>
    new Map([...before, ...fields].filter((entry): entry is [string, FieldValue] => entry[1] !== null));
  const { id, box } = stored;
  const before = openFields(core, collection, id, ring, box, new Set(fields.keys()));
  const next = core.lookups.ofRecord(collection, apply(new Map()), null);
  const { lookups, uniques } = core.lookups.ofRecord(collection, before, null);
  if (next.former.length === 0) return { old: [...lookups, ...uniques], next };
  const whole = apply(openFields(core, collection, id, ring, box, null));
  const externalId = openExternalId(core, collection, id, ring, box);
  return { old: valuesIn(stored.lookups), next: core.lookups.ofRecord(collection, whole, externalId) };
}

/** @returns all values of the record @throws VAULT_NOT_UNIQUE */
export async function moveLookups(
  core: Core,
  tx: Tx,
  stored: StoredRecord,
  { old, next }: { old: readonly Buffer[]; next: RecordLookups },
): Promise<Buffer[]> {
  const { id } = stored;
  const nextNames = new Set([...next.lookups, ...next.uniques].map((value) => value.toString('hex')));
  const gone = old.filter((value) => !nextNames.has(value.toString('hex')));
  const goneNames = new Set(gone.map((value) => value.toString('hex')));
  const kept = valuesIn(stored.lookups).filter((value) => !goneNames.has(value.toString('hex')));
  const keptNames = new Set(kept.map((value) => value.toString('hex')));
  const isNew = (value: Buffer): boolean => !keptNames.has(value.toString('hex'));

  await fenceEpochs(core, tx, { index: next.epoch });
  const uniques = next.uniques.filter(isNew);
  // looked up before anything is written: in a batch the others go on, and nothing of this one may stay
  const holders = await findUniques(tx, [...uniques, ...next.former.flat()]);
  if ([...holders.values()].some((holder) => recordIdText(holder) !== recordIdText(id)))
    throw vaultFailure('NOT_UNIQUE');
  await deleteLookups(tx, id, gone);
  const lookups = next.lookups.filter(isNew);
  const entries = (values: readonly Buffer[]) => values.map((value) => ({ id, value }));
  if ((await insertLookups(tx, 'unique_lookups', entries(uniques), next.epoch)) < uniques.length)
    throw again('a unique value was taken meanwhile');
  await insertLookups(tx, 'lookups', entries(lookups), next.epoch);
  return [...kept, ...uniques, ...lookups];
}

/** Makes `transact` roll back and run the work once more. */
export const again = (because: string): Error => Object.assign(new Error(because), { code: '40001' });

export function valuesIn(list: Buffer): Buffer[] {
  const values: Buffer[] = [];
  for (let at = 0; at + VALUE_BYTES <= list.length; at += VALUE_BYTES) values.push(list.subarray(at, at + VALUE_BYTES));
  return values;
}
