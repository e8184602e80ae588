/**
 * Stores records in batches: one transaction, one audit entry, and an outcome for each item.
 *
 * The entry in the log and the rows commit together; nothing is answered for before that.
 */
import { transact, type Tx } from '#platform/db';
import { isFailure, type Failure } from '#platform/failure';
import { newRecordNo, newSubjectId, recordIdText, subjectIdText, type RecordId, type SubjectId } from '#platform/ids';
import type { CollectionSpec } from '#practices/collection';

import { holdCatalog } from './catalog-change.ts';
import { checkConsents, type CheckConsent } from './check-consent.ts';
import { checkItem, type CheckedItem, type CheckValue, type FieldWarning, type PutItem } from './check-record.ts';
import { changeExisting, logChanges, type Existing } from './change-existing.ts';
import { collectionNo, eventOf, fenceEpochs, type Caller, type Core } from './core.ts';
import { stillFree, withoutDuplicates, type Candidate } from './duplicates.ts';
import { EXTERNAL_CLASS } from './external-id.ts';
import { vaultFailure } from './failures.ts';
import type { RecordLookups } from './lookups.ts';
import { growRing } from './grow-ring.ts';
import { insertion, type Insertion } from './insertion.ts';
import { sealRecord } from './seal-record.ts';
import { encodeTags, sealTag } from './seal-tags.ts';
import { subjectHash } from './shred.ts';
import type { NewRecord } from './store/records.ts';
import { lockRings, restrictedOf, type NewRing } from './store/rings.ts';
import { isErased } from './store/subjects.ts';
import type { OpenRing, StoredRing } from './subject-keys.ts';
import type { KeyClass } from './types.ts';

export type PutOutcome =
  | Readonly<{
      status: 'created' | 'skipped' | 'updated';
      id: RecordId;
      subjectId: SubjectId;
      version: number;
      warnings?: readonly FieldWarning[];
    }>
  /** Of a dry run: it would be stored, or changed. */
  | Readonly<{ status: 'valid'; warnings?: readonly FieldWarning[] }>
  | Readonly<{ status: 'rejected'; failure: Failure }>;
export type OnDuplicate = 'reject' | 'skip' | 'update';
export type PutAnswer = Readonly<{ outcomes: readonly PutOutcome[]; auditIndex: bigint | null }>;
/** Runs inside the transaction, after everything else: remembers the answer under an idempotency key. */
export type Remember = (tx: Tx, answer: PutAnswer) => Promise<void>;

export type WriteEntry = Readonly<{ action: string; detail: Readonly<Record<string, string>> }>;

export async function putRecords(
  core: Core,
  caller: Caller,
  ask: {
    collection: CollectionSpec;
    items: readonly PutItem[];
    onDuplicate: OnDuplicate;
    checkValue: CheckValue;
    /** For each transaction. */
    consents: () => CheckConsent;
    /** Checks everything that does not depend on what the subject said, stores nothing and logs nothing. */
    dryRun?: boolean;
    remember?: Remember;
    /** What the log calls this write, and what it says more; without it a plain write. */
    entry?: WriteEntry;
  },
): Promise<PutAnswer> {
  const { collection, items, onDuplicate } = ask;
  const outcomes: PutOutcome[] = [];
  const candidates: Candidate[] = [];
  items.forEach((raw, at) => {
    try {
      const item = checkItem(collection, raw, ask.checkValue, core.clock());
      candidates.push({ at, item, found: lookupsOf(core, collection, item) });
    } catch (thrown) {
      if (!isFailure(thrown)) throw thrown;
      outcomes[at] = { status: 'rejected', failure: thrown };
    }
  });
  if (candidates.length === 0 && ask.remember === undefined) return { outcomes, auditIndex: null };

  const insert = insertion();
  return transact(core.db, async (tx) => {
    await holdCatalog(core, tx);
    const check = ask.consents();
    // the values were checked before the transaction: by another version's rules they would have to be checked again
    if (core.catalog().collections.get(collection.name) !== collection) throw vaultFailure('CATALOG_CHANGED');
    const decided = [...outcomes];
    // a transaction that is run again may find another index epoch than the values were made under
    const epoch = core.lookups.epoch();
    const indexed = candidates.map((each) =>
      each.found.epoch === epoch ? each : { ...each, found: lookupsOf(core, collection, each.item) },
    );
    const { fresh, existing } = await withoutDuplicates(tx, collection, indexed, onDuplicate, decided);
    if (ask.dryRun === true) {
      for (const { at, item } of [...fresh, ...existing]) decided[at] = { status: 'valid', warnings: item.warnings };
      return { outcomes: decided, auditIndex: null };
    }
    const changes = existing.length === 0 ? [] : await changeExisting(core, tx, caller, existing, check);
    for (const change of changes) {
      const { warnings } = (existing.find(({ at }) => at === change.at) as Existing).item;
      decided[change.at] =
        'made' in change
          ? {
              warnings: [...warnings, ...change.made.warnings],
              status: 'updated',
              id: change.made.id,
              subjectId: change.made.id.subjectId,
              version: change.made.version,
            }
          : { status: 'rejected', failure: change.failure };
    }
    const free = await stillFree(tx, fresh, changes, decided);
    const stored =
      free.length === 0 ? null : await store(core, caller, tx, collection, free, { decided, insert, check }, ask.entry);
    const auditIndex = (await logChanges(core, tx, caller, collection.name, changes)) ?? stored;
    const answer = { outcomes: decided, auditIndex };
    await ask.remember?.(tx, answer);
    return answer;
  });
}

