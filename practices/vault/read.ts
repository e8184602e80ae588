/**
 * The way of a read: decide → audit → open → mask. No step is skipped, for anybody.
 *
 * One decision per collection, one audit entry with the set of subjects, one query, whatever the number of records.
 */
import { recordIdText, subjectIdText, type RecordId } from '#platform/ids';
import type { Action, Decision, FieldState } from '#practices/access';
import type { CollectionSpec, FieldSpec, MaskKind } from '#practices/collection';

import { consentFacts } from './consents.ts';
import {
  denied,
  collectionByNo,
  decisionOf,
  eventOf,
  purposeOf,
  withoutGrants,
  type Caller,
  type Core,
} from './core.ts';
import { vaultFailure } from './failures.ts';
import { maskValue } from './masks.ts';
import { namesIn, openFields } from './seal-record.ts';
import { isStopped } from './stopped-uses.ts';
import type { StoredRecord } from './store/records.ts';
import type { FieldValue } from './types.ts';

export type ReadField = Readonly<{
  state: FieldState;
  value?: FieldValue;
  masked?: FieldValue;
  /** Of `ReadAsk.beside`: it leaves as the field does. */
  beside?: Readonly<{ value: FieldValue } | { masked: FieldValue }>;
  may?: 'clear';
  /** The kind of grant under which it would be clear, and which this role may ask for. */
  requestable?: 'jit' | 'breakGlass';
}>;
export type ReadRecord = Readonly<{
  id: string;
  subjectId: string;
  collection: string;
  version: number;
  expiresAt?: string;
  fields: Readonly<Record<string, ReadField>>;
}>;
export type ReadAsk = Readonly<{
  action: Action;
  /** Fields wanted; null: all the record has. */
  fields: readonly string[] | null;
  /** Shows masked also what may be seen in clear: for a first look, before somebody asks for more. */
  masked?: boolean;
  /** Why, in the reader's own words; of a read of one record. In the log it is sealed under the subject's key. */
  reason?: string | undefined;
  /** More about this read for the log: kind of search, token. No values. */
  detail?: Readonly<Record<string, string | number | readonly string[]>>;
  /** By field: what leaves in place of its value, and what the reader has to be allowed for that. */
  leaves?: ReadonlyMap<string, Leaves>;
  /** Other values for fields of a record, such as what they are to become: each leaves as its field does. */
  beside?: ReadonlyMap<string, FieldValue>;
  /** Leaves out records that turn out not to be meant, once they are open: then these fields are opened too. */
  verify?: Readonly<{
    fields: readonly string[];
    isMeant: (collection: CollectionSpec, opened: ReadonlyMap<string, FieldValue>) => boolean;
  }>;
}>;

export type Leaves = Readonly<{
  /** Who is allowed less is refused as a whole: an answer without it would seem to say that there is nothing. */
  needs: 'clear' | 'masked';
  /** What is less than the value, and in the log masked. Null: the value. @param mask what the policies say a mask shows */
  make: ((value: FieldValue, mask: MaskKind) => FieldValue | null) | null;
}>;

/** platform/audit/entry.ts */
const NAMED_IN_ENTRY = 16;

/** A record with what was decided about it, before anything is opened. */
type Plan = Readonly<{
  stored: StoredRecord;
  collection: CollectionSpec;
  decision: Decision;
  states: ReadonlyMap<string, FieldState>;
  /** Fields that were decided to be clear, and are only shown masked. */
  heldBack: ReadonlySet<string>;
  leaves: ReadAsk['leaves'];
  /** A field that was asked for is not allowed so. */
  short: string | undefined;
}>;

/**
 * Reads records that were just loaded.
 * @returns answers in order, without those that `verify` leaves out, and where the log has it
 * @throws VAULT_PURPOSE_MISSING, VAULT_DENIED, VAULT_RESTRICTED, AUDIT_UNAVAILABLE: then nothing was opened
 */
