/** What every step on a request shares: its words are sealed, the step is in the log, and the row is locked meanwhile. */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Tx } from '#platform/db';
import { isFailure } from '#platform/failure';
import { parsePublicId, publicId, subjectIdText, type SubjectId, type Uuid } from '#platform/ids';
import type { Mail } from '#platform/mail';
import type { Vault } from '#practices/vault';

import type { By } from '../consent/consents.ts';
import { privacyFailure } from '../failures.ts';
import { named, type Correction } from './corrections.ts';
import {
  changeRequest,
  insertStep,
  lockRequest,
  type RequestChange,
  type RequestKind,
  type RequestRow,
} from '../store/requests.ts';
import { APPEAL_WITHIN_DAYS, clockOf, dueAt, type Clock } from './clocks.ts';
import { asCounted, type Eyes } from './other-eyes.ts';
import { fresh, reached, type Asker, type Level, type Proof } from './proof.ts';
import { isClosed, nextState, STEPS, type RequestEvent, type RequestState } from './states.ts';

export type RequestView = Readonly<{
  id: string;
  subject: string;
  kind: RequestKind;
  regime: string;
  state: RequestState;
  receivedAt: string;
  dueAt: string;
  overdue: boolean;
  extended: boolean;
  /** An erasure that one person has agreed to. */
  firstEyes: string | null;
  duplicateOf: string | null;
  /** The entry of the log that somebody doubts. */
  entry: number | null;
  closedAt: string | null;
  /** In the customer's own words; null: none, the subject was erased, or it is one of a list. */
  words: string | null;
  answer: string | null;
  /** Fields that are to be corrected, and what came of each; null: none are named, or as with words. */
  corrections: Omit<Correction, 'value'>[] | null;
  /** What was asked and said since, the oldest first; null as with words. */
  talk: Said[] | null;
  /** The clock stands still until they answer. */
  paused: boolean;
  appealedAt: string | null;
  /** Whether a no can still be appealed, by when; null: by no law, or not any more. */
  appealBy: string | null;
  /** Who takes complaints; null: the data protection authority where they live. */
  complainTo: string | null;
  /** What became of the mail that carries the answer; null: none does. */
  mail: MailState | null;
  /** How sure it is who asks, and what shows it; who of the staff looked is not said. */
  proof: ProofView;
  /** Of one that came by letter or telephone: who asked, by which way, and the role of who noted it. */
  noted: NotedBy | null;
}>;
export type ProofView = Readonly<{
  asker: Asker;
  /** As it was when it was last looked at. */
  needed: Level | null;
  reached: Level;
  shown: Readonly<Omit<Proof, 'by'>>[];
}>;
export type MailState = 'queued' | 'held' | 'sent' | 'refused' | 'given-up';
/** A question of the staff (scope, identity, detail), that the same was asked for again, a reply, an appeal, the answer that it is against, or that it was taken back. */
export type Said = Readonly<{
  what: 'scope' | 'identity' | 'detail' | 'again' | 'reply' | 'appeal' | 'answer' | 'withdrawn';
  text: string;
  at: string;
  /** Said by letter or telephone: who it was, by which way, and the role of who noted it. The person stands in the steps, for the staff. */
  noted?: NotedBy;
}>;
/** By which way somebody said what staff notes for them. */
export const WAYS = ['letter', 'telephone', 'mail', 'in-person'] as const;
export type Noted = Readonly<{ asker: Asker; how: (typeof WAYS)[number] }>;
export type NotedBy = Noted & Readonly<{ role: string }>;
export const notedBy = ({ actor }: By, noted: Noted | undefined): NotedBy | null =>
  noted === undefined ? null : { ...noted, role: actor.role ?? '' };
export type Desk = {
  /** @throws PRIVACY_SUBJECT_NOT_FOUND */
  seal: (subjectId: SubjectId, text: string | null) => Promise<Buffer | null>;
  /** Null when the subject was erased. */
  read: (subjectId: SubjectId, sealed: Buffer) => Promise<string | null>;
  /** With the values that are asked for; null where no fields are named, or the subject was erased. */
  corrections: (row: RequestRow) => Promise<readonly Correction[] | null>;
  /** With what they wrote, which only lives as long as their keys. */
  open: (row: RequestRow) => Promise<RequestView>;
  /** After a step on it, for who took it: to staff as one of a list, since reading the words is a step of its own in the log. */
  shown: (by: By, id: string) => Promise<RequestView>;
  /** As some of a list. */
  shut: (rows: readonly RequestRow[]) => Promise<RequestView[]>;
  /** What was said, to be gone on with; empty where the subject was erased. */
  talk: (row: RequestRow) => Promise<readonly Said[]>;
  /** @throws PRIVACY_REQUEST_STATE where the machine does not have it: then nothing has changed */
  requireMove: (row: Pick<RequestRow, 'state'>, event: RequestEvent) => RequestState;
  /**
   * The one way in which a request changes its state: the step is in the log in the same transaction.
   * @param about names, never values; `step` where it is called otherwise
   * @throws PRIVACY_REQUEST_STATE
   */
  move: (
    tx: Tx,
    by: By,
    row: RequestRow,
    event: RequestEvent,
    change?: RequestChange,
    about?: Readonly<Record<string, string | readonly string[]>>,
  ) => Promise<void>;
  /** Into the log, and beside the request. @param more names, never values */
  step: (
    tx: Tx,
    by: By,
    row: Pick<RequestRow, 'request_id' | 'subject_id' | 'kind'>,
    name: string,
    more?: Readonly<Record<string, string | readonly string[]>>,
  ) => Promise<void>;
  /** Locked until the transaction ends. @throws PRIVACY_REQUEST_NOT_FOUND */
  found: (tx: Tx, id: string) => Promise<RequestRow>;
};
export type DeskNeeds = Readonly<{
  db: Db;
  mailStates: Mail['statesOf'];
  clock: () => Date;
  audit: Pick<Audit, 'appendIn'>;
  vault: Pick<Vault, 'sealFor' | 'openFor'>;
}> &
  Eyes;

