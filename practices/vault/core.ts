/** What the vault's parts share once it is open: where its bytes, keys, numbers and neighbours are. */
import type { Audit, AuditEvent } from '#platform/audit';
import type { Mac, RandomPool } from '#platform/crypto';
import type { Db, Statements, Tx } from '#platform/db';
import type { Failure, FailureMore } from '#platform/failure';
import type { RecordId, SubjectId, Uuid } from '#platform/ids';
import type { Access, Actor, Decision } from '#practices/access';
import type { Catalog, CollectionSpec, FieldSpec } from '#practices/collection';

import type { FieldCipher } from './envelope.ts';
import type { Epochs } from './epochs.ts';
import { vaultFailure } from './failures.ts';
import type { Kms } from './kms/kms.ts';
import type { Going, Keepers } from './keepers.ts';
import type { Lookups } from './lookups.ts';
import { holdEpochs, type Numbers } from './store/keys.ts';
import type { StoredRing, SubjectKeys } from './subject-keys.ts';
import type { KeyClass } from './types.ts';

export type Core = {
  db: Db;
  audit: Audit;
  decide: Access['decide'];
  spendGrants: Access['grants']['spend'];
  /** Who reads, as policies see them with what they are about to open. */
  reading: Access['volume']['reading'];
  /** Writes down who was in a read of more subjects than an entry of the log names. */
  noteBatch?: (index: bigint, subjects: readonly SubjectId[]) => Promise<void>;
  /** Which of these were made up for exercises, and are nobody's customers. */
  madeUp: (subjects: readonly SubjectId[]) => Promise<ReadonlySet<SubjectId>>;
  catalog: () => Catalog;
  clock: () => Date;
  installation: Uuid;
  epochs: Epochs;
  keys: SubjectKeys;
  random: RandomPool;
  /** HMAC under the current `audit` epoch: pseudonyms of records in the log. */
  auditMac: () => Mac;
  cipher: FieldCipher;
  lookups: Lookups;
  numbers: () => Numbers;
  /** Field numbers of a collection → specs of the catalogue. Fields taken out of the catalogue are not among them. */
  fieldsByNo: (collection: CollectionSpec) => ReadonlyMap<number, FieldSpec>;
  /** Suite that a new key of this class is made for. */
  suiteFor: (keyClass: KeyClass) => number;
  /** Days until a subject's key is renewed on write. */
  dekDays: number;
  /** Largest attachment. */
  attachmentBytes: number;
  /** Days that one intake key is published. */
  intakeDays: number;
  /** Holds, and the account of what went. */
  keepers: Keepers;
  /** Who wraps the system's own private keys. */
  root: Kms;
  /** Whether `catalog` is the version that holds, and goes on to hold until the transaction ends. */
  isCatalogHeld: (tx: Statements) => Promise<boolean>;
  /** Makes `catalog` the version that holds. */
  refreshCatalog: () => Promise<void>;
  /** Gives the names of a catalogue their numbers, before it is worked by. */
  numberCatalog: (catalog: Catalog) => Promise<void>;
};

/** Who asks, for what, in which request. */
export type Caller = Readonly<{ actor: Actor; purpose?: string | undefined; requestId: string }>;

/** @throws VAULT_COLLECTION_UNKNOWN */
export function collectionOf(core: Core, name: string): CollectionSpec {
  const spec = core.catalog().collections.get(name);
  if (spec === undefined) throw vaultFailure('COLLECTION_UNKNOWN');
  return spec;
}

export function nameOfCollection(core: Core, collectionNo: number): string | null {
  for (const [name, no] of core.numbers().collections) if (no === collectionNo) return name;
  return null;
}

/** @throws VAULT_COLLECTION_UNKNOWN when the catalogue does not have it any more */
export function collectionByNo(core: Core, collectionNo: number): CollectionSpec {
  const name = nameOfCollection(core, collectionNo);
  if (name !== null) return collectionOf(core, name);
  throw vaultFailure('COLLECTION_UNKNOWN', { detail: `collection number ${collectionNo} has no name here` });
}

export function collectionNo(core: Core, collection: CollectionSpec): number {
  return core.numbers().collections.get(collection.name) as number;
}

/** Gives each collection's fields by number; worked out once for each catalogue. */
export function numberedFields(numbers: () => Numbers): Core['fieldsByNo'] {
  const known = new WeakMap<CollectionSpec, ReadonlyMap<number, FieldSpec>>();
  return (collection) => {
    const found = known.get(collection);
    if (found !== undefined) return found;
    const no = numbers().collections.get(collection.name);
    const made = new Map(
      [...collection.fields.values()].map((spec) => [numbers().fields.get(`${no}/${spec.name}`) as number, spec]),
    );
    known.set(collection, made);
    return made;
  };
}

export function fieldNo(core: Core, collection: CollectionSpec, field: string): number {
  return core.numbers().fields.get(`${collectionNo(core, collection)}/${field}`) as number;
}

export function placeOf(core: Core, collection: CollectionSpec, record: RecordId) {
  return { installation: core.installation, collection: collection.name, record };
}

/** @throws VAULT_PURPOSE_MISSING, VAULT_PURPOSE_UNKNOWN */
export function purposeOf(core: Core, caller: Caller): string {
  if (caller.purpose === undefined) throw vaultFailure('PURPOSE_MISSING');
  if (!core.catalog().purposes.has(caller.purpose)) throw vaultFailure('PURPOSE_UNKNOWN');
  return caller.purpose;
}

