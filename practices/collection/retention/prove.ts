/**
 * Proves that nothing is left that should have gone: in records, lookups, tokens, files, and in what retention itself
 * noted. It looks at all of it anew, by the rules of now, and does not believe what runs say of themselves.
 */
import { transact } from '#platform/db';
import { recordIdText, uuidv7, type SubjectId } from '#platform/ids';

import { pageOfNoted } from '../store/events.ts';
import { insertProof, newestProof } from '../store/runs.ts';
import { eventBy, type By } from './by.ts';
import type { EngineNeeds } from './engine.ts';
import { holding } from './holds.ts';
import { factsOf } from './plan.ts';
import { actionsOf, ATTACHMENTS, fateOfRecord } from './record-fate.ts';
import { rulesNow } from './rules.ts';

export type Proof = Readonly<{
  at: string;
  ok: boolean;
  subjects: number;
  records: number;
  /** Due and there: records, by `collection action field`. */
  overdue: Readonly<Record<string, number>>;
  /** Due, and kept by a hold or a restriction. */
  held: number;
  restricted: number;
  /** What leads to nothing or stands for what is gone. */
  lookups: number;
  tokens: number;
  attachments: number;
  chunks: number;
  stops: number;
  notes: number;
  samples: readonly string[];
}>;
export type Prove = { run: (by: By | null) => Promise<Proof>; newest: () => Promise<Proof | null> };

const PAGE = 200;
const SAMPLES = 20;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

export function createProve(needs: EngineNeeds): Prove {
  const { db, vault, clock } = needs;
  return {
    run: async (by) => {
      await needs.refreshCatalog();
      const found = await lookAtAll(needs);
      const remains = await vault.remains();
      const notes = await notesOfNobody(needs);
      const tokens = remains.tokens + found.tokens;
      const left = remains.lookups + tokens + remains.attachments + remains.chunks + remains.stops + notes;
      const at = clock();
      const ok = left === 0 && Object.keys(found.overdue).length === 0;
      const proof = { ...found, ...remains, tokens, notes, ok, at: at.toISOString() };
      await transact(db, async (tx) => {
        await insertProof(tx, { proof_id: uuidv7(at.getTime()), at, ok, result: proof });
        await needs.audit.appendIn(tx, {
          action: 'collection.retention.prove', outcome: ok ? 'done' : 'failed',
          ...(by === null ? { actor: { kind: 'system', id: 'retention' } as const } : eventBy(by)),
          detail: { subjects: found.subjects, records: found.records, left, overdue: Object.keys(found.overdue).length, held: found.held, restricted: found.restricted },
        });
      }); // prettier-ignore
      return proof;
    },
    newest: async () => ((await newestProof(db))?.result as unknown as Proof | undefined) ?? null,
  };
}

async function lookAtAll({ db, vault, catalog, clock, holds }: EngineNeeds) {
  const found = {
    subjects: 0,
    records: 0,
    held: 0,
    restricted: 0,
    tokens: 0,
    overdue: {} as Record<string, number>,
    samples: [] as string[],
  };
  const rules = await rulesNow(db, catalog());
  const now = clock();
  for (let after: SubjectId | null = null; ;) {
    const page = await vault.page(after, PAGE);
    const last = page.at(-1);
    if (last === undefined) return found;
    const ids = page.map(({ subjectId }) => subjectId);
    const [facts, standing] = await transact(db, async (tx) => [await factsOf(tx, ids), await holds.standing(tx, ids)] as const); // prettier-ignore
    const has = new Map(page.flatMap(({ subjectId, records }) => records.map((each) => [`${subjectId}/${each.recordNo}`, each] as const))); // prettier-ignore
    for (const { id, field } of await vault.tokenFields(ids)) {
      const record = has.get(`${id.subjectId}/${id.recordNo}`);
      if (record !== undefined && !record.fields.includes(field)) found.tokens += 1;
    }
    for (const subject of page) {
      const { subjectId, restricted, records } = subject;
      found.subjects += 1;
      for (const record of records) {
        found.records += 1;
        const fate = fateOfRecord(rules, record, { ...facts(subject, record), now });
        const due = actionsOf(fate, record).filter((action) => action !== 'stop');
        if (due.length === 0) continue;
        const going = {
          subjectId,
          recordNo: record.recordNo,
          collections: record.collection === null ? [] : [record.collection],
        };
        const overdue = due.filter((action) => {
          const field = action.split(' ')[1] as string;
          return holding(standing, { ...going, fields: field === '*' || field.startsWith('#') ? null : [field === ATTACHMENTS ? ATTACHMENTS : field] }).length === 0;
        }); // prettier-ignore
        if (restricted !== null) found.restricted += 1;
        else if (overdue.length < due.length) found.held += 1;
        if (restricted !== null || overdue.length === 0) continue;
        for (const action of overdue) {
          const key = `${record.collection ?? `#${record.collectionNo}`} ${action}`;
          found.overdue[key] = (found.overdue[key] ?? 0) + 1;
        }
        if (found.samples.length < SAMPLES) found.samples.push(recordIdText({ subjectId, recordNo: record.recordNo }));
      }
    }
    after = last.subjectId;
  }
}

/** Subjects that something is noted of, and that are not there. */
async function notesOfNobody({ db, vault }: EngineNeeds): Promise<number> {
  let count = 0;
  for (let after = BEFORE_ALL; ;) {
    const page = await pageOfNoted(db, after, PAGE);
    const last = page.at(-1);
    if (last === undefined) return count;
    const living = await vault.living(page);
    count += page.filter((id) => !living.has(id)).length;
    after = last;
  }
}
