/**
 * Mail, by way of an outbox: what is queued commits with the change it tells of, and leaves afterwards, once, as far as
 * SMTP can promise that.
 *
 * A mail that the server took and that this side could not note, because it died or the line broke, is sent again with
 * the same Message-ID. Nothing else is ever sent twice.
 */
import { transact, type Db, type Statements } from '#platform/db';
import { isFailure } from '#platform/failure';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';

import type { Mailbox } from './address.ts';
import { mailFailure } from './failures.ts';
import { checkMail, type MailContent, type MailToQueue } from './message.ts';
import type { MailSealing } from './sealing.ts';
import type { SendOne, Sent } from './smtp.ts';
import {
  claimDue,
  countMails,
  endMail,
  findMail,
  findStates,
  insertMail,
  isAnyDue,
  listMails,
  noteSender,
  putOff,
  sweepMails,
  withdrawMail,
  type ClaimedRow,
  type MailRow,
  type MailState,
} from './store.ts';

export type MailView = Readonly<{
  id: string;
  kind: string;
  state: MailState;
  urgent: boolean;
  queuedAt: string;
  attempts: number;
  problem: string | null;
  /** When it is tried next; null when it is not. */
  nextAt: string | null;
  doneAt: string | null;
}>;
export type MailStatus = Readonly<{
  /** `held`: no mail server is set, nothing leaves. */
  way: 'smtp' | 'held';
  queued: number;
  held: number;
  /** Within seven days, as the two that follow. */
  sent: number;
  refused: number;
  givenUp: number;
  oldestQueuedAt: string | null;
  /** Of the last attempt, when it failed for a reason that is no single mail's. No address stands in it. */
  problem: string | null;
  problemAt: string | null;
  lastSentAt: string | null;
}>;
export type MailNews =
  | Readonly<{ what: 'problem'; problem: string }>
  | Readonly<{ what: 'well' }>
  | Readonly<{ what: 'refused' | 'given-up'; id: string; kind: string; problem: string | null }>;

/** What came of a mail. */
export type MailCame = Readonly<{ state: MailState; doneAt: Date | null }>;
export type Mail = {
  /**
   * In the caller's transaction: it leaves when that commits, and not otherwise.
   * @returns its id; `fresh` is false when one of the same dedupe key was queued before, whatever came of it
   * @throws MAIL_INVALID
   */
  queue: (tx: Statements, mail: MailToQueue) => Promise<{ id: string; fresh: boolean }>;
  /**
   * Takes a mail back, in the caller's transaction. One that is being handed over at this very moment may arrive.
   * @returns false when it was over: it left, was refused, given up or is forgotten
   */
  withdraw: (tx: Statements, id: string) => Promise<boolean>;
  /** Sends what is due. @returns how many were tried; 0 when there is nothing, or no server to send by */
  sendDue: (signal?: AbortSignal) => Promise<number>;
  /** Gives up what waited for four days, bounds what is held, forgets what is over. */
  sweep: () => Promise<void>;
  /** What came of one; null when it is forgotten. */
  stateOf: (db: Statements, id: string) => Promise<MailCame | null>;
  /** Of several; those that are forgotten are not in it. @param ids at most 1,000 */
  statesOf: (db: Statements, ids: readonly string[]) => Promise<ReadonlyMap<string, MailCame>>;
  status: () => Promise<MailStatus>;
  /** The newest, without what is in them. */
  list: () => Promise<MailView[]>;
  /** With what is in it, as long as it is held. @throws MAIL_NOT_FOUND, MAIL_UNSEALABLE */
  get: (id: string) => Promise<MailView & { content: MailContent | null }>;
};

export type MailNeeds = Readonly<{
  db: Db;
  sealing: MailSealing;
  /** Null: mails are held, and nothing leaves. */
  send: SendOne | null;
  from: Mailbox;
  /** Over all servers. */
  perMinute: number;
  onNews?: (news: MailNews) => void;
}>;

/** Longer than the longest attempt, so that a lease ends with its server only. */
const LEASE_SECONDS = 120;
/** At a time: mail servers take some ten connections from one address. */
const AT_A_TIME = 5;
const PER_RECIPIENT_HOUR = 20;
/** A minute counts for an alarm; then RFC 5321 §4.5.4.1 would have half an hour and more. */
const PAUSES_SECONDS = [15, 60, 300, 900, 3600, 10_800, 21_600];
const KEEP = { queuedHours: 96, heldDays: 7, held: 1000, doneDays: 400 } as const;
const LISTED = 200;

