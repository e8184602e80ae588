/** What the team does with reports without a name: takes them, asks back, makes an incident of one, closes one with words. */
import { transact, type Tx } from '#platform/db';
import { isFailure } from '#platform/failure';
import { parsePublicId, uuidv7, type Uuid } from '#platform/ids';

import type { By } from '../by.ts';

import { incidentId } from '../incidents/changes.ts';
import type { Kind } from '../incidents/playbook.ts';
import { countWaiting, endLink, findReport, insertLink, listReports, livingLink, lockReport, moveReport, sweepIntake, type ReportKind, type ReportRow } from '../store/intake.ts'; // prettier-ignore
import { intakeFailure } from './intake-failures.ts';
import type { Keep } from './keep.ts';
import { LIMITS, type IntakeNeeds } from './needs.ts';
import { NOBODY, reportId } from './reporters.ts';
import type { When } from './said.ts';
import { linkToken } from './tokens.ts';

export type ReportLine = Readonly<{ id: string; kind: ReportKind; state: ReportRow['state']; turn: ReportRow['turn']; incident: string | null; receivedAt: string; movedAt: string }>; // prettier-ignore
export type NamelessReport = ReportLine &
  Readonly<{
    /** Null: the key of its words is gone. */
    said: Readonly<{ when: When; words: string; reach: string }> | null;
    /** What was asked and answered since. */
    talk: readonly Readonly<{ seq: number; saidBy: 'reporter' | 'team'; at: string; by: string | null; text: string | null }>[];
  }>; // prettier-ignore
/** `seen`: how much of the talk whoever does it has read; an answer that came meanwhile is not passed over. */
export type Step = Readonly<{ seen?: number | undefined }> &
  (
    | Readonly<{ step: 'look' }>
    | Readonly<{ step: 'ask' | 'close'; text: string }>
    | Readonly<{ step: 'incident'; kind?: Kind | undefined; happenedAt?: Date | undefined; text?: string | undefined }>
  );
export type ReportLink = Readonly<{ path: string; madeAt: string; madeBy: string }>;

export type Desk = Readonly<{
  link: () => Promise<ReportLink | null>;
  /** The one before is dead with it. */
  replaceLink: (by: By) => Promise<ReportLink>;
  endLink: (by: By) => Promise<void>;
  list: (page: Readonly<{ before: string | null; limit: number; which: 'open' | 'all' }>) => Promise<Readonly<{ reports: readonly ReportLine[]; waiting: number; next: string | null }>>;
  /** @throws EDUCATION_NAMELESS_NOT_FOUND */
  get: (by: By, id: string) => Promise<NamelessReport>;
  /** @throws EDUCATION_NAMELESS_NOT_FOUND, EDUCATION_NAMELESS_STATE */
  step: (by: By, id: string, step: Step) => Promise<NamelessReport>;
  /** What was closed long ago goes, key and words with it. */
  sweep: () => Promise<void>;
}>; // prettier-ignore

const KEPT_DAYS = 90;
/** What is most like it, until somebody knows better. */
const LIKE: Readonly<Record<ReportKind, Kind>> = { 'lost-device': 'lost-device', 'wrong-recipient': 'wrong-recipient', clicked: 'phishing-wave', strange: 'other', other: 'other' }; // prettier-ignore

const lineOf = (row: ReportRow): ReportLine => ({
  id: reportId(row.report_id),
  kind: row.kind,
  state: row.state,
  turn: row.turn,
  incident: row.incident_id === null ? null : incidentId(row.incident_id),
  receivedAt: row.received_at.toISOString(),
  movedAt: row.moved_at.toISOString(),
});
const uuidOf = (id: string): Uuid => {
  const uuid = parsePublicId('irp', id);
  if (uuid === null) throw intakeFailure('NAMELESS_NOT_FOUND');
  return uuid;
};

