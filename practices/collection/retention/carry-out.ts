/**
 * Does what an approved plan says, one subject in one transaction: still there, still due, not held. Items are taken in
 * that transaction, so each is done once, whoever was killed and however many servers are at it.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { transact, type Tx } from '#platform/db';
import type { SubjectId } from '#platform/ids';
import type { HeldRecord, RetireChange } from '#practices/vault';

import { collectionFailure } from '../failures.ts';
import type { HoldRow } from '../store/holds.ts';
import { addDone, forgetRecord, nextSubjects, noteCoarse, takeItems, type Item, type RunRow } from '../store/runs.ts';
import type { EngineNeeds } from './engine.ts';
import { holding } from './holds.ts';
import { factsOf } from './plan.ts';
import { actionsOf, ATTACHMENTS, fateOfRecord, type RecordFate } from './record-fate.ts';
import type { HashedRules } from './rules.ts';

const PAGE = 50;

type Counts = Record<string, number>;

/** @returns false when it was stopped before the end */
export async function carryOut(
  needs: EngineNeeds,
  run: RunRow,
  rules: HashedRules,
  { stopped, perSecond }: Readonly<{ stopped: () => boolean; perSecond: number }>,
): Promise<boolean> {
  for (;;) {
    const began = performance.now();
    const page = await nextSubjects(needs.db, run.run_id, PAGE);
    if (page.length === 0) return true;
    for (const subjectId of page) {
      if (stopped()) return false;
      try {
        const shredded = await transact(needs.db, (tx) => doSubject(needs, tx, run, rules, subjectId));
        if (shredded) needs.vault.forget(subjectId);
      } catch (thrown) {
        // no other try opens it, and nobody else waits for somebody to look
        if (!needs.vault.isDamaged(thrown)) throw thrown;
        await transact(needs.db, (tx) => passBy(needs, tx, run, subjectId, thrown.code));
      }
    }
    const least = (page.length / perSecond) * 1000;
    await sleep(Math.max(0, least - (performance.now() - began)));
  }
}

/** @returns whether the whole subject went */
async function doSubject(
  needs: EngineNeeds,
  tx: Tx,
  run: RunRow,
  rules: HashedRules,
  subjectId: SubjectId,
): Promise<boolean> {
  const { vault } = needs;
  if (!(await needs.holdCatalog(tx))) throw collectionFailure('CATALOG_CHANGED');
  // the subject's lock comes first, as with everybody who writes for it
  const held = await vault.lock(tx, subjectId);
  const items = new Map((await takeItems(tx, run.run_id, subjectId)).map((item) => [item.recordNo, item]));
  // another server was quicker
  if (items.size === 0) return false;
  const counts: Counts = {};
  const add = (name: string, n = 1): void => void (n > 0 && (counts[name] = (counts[name] ?? 0) + n));
  const holds = await needs.holds.standing(tx, [subjectId]);
  const by = { id: needs.runId(run.run_id), ruleHash: run.rule_hash };
  let shredded = false;
  if (held === null) add('gone', items.size);
  else if (held.restricted !== null) add('restricted', items.size);
  else {
    const facts = await factsOf(tx, [subjectId]);
    const records = held.records.map((record) => ({
      record,
      item: items.get(record.recordNo),
      fate: fateOfRecord(rules, record, { ...facts(held, record), now: run.as_of }),
    }));
    add('gone', items.size - records.filter(({ item }) => item !== undefined).length);
    // one whose records all went since is not what was planned: it is left as it is
    const whole =
      records.length > 0 &&
      records.every(
        (each) => each.fate.whole && each.item !== undefined && isPlanned(each.item, each.fate, each.record),
      );
    // a hold may keep a record that has expired, which is not among these any more
    const { collections } = held;
    if (whole && holding(holds, { subjectId, recordNo: null, collections, fields: null }).length === 0) {
      const receipt = await vault.shred(tx, subjectId, by);
      add('subjects-shredded', receipt === null ? 0 : 1);
      add('records-erased', receipt?.records);
      add('attachments-erased', receipt?.attachments);
      add('tokens-erased', receipt?.tokens);
      shredded = receipt !== null;
    } else {
      const changes: RetireChange[] = [];
      for (const { record, item, fate } of records) {
        if (item === undefined) continue;
        const { change, keptBy } = decide(holds, subjectId, record, fate, item);
        await stopUses(needs, tx, { subjectId, record, fate, keptBy }, by.id, add);
        if (keptBy.size > 0) add('held');
        if (change === null) {
          if (keptBy.size === 0 && !item.actions.includes('stop')) add('not-due');
        } else changes.push(change);
      }
      const did = await vault.retire(tx, subjectId, changes, by);
      for (const { recordNo, whole: all, coarsen } of changes)
        if (all) await forgetRecord(tx, subjectId, recordNo);
        else if (coarsen.length > 0)
          await noteCoarse(tx, subjectId, recordNo, coarsen, did.versions.get(recordNo) ?? 0);
      add('records-erased', did.records);
      add('fields-erased', did.fields);
      add('fields-coarsened', did.coarsened);
      add('attachments-erased', did.attachments);
      add('tokens-erased', did.tokens);
    }
  }
  await addDone(tx, run.run_id, counts);
  return shredded;
}

