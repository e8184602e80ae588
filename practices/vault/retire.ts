/**
 * Takes away, or makes less exact, what nobody may keep any longer: retention's way into the vault. In the transaction of
 * whoever decides it, with seal tags and entries as any other change, so that a verification finds nothing.
 */
import type { Statements, Tx } from '#platform/db';
import type { Failure } from '#platform/failure';
import type { RecordId, SubjectId } from '#platform/ids';
import type { Actor } from '#practices/access';

import { attachmentsGone } from './attachment-tags.ts';
import { dropUnusedAttachmentKeys } from './attachment-keys.ts';
import { coarsen } from './coarsen.ts';
import { collectionByNo, eventOf, fieldNo, nameOfCollection, placeOf, type Caller, type Core } from './core.ts';
import { isDamaged } from './damaged.ts';
import { openExternalId } from './external-id.ts';
import { growRing } from './grow-ring.ts';
import { bySubject } from './held-records.ts';
import { ATTACHMENTS, type Gone, type GonePart } from './keepers.ts';
import { again, moveLookups, valuesIn } from './patch.ts';
import { keepBox, packRecord, unpackRecord } from './record-box.ts';
import { sampleFields, type FieldSample } from './sample-fields.ts';
import { openFields, planField } from './seal-record.ts';
import { encodeGone, encodeTags, sealTag } from './seal-tags.ts';
import { lockSubject, shredIn } from './shred.ts';
import { findCandidates } from './search.ts';
import { deleteAttachmentsOf } from './store/attachments.ts';
import {
  collectionNoOf,
  heldOf,
  pageOfHeld,
  remainsOfAll,
  setStopped,
  shrinkRecord,
  tokenFieldsOf,
  type RecordsOfSubject,
  type Remains,
} from './store/held.ts';
import { deleteLookups, deleteRecord, loadRecords, type StoredRecord } from './store/records.ts';
import { lockRings } from './store/rings.ts';
import { livingOf } from './store/subjects.ts';
import { dropTokensOf } from './store/tokens.ts';
import type { FieldValue, KeyClass } from './types.ts';

/** Of one record; `whole` takes all of it. */
export type RetireChange = Readonly<{
  recordNo: bigint;
  whole: boolean;
  erase: readonly string[];
  undeclared: readonly number[];
  coarsen: readonly string[];
  attachments: boolean;
}>;
export type Retired = Readonly<{
  auditIndex: bigint | null;
  records: number;
  fields: number;
  coarsened: number;
  attachments: number;
  tokens: number;
  /** Records as they are now, by number: those that were coarse already too. */
  versions: ReadonlyMap<bigint, number>;
}>;
export type Run = NonNullable<Gone['run']>;

export type Retention = {
  /** Subjects in key order with what is held of them. @param after exclusive; null: from the first */
  page: (after: SubjectId | null, limit: number) => Promise<readonly RecordsOfSubject[]>;
  /**
   * Locks a subject until the transaction ends. @returns null when there is none; `collections`: of all its records, those too
   * whose time has come and that are not among `records`
   */
  lock: (tx: Tx, subjectId: SubjectId) => Promise<(RecordsOfSubject & { collections: readonly string[] }) | null>;
  /** INVARIANT: the subject is locked, and nobody holds what goes. */
  retire: (tx: Tx, subjectId: SubjectId, changes: readonly RetireChange[], run: Run) => Promise<Retired>;
  /** The whole subject, its keys first. INVARIANT: as with `retire`. @returns null when somebody else was quicker */
  shred: (
    tx: Tx,
    subjectId: SubjectId,
    run: Run,
  ) => Promise<Readonly<{ auditIndex: bigint; records: number; attachments: number; tokens: number }> | null>;
  forget: (subjectId: SubjectId) => void;
  /** Replaces the uses that have ended (stopped-uses.ts), with an entry in the log. */
  stop: (tx: Tx, id: RecordId, uses: readonly string[], why: string) => Promise<void>;
  remains: () => Promise<Remains>;
  tokenFields: (subjectIds: readonly SubjectId[]) => ReturnType<typeof tokenFieldsOf>;
  /** In order; null: no record of this collection has this id. */
  subjectsOf: (collection: string, externalIds: readonly string[]) => Promise<(SubjectId | null)[]>;
  /** Numbers about the values of some records, for the review of fields. */
  sample: (collection: string, limit: number) => Promise<FieldSample>;
  living: (subjectIds: readonly SubjectId[], tx?: Statements) => Promise<ReadonlySet<SubjectId>>;
  /** Null: of one that the catalogue does not have; undefined: there is no such record. */
  collectionOf: (id: RecordId, tx?: Statements) => Promise<string | null | undefined>;
  isDamaged: (thrown: unknown) => thrown is Failure;
  /** Those that are there, and are not erased before the transaction ends. */
  stay: (tx: Tx, subjectIds: readonly SubjectId[]) => Promise<ReadonlySet<SubjectId>>;
};

