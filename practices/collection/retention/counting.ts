/** Adds up what a plan finds, page by page; bounded by the catalogue and the calendar, not by the number of records. */
import { recordIdText, type RecordId } from '#platform/ids';
import type { HeldRecord } from '#practices/vault';

import type { PlanCounts } from '../store/runs.ts';
import type { RecordFate } from './record-fate.ts';

export type Counting = {
  look: (record: HeldRecord, fate: RecordFate) => void;
  plan: (id: RecordId, collection: string, actions: readonly string[]) => void;
  wait: (why: 'held' | 'restricted') => void;
  subject: () => void;
  result: () => PlanCounts;
};

const SAMPLES = 10;
/** Months told apart; what lies beyond is added to the last. */
const LAST_MONTH = '2099-12';

export const NO_COUNTS: PlanCounts = {
  subjects: 0, records: 0, counts: {}, held: 0, restricted: 0, awaiting: {}, upcoming: {}, present: {}, ages: {}, samples: [],
}; // prettier-ignore

export function counting(before: PlanCounts): Counting {
  const [counts, awaiting, upcoming, present, ages] = [
    new Map(Object.entries(before.counts)), new Map(Object.entries(before.awaiting)), new Map(Object.entries(before.upcoming)),
    new Map(Object.entries(before.present)), new Map(Object.entries(before.ages)),
  ]; // prettier-ignore
  const totals = {
    subjects: before.subjects,
    records: before.records,
    held: before.held,
    restricted: before.restricted,
  };
  const samples = [...before.samples];
  const add = (to: Map<string, number>, key: string): unknown => to.set(key, (to.get(key) ?? 0) + 1);
  return {
    look: (record, fate) => {
      const collection = record.collection ?? `#${record.collectionNo}`;
      const made = record.createdAt.toISOString().slice(0, 7);
      add(present, collection);
      for (const field of record.fields) {
        add(present, `${collection} ${field}`);
        add(ages, `${collection} ${field} ${made}`);
      }
      for (const { due } of fate.dated) {
        const month = due.getTime() > Date.UTC(2099, 11) ? LAST_MONTH : due.toISOString().slice(0, 7);
        add(upcoming, month);
      }
      for (const { field, event } of fate.awaiting) add(awaiting, `${collection} ${field} ${event}`);
    },
    plan: (id, collection, actions) => {
      totals.records += 1;
      for (const action of actions) add(counts, `${collection} ${action}`);
      if (samples.length < SAMPLES) samples.push(recordIdText(id));
    },
    wait: (why) => (totals[why] += 1),
    subject: () => (totals.subjects += 1),
    result: () => ({
      ...totals,
      counts: Object.fromEntries(counts),
      awaiting: Object.fromEntries(awaiting),
      upcoming: Object.fromEntries(upcoming),
      present: Object.fromEntries(present),
      ages: Object.fromEntries(ages),
      samples,
    }),
  };
}