export async function readRecords(
  core: Core,
  caller: Caller,
  ask: ReadAsk,
  stored: readonly StoredRecord[],
): Promise<{ records: ReadRecord[]; auditIndex: bigint }> {
  const purpose = purposeOf(core, caller);
  // a first look that holds back what the grant is for only needs it to stand
  const reads = ask.masked === true ? 0 : 1;
  const planAll = (by: Caller): readonly Plan[] => stored.map((each) => plan(core, by, ask, purpose, each));
  const subjects = stored.map(({ id }) => id.subjectId);
  const actor = await core.reading(caller.actor, ask.action, subjects, (as) =>
    planAll({ ...caller, actor: as }).every(({ decision }) => decision.allow),
  );
  const reader = { ...caller, actor };
  const plans = await spent(core, reader, reads, planAll);
  const refused = plans.find(({ decision, short }) => !decision.allow || short !== undefined);
  const auditIndex = await log(core, reader, ask, purpose, plans, refused);
  if (refused !== undefined) {
    const { because, allow } = refused.decision;
    const more = { detail: allow ? `${refused.short} may not leave like this` : because, extra: { auditIndex: Number(auditIndex) } }; // prettier-ignore
    throw refused.stored.restricted === null ? denied(refused.decision, more) : vaultFailure('RESTRICTED', more);
  }
  const records: ReadRecord[] = [];
  for (const each of plans) {
    const record = await open(core, each, ask);
    if (record !== null) records.push(record);
  }
  return { records, auditIndex };
}

/**
 * Counts what is read under grants, before anything is opened.
 *
 * INVARIANT: a grant that has ended since the caller was looked up, or has too few reads left, shows nothing: then all is
 * decided again as if it had never been.
 */
async function spent(
  core: Core,
  caller: Caller,
  each: 0 | 1,
  planAll: (by: Caller) => readonly Plan[],
): Promise<readonly Plan[]> {
  const plans = planAll(caller);
  const reads = new Map<string, number>();
  for (const { decision } of plans.some(({ decision }) => !decision.allow) ? [] : plans)
    for (const id of decision.grantIds) reads.set(id, (reads.get(id) ?? 0) + each);
  return reads.size === 0 || (await core.spendGrants(reads)) ? plans : planAll(withoutGrants(caller));
}

function plan(core: Core, caller: Caller, ask: ReadAsk, purpose: string, stored: StoredRecord): Plan {
  const collection = collectionByNo(core, stored.collectionNo);
  const decision = core.decide({
    actor: caller.actor,
    action: ask.action,
    purpose,
    collection,
    restricted: stored.restricted !== null,
    ...consentFacts(core, purpose, stored.consents),
    subject: stored.id.subjectId,
  });
  const names = ask.fields ?? [...namesIn(core, collection, stored.box)];
  const states = new Map<string, FieldState>();
  const heldBack = new Set<string>();
  let short: string | undefined;
  for (const name of names) {
    const spec = collection.fields.get(name);
    if (spec === undefined)
      throw vaultFailure('FIELD_UNKNOWN', {
        detail: `the collection ${collection.name} has no such field`,
        extra: { field: 'fields' },
      });
    const ended = isStopped(stored.stopped, spec, { purpose, role: caller.actor.role });
    const may = decision.field(spec);
    const leaves = ask.leaves?.get(name);
    if (leaves !== undefined && may !== 'clear' && may !== leaves.needs) short ??= name;
    const state = ended ? 'denied' : leaves !== undefined && leaves.make !== null && may === 'clear' ? 'masked' : may;
    if (ask.masked === true && state === 'clear') heldBack.add(name);
    states.set(name, heldBack.has(name) ? 'masked' : state);
  }
  return { stored, collection, decision, states, heldBack, leaves: ask.leaves, short };
}