/** Subjects of a run, so that entry and key ring fit: of one subject, so many records at once. */
const RECORDS_IN_ONE = 500;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

const RETENTION: Actor = {
  kind: 'system', id: 'retention', name: 'retention', role: 'system',
  scope: { purposes: [], classes: [], collections: [] }, expiresAt: null,
}; // prettier-ignore
const callerOf = (run: string): Caller => ({ actor: RETENTION, requestId: run });

export function createRetention(core: Core): Retention {
  return {
    page: async (after, limit) => bySubject(core, await pageOfHeld(core.db, after ?? BEFORE_ALL, limit)),
    lock: async (tx, subjectId) => {
      const { collections } = await lockSubject(core, tx, subjectId);
      const [found] = bySubject(core, await heldOf(tx, [subjectId]));
      return found === undefined ? null : { ...found, collections };
    },
    retire: (tx, subjectId, changes, run) => retire(core, tx, subjectId, changes, run),
    shred: async (tx, subjectId, run) => {
      const receipt = await shredIn(core, tx, callerOf(run.id), subjectId, { cause: 'retention', run });
      return receipt && { ...receipt, auditIndex: BigInt(receipt.auditIndex) };
    },
    forget: core.keys.forget,
    stop: async (tx, id, uses, why) => {
      await setStopped(tx, id, uses);
      await core.audit.appendIn(tx, eventOf(callerOf(why), {
        action: 'vault.stop', subjects: [id.subjectId], outcome: 'done', detail: { uses: [...uses], because: why },
      })); // prettier-ignore
    },
    remains: () => remainsOfAll(core.db),
    tokenFields: (subjectIds) => tokenFieldsOf(core.db, subjectIds),
    subjectsOf: async (name, externalIds) => {
      const spec = core.catalog().collections.get(name);
      if (spec === undefined) return externalIds.map(() => null);
      const found: (SubjectId | null)[] = [];
      for (const externalId of externalIds) {
        const [id] = await findCandidates(core, [() => core.lookups.externalId(spec, externalId)], null, 1);
        found.push(id?.subjectId ?? null);
      }
      return found;
    },
    sample: (collection, limit) => sampleFields(core, collection, limit),
    living: (subjectIds, tx = core.db) => livingOf(tx, subjectIds),
    collectionOf: async (id, tx = core.db) => {
      const number = await collectionNoOf(tx, id);
      return number === null ? undefined : nameOfCollection(core, number);
    },
    isDamaged,
    stay: async (tx, subjectIds) => new Set((await lockRings(tx, subjectIds)).keys()),
  };
}

type Made = {
  tags: Buffer[];
  gone: RecordId[];
  attachments: Parameters<typeof attachmentsGone>[2][number][];
  parts: GonePart[];
  wholes: GonePart[];
};

async function retire(
  core: Core,
  tx: Tx,
  subjectId: SubjectId,
  changes: readonly RetireChange[],
  run: Run,
): Promise<Retired> {
  const versions = new Map<bigint, number>();
  const total = { records: 0, fields: 0, coarsened: 0, attachments: 0, tokens: 0 };
  let auditIndex: bigint | null = null;
  for (let at = 0; at < changes.length; at += RECORDS_IN_ONE) {
    const part = changes.slice(at, at + RECORDS_IN_ONE);
    const made: Made = { tags: [], gone: [], attachments: [], parts: [], wholes: [] };
    const ids = part.map(({ recordNo }) => ({ subjectId, recordNo }));
    const stored = await loadRecords(tx, ids);
    for (const [n, change] of part.entries()) {
      const record = stored[n];
      if (record === null || record === undefined) continue;
      const did = change.whole
        ? await takeWhole(core, tx, record, made)
        : await takeParts(core, tx, record, change, made);
      for (const key of ['records', 'fields', 'coarsened', 'attachments', 'tokens'] as const) total[key] += did[key];
      if (did.version !== null) versions.set(change.recordNo, did.version);
    }
    if (made.attachments.length > 0) await dropUnusedAttachmentKeys(core, tx, subjectId);
    const index = await tell(core, tx, subjectId, made, run);
    auditIndex = index ?? auditIndex;
  }
  return { auditIndex, ...total, versions };
}

type Did = {
  records: number;
  fields: number;
  coarsened: number;
  attachments: number;
  tokens: number;
  version: number | null;
};

const collectionName = (core: Core, { collectionNo }: StoredRecord): string =>
  nameOfCollection(core, collectionNo) ?? '';

async function takeWhole(core: Core, tx: Tx, record: StoredRecord, made: Made): Promise<Did> {
  await deleteLookups(tx, record.id, valuesIn(record.lookups));
  const attachments = (await deleteRecord(tx, record.id)) ?? [];
  made.attachments.push(...attachments);
  made.gone.push(record.id);
  made.wholes.push({ id: record.id, collection: collectionName(core, record), fields: [] });
  return { records: 1, fields: 0, coarsened: 0, attachments: attachments.length, tokens: 0, version: null };
}

