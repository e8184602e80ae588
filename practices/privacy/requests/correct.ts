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
import type { RequestRow } from '../store/requests.ts';
import { clockOf } from './clocks.ts';
import { named, namesOf, placeOf, type Correction } from './corrections.ts';
import type { Desk } from './desk.ts';
import { isSameTalk } from './other-eyes.ts';

/** As much of a value as the reader's role shows. */
type Shown = Readonly<{ value?: unknown; masked?: unknown }>;
export type Beside = Readonly<{
  record: string;
  collection: string;
  field: string;
  outcome: Correction['outcome'];
  /** `gone`: the record or the field is not held any more; `decided`: nothing of it is opened any more. */
  state: 'clear' | 'masked' | 'denied' | 'gone' | 'decided';
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
  decide: (by: By, id: string, before: RequestRow, ask: CorrectAsk, caller: () => Caller, also: Readonly<{ refusedBy: string; also: (tx: Tx) => Promise<void> }>) => Promise<void>;
}; // prettier-ignore
export type CorrectNeeds = Readonly<{
  db: Db;
  desk: Desk;
  vault: Pick<Vault, 'read' | 'corrections'>;
}>;

const EVENTS = { fulfil: 'fulfil', partly: 'part', refuse: 'refuse' } as const;

const decided = (each: Correction): Beside => ({ ...named(each), state: 'decided', held: null, asked: null });

export function createCorrect({ db, desk, vault }: CorrectNeeds): Correct {
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
      if (row.closed_at !== null) return { beside: items.map((each) => decided(each)), seen: null };
      // before they are read: a change that comes between is one that was not seen
      const seen = markOf(row, await versionsOf(items));
      // in an appeal, what was done already is not asked for again
      const beside: Beside[] = items.filter((each) => each.value === undefined).map(decided);
      for (const each of Map.groupBy(items.filter(({ value }) => value !== undefined), ({ record }) => record).values()) beside.push(...(await readBeside(caller(), each, shown)));
      return { beside, seen };
    },
    decide: async (by, id, before, { decision, answer, fields, seen }, caller, { refusedBy, also }) => {
      const all = await desk.corrections(before);
      const items = all?.filter(({ value }) => value !== undefined) ?? null;
      if (items === null && decision === 'refuse') {
        // erased: nothing is there to correct, and no key to keep an answer under
        await transact(db, async (tx) => {
          await desk.move(tx, by, await desk.found(tx, id), 'refuse', { refused_by: refusedBy });
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
      // a no that can be appealed keeps what it is about until then
      const appealable = before.state !== 'appealed' && (clockOf(before.regime)?.appeal ?? null) !== null;
      const settled = (all ?? []).map((each): Correction => {
        if (each.value === undefined || chosen.has(placeOf(each))) return { ...named(each), outcome: 'done' };
        return appealable ? { ...each, outcome: 'declined' } : { ...named(each), outcome: 'declined' };
      });
      const [sealed, kept] = [await desk.seal(before.subject_id, answer), await desk.seal(before.subject_id, JSON.stringify(settled))];
      const first = async (tx: Tx): Promise<void> => {
        const row = await desk.found(tx, id);
        desk.requireMove(row, EVENTS[decision]);
        if (!isSameTalk(row, before) || (row.state !== before.state && (row.state === 'appealed' || before.state === 'appealed'))) throw privacyFailure('REQUEST_STATE');
        // more was asked for since it was read
        if (before.corrections === null || row.corrections?.equals(before.corrections) !== true) throw privacyFailure('CORRECTION_CHANGED');
      };
      const last = async (tx: Tx): Promise<void> => {
        const row = await desk.found(tx, id);
        const change = { ...(sealed === null ? {} : { answer: sealed }), corrections: kept, values_kept: appealable && declined.length > 0, ...(decision === 'fulfil' ? {} : { refused_by: refusedBy }) };
        await desk.move(tx, by, row, EVENTS[decision], change, { corrected: namesOf(done), declined: namesOf(declined) });
        await also(tx);
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