async function log(
  core: Core,
  caller: Caller,
  ask: ReadAsk,
  purpose: string,
  plans: readonly Plan[],
  refused: Plan | undefined,
): Promise<bigint> {
  const shown = (wanted: FieldState): string[] => [
    ...new Set(
      plans.flatMap(({ states }) => [...states].filter(([, state]) => state === wanted).map(([name]) => name)),
    ),
  ];
  const clear = refused === undefined ? shown('clear') : [];
  const masked = refused === undefined ? shown('masked') : [];
  const classes = new Set<string>();
  for (const { collection } of plans)
    for (const name of [...clear, ...masked]) classes.add(collection.fields.get(name)?.class ?? 'internal');
  const decision = refused?.decision ?? plans[0]?.decision;
  const event = eventOf(caller, {
    action:
      ask.action === 'records.search'
        ? 'vault.search'
        : ask.action === 'tokens.open'
          ? 'vault.detokenise'
          : ask.action === 'records.export'
            ? 'vault.export'
            : 'vault.read',
    purpose,
    subjects: plans.map(({ stored }) => stored.id.subjectId),
    classes: [...classes],
    outcome: refused === undefined ? 'done' : 'denied',
    ...(decision === undefined
      ? {}
      : { decision: { ...decisionOf(decision), ...grantsOf(plans), allow: refused === undefined } }),
    ...(ask.reason === undefined || plans[0] === undefined
      ? {}
      : { personal: { subjectId: plans[0].stored.id.subjectId, text: JSON.stringify({ reason: ask.reason }) } }),
    detail: {
      ...ask.detail,
      ...(caller.actor.volume === undefined || caller.actor.volume === 'normal' ? {} : { volume: caller.actor.volume }),
      collections: [...new Set(plans.map(({ collection }) => collection.name))],
      records: plans.length,
      clear,
      masked,
    },
  });
  const { index } = await core.audit.append(event);
  // an entry names few subjects: who was in a larger read has to be known before its data leaves
  if (refused === undefined && plans.length > NAMED_IN_ENTRY)
    await core.noteBatch?.(index, plans.map(({ stored }) => stored.id.subjectId)); // prettier-ignore
  return index;
}

/** Of all records of this read, not of the first alone. */
function grantsOf(plans: readonly Plan[]): { grants?: readonly string[] } {
  const grants = [...new Set(plans.flatMap(({ decision }) => decision.grantIds))];
  return grants.length === 0 ? {} : { grants };
}

async function open(
  core: Core,
  { stored, collection, decision, states, heldBack, leaves }: Plan,
  { verify, beside }: Pick<ReadAsk, 'verify' | 'beside'>,
): Promise<ReadRecord | null> {
  const wanted = new Set(verify?.fields);
  for (const [name, state] of states) if (state !== 'denied') wanted.add(name);
  const ring = await core.keys.open(stored.id.subjectId, stored.ring);
  const opened =
    wanted.size === 0
      ? new Map<string, FieldValue>()
      : openFields(core, collection, stored.id, ring, stored.box, wanted);
  if (verify !== undefined && !verify.isMeant(collection, opened)) return null;
  const fields: Record<string, ReadField> = {};
  for (const [name, state] of states) {
    const value = opened.get(name);
    const spec = collection.fields.get(name) as FieldSpec;
    const asks = state === 'clear' || heldBack.has(name) ? null : decision.requestable(spec);
    const requestable = asks === null ? {} : { requestable: asks };
    const make = leaves?.get(name)?.make ?? null;
    const other = beside?.get(name);
    const asked = other === undefined ? {} : { beside: state === 'clear' ? { value: other } : { masked: maskValue(decision.mask(spec), other) } }; // prettier-ignore
    if (state === 'denied') fields[name] = { state, ...requestable };
    else if (make !== null) {
      const masked = value === undefined ? null : make(value, decision.mask(spec));
      if (masked !== null) fields[name] = { state, masked };
    } else if (value !== undefined)
      fields[name] =
        state === 'clear'
          ? { state, value, ...asked }
          : {
              state,
              masked: maskValue(decision.mask(spec), value),
              ...asked,
              ...requestable,
              ...(heldBack.has(name) ? { may: 'clear' } : {}),
            };
    else if (other !== undefined) fields[name] = { state, ...asked };
  }
  return {
    id: recordIdText(stored.id),
    subjectId: subjectIdText(stored.id.subjectId),
    collection: collection.name,
    version: stored.version,
    ...(stored.expiresAt === null ? {} : { expiresAt: stored.expiresAt.toISOString() }),
    fields,
  };
}

/** Loads for a read; a record that is not there is told apart only after the caller was let in. */
export function found(stored: readonly (StoredRecord | null)[], ids: readonly RecordId[]): StoredRecord[] {
  const missing = stored.findIndex((each) => each === null);
  if (missing >= 0) throw vaultFailure('NOT_FOUND', { extra: { id: recordIdText(ids[missing] as RecordId) } });
  return stored as StoredRecord[];
}