async function takeParts(core: Core, tx: Tx, record: StoredRecord, change: RetireChange, made: Made): Promise<Did> {
  const { id } = record;
  const attachments = change.attachments ? await deleteAttachmentsOf(tx, id) : [];
  const fields = await takeFields(core, tx, record, change);
  made.attachments.push(...attachments);
  const names = [...(fields?.names ?? []), ...(change.attachments ? [ATTACHMENTS] : [])];
  if (fields !== null) made.tags.push(fields.tag);
  if (names.length > 0) made.parts.push({ id, collection: collectionName(core, record), fields: names });
  return {
    records: 0,
    fields: fields?.erased ?? 0,
    coarsened: fields?.coarse ?? 0,
    attachments: attachments.length,
    tokens: fields?.tokens ?? 0,
    version: fields?.version ?? record.version,
  };
}

/** @returns null when nothing was to do: what was to be made coarse was so already */
async function takeFields(
  core: Core,
  tx: Tx,
  record: StoredRecord,
  change: RetireChange,
): Promise<{ names: string[]; erased: number; coarse: number; tokens: number; tag: Buffer; version: number } | null> {
  const { id, box } = record;
  const collection = collectionByNo(core, record.collectionNo);
  const held = (await lockRings(tx, [id.subjectId])).get(id.subjectId);
  if (held === undefined) throw again('the subject was shredded meanwhile');
  const opened = openFields(core, collection, id, await core.keys.open(id.subjectId, held.ring), box, null);
  const coarse = new Map<string, FieldValue>();
  for (const name of change.coarsen) {
    const spec = collection.fields.get(name);
    const value = opened.get(name);
    const less = spec === undefined || value === undefined ? null : coarsen(spec, value);
    if (less !== null && less !== value) coarse.set(name, less);
  }
  const erased = change.erase.filter((name) => opened.has(name));
  if (erased.length + coarse.size + change.undeclared.length === 0) return null;
  const specOf = (name: string) => collection.fields.get(name) as NonNullable<ReturnType<typeof collection.fields.get>>;
  const used = new Set([...coarse.keys()].map((name) => specOf(name).class as KeyClass));
  const { ring } = await growRing(core, tx, id.subjectId, held, used, coarse.size);
  const names = [...erased, ...coarse.keys()];
  const numbers = new Set([...names.map((name) => fieldNo(core, collection, name)), ...change.undeclared]);
  const kept = unpackRecord(box).filter((entry) => !numbers.has(entry.fieldNo)).map(keepBox); // prettier-ignore
  const plans = [...coarse].map(([name, value]) => planField(core, collection, ring, specOf(name), value));
  core.cipher.bind(placeOf(core, collection, id));
  const next = packRecord([...kept, ...plans]);

  for (const name of erased) opened.delete(name);
  for (const [name, value] of coarse) opened.set(name, value);
  const made = core.lookups.ofRecord(collection, opened, openExternalId(core, collection, id, ring, box));
  const lookups = await moveLookups(core, tx, record, { old: valuesIn(record.lookups), next: made });
  if (!(await shrinkRecord(tx, id, record.version, { box: next, lookups: Buffer.concat(lookups) })))
    throw again('the record was changed meanwhile');
  const version = record.version + 1;
  const undeclared = change.undeclared.map((number) => `#${number}`);
  return {
    names: [...names, ...undeclared],
    erased: erased.length + change.undeclared.length,
    coarse: coarse.size,
    tokens: await dropTokensOf(tx, id, names),
    tag: sealTag(core.auditMac(), id, version, next),
    version,
  };
}

/** One entry for all, and a row of the account for each. @returns null when nothing was done */
async function tell(core: Core, tx: Tx, subjectId: SubjectId, made: Made, run: Run): Promise<bigint | null> {
  const { tags, gone, attachments, parts, wholes } = made;
  if (tags.length + gone.length + attachments.length === 0) return null;
  const mac = core.auditMac();
  const { index } = await core.audit.appendIn(tx, eventOf(callerOf(run.id), {
    action: 'vault.retire', subjects: [subjectId], outcome: 'done',
    detail: {
      run: run.id, rules: run.ruleHash, records: parts.length + wholes.length, fields: [...new Set(parts.flatMap(({ fields }) => fields))],
      ...(tags.length === 0 ? {} : { seals: encodeTags(tags) }), ...(gone.length === 0 ? {} : { gone: encodeGone(mac, gone) }),
      ...attachmentsGone(mac, subjectId, attachments),
    },
  })); // prettier-ignore
  const row = { auditIndex: index, at: core.clock(), cause: 'retention', run } as const;
  if (parts.length > 0) await core.keepers.gone(tx, { ...row, scope: 'fields', parts });
  if (wholes.length > 0) await core.keepers.gone(tx, { ...row, scope: 'record', parts: wholes });
  return index;
}