const USE = 'privacy-request';
const MAILS_AT_ONCE = 1000;
const DAY_MS = 86_400_000;
const SEALED = { words: null, answer: null, corrections: null, talk: null };
export const requestIdText = (id: Uuid): string => publicId('dsr', id);

export function createDesk({ db, mailStates, clock, audit, vault, ...eyes }: DeskNeeds): Desk {
  const statesFor = async (rows: readonly RequestRow[]): Promise<ReadonlyMap<string, MailState>> => {
    const ids = rows.flatMap(({ mail_id, paused_mail }) =>
      [mail_id, paused_mail].flatMap((id) => (id === null ? [] : [publicId('mail', id)])),
    );
    const states = new Map<string, MailState>();
    for (let at = 0; at < ids.length; at += MAILS_AT_ONCE)
      for (const [id, { state }] of await mailStates(db, ids.slice(at, at + MAILS_AT_ONCE))) states.set(id, state);
    // one that is forgotten is not in it: whether it left is not known any more
    return states;
  };
  const requireMove: Desk['requireMove'] = (row, event) => {
    const state = nextState(row.state, event);
    if (state === null)
      throw privacyFailure('REQUEST_STATE', {
        detail: `a request in the state "${row.state}" has no step "${STEPS[event]}"`,
      });
    return state;
  };
  const step: Desk['step'] = async (tx, by, row, name, more = {}) => {
    const { index } = await audit.appendIn(tx, {
      action: 'privacy.request',
      actor: by.actor,
      subjects: [row.subject_id],
      outcome: 'done',
      detail: { request: requestIdText(row.request_id), kind: row.kind, step: name, ...more },
      ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
    });
    const actor = by.actor.kind === 'subject' ? 'subject' : by.actor.id;
    await insertStep(tx, row.request_id, { step: name, actor, at: clock(), entry: index });
  };
  /** Whole days that its clock stood: from when they were told, and not at all for a mail that has not left. */
  const stoodDays = async (tx: Tx, { paused_at, paused_mail }: RequestRow): Promise<number> => {
    const mail = paused_mail === null ? null : publicId('mail', paused_mail);
    const left = mail === null ? undefined : (await mailStates(tx, [mail])).get(mail);
    const from = mail === null ? paused_at : left?.state === 'sent' ? left.doneAt : null;
    return paused_at === null || from === null ? 0 : Math.max(0, Math.floor((clock().getTime() - from.getTime()) / DAY_MS));
  }; // prettier-ignore
  /** Whatever ends the waiting: the days come to the deadline. */
  const waited = async (tx: Tx, row: RequestRow): Promise<readonly [RequestChange, Readonly<{ stood: string }>]> => {
    const days = await stoodDays(tx, row);
    const paused_days = row.paused_days + days;
    const due_at = dueAt(clockOf(row.regime) as Clock, row.received_at, row.extended, paused_days);
    return [{ paused_at: null, paused_mail: null, paused_days, due_at, ...(days > 0 ? { alarm: null } : {}) }, { stood: String(days) }]; // prettier-ignore
  };
  const open: Desk['open'] = async (row) => {
    const sealed = [row.words, row.answer, row.corrections, row.talk].filter((each) => each !== null);
    const opened = sealed.length === 0 ? [] : ((await vault.openFor(row.subject_id, USE, sealed)) ?? []);
    const texts = opened.map(String);
    const words = row.words === null ? null : (texts.shift() ?? null);
    const answer = row.answer === null ? null : (texts.shift() ?? null);
    const asked = row.corrections === null ? undefined : texts.shift();
    const corrections = asked === undefined ? null : (JSON.parse(asked) as Correction[]).map(named);
    const said = texts.shift();
    const talk = said === undefined ? null : (JSON.parse(said) as Said[]);
    const [counted] = await asCounted(db, [row], eyes);
    return asView(counted ?? row, { words, answer, corrections, talk }, clock(), await statesFor([row]));
  };
  const shut: Desk['shut'] = async (rows) => {
    const states = await statesFor(rows);
    return (await asCounted(db, rows, eyes)).map((row) => asView(row, SEALED, clock(), states));
  };
  const found: Desk['found'] = async (tx, id) => {
    const requestId = parsePublicId('dsr', id);
    const row = requestId === null ? null : await lockRequest(tx, requestId);
    if (row === null) throw privacyFailure('REQUEST_NOT_FOUND');
    return row;
  };
  return {
    requireMove,
    step,
    move: async (tx, by, row, event, change = {}, { step: name = STEPS[event], ...about } = {}) => {
      const state = requireMove(row, event);
      const [ends, stood] = row.state === 'waiting' && state !== 'waiting' ? await waited(tx, row) : [{}, {}];
      await changeRequest(tx, row.request_id, {
        ...ends,
        ...change,
        state,
        closed_at: isClosed(state) ? (row.closed_at ?? clock()) : null,
      });
      await step(tx, by, row, name as string, { ...stood, ...about });
    },
    talk: async ({ subject_id, talk }) => {
      const [text] = talk === null ? [] : ((await vault.openFor(subject_id, USE, [talk])) ?? []);
      return text === undefined ? [] : (JSON.parse(String(text)) as readonly Said[]);
    },
    seal: async (subjectId, text) => {
      if (text === null || text === '') return null;
      try {
        return (await vault.sealFor(subjectId, USE, [Buffer.from(text)]))[0] ?? null;
      } catch (thrown) {
        if (isFailure(thrown, 'VAULT_SUBJECT_NOT_FOUND')) throw privacyFailure('SUBJECT_NOT_FOUND', { cause: thrown });
        throw thrown;
      }
    },
    read: async (subjectId, sealed) => (await vault.openFor(subjectId, USE, [sealed]))?.map(String)[0] ?? null,
    corrections: async ({ subject_id, corrections }) => {
      const [text] = corrections === null ? [] : ((await vault.openFor(subject_id, USE, [corrections])) ?? []);
      return text === undefined ? null : (JSON.parse(String(text)) as readonly Correction[]);
    },
    open,
    shut,
    found,
    shown: async (by, id) => {
      const row = await transact(db, (tx) => found(tx, id));
      return by.actor.kind === 'subject' ? open(row) : ((await shut([row]))[0] as RequestView);
    },
  };
}

