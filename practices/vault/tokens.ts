/** Tokens: stand-ins for a value in other systems. Making one is a read, and so is opening one. */
import { transact, type Tx } from '#platform/db';
import type { RecordId } from '#platform/ids';
import type { Actor, Decision } from '#practices/access';
import type { FieldSpec } from '#practices/collection';

import { consentFacts, isPassedOver } from './consents.ts';
import { collectionByNo, eventOf, purposeOf, requireAction, type Caller, type Core } from './core.ts';
import { vaultFailure } from './failures.ts';
import { formatToken } from './format-preserving.ts';
import { found, readRecords, type ReadRecord } from './read.ts';
import { openFields } from './seal-record.ts';
import { isStopped } from './stopped-uses.ts';
import { loadRecords, type StoredRecord } from './store/records.ts';
import { lockRings } from './store/rings.ts';
import {
  findTokens,
  insertToken,
  keepPairwise,
  returnUse,
  useToken,
  type TokenKind,
  type TokenRow,
} from './store/tokens.ts';
import type { FieldValue } from './types.ts';
import { newToken, pairwiseToken, parseToken, tokenLookup } from './token-formats.ts';

export type TokenAsk = Readonly<{
  recordId: RecordId;
  field: string;
  kind: TokenKind;
  audience?: string | undefined;
  ttlSeconds?: number | undefined;
  maxUses?: number | undefined;
}>;

const DRAWS = 8;

/**
 * @throws VAULT_NOT_FOUND, VAULT_DENIED, VAULT_RESTRICTED, SEALING_TOKEN_SOURCE (the value has too few forms to hide in)
 */
export async function createToken(
  core: Core,
  caller: Caller,
  ask: TokenAsk,
): Promise<{ token: string; auditIndex: bigint }> {
  const purpose = purposeOf(core, caller);
  const [stored] = found(await loadRecords(core.db, [ask.recordId]), [ask.recordId]) as [StoredRecord];
  const collection = collectionByNo(core, stored.collectionNo);
  const spec = collection.fields.get(ask.field);
  if (spec === undefined)
    throw vaultFailure('FIELD_UNKNOWN', {
      detail: `the collection ${collection.name} has no such field`,
      extra: { field: 'field' },
    });
  if (ask.kind === 'pairwise' && ask.audience === undefined) {
    throw vaultFailure('FIELD_INVALID', {
      detail: 'audience is needed for a pairwise token',
      extra: { field: 'audience' },
    });
  }
  const decideOn = (record: StoredRecord, actor: Actor): Decision =>
    core.decide({
      actor,
      action: 'tokens.create',
      purpose,
      collection,
      restricted: record.restricted !== null,
      ...consentFacts(core, purpose, record.consents),
      subject: record.id.subjectId,
    });
  const mayOf = ({ stopped }: StoredRecord, decision: Decision): boolean =>
    decision.allow &&
    !isStopped(stopped, spec, { purpose, role: caller.actor.role }) &&
    decision.field(spec) !== 'denied';
  const allows = (actor: Actor): boolean => decideOn(stored, actor).allow;
  const actor = await core.reading(caller.actor, 'tokens.create', [stored.id.subjectId], allows);
  const decision = decideOn(stored, actor);
  const allow = mayOf(stored, decision);
  const { index: auditIndex } = await core.audit.append(
    eventOf(caller, {
      action: 'vault.tokenise', purpose, subjects: [stored.id.subjectId], classes: [spec.class], outcome: allow ? 'done' : 'denied',
      decision: { allow, policies: decision.policies, policyVersion: decision.policyVersion },
      detail: { collection: collection.name, field: spec.name, kind: ask.kind, ...(ask.audience === undefined ? {} : { audience: ask.audience }) },
    }),
  ); // prettier-ignore
  const refusal = ({ because }: Decision): Error =>
    vaultFailure('DENIED', { detail: because || `${spec.name} is not open to ${purpose}` });
  if (!allow) throw refusal(decision);

  // INVARIANT: behind the lock that each change of the record takes: of what was taken away meanwhile no token is made, and of
  // what was changed that of the new value
  return transact(core.db, async (tx) => {
    const held = (await lockRings(tx, [stored.id.subjectId])).get(stored.id.subjectId);
    const [now] = found(await loadRecords(tx, [ask.recordId]), [ask.recordId]) as [StoredRecord];
    if (held === undefined) throw vaultFailure('NOT_FOUND');
    const decided = decideOn(now, actor);
    if (!mayOf(now, decided)) throw refusal(decided);
    const ring = await core.keys.open(now.id.subjectId, held.ring);
    const value = openFields(core, collection, now.id, ring, now.box, new Set([spec.name])).get(spec.name);
    if (value === undefined) throw vaultFailure('NOT_FOUND', { detail: `the record has no ${spec.name}` });
    return { token: await keepToken(core, tx, { ask, spec, purpose, value }), auditIndex };
  });
}

