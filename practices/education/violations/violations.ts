/** Violations as one object: opened, heard, decided by two, appealed against, and forgotten. */
import { parsePublicId, publicId, type Uuid } from '#platform/ids';

import type { By } from '../by.ts';
import { violationFailure } from './failures.ts';
import { createWords } from '../incidents/words.ts';
import {
  awayOfAll,
  confirmedBefore,
  findViolation,
  noteRead,
  violationPage,
  violationsOf,
  wordsIn,
  type ViolationRow,
} from '../store/violations.ts';
import { answer, choicesIn, vote, votesIn } from './decide.ts';
import { giveAppeal, giveStatement } from './hear.ts';
import type { Outcome } from './ladder.ts';
import { rungsOpen } from './ladder.ts';
import type { ViolationNeeds } from './needs.ts';
import { monthsOf, openViolation, policyOf, violationId, violationUuid, type ToOpen } from './open.ts';
import { checkSource, readSource, type Source } from './source.ts';
import { sweepViolations } from './sweep.ts';
import { whereIs } from './times.ts';
import { lineOf, viewOf, type Known, type Part, type ViolationLine, type ViolationView } from './view.ts';

/** What the role of who asks lets them do; beside it, what a violation is to them. */
export type MayDo = Readonly<{ review: boolean; read: boolean; open: boolean }>;
export type SourceView = Pick<Source, 'entry' | 'hash' | 'action' | 'actor' | 'says'> &
  Readonly<{ at: string; refused: string | null }>;
export type ViolationPage = Readonly<{ violations: readonly ViolationLine[]; next: string | null }>;

export type Violations = Readonly<{
  /** @returns its id. @throws EDUCATION_NOT_YOURS, EDUCATION_SOURCE_REFUSED, EDUCATION_LADDER, EDUCATION_VIOLATION_INVALID, EDUCATION_VIOLATION_STATE */
  open: (by: By, wanted: ToOpen) => Promise<string>;
  /** An entry of the log, and whether it could be held against that person; that it was looked at is in the log. */
  source: (by: By, entry: number, person: string | null) => Promise<SourceView>;
  /** What somebody has to do with it; null: it is as if it were not there. */
  partOf: (who: string, id: string, may: MayDo) => Promise<Part | null>;
  /** All of one's own, the newest first. */
  mine: (who: string) => Promise<readonly ViolationLine[]>;
  /** Those in which somebody has a part, in the order in which they were opened; it names nobody, and counts nothing by people. */
  list: (who: string, may: MayDo, page: Readonly<{ after: string | null; limit: number }>) => Promise<ViolationPage>;
  /** Who decides has read it from then on. */
  look: (by: By, who: string, id: string, part: Part) => Promise<ViolationView>;
  /** That its entry is in the log, for anybody to verify. */
  proof: (id: string) => Promise<string>;
  state: (by: By, id: string, text: string | null) => Promise<void>;
  vote: (by: By, id: string, wanted: Readonly<{ choice: Outcome; because: string }>) => Promise<void>;
  appeal: (by: By, id: string, text: string) => Promise<void>;
  answer: (by: By, id: string, wanted: Readonly<{ grant: boolean; because: string }>) => Promise<void>;
  /** What time alone does: who was not heard in time, what nobody settled, what is forgotten. */
  sweep: () => Promise<void>;
}>;

/** Rows of one look into the table. */
const PAGE = 200;