/** For who was asked by a mail, from when it has left. */
const stands = ({ paused_at, paused_mail }: RequestRow, mails: ReadonlyMap<string, MailState>): boolean =>
  paused_at !== null && (paused_mail === null || mails.get(publicId('mail', paused_mail)) === 'sent');

const proofOf = ({ kind, asker, corrects, proofs, proof_needed, closed_at }: RequestRow, now: Date): ProofView => ({
  asker,
  needed: proof_needed,
  reached: reached(fresh({ proofs, closed_at }, now), { kind, asker, corrects, special: false }),
  // who looked is in the steps, for the staff
  shown: proofs.map(({ by: _by, ...shown }) => shown),
});

const asView = (
  row: RequestRow,
  said: Pick<RequestView, 'words' | 'answer' | 'corrections' | 'talk'>,
  now: Date,
  mails: ReadonlyMap<string, MailState>,
): RequestView => ({
  id: requestIdText(row.request_id),
  subject: subjectIdText(row.subject_id),
  kind: row.kind,
  regime: row.regime,
  state: row.state,
  receivedAt: row.received_at.toISOString(),
  dueAt: row.due_at.toISOString(),
  overdue: row.closed_at === null && now > row.due_at && !stands(row, mails),
  extended: row.extended,
  firstEyes: row.first_eyes,
  duplicateOf: row.duplicate_of === null ? null : requestIdText(row.duplicate_of),
  entry: row.entry === null ? null : Number(row.entry),
  closedAt: row.closed_at?.toISOString() ?? null,
  paused: stands(row, mails),
  appealedAt: row.appealed_at?.toISOString() ?? null,
  appealBy: appealUntil(row, now)?.toISOString() ?? null,
  complainTo: clockOf(row.regime)?.complainTo ?? null,
  mail: row.mail_id === null ? null : (mails.get(publicId('mail', row.mail_id)) ?? null),
  proof: proofOf(row, now),
  noted: row.noted,
  ...said,
});

/** Until when a no can be appealed: once, and where the law has it. */
export function appealUntil({ state, regime, closed_at, appealed_at }: RequestRow, now: Date): Date | null {
  if (nextState(state, 'appeal') === null || closed_at === null || appealed_at !== null) return null;
  if ((clockOf(regime)?.appeal ?? null) === null) return null;
  const until = new Date(closed_at.getTime() + APPEAL_WITHIN_DAYS * 86_400_000);
  return until > now ? until : null;
}
