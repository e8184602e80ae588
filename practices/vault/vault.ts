/** The vault as one object: what the routes call, and what other practices are handed. */
import { gather, type Tx } from '#platform/db';
import type { RecordId, SubjectId, Uuid } from '#platform/ids';
import type { FieldState } from '#practices/access';
import type { FieldSpec } from '#practices/collection';

import { inventory, type Inventory } from './algorithms.ts';
import { stageAttachment, type AttachAsk, type StagedAttachment } from './attach.ts';
import {
  detach,
  listAttachments,
  openAttachment,
  sweepLooseAttachments,
  type Detached,
  type OpenedAttachment,
  type WhichAttachment,
} from './attachments.ts';
import { createCanaries, type Canaries } from './canaries.ts';
import { consentTo, servedOf } from './consents.ts';
import type { CheckConsent } from './check-consent.ts';
import { subjectsOf, type CheckValue, type PutItem } from './check-record.ts';
import {
  collectionNo,
  collectionOf,
  eventOf,
  requireAction,
  requireActionOnEach,
  type Caller,
  type Core,
  purposeOf,
} from './core.ts';
import { beginDueWorks, type WorkPlan } from './due-works.ts';
import { destroyLeftEpochs, expireRecords } from './expire.ts';
import { exportPage, type ExportPageAsk } from './export-page.ts';
import { createCorrections, type Corrections } from './correct.ts';
import { vaultFailure } from './failures.ts';
import { storing, type Findings, type Later } from './findings.ts';
import type { CheckWay, VaultNeeds } from './needs.ts';
import type { SearchAsk } from './search.ts';
import { createIntakeKeys, type IntakeKeys } from './intake-keys.ts';
import { SKEW_MS } from './intake.ts';
import { receiveForm, type ReceiveAsk, type Received } from './receive-form.ts';
import { dropSeen } from './store/intake.ts';
import { patchRecord, removeRecord, type Change, type Changed } from './patch.ts';
import { putRecords, type OnDuplicate, type PutAnswer, type Remember } from './put.ts';
import { found, readRecords, type ReadAsk, type ReadRecord } from './read.ts';
import { findCandidates, searchRecords } from './search.ts';
import { openFor, sealFor } from './seal-personal.ts';
import { createRetention, type Retention } from './retire.ts';
import { eraseIn, eraseSubject, restrictIn, setRestriction, type Erased, type ErasureReceipt, type RestrictionReason } from './shred.ts'; // prettier-ignore
import { noteConsents } from './store/consents.ts';
import { dropOldAnswers } from './store/answers.ts';
import { loadRecords, type StoredRecord } from './store/records.ts';
import { livingRecordsOf, restingRecordsOf, restrictedSubjects, viewSubject, type RecordsPage, type RestingRecord, type RestrictedSubject, type Restriction, type SubjectView } from './store/subjects.ts'; // prettier-ignore
import { dropExpiredTokens } from './store/tokens.ts';
import {
  counts,
  endLeases,
  findWork,
  listWorks,
  newestWork,
  type Counts,
  type WorkKind,
  type WorkRow,
} from './store/works.ts';
import { createToken, openToken, type TokenAsk } from './tokens.ts';
import { beginWork, runWorks } from './works.ts';

