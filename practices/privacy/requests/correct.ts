/**
 * A correction as staff sees it, old beside new, and as it is carried out: field by field or in whole.
 *
 * INVARIANT: what is decided is what was seen. `seen` names the fields and values that are asked for and the version of each
 * record; where any of them has changed since, nothing is done at all.
 */
import { createHash } from 'node:crypto';

import { transact, type Db, type Tx } from '#platform/db';
import { isFailure } from '#platform/failure';
import { parseRecordId, type RecordId } from '#platform/ids';
import type { Caller, Vault } from '#practices/vault';

import type { By } from '../consent/consents.ts';
import { privacyFailure } from '../failures.ts';
import { moveRequest, type RequestRow } from '../store/requests.ts';
import { named, namesOf, placeOf, type Correction } from './corrections.ts';
import type { Desk } from './desk.ts';

/** As much of a value as the reader's role shows. */
type Shown = Readonly<{ value?: unknown; masked?: unknown }>;
export type Beside = Readonly<{
  record: string;
  collection: string;
  field: string;
  outcome: Correction['outcome'];
  /** `gone`: the record or the field is not held any more. */
  state: 'clear' | 'masked' | 'denied' | 'gone';
  held: Shown | null;
  asked: Shown | null;
}>;
export type CorrectAsk = Readonly<{
  decision: 'fulfil' | 'partly' | 'refuse';
  answer: string;
  /** Of `partly`: those that are corrected, as `rec_…/field`. */
  fields?: readonly string[] | undefined;
  seen?: string | undefined;
}>;
export type Correct = {
  /** Reads the records as any read does, decided and logged. @returns null where no fields are asked for */
  view: (caller: () => Caller, row: RequestRow, shown: 'masked' | 'clear') => Promise<Readonly<{ beside: readonly Beside[]; seen: string | null }> | null>;
  /** @throws PRIVACY_REQUEST_STATE, PRIVACY_FIELDS_NEEDED, PRIVACY_CORRECTION_CHANGED, PRIVACY_SUBJECT_NOT_FOUND */
  decide: (by: By, id: string, before: RequestRow, ask: CorrectAsk, caller: () => Caller) => Promise<void>;
}; // prettier-ignore
export type CorrectNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  desk: Desk;
  vault: Pick<Vault, 'read' | 'corrections'>;
}>;

const STATES = { fulfil: 'fulfilled', partly: 'partly', refuse: 'refused' } as const;

