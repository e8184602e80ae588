/**
 * Reads all that is held and writes down what has to go: nothing is opened and nothing changed.
 *
 * A page of subjects at a time; page, counts and cursor are one transaction, so that who goes on after a kill, or beside
 * another server, counts nothing twice. The hash is chained over the items: an approval is of these and no others.
 */
import { createHash } from 'node:crypto';

import { transact, type Tx } from '#platform/db';
import { uuidBytes, type SubjectId } from '#platform/ids';
import type { HeldRecord, RecordsOfSubject } from '#practices/vault';

import { collectionFailure } from '../failures.ts';
import { eventsOf } from '../store/events.ts';
import type { HoldRow } from '../store/holds.ts';
import { coarseOf, endPlan, insertItems, movePlan, type Item, type RunRow } from '../store/runs.ts';
import { counting, type Counting } from './counting.ts';
import { consentEvents, type Happened } from './due.ts';
import type { EngineNeeds } from './engine.ts';
import { holding } from './holds.ts';
import { actionsOf, fateOfRecord, isOfHold, type Rules } from './record-fate.ts';

const PAGE = 200;
export const PLAN_START = createHash('sha256').update('strongroom/retention-plan/1').digest('hex');
/** Without a plan for so long, a clock may have jumped: somebody looks first. */
export const GAP_MS = 48 * 3_600_000;

/** @returns false when it was stopped, or another server goes on with it */
export async function makePlan(
  needs: EngineNeeds,
  run: RunRow,
  rules: Rules,
  { stopped, lastAsOf }: Readonly<{ stopped: () => boolean; lastAsOf: Date | null }>,
): Promise<boolean> {
  let [cursor, hash, plan] = [run.cursor, run.plan_hash, run.plan];
  for (;;) {
    if (stopped()) return false;
    const page = await needs.vault.page(cursor as SubjectId | null, PAGE);
    const last = page.at(-1);
    if (last === undefined) break;
    const counts = counting(plan);
    const from = cursor;
    const moved = await transact(needs.db, async (tx) => {
      if (!(await needs.holdCatalog(tx))) throw collectionFailure('CATALOG_CHANGED');
      const items = await itemsOf(needs, tx, page, { rules, asOf: run.as_of, counts });
      const next = { cursor: last.subjectId, plan_hash: chain(hash, items), plan: counts.result() };
      if (!(await movePlan(tx, run.run_id, from, next))) return null;
      await insertItems(tx, run.run_id, items);
      return next;
    });
    if (moved === null) return false;
    ({ cursor, plan_hash: hash, plan } = moved);
  }
  return transact(needs.db, async (tx) => {
    const settings = await needs.settings.current(tx);
    const at = needs.clock();
    const because: string[] = [];
    if (plan.subjects > settings.twoPeopleAbove) because.push('many');
    if (lastAsOf === null || run.as_of.getTime() - lastAsOf.getTime() > GAP_MS) because.push('clock');
    // one person decides it in the review of fields; what it takes away is looked at by whoever approves the plan
    if ([...rules.orders.values()].some(({ at: since }) => lastAsOf === null || since > lastAsOf))
      because.push('ordered');
    if (!settings.enforce) because.push('not-enforced');
    if (run.requested_by !== 'schedule') because.push('asked-for');
    const needed = plan.records === 0 ? 0 : because.includes('many') ? 2 : because.length > 0 ? 1 : 0;
    const state = plan.records === 0 ? 'done' : needed === 0 ? 'approved' : 'planned';
    const ended = await endPlan(tx, run.run_id, { state, needed, because, at });
    if (ended)
      await needs.audit.appendIn(tx, {
        action: 'collection.retention.plan', actor: { kind: 'system', id: 'retention' }, outcome: 'done',
        detail: { run: needs.runId(run.run_id), subjects: plan.subjects, records: plan.records, held: plan.held, plan: hash, rules: run.rule_hash, state },
      }); // prettier-ignore
    return ended;
  });
}

/** What of a page is due; what is held, or of a restricted subject, waits and is only counted. */
async function itemsOf(
  needs: EngineNeeds,
  tx: Tx,
  page: readonly RecordsOfSubject[],
  { rules, asOf, counts }: Readonly<{ rules: Rules; asOf: Date; counts: Counting }>,
): Promise<Item[]> {
  const ids = page.map(({ subjectId }) => subjectId);
  const facts = await factsOf(tx, ids);
  const holds = await needs.holds.standing(tx, ids);
  const items: Item[] = [];
  for (const subject of page) {
    let any = false;
    for (const record of subject.records) {
      const fate = fateOfRecord(rules, record, { ...facts(subject, record), now: asOf });
      counts.look(record, fate);
      const actions = actionsOf(fate, record);
      if (actions.length === 0) continue;
      const id = { subjectId: subject.subjectId, recordNo: record.recordNo };
      const kept = subject.restricted === null ? keptOf(holds, id, record, actions) : [];
      if (subject.restricted !== null) counts.wait('restricted');
      else if (kept.length > 0) counts.wait('held');
      // what a hold keeps is planned once, so that nobody but its matter sees it; then it waits
      if (subject.restricted !== null || (kept.length === actions.length && kept.every(({ shut }) => shut))) continue;
      any = true;
      items.push({ ...id, actions });
      counts.plan(id, record.collection ?? `#${record.collectionNo}`, actions);
    }
    if (any) counts.subject();
  }
  return items;
}

/** Actions that a hold forbids, and whether reading it is shut to all but the matter already. */
function keptOf(
  holds: readonly HoldRow[],
  id: Readonly<{ subjectId: SubjectId; recordNo: bigint }>,
  record: HeldRecord,
  actions: readonly string[],
): { shut: boolean }[] {
  const collections = record.collection === null ? [] : [record.collection];
  return actions.flatMap((action) => {
    const [verb, field = ''] = action.split(' ');
    const fields = field === '*' || field.startsWith('#') ? null : [field];
    if (verb === 'stop' || holding(holds, { ...id, collections, fields }).length === 0) return [];
    return [{ shut: fields === null || record.stopped.some((use) => isOfHold(use) && use.startsWith(`${field} `)) }];
  });
}

export type RecordFacts = Readonly<{ events: readonly Happened[]; coarse: ReadonlySet<string> }>;

/** What is known of these subjects beside what the vault holds. */
export async function factsOf(
  tx: Tx,
  ids: readonly SubjectId[],
): Promise<
  (
    subject: Pick<RecordsOfSubject, 'subjectId' | 'consents'>,
    record: Readonly<{ recordNo: bigint; version: number }>,
  ) => RecordFacts
> {
  const events = await eventsOf(tx, ids);
  const coarse = await coarseOf(tx, ids);
  return ({ subjectId, consents }, { recordNo, version }) => ({
    events: [...(events.get(subjectId) ?? []), ...consentEvents(consents)],
    coarse: new Set(
      (coarse.get(subjectId) ?? []).flatMap((row) =>
        row.recordNo === recordNo && row.version === version ? [row.field] : [],
      ),
    ),
  });
}

function chain(hash: string, items: readonly Item[]): string {
  let now = hash;
  for (const { subjectId, recordNo, actions } of items)
    now = createHash('sha256').update(now).update(uuidBytes(subjectId)).update(`${recordNo}\n${actions.join('\n')}`).digest('hex'); // prettier-ignore
  return now;
}