export type Vault = {
  core: Core;
  put: (
    caller: Caller,
    ask: {
      collection: string;
      items: readonly PutItem[];
      onDuplicate: OnDuplicate;
      values?: 'json' | 'text';
      dryRun?: boolean;
      remember?: Remember;
    },
  ) => Promise<PutAnswer>;
  read: (
    caller: Caller,
    ids: readonly RecordId[],
    ask: Omit<ReadAsk, 'action'>,
  ) => Promise<{ records: ReadRecord[]; auditIndex: bigint }>;
  patch: (
    caller: Caller,
    ask: { id: RecordId; seen: number | null; change: Change; remember?: (tx: Tx, changed: Changed) => Promise<void> },
  ) => Promise<Changed>;
  remove: (caller: Caller, id: RecordId, remember?: (tx: Tx, auditIndex: bigint) => Promise<void>) => Promise<bigint>;
  search: (caller: Caller, ask: SearchAsk) => ReturnType<typeof searchRecords>;
  exportPage: (caller: Caller, ask: ExportPageAsk) => ReturnType<typeof exportPage>;
  /** Of these, who is there, agrees to this purpose and is not restricted: for what was read, and has not left yet. */
  servedOf: (purpose: string, subjectIds: readonly SubjectId[]) => Promise<ReadonlySet<SubjectId>>;
  /** Whether the caller may export of this collection, and how each field would leave. @throws VAULT_DENIED */
  mayExport: (caller: Caller, collection: string) => Promise<(spec: FieldSpec) => FieldState>;
  findByExternalId: (caller: Caller, collection: string, externalId: string) => Promise<RecordId>;
  subject: (caller: Caller, subjectId: SubjectId) => Promise<SubjectView>;
  erase: (caller: Caller, subjectId: SubjectId) => Promise<ErasureReceipt>;
  restrict: (caller: Caller, subjectId: SubjectId, because: RestrictionReason | null) => Promise<void>;
  /** In the caller's transaction, as the next. @throws as erase */
  eraseIn: (tx: Tx, caller: Caller, subjectId: SubjectId) => Promise<Erased>;
  restrictIn: (tx: Tx, caller: Caller, subjectId: SubjectId, because: RestrictionReason) => Promise<void>;
  /** What a subject has asked to be corrected; who calls it has decided. */
  corrections: Corrections;
  /** Seals a file as it arrives; it is there once it is placed. */
  stageAttachment: (caller: Caller, ask: AttachAsk) => Promise<StagedAttachment>;
  attachments: (caller: Caller, id: RecordId) => ReturnType<typeof listAttachments>;
  openAttachment: (caller: Caller, id: RecordId, which: WhichAttachment) => Promise<OpenedAttachment>;
  detach: (caller: Caller, ask: Parameters<typeof detach>[2]) => Promise<Detached>;
  intakeKeys: IntakeKeys;
  receiveForm: (caller: Caller, ask: Omit<ReceiveAsk, 'checkFor' | 'consentsFor'>) => Promise<Received>;
  /** Seals what a practice keeps about a subject under a key of the subject; erasing shreds it. @throws VAULT_SUBJECT_NOT_FOUND */
  sealFor: (subjectId: SubjectId, use: string, plains: readonly Uint8Array[]) => Promise<Buffer[]>;
  /** @returns null when the subject was erased @throws SEALING_COMMITTED_REFUSED */
  openFor: (subjectId: SubjectId, use: string, sealed: readonly Uint8Array[]) => Promise<Buffer[] | null>;
  /** What the subject said holds at the next read of any server. @returns false when there is no such subject */
  noteConsents: typeof noteConsents;
  consentTo: typeof consentTo;
  isLiving: (subjectId: SubjectId) => Promise<boolean>;
  /** Ids only, page by page; what they hold is read by `read`. */
  recordsOf: (subjectId: SubjectId, page: RecordsPage) => Promise<RecordId[]>;
  /** Of one collection: living ones that nobody has changed for so many days, those that rest longest first. */
  restingOf: (
    subjectId: SubjectId,
    of: Readonly<{ collection: string; days: number; limit: number }>,
  ) => Promise<RestingRecord[]>;
  /** Why nothing but keeping is allowed, and since when; null: it is. */
  restrictionOf: (subjectId: SubjectId) => Promise<Restriction | null>;
  /** Those whose processing is restricted, the longest first. */
  restricted: (limit: number) => Promise<readonly RestrictedSubject[]>;
  createToken: (caller: Caller, ask: TokenAsk) => Promise<{ token: string; auditIndex: bigint }>;
  openToken: (caller: Caller, token: string) => ReturnType<typeof openToken>;
  beginWork: (caller: Caller, what: WorkKind) => Promise<WorkRow>;
  work: (id: Uuid) => Promise<WorkRow | null>;
  works: () => Promise<WorkRow[]>;
  newestWork: (what: WorkKind) => Promise<WorkRow | null>;
  runWorks: (stopped: () => boolean) => Promise<void>;
  beginDueWorks: (plan: WorkPlan) => Promise<readonly string[]>;
  /** For a server that is alone on its database and starts: works go on at once, not when the lease of a killed one ends. */
  endLeases: () => Promise<void>;
  /** What retention may do; it asks nobody's permission, and who calls it has decided. */
  retention: Retention;
  /** Persons who do not exist, for restores that are tried. */
  canaries: Canaries;
  inventory: (epochDays: number) => Promise<Inventory>;
  counts: () => Promise<Counts>;
  /** Takes away what has expired: records, tokens, old answers. @returns how many records */
  sweep: () => Promise<number>;
};