export function createViolations(given: ViolationNeeds): Violations {
  const words = createWords(given.wordsKey);
  const needs = { ...given, words };
  const { db, audit, gate, zone } = needs;
  const found = async (id: string): Promise<ViolationRow> => {
    const row = await findViolation(db, violationUuid(id));
    if (row === null) throw violationFailure('VIOLATION_NOT_FOUND');
    return row;
  };
  const partIn = (row: ViolationRow, who: string, may: MayDo): Part | null => {
    // whatever else they may: of their own, people see what people see of their own
    if (publicId('per', row.person_id) === who) return 'person';
    if (row.opened_by === who) return 'opener';
    // who stands in it themselves, and only decides about others, learns nothing of it
    if (may.review && !row.apart.includes(who)) return 'decides';
    return may.read ? 'reads' : null;
  };
  /** Of whatever number of them, in two queries. */
  const knownOf = async (rows: readonly Readonly<{ row: ViolationRow; part: Part }>[], who: string): Promise<readonly Known[]> => {
    const library = await gate.library();
    const [said, away] = await Promise.all([
      wordsIn(db, rows.map(({ row }) => row.violation_id)).then((all) => Map.groupBy(all, (each) => each.violation_id)),
      awayOfAll(db, rows.map(({ row }) => row.person_id)),
    ]);
    const now = gate.now();
    return rows.map(({ row, part }) => ({
      row, said: said.get(row.violation_id) ?? [], where: whereIs(row, away.get(row.person_id) ?? [], zone, now),
      who, part, title: library.titleOf('policy', row.policy),
    }));
  };
  const linesOf = async (rows: Parameters<typeof knownOf>[0], who: string): Promise<readonly ViolationLine[]> => (await knownOf(rows, who)).map(lineOf);

  return {
    open: (by, wanted) => openViolation(needs, by, wanted),
    source: async (by, entry, person) => {
      const { at, hash, action, actor, says } = await readSource(needs, entry);
      await audit.append({ action: 'education.violation.source', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { entry } });
      const why = person === null ? Promise.resolve(null) : checkSource(needs, person, { entry, hash, intent: false }).then(() => null, (thrown: Error & { code?: string }) => {
        if (thrown.code !== 'EDUCATION_SOURCE_REFUSED') throw thrown;
        return thrown.message;
      });
      return { entry, hash, action, actor, says, at: at.toISOString(), refused: await why };
    },
    partOf: async (who, id, may) => {
      const uuid = parsePublicId('vio', id);
      const row = uuid === null ? null : await findViolation(db, uuid);
      return row === null ? null : partIn(row, who, may);
    },
    mine: async (who) => linesOf((await violationsOf(db, parsePublicId('per', who) as Uuid)).map((row) => ({ row, part: 'person' })), who),
    list: async (who, may, { after, limit }) => {
      const mine: { row: ViolationRow; part: Part }[] = [];
      // a page is full of what one may see: where it ends says nothing of what lies between
      for (let from = after === null ? null : violationUuid(after), more = true; more && mine.length <= limit;) {
        const rows = await violationPage(db, from, PAGE);
        for (const row of rows) {
          const part = partIn(row, who, may);
          if (part !== null && part !== 'person') mine.push({ row, part });
        }
        [from, more] = [rows.at(-1)?.violation_id ?? null, rows.length === PAGE];
      }
      const shown = mine.slice(0, limit);
      const last = mine.length > limit ? shown.at(-1) : undefined;
      return { violations: await linesOf(shown, who), next: last === undefined ? null : violationId(last.row.violation_id) };
    },
    look: async (by, who, id, part) => {
      await gate.refresh();
      const row = await found(id);
      const [library, [known]] = [await gate.library(), await knownOf([{ row, part }], who)];
      if (known === undefined) throw violationFailure('VIOLATION_NOT_FOUND');
      const text = policyOf(library, row.policy, row.policy_hash);
      const earlier = await confirmedBefore(db, row, monthsOf(text));
      const votes = known.where.state === 'settling' ? votesIn(known.said) : [];
      const says = await readSource(needs, Number(row.entry)).then((each) => each.says, () => null);
      const view = viewOf(known, { rungs: rungsOpen(text.ladder, row.intent, earlier), choices: await choicesIn(db, library, row, votes), earlier, says, words });
      // words may name customers: who reads them is in the log before they leave; whom it is about stands in no entry
      if (part !== 'person') await audit.append({ action: 'education.violation.read', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { violation: id } });
      if (part === 'decides') await noteRead(db, row.violation_id, who, row.version);
      const named = new Set([view.person, view.opened.by, ...view.votes.map((each) => each.by), view.answer?.by]);
      return { ...view, names: Object.fromEntries((await needs.people()).filter(({ id: each }) => named.has(each)).map((each) => [each.id, each.name])) };
    },
    proof: async (id) => audit.prove(Number((await found(id)).entry), { withEntry: true }),
    state: (by, id, text) => giveStatement(needs, by, id, text),
    vote: (by, id, wanted) => vote(needs, by, id, wanted),
    appeal: (by, id, text) => giveAppeal(needs, by, id, text),
    answer: (by, id, wanted) => answer(needs, by, id, wanted),
    sweep: () => sweepViolations(needs),
  };
} // prettier-ignore