export function createDesk(needs: IntakeNeeds, keep: Keep): Desk {
  const { db, clock, audit, key, limits = LIMITS } = needs;
  const log = (tx: Tx, by: By, verb: string, detail: Readonly<Record<string, string>> = {}) =>
    audit.appendIn(tx, { action: `education.intake.${verb}`, actor: by.actor, outcome: 'done', requestId: by.requestId, detail }); // prettier-ignore
  const linkOf = (row: Awaited<ReturnType<typeof livingLink>>): ReportLink | null =>
    row === null ? null : { path: `/tell/${linkToken(key, row.link_id)}`, madeAt: row.made_at.toISOString(), madeBy: row.made_by }; // prettier-ignore
  const whole = async (row: ReportRow): Promise<NamelessReport> => {
    const [first, ...talk] = await keep.read(db, row.report_id);
    return {
      ...lineOf(row),
      said: typeof first?.text === 'string' ? (JSON.parse(first.text) as NamelessReport['said']) : null,
      talk: talk.map(({ at, ...each }) => ({ ...each, at: at.toISOString() })),
    };
  };
  const found = async (uuid: Uuid): Promise<ReportRow> => {
    const row = await findReport(db, uuid);
    if (row === null) throw intakeFailure('NAMELESS_NOT_FOUND');
    return row;
  };
  // who reads words is in the log before they leave
  const read = async (by: By, uuid: Uuid): Promise<NamelessReport> => {
    const report = await whole(await found(uuid));
    await audit.append({ action: 'education.intake.read', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { report: report.id } }); // prettier-ignore
    return report;
  };
  const say = async (tx: Tx, by: By, row: ReportRow, text: string, at: Date): Promise<void> => {
    const all = await keep.read(tx, row.report_id);
    const isTaken = all.length < limits.words && (await keep.add(tx, row.report_id, { said_by: 'team', at, by: by.actor.id, once: null, text })); // prettier-ignore
    if (!isTaken) throw intakeFailure('NAMELESS_STATE', { detail: 'nothing can be added to it any more' });
  };
  const open = async (tx: Tx, by: By, row: ReportRow, step: Extract<Step, { step: 'incident' }>, now: Date): Promise<Uuid> => {
    const [first, ...talk] = await keep.read(tx, row.report_id);
    if (typeof first?.text !== 'string') throw intakeFailure('NAMELESS_STATE', { detail: 'the key of its words is gone' });
    const { words, when } = JSON.parse(first.text) as NonNullable<NamelessReport['said']>;
    const happenedAt = step.happenedAt ?? row.received_at;
    if (happenedAt > row.received_at) throw intakeFailure('NAMELESS_STATE', { detail: 'it happened before it was reported' });
    // how they can be reached stays behind: an incident is kept for good
    const answers = talk.flatMap(({ saidBy, text }) => (text === null ? [] : [`${saidBy}: ${text}`]));
    const what = [`Reported without a name: ${row.kind}, ${when}.`, words, ...answers, step.text ?? ''].filter((each) => each !== '').join('\n\n');
    const made = await needs.beginIncident(tx, by, { what, kind: step.kind ?? LIKE[row.kind], happenedAt, reportedAt: row.received_at, now, report: reportId(row.report_id) });
    await log(tx, by, 'incident', { report: reportId(row.report_id), incident: made.id });
    return made.uuid;
  }; // prettier-ignore

  return {
    link: async () => linkOf(await livingLink(db)),
    replaceLink: (by) =>
      transact(db, async (tx) => {
        const at = clock();
        const ended = await endLink(tx, at);
        const row = { link_id: uuidv7(at.getTime()), made_at: at, made_by: by.actor.id };
        await insertLink(tx, row);
        await log(tx, by, 'link', { link: row.link_id, ...(ended === null ? {} : { replaced: ended }) });
        return linkOf(row) as ReportLink;
      }),
    endLink: (by) =>
      transact(db, async (tx) => {
        const ended = await endLink(tx, clock());
        if (ended !== null) await log(tx, by, 'link-end', { link: ended });
      }),
    list: async ({ before, limit, which }) => {
      const rows = await listReports(db, { before: before === null ? null : uuidOf(before), limit, which });
      const last = rows.length < limit ? undefined : rows.at(-1);
      return { reports: rows.map(lineOf), waiting: await countWaiting(db), next: last === undefined ? null : reportId(last.report_id) }; // prettier-ignore
    },
    get: (by, id) => read(by, uuidOf(id)),
    step: async (by, id, step) => {
      const uuid = uuidOf(id);
      await transact(db, async (tx) => {
        const row = await lockReport(tx, uuid);
        if (row === null) throw intakeFailure('NAMELESS_NOT_FOUND');
        if (row.state === 'closed') throw intakeFailure('NAMELESS_STATE', { detail: 'it is closed' });
        if (step.seen !== undefined && (await keep.read(tx, uuid)).length - 1 > step.seen)
          throw intakeFailure('NAMELESS_STATE', { detail: 'there is an answer that you have not read' });
        const now = clock();
        const moved = { ...row, state: 'looking', turn: 'nobody', moved_at: now } as const;
        switch (step.step) {
          case 'look':
            await log(tx, by, 'look', { report: id });
            return moveReport(tx, moved);
          case 'ask':
            await say(tx, by, row, step.text, now);
            await log(tx, by, 'ask', { report: id });
            return moveReport(tx, { ...moved, turn: 'reporter' });
          case 'incident':
            if (row.incident_id !== null) throw intakeFailure('NAMELESS_STATE', { detail: 'it is an incident already' });
            return moveReport(tx, { ...moved, incident_id: await open(tx, by, row, step, now) });
          case 'close':
          default:
            if (row.incident_id !== null) throw intakeFailure('NAMELESS_STATE', { detail: 'it is closed with its incident' });
            // what nothing can be added to any more is closed without words
            await say(tx, by, row, step.text, now).catch((thrown: unknown) => {
              if (!isFailure(thrown, 'EDUCATION_NAMELESS_STATE')) throw thrown;
            });
            await log(tx, by, 'close', { report: id });
            return moveReport(tx, { ...moved, state: 'closed' });
        }
      });
      return read(by, uuid);
    },
    sweep: () =>
      transact(db, async (tx) => {
        const gone = await sweepIntake(tx, new Date(clock().getTime() - KEPT_DAYS * 86_400_000));
        if (gone.length > 0) await audit.appendIn(tx, { action: 'education.intake.forget', actor: NOBODY, outcome: 'done', detail: { reports: gone.length } });
      }),
  };
} // prettier-ignore