/** The actor of an event, without what the log does not need. */
export function eventOf(caller: Caller, event: Omit<AuditEvent, 'actor' | 'requestId'>): AuditEvent {
  const { kind, id, role } = caller.actor;
  return { ...event, actor: { kind, id, role }, requestId: caller.requestId };
}

/** As the actor would be answered without what it was granted for a time. */
export const withoutGrants = (caller: Caller): Caller => ({ ...caller, actor: { ...caller.actor, grants: [] } });

/** A decision as the log has it. */
export function decisionOf({
  allow,
  policies,
  policyVersion,
  grantIds,
}: Decision): NonNullable<AuditEvent['decision']> {
  return { allow, policies, policyVersion, ...(grantIds.length === 0 ? {} : { grants: grantIds }) };
}

/** Decides an action that is not about fields, and logs a refusal. @throws VAULT_DENIED */
export async function requireAction(
  core: Core,
  caller: Caller,
  ask: Omit<Parameters<Core['decide']>[0], 'actor'>,
): Promise<ReturnType<Core['decide']>> {
  const actor = await core.reading(caller.actor, ask.action, [], () => true);
  const decision = core.decide({ ...ask, actor });
  if (!decision.allow) await refuse(core, caller, ask, decision, decision.because);
  return decision;
}

/** About each of these, undefined for nobody yet: all of it or nothing. @throws VAULT_DENIED */
export async function requireActionOnEach(
  core: Core,
  caller: Caller,
  ask: Omit<Parameters<Core['decide']>[0], 'actor' | 'subject'>,
  subjects: readonly (SubjectId | undefined)[],
): Promise<void> {
  for (const subject of subjects) await requireAction(core, caller, { ...ask, subject });
}

/** Logs a refusal, and then refuses. @param detail for the log: names, never values @throws VAULT_DENIED */
export async function refuse(
  core: Core,
  caller: Caller,
  { action, purpose }: Pick<Parameters<Core['decide']>[0], 'action' | 'purpose'>,
  decision: Decision,
  because: string,
  detail?: AuditEvent['detail'],
): Promise<never> {
  await core.audit.append(
    eventOf(caller, {
      action: `vault.${action}`,
      purpose,
      outcome: 'denied',
      decision: { ...decisionOf(decision), allow: false },
      ...(detail === undefined ? {} : { detail }),
    }),
  );
  throw denied(decision, { detail: because });
}

/** Where only training is missing: what to learn or sign, and where. */
function howToLearn({ lacks }: Decision, { extra }: FailureMore): FailureMore {
  if (lacks.length === 0) return {};
  const hint = 'open Learn in the console, or strongroom education; access is back as soon as it is done';
  return { hint, extra: { ...extra, training: lacks } };
}

/** Where only a grant is missing: how to ask for one. */
function howToAsk({ obligations }: Decision, { extra }: FailureMore): FailureMore {
  const kind = obligations.find((each) => each.kind === 'requestable')?.grant;
  if (kind === undefined) return {};
  const { hint, url } = ASKING[kind];
  return { hint, extra: { ...extra, requestable: { kind, url } } };
}
const ASKING = {
  jit: { url: '/v1/access/requests', hint: 'ask for it: POST /v1/access/requests, or strongroom access request' },
  breakGlass: { url: '/v1/access/break-glass', hint: 'in an emergency: POST /v1/access/break-glass, signed in' },
} as const;

/** 403, or 401 with a challenge where a newer authentication would do (RFC 9470). */
export const denied = (decision: Decision, more: FailureMore): Failure =>
  decision.stepUpSeconds === null
    ? vaultFailure('DENIED', { ...more, ...howToLearn(decision, more), ...howToAsk(decision, more) })
    : vaultFailure('STEP_UP', { ...more, extra: { ...more.extra, maxAgeSeconds: decision.stepUpSeconds } });

/**
 * Makes sure that rings and lookups are committed only under epochs that are current then: another server may have begun
 * a new one that this one has not heard of. INVARIANT: called in the writing transaction, for every ring that it writes,
 * and with the index epoch of every lookup that it writes or takes away.
 * @throws 40001 after reloading the epochs, so that `transact` runs the work again under the new ones
 */
export async function fenceEpochs(
  core: Core,
  tx: Tx,
  used: { rings?: readonly StoredRing[]; index?: number },
): Promise<void> {
  const { rings = [], index } = used;
  const held = await holdEpochs(tx, {
    data: new Set(rings.map((ring) => ring.epoch)),
    second: new Set(rings.flatMap((ring) => ring.secondEpoch ?? [])),
    index: new Set(index === undefined ? [] : [index]),
  });
  if (held) return;
  await core.epochs.reload();
  throw Object.assign(new Error('the key epoch was changed meanwhile'), { code: '40001' });
}

/** @throws VAULT_HELD, naming the matters */
export async function refuseHeld(core: Core, tx: Tx, going: Going): Promise<void> {
  const matters = await core.keepers.held(tx, going);
  if (matters.length > 0)
    throw vaultFailure('HELD', {
      detail: `a legal hold keeps this: ${matters.join(', ')}`,
      extra: { matters },
    });
}

/** Purposes that a restricted subject may still be read for (GDPR art. 18(2)). */
export const isLegal = (purpose: string | undefined): boolean =>
  purpose === 'legal' || purpose?.startsWith('legal.') === true;
