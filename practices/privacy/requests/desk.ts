/** What every step on a request shares: its words are sealed, the step is in the log, and the row is locked meanwhile. */
import type { Audit } from '#platform/audit';
import type { Tx } from '#platform/db';
import { isFailure } from '#platform/failure';
import { parsePublicId, publicId, subjectIdText, type SubjectId, type Uuid } from '#platform/ids';
import type { Vault } from '#practices/vault';

import type { By } from '../consent/consents.ts';
import { privacyFailure } from '../failures.ts';
import { named, type Correction } from './corrections.ts';
import { insertStep, lockRequest, type RequestKind, type RequestRow, type RequestState } from '../store/requests.ts';

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
}>;
export type Desk = {
  /** @throws PRIVACY_SUBJECT_NOT_FOUND */
  seal: (subjectId: SubjectId, text: string | null) => Promise<Buffer | null>;
  /** Null when the subject was erased. */
  read: (subjectId: SubjectId, sealed: Buffer) => Promise<string | null>;
  /** With the values that are asked for; null where no fields are named, or the subject was erased. */
  corrections: (row: RequestRow) => Promise<readonly Correction[] | null>;
  /** With what they wrote, which only lives as long as their keys. */
  open: (row: RequestRow) => Promise<RequestView>;
  /** As one of a list. */
  shut: (row: RequestRow) => RequestView;
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
  clock: () => Date;
  audit: Pick<Audit, 'appendIn'>;
  vault: Pick<Vault, 'sealFor' | 'openFor'>;
}>;

const USE = 'privacy-request';
const SEALED = { words: null, answer: null, corrections: null };
export const requestIdText = (id: Uuid): string => publicId('dsr', id);

export function createDesk({ clock, audit, vault }: DeskNeeds): Desk {
  return {
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
    open: async (row) => {
      const sealed = [row.words, row.answer, row.corrections].filter((each) => each !== null);
      const opened = sealed.length === 0 ? [] : ((await vault.openFor(row.subject_id, USE, sealed)) ?? []);
      const texts = opened.map(String);
      const words = row.words === null ? null : (texts.shift() ?? null);
      const answer = row.answer === null ? null : (texts.shift() ?? null);
      const asked = texts.shift();
      const corrections = asked === undefined ? null : (JSON.parse(asked) as Correction[]).map(named);
      return asView(row, { words, answer, corrections }, clock());
    },
    shut: (row) => asView(row, SEALED, clock()),
    step: async (tx, by, row, name, more = {}) => {
      const { index } = await audit.appendIn(tx, {
        action: 'privacy.request', actor: by.actor, subjects: [row.subject_id], outcome: 'done',
        detail: { request: requestIdText(row.request_id), kind: row.kind, step: name, ...more },
        ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
      }); // prettier-ignore
      const actor = by.actor.kind === 'subject' ? 'subject' : by.actor.id;
      await insertStep(tx, row.request_id, { step: name, actor, at: clock(), entry: index });
    },
    found: async (tx, id) => {
      const requestId = parsePublicId('dsr', id);
      const row = requestId === null ? null : await lockRequest(tx, requestId);
      if (row === null) throw privacyFailure('REQUEST_NOT_FOUND');
      return row;
    },
  };
}

const asView = (
  row: RequestRow,
  said: Pick<RequestView, 'words' | 'answer' | 'corrections'>,
  now: Date,
): RequestView => ({
  id: requestIdText(row.request_id),
  subject: subjectIdText(row.subject_id),
  kind: row.kind,
  regime: row.regime,
  state: row.state,
  receivedAt: row.received_at.toISOString(),
  dueAt: row.due_at.toISOString(),
  overdue: row.closed_at === null && now > row.due_at,
  extended: row.extended,
  firstEyes: row.first_eyes,
  duplicateOf: row.duplicate_of === null ? null : requestIdText(row.duplicate_of),
  entry: row.entry === null ? null : Number(row.entry),
  closedAt: row.closed_at?.toISOString() ?? null,
  ...said,
});