export function createVault(core: Core, needs: VaultNeeds): Vault {
  const { checkValue, checkText, onUndeclared = () => undefined, checkConsent = () => ({ ok: true }) } = needs;
  const consentsOf = (purpose: string | undefined, found: Findings) => (): CheckConsent => {
    const later = found.consents();
    return (spec, collection, said) => checkConsent(spec, { collection, purpose: purpose ?? null, later }, said);
  };
  const checkAs =
    (caller: Caller, as: CheckWay<unknown>, later: Later): CheckValue =>
    (spec, value, collection) =>
      as(spec, value, { collection, purpose: caller.purpose ?? null, later });
  const asText: CheckWay<unknown> = (spec, value, way) =>
    typeof value === 'string' ? checkText(spec, value, way) : { ok: false, because: 'must be text' };
  // what somebody typed into a form is text, whatever the field is; a program may send numbers
  const asAnswer: CheckWay<unknown> = (spec, value, way) =>
    typeof value === 'string' ? checkText(spec, value, way) : checkValue(spec, value, way);
  const keys = createIntakeKeys(core);
  const load = gather<RecordId, StoredRecord | null>((ids) => loadRecords(core.db, ids));
  const droppedWorks = new Set<Uuid>();
  return {
    core,
    put: (caller, { collection, values = 'json', ...ask }) =>
      storing(core, async (found) => {
        const spec = collectionOf(core, collection);
        await requireActionOnEach(core, caller, { action: 'records.write', collection: spec }, subjectsOf(ask.items));
        if (caller.purpose !== undefined) purposeOf(core, caller);
        const check = checkAs(caller, values === 'text' ? asText : checkValue, found.values);
        const answer = await putRecords(core, caller, {
          ...ask,
          collection: spec,
          checkValue: check,
          consents: consentsOf(caller.purpose, found),
        });
        for (const outcome of answer.outcomes)
          if (outcome.status === 'rejected' && outcome.failure.code === 'VAULT_FIELD_UNKNOWN') onUndeclared(spec);
        return answer;
      }),
    read: async (caller, ids, ask) => {
      const stored = ids.length === 1 ? [await load(ids[0] as RecordId)] : await loadRecords(core.db, ids);
      if (stored.includes(null)) {
        await requireAction(core, caller, { action: 'records.read', purpose: purposeOf(core, caller) });
      }
      return readRecords(core, caller, { ...ask, action: 'records.read' }, found(stored, ids));
    },
    patch: (caller, ask) =>
      storing(core, async (found) => {
        if (caller.purpose !== undefined) purposeOf(core, caller);
        return patchRecord(core, caller, {
          ...ask,
          checkValue: checkAs(caller, checkValue, found.values),
          consents: consentsOf(caller.purpose, found),
        });
      }),
    remove: (caller, id, remember) => removeRecord(core, caller, id, remember),
    search: (caller, ask) => searchRecords(core, caller, ask),
    exportPage: (caller, ask) => exportPage(core, caller, ask),
    servedOf: (purpose, subjectIds) => servedOf(core, purpose, subjectIds),
    mayExport: async (caller, collection) => {
      const ask = { action: 'records.export', purpose: purposeOf(core, caller), collection: collectionOf(core, collection) } as const;
      return (await requireAction(core, caller, ask)).field;
    }, // prettier-ignore
    findByExternalId: async (caller, collection, externalId) => {
      const spec = collectionOf(core, collection);
      await requireAction(core, caller, { action: 'subjects.find', collection: spec });
      const [id] = await findCandidates(core, [() => core.lookups.externalId(spec, externalId)], null, 1);
      await core.audit.append(
        eventOf(caller, {
          action: 'vault.find',
          purpose: caller.purpose,
          subjects: id === undefined ? [] : [id.subjectId],
          outcome: id === undefined ? 'failed' : 'done',
          detail: { collection },
        }),
      );
      if (id === undefined) throw vaultFailure('SUBJECT_NOT_FOUND');
      return id;
    },
    subject: async (caller, subjectId) => {
      await requireAction(core, caller, { action: 'subjects.find', subject: subjectId });
      const view = await viewSubject(core.db, subjectId);
      await core.audit.append(
        eventOf(caller, { action: 'vault.look', subjects: [subjectId], outcome: view.living ? 'done' : 'failed' }),
      );
      if (!view.living) throw vaultFailure('SUBJECT_NOT_FOUND');
      return view;
    },
    erase: (caller, subjectId) => eraseSubject(core, caller, subjectId),
    restrict: (caller, subjectId, because) => setRestriction(core, caller, subjectId, because),
    eraseIn: (tx, caller, subjectId) => eraseIn(core, tx, caller, subjectId),
    restrictIn: (tx, caller, subjectId, because) => restrictIn(core, tx, caller, subjectId, because),
    corrections: createCorrections(core, (caller, found) => ({
      checkTyped: checkAs(caller, asAnswer, found.values),
      checkValue: checkAs(caller, checkValue, found.values),
      consents: consentsOf(caller.purpose, found),
    })),
    stageAttachment: (caller, ask) => stageAttachment(core, caller, ask),
    attachments: (caller, id) => listAttachments(core, caller, id),
    openAttachment: (caller, id, which) => openAttachment(core, caller, id, which),
    detach: (caller, ask) => detach(core, caller, ask),
    intakeKeys: keys,
    receiveForm: (caller, ask) =>
      storing(core, (found) =>
        receiveForm(core, keys, caller, {
          ...ask,
          checkFor: (purpose) => checkAs({ ...caller, purpose }, asAnswer, found.values),
          consentsFor: (purpose) => consentsOf(purpose, found),
        }),
      ),
    sealFor: (subjectId, use, plains) => sealFor(core, subjectId, use, plains),
    openFor: (subjectId, use, sealed) => openFor(core, subjectId, use, sealed),
    noteConsents,
    consentTo,
    isLiving: async (subjectId) => (await viewSubject(core.db, subjectId)).living,
    recordsOf: async (subjectId, page) => {
      const only = page.collection === undefined ? null : collectionNo(core, collectionOf(core, page.collection));
      return livingRecordsOf(core.db, subjectId, page, only);
    },
    restingOf: (subjectId, { collection, ...of }) =>
      restingRecordsOf(core.db, subjectId, of, collectionNo(core, collectionOf(core, collection))),
    restrictionOf: async (subjectId) => (await viewSubject(core.db, subjectId)).restricted,
    restricted: (limit) => restrictedSubjects(core.db, limit),
    createToken: (caller, ask) => createToken(core, caller, ask),
    openToken: (caller, token) => openToken(core, caller, token),
    beginWork: (caller, what) => beginWork(core, caller, what),
    work: (id) => findWork(core.db, id),
    works: () => listWorks(core.db),
    newestWork: (what) => newestWork(core.db, what),
    beginDueWorks: (plan) => beginDueWorks(core, plan),
    runWorks: (stopped) => runWorks(core, { stopped, rests: true }, droppedWorks),
    endLeases: () => endLeases(core.db),
    canaries: createCanaries(core, (spec, value, collection) => checkValue(spec, value, { collection, purpose: null })),
    retention: createRetention(core),
    inventory: (epochDays) => inventory(core, epochDays),
    counts: () => counts(core.db),
    sweep: async () => {
      const gone = await expireRecords(core);
      await destroyLeftEpochs(core);
      await dropExpiredTokens(core.db);
      await dropOldAnswers(core.db);
      await sweepLooseAttachments(core);
      await dropSeen(core.db, new Date(core.clock().getTime() - SKEW_MS));
      await keys.sweep();
      return gone;
    },
  };
}
