/**
 * Search without opening: lookups give candidates with all that a read of them needs, in one statement; every hit is
 * verified when it is opened for the answer, since buckets let others through.
 */
import { createHmac } from 'node:crypto';

import { equal } from '#platform/crypto';
import { parseRecordId, recordIdText, type RecordId } from '#platform/ids';
import type { CollectionSpec } from '#practices/collection';

import { matchesQuery } from './blind-index.ts';
import { isPassedOver } from './consents.ts';
import { collectionOf, purposeOf, refuse, requireAction, type Caller, type Core } from './core.ts';
import { vaultFailure } from './failures.ts';
import { readTerm, type LookupQuery, type SearchTerm } from './lookups.ts';
import { readRecords, type ReadRecord } from './read.ts';
import { findByLookups, loadByLookups, type LookupGroups } from './store/hits.ts';
import type { StoredRecord } from './store/records.ts';
import type { FieldValue } from './types.ts';

export type SearchAsk = Readonly<{
  collection: string;
  where: Readonly<Record<string, SearchTerm>>;
  fields: readonly string[] | null;
  limit: number;
  cursor?: string | undefined;
  masked?: boolean;
}>;

/** @throws VAULT_NOT_SEARCHABLE, VAULT_DENIED, VAULT_CURSOR_INVALID, and what readRecords throws */
export async function searchRecords(
  core: Core,
  caller: Caller,
  ask: SearchAsk,
): Promise<{ records: ReadRecord[]; cursor?: string; auditIndex: bigint }> {
  const purpose = purposeOf(core, caller);
  const collection = collectionOf(core, ask.collection);
  const decision = await requireAction(core, caller, { action: 'records.search', purpose, collection });
  const names = Object.keys(ask.where);
  const asked: (() => LookupQuery)[] = [];
  for (const name of names) {
    const spec = collection.fields.get(name);
    if (spec === undefined)
      throw vaultFailure('FIELD_UNKNOWN', {
        detail: `the collection ${collection.name} has no such field`,
        extra: { field: 'where' },
      });
    // who may not even see a field masked must not learn it by asking
    if (decision.field(spec) === 'denied') {
      const because = `searching by ${name} is not allowed for ${purpose}`;
      await refuse(core, caller, { action: 'records.search', purpose }, decision, because, { by: [name] });
    }
    asked.push(() => core.lookups.query(collection, spec, ask.where[name] as SearchTerm));
  }
  if (asked.length === 0) throw vaultFailure('NOT_SEARCHABLE', { detail: 'name at least one field in where' });

  const after = readCursor(core, ask);
  const { hits } = await underOneEpoch(core, asked, (groups) =>
    loadByLookups(core.db, groups, after, ask.limit + 1, decision.within),
  );
  const page = hits.slice(0, ask.limit);
  const stored = page
    .map((each) => each.stored)
    .filter((each): each is StoredRecord => each !== null && !isPassedOver(core, purpose, each));
  const read = await readRecords(
    core,
    caller,
    {
      action: 'records.search',
      fields: ask.fields,
      masked: ask.masked === true,
      detail: { by: names, candidates: page.length },
      verify: {
        fields: names,
        isMeant: (found, opened) => found.name === collection.name && matches(found, opened, ask),
      },
    },
    stored,
  );
  const last = page.at(-1);
  return {
    records: read.records,
    ...(hits.length > ask.limit && last !== undefined ? { cursor: writeCursor(core, ask, last.id) } : {}),
    auditIndex: read.auditIndex,
  };
}

/** Records that may be meant, without loading them. @param after exclusive */
export async function findCandidates(
  core: Core,
  asked: readonly (() => LookupQuery)[],
  after: RecordId | null,
  limit: number,
): Promise<RecordId[]> {
  return (await underOneEpoch(core, asked, (groups) => findByLookups(core.db, groups, after, limit))).ids;
}

/** Asks the lookups, and asks again when another server has begun a new index epoch meanwhile. */
async function underOneEpoch<Found extends Readonly<{ epoch: number }>>(
  core: Core,
  asked: readonly (() => LookupQuery)[],
  find: (groups: LookupGroups) => Promise<Found>,
): Promise<Found> {
  for (;;) {
    const queries = asked.map((each) => each());
    const found = await find(queries.flatMap(({ groups }) => groups));
    if (queries.every(({ epoch }) => epoch === found.epoch)) return found;
    await core.epochs.reload();
  }
}

function matches(collection: CollectionSpec, opened: ReadonlyMap<string, FieldValue>, { where }: SearchAsk): boolean {
  return Object.entries(where).every(([name, term]) => {
    const spec = collection.fields.get(name);
    const value = opened.get(name);
    const { kind, asked } = readTerm(term);
    return spec !== undefined && value !== undefined && matchesQuery(spec, kind, value, asked);
  });
}

/** A cursor is the last id and a MAC over the search, so that it fits no other one and tells nothing. */
const cursorMac = (core: Core, ask: SearchAsk, last: string): Buffer =>
  createHmac('sha256', core.epochs.current('token').key)
    .update(JSON.stringify(['strongroom/cursor/1', ask.collection, ask.where, last]))
    .digest()
    .subarray(0, 12);

function writeCursor(core: Core, ask: SearchAsk, last: RecordId): string {
  const text = recordIdText(last);
  return `${text}.${cursorMac(core, ask, text).toString('base64url')}`;
}

function readCursor(core: Core, ask: SearchAsk): RecordId | null {
  if (ask.cursor === undefined) return null;
  const [text = '', mac = ''] = ask.cursor.split('.');
  const id = parseRecordId(text);
  if (id === null || !equal(Buffer.from(mac, 'base64url'), cursorMac(core, ask, text)))
    throw vaultFailure('CURSOR_INVALID');
  return id;
}