const lookupsOf = (core: Core, collection: CollectionSpec, { fields, externalId }: CheckedItem): RecordLookups =>
  core.lookups.ofRecord(collection, fields, externalId);

async function store(
  core: Core,
  caller: Caller,
  tx: Tx,
  collection: CollectionSpec,
  fresh: readonly Candidate[],
  { decided, insert, check }: { decided: PutOutcome[]; insert: Insertion; check: CheckConsent },
  { action, detail }: WriteEntry = { action: 'vault.write', detail: {} },
): Promise<bigint | null> {
  const given = [...new Set(fresh.flatMap(({ item }) => item.subjectId ?? []))];
  const locked = await lockRings(tx, given);
  // behind the lock: a write that waited for a restriction sees it
  const [restricted, erased] = await Promise.all([
    restrictedOf(tx, given),
    isErased(
      tx,
      given.filter((id) => !locked.has(id)).map((id) => subjectHash(core.installation, id)),
    ),
  ]);
  const tags: Buffer[] = [];
  const rows: NewRecord[] = [];
  const newRings: NewRing[] = [];
  const classes = new Set<KeyClass>();
  const mac = core.auditMac();
  const now = core.clock().getTime();

  for (const { at, item, found } of fresh) {
    const subjectId = item.subjectId ?? newSubjectId(now, core.random.fill);
    const used = new Set([...item.fields.keys()].map((name) => collection.fields.get(name)?.class as KeyClass));
    if (item.externalId !== null) used.add(EXTERNAL_CLASS);
    const seals = item.fields.size + (item.externalId === null ? 0 : 1);
    const held = item.subjectId === null ? null : locked.get(subjectId);
    if (held === undefined || restricted.has(subjectId)) {
      const gone = erased.has(subjectHash(core.installation, subjectId).toString('hex'));
      const failure = vaultFailure(held !== undefined ? 'RESTRICTED' : gone ? 'ERASED' : 'SUBJECT_NOT_FOUND');
      decided[at] = { status: 'rejected', failure };
      continue;
    }
    const how = { check, consents: held?.consents ?? null, now: new Date(now) };
    const said = consentsOf(collection, item, how);
    if (!Array.isArray(said)) {
      decided[at] = { status: 'rejected', failure: said };
      continue;
    }
    let ring: OpenRing;
    if (held === null) {
      const made = core.keys.extend(subjectId, null, used.size === 0 ? ['personal'] : used);
      ring = (made as { ring: OpenRing }).ring;
      newRings.push({ subjectId, ring: (made as { stored: StoredRing }).stored, seals });
    } else {
      const grown = await growRing(core, tx, subjectId, held, used, seals);
      locked.set(subjectId, { ...held, ring: grown.stored });
      ring = grown.ring;
    }
    const id = { subjectId, recordNo: newRecordNo(core.random.fill) };
    const box = sealRecord(core, collection, id, ring, item);
    rows.push({ id, collectionNo: collectionNo(core, collection), box, ...found, expiresAt: item.expiresAt });
    tags.push(sealTag(mac, id, 1, box));
    for (const each of used) classes.add(each);
    decided[at] = { status: 'created', id, subjectId, version: 1, warnings: [...item.warnings, ...said] };
  }
  if (rows.length === 0) return null;
  const index = core.lookups.epoch();
  await fenceEpochs(core, tx, { rings: newRings.map(({ ring }) => ring), index });
  await insert(tx, { rings: newRings, records: rows, indexEpoch: index });
  const entry = eventOf(caller, {
    action,
    purpose: caller.purpose,
    subjects: rows.map((row) => row.id.subjectId),
    classes: [...classes],
    outcome: 'done',
    detail: { ...detail, collection: collection.name, records: rows.length, seals: encodeTags(tags) },
  });
  return (await core.audit.appendIn(tx, entry)).index;
}

/** As an outcome of the item: the others of the batch go on. */
function consentsOf(
  collection: CollectionSpec,
  { fields }: CheckedItem,
  how: Parameters<typeof checkConsents>[2],
): FieldWarning[] | Failure {
  try {
    return checkConsents(collection, fields.keys(), how);
  } catch (thrown) {
    if (isFailure(thrown)) return thrown;
    throw thrown;
  }
}

/** An outcome as the API answers it. */
export function outcomeView(outcome: PutOutcome, index: number): Record<string, unknown> {
  if (outcome.status === 'rejected') {
    const { code, message, hint, extra } = outcome.failure;
    return {
      index,
      status: 'rejected',
      problem: { code, detail: message, hint, ...(typeof extra.field === 'string' ? { field: extra.field } : {}) },
    };
  }
  const told = outcome.warnings === undefined || outcome.warnings.length === 0 ? {} : { warnings: outcome.warnings };
  if (outcome.status === 'valid') return { index, status: 'valid', ...told };
  return {
    index,
    status: outcome.status,
    id: recordIdText(outcome.id),
    subjectId: subjectIdText(outcome.id.subjectId),
    ...('version' in outcome && outcome.version > 0 ? { version: outcome.version } : {}),
    ...told,
  };
}