async function keepToken(
  core: Core,
  tx: Tx,
  of: Readonly<{ ask: TokenAsk; spec: FieldSpec; purpose: string; value: FieldValue }>,
): Promise<string> {
  const { ask, spec, purpose } = of;
  const value = textOf(of.value);
  const { key } = core.epochs.current('token');
  const row = { id: ask.recordId, field: spec.name, kind: ask.kind, audience: ask.audience ?? null, purpose };
  const limits = {
    usesLeft: ask.maxUses ?? null,
    expiresAt: ask.ttlSeconds === undefined ? null : new Date(core.clock().getTime() + ask.ttlSeconds * 1000),
  };
  if (ask.kind === 'pairwise') {
    const token = pairwiseToken(key, ask.audience as string, value);
    await keepPairwise(tx, tokenLookup(key, token), row, limits);
    return token;
  }
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const token =
      ask.kind === 'random' ? newToken() : formatToken(value, { kind: spec.type === 'card' ? 'card' : 'text' });
    if (await insertToken(tx, tokenLookup(key, token), row, limits)) return token;
  }
  throw vaultFailure('NOT_UNIQUE', { detail: 'no free token of this form was found', hint: 'use kind: random' });
}

/**
 * @throws VAULT_TOKEN_UNKNOWN alike for unknown, expired and used-up tokens; VAULT_TOKEN_MISTYPED; what readRecords throws
 */
export async function openToken(
  core: Core,
  caller: Caller,
  token: string,
): Promise<{ record: ReadRecord; field: string; auditIndex: bigint }> {
  const purpose = purposeOf(core, caller);
  await requireAction(core, caller, { action: 'tokens.open', purpose });
  if (token.startsWith('tok_') && !parseToken(token).ok) throw vaultFailure('TOKEN_MISTYPED');
  const lookup = tokenLookup(core.epochs.current('token').key, token);
  const rows = await findTokens(core.db, lookup);
  const records = await loadRecords(
    core.db,
    rows.map(({ id }) => id),
  );
  // records that share a pairwise token hold the same value: one that may be used for this answers for it, if there is one
  const living = records.flatMap((record, at) =>
    record === null ? [] : [{ stored: record, row: rows[at] as TokenRow }],
  );
  const chosen = living.find((each) => !isPassedOver(core, purpose, each.stored)) ?? living[0];
  if (chosen === undefined) throw await unknownToken(core, caller);
  const { stored, row } = chosen;
  const collection = collectionByNo(core, stored.collectionNo);
  const restricted = stored.restricted !== null;
  const decideAs = (actor: Actor): Decision =>
    core.decide({
      actor,
      action: 'tokens.open',
      purpose,
      collection,
      restricted,
      ...consentFacts(core, purpose, stored.consents),
      subject: stored.id.subjectId,
    });
  const allows = (actor: Actor): boolean => decideAs(actor).allow;
  const decision = decideAs(await core.reading(caller.actor, 'tokens.open', [stored.id.subjectId], allows));
  const spec = collection.fields.get(row.field);
  // INVARIANT: a use is spent only by who will see something, and the last use by one of two who come at once
  const opens =
    decision.allow &&
    spec !== undefined &&
    !isStopped(stored.stopped, spec, { purpose, role: caller.actor.role }) &&
    decision.field(spec) !== 'denied';
  if (opens && !(await useToken(core.db, lookup, row))) throw await unknownToken(core, caller);
  const ask = { action: 'tokens.open', fields: [row.field], detail: { kind: row.kind } } as const;
  let shows = false;
  try {
    const read = await readRecords(core, caller, ask, [stored]);
    const record = read.records[0] as ReadRecord;
    shows = record.fields[row.field]?.state !== 'denied';
    return { record, field: row.field, auditIndex: read.auditIndex };
  } finally {
    // the log was away, or a grant has ended since it was decided: nothing left
    if (opens && !shows) await returnUse(core.db, lookup, row);
  }
}

/** Guessing leaves a trace, and learns nothing of why a token leads nowhere. */
async function unknownToken(core: Core, caller: Caller): Promise<Error> {
  await core.audit.append(eventOf(caller, { action: 'vault.detokenise', purpose: caller.purpose, outcome: 'failed' }));
  return vaultFailure('TOKEN_UNKNOWN');
}

const textOf = (value: FieldValue): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
