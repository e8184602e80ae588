/**
 * What a subject has asked to be corrected in its own records (GDPR art. 16), all of it or nothing.
 *
 * Who carries it out may write records of that kind: deciding on rights is not writing. Everything else of a write holds too:
 * catalogue, gate, version, lookups, tokens, the log. A restriction does not stand against it, since its subject asks for it
 * (art. 18(2)).
 *
 * INVARIANT: no record of anybody else is changed by it, whatever id it is handed.
 */
import { transact, type Tx } from '#platform/db';
import { recordIdText, type RecordId, type SubjectId } from '#platform/ids';

import { holdCatalog } from './catalog-change.ts';
import type { CheckConsent } from './check-consent.ts';
import { checkChanges, checkedOnce, type CheckValue } from './check-record.ts';
import { consentFacts } from './consents.ts';
import { collectionByNo, collectionOf, purposeOf, requireAction, type Caller, type Core } from './core.ts';
import { vaultFailure } from './failures.ts';
import { AT_ONCE, storing, type Findings } from './findings.ts';
import { changeEvent, changeRecord, type MadeChange } from './patch.ts';
import { namesIn } from './seal-record.ts';
import { isStopped } from './stopped-uses.ts';
import { loadRecords } from './store/records.ts';
import type { FieldValue } from './types.ts';

export type Correction = Readonly<{
  id: RecordId;
  /** The version that it was decided on. */
  seen: number;
  fields: Readonly<Record<string, FieldValue>>;
}>;
/** What is done in the transaction of the change: before anything of the subject is locked, and after all of it. */
export type Around = Readonly<{ first: (tx: Tx) => Promise<void>; last: (tx: Tx) => Promise<void> }>;
export type FieldsShown = Readonly<{ collection: string; fields: ReadonlySet<string> }>;
export type Corrections = Readonly<{
  /** @param fields values, or what was typed into a form @returns them as they would be stored @throws VAULT_FIELD_UNKNOWN, VAULT_FIELD_INVALID, VAULT_FIELD_TOO_LARGE */
  check: (caller: Caller, collection: string, fields: Readonly<Record<string, unknown>>) => Readonly<Record<string, FieldValue>>;
  /** Which fields of a record the caller would see in clear; opens nothing, so there is nothing for the log. @returns null when it is not there */
  fieldsOf: (caller: Caller, id: RecordId) => Promise<FieldsShown | null>;
  /** Which fields records hold, whoever may see them: names, and nothing is opened; of those that are there. */
  fieldsHeld: (ids: readonly RecordId[]) => Promise<readonly FieldsShown[]>;
  /** In order; null: it is not there. */
  versions: (ids: readonly RecordId[]) => Promise<readonly (number | null)[]>;
  /** @throws VAULT_DENIED, VAULT_NOT_FOUND, VAULT_VERSION_STALE, VAULT_NOT_UNIQUE, VAULT_FIELD_INVALID: then nothing was changed */
  carryOut: (caller: Caller, subjectId: SubjectId, changes: readonly Correction[], around: Around) => Promise<void>;
}>; // prettier-ignore

export function createCorrections(
  core: Core,
  checkFor: (
    caller: Caller,
    found: Findings,
  ) => Readonly<{ checkTyped: CheckValue; checkValue: CheckValue; consents: () => CheckConsent }>,
): Corrections {
  const shownOf = async (caller: Caller, ids: readonly RecordId[]): Promise<readonly FieldsShown[]> =>
    (await loadRecords(core.db, ids)).flatMap((stored, index) => {
      if (stored === null) return [];
      const [collection, purpose] = [collectionByNo(core, stored.collectionNo), purposeOf(core, caller)];
      const { allow, field } = core.decide({
        actor: caller.actor, action: 'records.read', purpose, collection, restricted: stored.restricted !== null,
        ...consentFacts(core, purpose, stored.consents), subject: (ids[index] as RecordId).subjectId,
      }); // prettier-ignore
      const isShown = (name: string): boolean => {
        const spec = collection.fields.get(name);
        if (!allow || spec === undefined || field(spec) !== 'clear') return false;
        return !isStopped(stored.stopped, spec, { purpose, role: caller.actor.role });
      };
      return [{ collection: collection.name, fields: new Set([...namesIn(core, collection, stored.box)].filter(isShown)) }];
    }); // prettier-ignore
  return {
    check: (caller, collection, fields) => {
      const checked = checkChanges(collectionOf(core, collection), fields, checkFor(caller, AT_ONCE).checkTyped);
      return Object.fromEntries([...checked.fields].flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
    },
    fieldsOf: async (caller, id) => (await shownOf(caller, [id]))[0] ?? null,
    fieldsHeld: async (ids) =>
      (await loadRecords(core.db, ids)).flatMap((stored) => {
        if (stored === null) return [];
        const collection = collectionByNo(core, stored.collectionNo);
        return [{ collection: collection.name, fields: namesIn(core, collection, stored.box) }];
      }),
    versions: async (ids) => (await loadRecords(core.db, ids)).map((stored) => stored?.version ?? null),
    carryOut: async (caller, subjectId, changes, { first, last }) => {
      const ids = changes.map(({ id }) => id).filter((id) => id.subjectId === subjectId);
      // before anything is locked: a refusal is in the log by a statement of its own
      const numbers = new Set((await loadRecords(core.db, ids)).flatMap((stored) => stored?.collectionNo ?? []));
      for (const number of numbers)
        await requireAction(core, caller, { action: 'records.write', purpose: purposeOf(core, caller), collection: collectionByNo(core, number), subject: subjectId });
      return storing(core, (found) => {
        const checks = checkFor(caller, found);
        const checked = changes.map((each) => ({ ...each, checkValue: checkedOnce(checks.checkValue) }));
        return transact(core.db, async (tx) => {
          await first(tx);
          await holdCatalog(core, tx);
          const checkConsent = checks.consents();
          const made = new Map<string, MadeChange[]>();
          for (const { id, seen, fields, checkValue } of checked) {
            if (id.subjectId !== subjectId)
              throw vaultFailure('NOT_FOUND', { detail: `${recordIdText(id)} is of another subject` });
            const { collection, ...change } = await changeRecord(core, tx, caller, {
              checkValue, checkConsent, id, seen, change: { fields }, authority: 'subject',
            }); // prettier-ignore
            made.set(collection, [...(made.get(collection) ?? []), change]);
          }
          for (const [collection, all] of made) await core.audit.appendIn(tx, changeEvent(caller, collection, all));
          await last(tx);
        });
      });
    },
  };
} // prettier-ignore