export function createCorrect({ db, clock, desk, vault }: CorrectNeeds): Correct {
  const recordsIn = (items: readonly Correction[]): RecordId[] =>
    [...new Set(items.map(({ record }) => record))].map((each) => parseRecordId(each) as RecordId);
  const versionsOf = async (items: readonly Correction[]): Promise<ReadonlyMap<string, number>> => {
    const records = [...new Set(items.map(({ record }) => record))];
    const versions = await vault.corrections.versions(recordsIn(items));
    return new Map(records.flatMap((record, at) => (typeof versions[at] === 'number' ? [[record, versions[at]]] : [])));
  };
  /** What was asked for, as it is sealed, and each record's version: nobody makes one of what they have not seen. */
  const markOf = ({ corrections }: RequestRow, versions: ReadonlyMap<string, number>): string =>
    createHash('sha256').update(corrections ?? '').update(JSON.stringify([...versions])).digest('base64url'); // prettier-ignore
  /** One record: none of what is in it when it is gone, or kept from this reader. */
  const readBeside = async (caller: Caller, items: readonly Correction[], shown: 'masked' | 'clear'): Promise<Beside[]> => {
    const [first] = items;
    const beside = new Map(items.flatMap(({ field, value }) => (value === undefined ? [] : [[field, value] as const])));
    const blank = (state: 'denied' | 'gone') =>
      items.map((each) => ({ ...named(each), state, held: null, asked: null }));
    try {
      const ask = { fields: items.map(({ field }) => field), masked: shown === 'masked', beside };
      const [found] = (await vault.read(caller, [parseRecordId(first?.record ?? '') as RecordId], ask)).records;
      return items.map((each) => {
        const { state = 'gone', value, masked, beside: asked = null } = found?.fields[each.field] ?? {};
        const held = value !== undefined ? { value } : masked !== undefined ? { masked } : null;
        return { ...named(each), state, held, asked };
      });
    } catch (thrown) {
      // of who is restricted, a reader who may not is answered like this
      if (isFailure(thrown, 'VAULT_DENIED') || isFailure(thrown, 'VAULT_RESTRICTED')) return blank('denied');
      if (isFailure(thrown, 'VAULT_NOT_FOUND') || isFailure(thrown, 'VAULT_FIELD_UNKNOWN')) return blank('gone');
      throw thrown;
    }
  }; // prettier-ignore
  return {
    view: async (caller, row, shown) => {
      const items = await desk.corrections(row);
      if (items === null) return null;
      if (row.closed_at !== null) return { beside: items.map((each) => ({ ...named(each), state: 'gone', held: null, asked: null })), seen: null };
      // before they are read: a change that comes between is one that was not seen
      const seen = markOf(row, await versionsOf(items));
      const beside: Beside[] = [];
      for (const each of Map.groupBy(items, ({ record }) => record).values()) beside.push(...(await readBeside(caller(), each, shown)));
      return { beside, seen };
    },
    decide: async (by, id, before, { decision, answer, fields, seen }, caller) => {
      const items = await desk.corrections(before);
      if (items === null && decision === 'refuse') {
        // erased: nothing is there to correct, and no key to keep an answer under
        await transact(db, async (tx) => {
          const row = await desk.found(tx, id);
          if (row.closed_at !== null) throw privacyFailure('REQUEST_STATE');
          await moveRequest(tx, row.request_id, { state: 'refused', closedAt: clock() });
          await desk.step(tx, by, row, 'refused');
        });
        return;
      }
      if (items === null) throw privacyFailure('SUBJECT_NOT_FOUND');
      const places = new Set(items.map(placeOf));
      const chosen = new Set(decision === 'fulfil' ? places : decision === 'partly' ? fields : []);
      if (decision === 'partly' && (chosen.size === 0 || chosen.size === places.size || ![...chosen].every((each) => places.has(each))))
        throw privacyFailure('FIELDS_NEEDED');
      const versions = chosen.size === 0 ? new Map<string, number>() : await versionsOf(items);
      if (chosen.size > 0 && seen !== markOf(before, versions)) throw privacyFailure('CORRECTION_CHANGED');
      const done = items.filter((each) => chosen.has(placeOf(each)));
      const declined = items.filter((each) => !chosen.has(placeOf(each)));
      const settled = items.map((each): Correction => ({ ...named(each), outcome: chosen.has(placeOf(each)) ? 'done' : 'declined' }));
      const [sealed, kept] = [await desk.seal(before.subject_id, answer), await desk.seal(before.subject_id, JSON.stringify(settled))];
      const first = async (tx: Tx): Promise<void> => {
        const row = await desk.found(tx, id);
        if (row.closed_at !== null) throw privacyFailure('REQUEST_STATE');
        // more was asked for since it was read
        if (before.corrections === null || row.corrections?.equals(before.corrections) !== true) throw privacyFailure('CORRECTION_CHANGED');
      };
      const last = async (tx: Tx): Promise<void> => {
        await moveRequest(tx, before.request_id, { state: STATES[decision], answer: sealed, corrections: kept, closedAt: clock() });
        await desk.step(tx, by, before, STATES[decision], { corrected: namesOf(done), declined: namesOf(declined) });
      };
      const changes = [...Map.groupBy(done, ({ record }) => record)].map(([record, each]) => ({
        id: parseRecordId(record) as RecordId,
        // one that is gone has no version: the vault says that it is not there
        seen: versions.get(record) ?? 0,
        fields: Object.fromEntries(each.map(({ field, value }) => [field, value as NonNullable<typeof value>])),
      }));
      if (changes.length === 0) {
        await transact(db, async (tx) => {
          await first(tx);
          await last(tx);
        });
      } else await vault.corrections.carryOut(caller(), before.subject_id, changes, { first, last });
    },
  };
} // prettier-ignore
