/**
 * What whoever gives no name can do: report by a link, come back by a receipt, answer what they are asked.
 *
 * INVARIANT: nothing that is handed in here says who they are: no session, no address but as one of 4,096 bins that are
 * counted and forgotten, no browser, no id of the request.
 */
import { hmacSha256 } from '#platform/crypto';
import { transact } from '#platform/db';
import { publicId, uuidv7, type Uuid } from '#platform/ids';

import { insertReport, countIntake, findReportBy, holdLink, livingLink, lockReport, lockUnread, moveReport, wasSaid, type ReportRow } from '../store/intake.ts'; // prettier-ignore
import type { Keep, Kept } from './keep.ts';
import { LIMITS, type IntakeNeeds } from './needs.ts';
import { readReceipt, receiptHash, receiptText } from './receipt.ts';
import { MOST, plainWords, type Said } from './said.ts';
import { formToken, openLink, receiptOfForm } from './tokens.ts';

/** Nobody: the log has no other name for who gives none. */
export const NOBODY = { kind: 'system', id: 'intake' } as const;
export const reportId = (uuid: Uuid): string => publicId('irp', uuid);

/** `again`: this very form was sent before. `dead`: the link was replaced, or is none. `stale`: its page was open for a day. */
export type Sent =
  | Readonly<{ was: 'received' | 'again'; receipt: string; kind: ReportRow['kind'] }>
  | Readonly<{ was: 'dead' | 'stale' | 'slow' | 'full' }>;
/** What the team said; what the reporter wrote is not shown again to whoever found the number. */
export type Seen = Readonly<{ state: ReportRow['state']; receivedAt: Date; turn: ReportRow['turn']; said: readonly Kept[]; answered: number }>; // prettier-ignore
export type Looked = Readonly<{ was: 'seen'; seen: Seen }> | Readonly<{ was: 'slip' | 'unknown' | 'slow' }>;
export type Answered = 'taken' | 'again' | 'empty' | 'long' | 'closed' | 'enough' | 'slip' | 'unknown' | 'slow';

export type Reporters = Readonly<{
  /** @returns the token of a form; null: the link is dead */
  form: (link: string) => Promise<string | null>;
  /** @param from where it comes from: it is counted in a bin, and forgotten @returns once it is there for good */
  send: (link: string, form: string, said: Said, from: string) => Promise<Sent>;
  look: (receipt: string, from: string) => Promise<Looked>;
  /** @param once of the form: sent twice it is one answer */
  answer: (receipt: string, once: string, text: string, from: string) => Promise<Answered>;
}>;

export function createReporters(needs: IntakeNeeds, keep: Keep): Reporters {
  const { db, clock, audit, key, limits = LIMITS } = needs;
  const binOf = (what: string, from: string): string =>
    `${what} ${hmacSha256(key, `strongroom/intake/source/1 ${from}`).readUInt16BE(0) & 0xfff}`;
  const isMany = async (what: string, from: string, most: number): Promise<boolean> =>
    (await countIntake(db, what)) > limits.quiet && (await countIntake(db, binOf(what, from))) > most;
  const living = async (token: string): Promise<Uuid | null> => {
    const link = openLink(key, token);
    return link !== null && (await livingLink(db))?.link_id === link ? link : null;
  };
  /** Each try counts, also one that finds something: what is found says nothing of what was counted. */
  const find = async (text: string, from: string): Promise<ReportRow | 'slip' | 'unknown' | 'slow'> => {
    if (await isMany('tries', from, limits.tries)) return 'slow';
    const receipt = readReceipt(text);
    if (receipt === null) return 'slip';
    return (await findReportBy(db, receiptHash(receipt))) ?? 'unknown';
  };
  return {
    form: async (token) => {
      const link = await living(token);
      return link === null ? null : formToken(key, link, clock());
    },
    send: async (token, form, { kind, ...said }, from) => {
      const link = await living(token);
      if (link === null) return { was: 'dead' };
      const bytes = receiptOfForm(key, form, link, clock());
      if (bytes === null) return { was: 'stale' };
      const [receipt, hash] = [receiptText(bytes), receiptHash(bytes)];
      // who sends it twice is told the same twice, however many others send
      const known = await findReportBy(db, hash);
      if (known !== null) return { was: 'again', receipt, kind: known.kind };
      if (await isMany('source', from, limits.perSource)) return { was: 'slow' };
      if ((await countIntake(db, `link ${link}`)) > limits.perLink) return { was: 'slow' };
      return transact(db, async (tx) => {
        if (!(await holdLink(tx, link))) return { was: 'dead' };
        if ((await lockUnread(tx, link)) >= limits.unread) return { was: 'full' };
        const at = clock();
        const id = uuidv7(at.getTime());
        const row = { report_id: id, receipt: hash, link_id: link, kind, state: 'received', turn: 'team', incident_id: null, received_at: at, moved_at: at } as const;
        if (!(await insertReport(tx, row, keep.newKey(id)))) return { was: 'again', receipt, kind };
        await keep.add(tx, id, { said_by: 'reporter', at, by: null, once: null, text: JSON.stringify(said) });
        await audit.appendIn(tx, { action: 'education.intake.receive', actor: NOBODY, outcome: 'done', detail: { report: reportId(id), kind } });
        return { was: 'received', receipt, kind };
      });
    },
    look: async (text, from) => {
      const row = await find(text, from);
      if (typeof row === 'string') return { was: row };
      const all = await keep.read(db, row.report_id);
      const said = all.filter(({ saidBy }) => saidBy === 'team');
      return { was: 'seen', seen: { state: row.state, receivedAt: row.received_at, turn: row.turn, said, answered: all.length - said.length - 1 } };
    },
    answer: async (text, once, words, from) => {
      const row = await find(text, from);
      if (typeof row === 'string') return row;
      const said = plainWords(words);
      if (said === '') return 'empty';
      if (said.length > MOST.reply) return 'long';
      return transact(db, async (tx) => {
        const held = await lockReport(tx, row.report_id);
        if (held === null) return 'unknown';
        const mark = hmacSha256(key, `strongroom/intake/once/1 ${once.slice(0, 100)}`);
        if (await wasSaid(tx, row.report_id, mark)) return 'again';
        if (held.state === 'closed') return 'closed';
        const all = await keep.read(tx, row.report_id);
        // the last two are the team's: one that cannot be closed with words would never end
        const since = all.length - 1 - Math.max(0, all.findLastIndex(({ saidBy }) => saidBy === 'team'));
        if (since >= limits.unansweredReplies || all.length >= limits.words - 2) return 'enough';
        const at = clock();
        if (!(await keep.add(tx, row.report_id, { said_by: 'reporter', at, by: null, once: mark, text: said }))) return 'closed';
        await moveReport(tx, { ...held, turn: 'team', moved_at: at });
        await audit.appendIn(tx, { action: 'education.intake.answer', actor: NOBODY, outcome: 'done', detail: { report: reportId(row.report_id) } });
        return 'taken';
      });
    },
  };
} // prettier-ignore