/** It stays due: the next plan has it again, and the proof says so until then. */
async function passBy(needs: EngineNeeds, tx: Tx, run: RunRow, subjectId: SubjectId, because: string): Promise<void> {
  const items = await takeItems(tx, run.run_id, subjectId);
  if (items.length === 0) return;
  await addDone(tx, run.run_id, { damaged: items.length });
  await needs.audit.appendIn(tx, {
    action: 'collection.retention.run', actor: { kind: 'system', id: 'retention' }, subjects: [subjectId], outcome: 'failed',
    detail: { run: needs.runId(run.run_id), because },
  }); // prettier-ignore
}

/** Was all that is due of it in the plan? What came since waits for the next one. */
const isPlanned = (item: Item, fate: RecordFate, record: HeldRecord): boolean =>
  actionsOf(fate, record).every((action) => item.actions.includes(action));

/** What was planned, is still due, and is not held. */
function decide(
  holds: readonly HoldRow[],
  subjectId: SubjectId,
  record: HeldRecord,
  fate: RecordFate,
  item: Item,
): { change: RetireChange | null; keptBy: ReadonlyMap<string, readonly HoldRow[]> } {
  const keptBy = new Map<string, readonly HoldRow[]>();
  const collections = record.collection === null ? [] : [record.collection];
  const going = { subjectId, recordNo: record.recordNo, collections };
  const may = (verb: 'erase' | 'coarsen', field: string): boolean => {
    if (!item.actions.includes(`${verb} ${field}`)) return false;
    const keeping = holding(holds, { ...going, fields: [field] });
    if (keeping.length > 0) keptBy.set(field, keeping);
    return keeping.length === 0;
  };
  const { recordNo } = record;
  if (record.collection === null) {
    const keeping = holding(holds, { ...going, fields: null });
    if (keeping.length > 0) return { change: null, keptBy: new Map([['*', keeping]]) };
    const none = { erase: [], undeclared: [], coarsen: [], attachments: false };
    return { change: { recordNo, whole: true, ...none }, keptBy };
  }
  const erase = fate.erase.filter((field) => may('erase', field));
  const coarsen = fate.coarsen.filter((field) => may('coarsen', field));
  const attachments = fate.attachments && may('erase', ATTACHMENTS);
  const wholeHeld = holding(holds, { ...going, fields: null }).length > 0;
  const undeclared = wholeHeld ? [] : fate.undeclared.filter((number) => item.actions.includes(`erase #${number}`));
  const whole = fate.whole && !wholeHeld && isPlanned(item, fate, record);
  if (erase.length + coarsen.length + undeclared.length === 0 && !attachments) return { change: null, keptBy };
  return { change: { recordNo, whole, erase, undeclared, coarsen, attachments }, keptBy };
}

/** Uses that have ended, and, of what only a hold keeps, all but those of the matter. */
async function stopUses(
  needs: EngineNeeds,
  tx: Tx,
  of: Readonly<{
    subjectId: SubjectId;
    record: HeldRecord;
    fate: RecordFate;
    keptBy: ReadonlyMap<string, readonly HoldRow[]>;
  }>,
  run: string,
  add: (name: string) => void,
): Promise<void> {
  const { subjectId, record, fate, keptBy } = of;
  const kept = [...keptBy].map(([field, holds]) => {
    const roles = [...new Set(holds.flatMap(({ role }) => role ?? []))].toSorted();
    return `${field} * ${roles.join(',')}`.trimEnd();
  });
  const uses = [...fate.uses, ...kept].toSorted();
  if (fate.whole && keptBy.size === 0) return;
  if (uses.join('\n') === record.stopped.toSorted().join('\n')) return;
  await needs.vault.stop(tx, { subjectId, recordNo: record.recordNo }, uses, run);
  add('uses-stopped');
}