export function createMail(needs: MailNeeds): Mail {
  const { db, sealing, send, from, perMinute, onNews = () => undefined } = needs;

  const note = async (problem: string | null): Promise<void> => {
    if (await noteSender(db, problem)) onNews(problem === null ? { what: 'well' } : { what: 'problem', problem });
  };
  const openOrNull = ({ mail_id, sealed }: ClaimedRow): MailContent | null => {
    try {
      return sealing.open(mail_id, sealed);
    } catch (thrown) {
      if (isFailure(thrown, 'MAIL_UNSEALABLE')) return null;
      throw thrown;
    }
  };
  const sendOne = async (row: ClaimedRow, lease: Uuid, by: SendOne, signal: AbortSignal): Promise<void> => {
    const id = publicId('mail', row.mail_id);
    const content = openOrNull(row);
    const sent: Sent =
      content === null
        ? { outcome: 'refused', problem: 'it does not open: it was changed in the database' }
        : await by({ ...content, id, from, date: row.queued_at }, signal);
    if (sent.outcome === 'accepted') {
      await endMail(db, row.mail_id, lease, { state: 'sent', problem: null });
      await note(null);
    } else if (sent.outcome === 'refused') {
      await endMail(db, row.mail_id, lease, { state: 'refused', problem: sent.problem });
      onNews({ what: 'refused', id, kind: row.kind, problem: sent.problem });
    } else {
      const pause = PAUSES_SECONDS[Math.min(row.attempts, PAUSES_SECONDS.length) - 1] as number;
      // stopped in the middle: the next server need not wait
      await putOff(db, row.mail_id, lease, signal.aborted ? 0 : pause * (0.9 + Math.random() / 5), sent.problem);
      if (sent.ours && !signal.aborted) await note(sent.problem);
    }
  };

  const statesOf: Mail['statesOf'] = async (on, ids) => {
    const rows = await findStates(on, ids.flatMap((id) => parsePublicId('mail', id) ?? [])); // prettier-ignore
    return new Map(rows.map(({ mail_id, state, done_at }) => [publicId('mail', mail_id), { state, doneAt: done_at }]));
  };

  return {
    queue: async (tx, mail) => {
      const content = checkMail(mail);
      const id = uuidv7();
      const { kind, dedupeKey, priority = 'usual' } = mail;
      const kept = await insertMail(tx, {
        mail_id: id,
        kind,
        state: send === null ? 'held' : 'queued',
        urgent: priority === 'urgent',
        dedupe: dedupeKey === null ? null : sealing.dedupe(dedupeKey),
        recipient: sealing.recipient(content.to),
        sealed: sealing.seal(id, content),
      });
      return { id: publicId('mail', kept), fresh: kept === id };
    },
    withdraw: async (tx, id) => {
      const uuid = parsePublicId('mail', id);
      return uuid !== null && withdrawMail(tx, uuid);
    },
    sendDue: async (signal = new AbortController().signal) => {
      if (send === null) return 0;
      let tried = 0;
      while (!signal.aborted && (await isAnyDue(db))) {
        const lease = uuidv7();
        const limits = {
          lease,
          leaseSeconds: LEASE_SECONDS,
          most: AT_A_TIME,
          perMinute,
          perRecipient: PER_RECIPIENT_HOUR,
        };
        const rows = await transact(db, (tx) => claimDue(tx, limits));
        if (rows === null) break;
        const ended = await Promise.allSettled(rows.map((row) => sendOne(row, lease, send, signal)));
        for (const each of ended) if (each.status === 'rejected') throw each.reason;
        tried += rows.length;
      }
      return tried;
    },
    sweep: async () => {
      const { givenUp } = await sweepMails(db, KEEP);
      for (const { mail_id, kind } of givenUp.slice(0, 100))
        onNews({ what: 'given-up', id: publicId('mail', mail_id), kind, problem: null });
    },
    stateOf: async (on, id) => (await statesOf(on, [id])).get(id) ?? null,
    statesOf,
    status: async () => {
      const { given_up, oldest, problem, problem_at, sent_at, ...counts } = await countMails(db);
      return {
        ...counts,
        way: send === null ? 'held' : 'smtp',
        givenUp: given_up,
        oldestQueuedAt: oldest?.toISOString() ?? null,
        problem,
        problemAt: problem === null ? null : (problem_at?.toISOString() ?? null),
        lastSentAt: sent_at?.toISOString() ?? null,
      };
    },
    list: async () => (await listMails(db, LISTED)).map(asView),
    get: async (id) => {
      const uuid = parsePublicId('mail', id);
      const row = uuid === null ? null : await findMail(db, uuid);
      if (row === null) throw mailFailure('NOT_FOUND');
      const { sealed } = row;
      return {
        ...asView(row),
        content: row.state === 'held' && sealed !== null ? sealing.open(row.mail_id, sealed) : null,
      };
    },
  };
}

const asView = (row: MailRow): MailView => ({
  id: publicId('mail', row.mail_id),
  kind: row.kind,
  state: row.state,
  urgent: row.urgent,
  queuedAt: row.queued_at.toISOString(),
  attempts: row.attempts,
  problem: row.problem,
  nextAt: row.state === 'queued' ? row.due_at.toISOString() : null,
  doneAt: row.done_at?.toISOString() ?? null,
});
