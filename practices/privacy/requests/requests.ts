/**
 * What customers ask for: received with a clock, done at once where that is safe, and otherwise a task for people.
 *
 * INVARIANT: every step is in the log, in the transaction that takes it.
 */
import type { Audit } from '#platform/audit';
import { transact, type Tx } from '#platform/db';
import { parsePublicId, type SubjectId, type Uuid } from '#platform/ids';
import type { Mail } from '#platform/mail';
import type { Caller, Vault } from '#practices/vault';

import type { By } from '../consent/consents.ts';
import type { CopyCode } from '../customer/copy-link.ts';
import { isDamage, type Missing } from '../customer/missing.ts';
import { privacyFailure } from '../failures.ts';
import type { Language } from '../notice/languages.ts';
import {
  AT_ONCE,
  doubtsAbout,
  findRequest,
  lockRequest,
  openOf,
  requestsAfter,
  requestsOf,
  stepsOf,
  type RequestKind,
  type RequestRow,
} from '../store/requests.ts';
import { createAsk, type Ask } from './ask.ts';
import { createCorrect, type Beside, type CorrectNeeds } from './correct.ts';
import type { Correction } from './corrections.ts';
import { createDecide, type Decide, type DecideNeeds } from './decide.ts';
import { createAlarms } from './alarms.ts';
import { createForget } from './forget.ts';
import { createDesk, requestIdText, type DeskNeeds, type RequestView } from './desk.ts';
import { createProve, type Prove, type ProveNeeds } from './prove.ts';
import { createQueue, type Queue } from './queue.ts';
import { createTeller, mailLanguage, type TellerNeeds } from './told.ts';
import { createTurns, type TurnNeeds, type Turns } from './turns.ts';

export type { RequestView } from './desk.ts';
export type { QueueAsk } from './queue.ts';
export type RequestStep = Readonly<{ step: string; actor: string; at: string; auditIndex: number }>;

export type Requests = Turns & {
  ask: Ask;
  decide: Decide;
  prove: Prove;
  /** Tells of deadlines that come near. @returns of how many */
  alarm: () => Promise<number>;
  /** Values of declined corrections go when nobody can appeal any more. @returns of how many */
  forget: () => Promise<number>;
  /** The newest 200, for a page. */
  of: (subjectId: SubjectId) => Promise<readonly RequestView[]>;
  /** When looks were doubted, by their entry; nothing that they wrote is opened for it. */
  doubts: (subjectId: SubjectId, entries: readonly number[]) => Promise<ReadonlyMap<number, string>>;
  /** All of them, with each step, for the copy; who of the staff did it is not said. @param damaged told of each whose words do not open: it is there without them */
  all: (subjectId: SubjectId, damaged?: (id: string) => void) => AsyncGenerator<Omit<RequestView, 'firstEyes'> & { asked?: readonly Correction[]; steps: readonly Omit<RequestStep, 'actor'>[] }>;
  /** Null where there is no such request. */
  subjectOf: (id: string) => Promise<SubjectId | null>;
  /** A copy is on its way to the subject: the step is in the log before it begins. @returns who it is about @throws PRIVACY_REQUEST_NOT_FOUND, PRIVACY_REQUEST_STATE */
  copying: (by: By, id: string) => Promise<SubjectId>;
  /** Before a copy goes out by a link: what is held by now may need more than was shown. @throws PRIVACY_PROOF_NEEDED, PRIVACY_REQUEST_NOT_FOUND */
  requireLinked: (id: string) => Promise<void>;
  /** The link of a copy once more, when the one before was used or lost: that one is dead. @throws PRIVACY_REQUEST_NOT_FOUND, PRIVACY_REQUEST_STATE, PRIVACY_ADDRESS_UNCLEAR */
  sendLink: (by: By, id: string, language?: Language) => Promise<CopyCode>;
  /** What the subject asked for has reached them: closes the open ones of these kinds. */
  answered: (by: By, subjectId: SubjectId, kinds: readonly RequestKind[]) => Promise<void>;
  /** A copy went out, and not all could be read: what waits for one is a task for people, who are told. */
  incomplete: (by: By, subjectId: SubjectId, missing: Missing) => Promise<void>;
  queue: Queue;
  /** That it was read is in the log before it is; so is each record that is opened to show old beside new. @throws PRIVACY_REQUEST_NOT_FOUND */
  get: (by: By, id: string, reads?: { caller: () => Caller; shown: 'masked' | 'clear' }) => Promise<RequestView & { steps: readonly RequestStep[]; beside: readonly Beside[] | null; seen: string | null }>;
}; // prettier-ignore
export type RequestNeeds = Omit<DecideNeeds, 'desk' | 'correct' | 'teller' | 'prove'> &
  Omit<ProveNeeds, 'desk'> &
  Omit<TurnNeeds, 'desk' | 'teller' | 'prove'> &
  TellerNeeds &
  DeskNeeds &
  Omit<CorrectNeeds, 'desk'> &
  Readonly<{
    audit: Pick<Audit, 'append' | 'appendIn'>;
    vault: Pick<Vault, 'sealFor' | 'openFor' | 'isLiving'>;
    mailState: Mail['stateOf'];
  }>;

const PAGE = 100;
const NAMED_IN_LOG = 50;

export function createRequests(needs: RequestNeeds): Requests {
  const { db, clock, audit } = needs;
  const desk = createDesk(needs);
  const { found, open, move } = desk;
  const correct = createCorrect({ ...needs, desk });
  const teller = createTeller(needs);
  const prove = createProve({ ...needs, desk });
  /** One whose words do not open hides no other. */
  const openOr = async (row: RequestRow, damaged: (id: string) => void = () => undefined): Promise<RequestView> => {
    try {
      return await open(row);
    } catch (thrown) {
      if (!isDamage(thrown)) throw thrown;
      damaged(requestIdText(row.request_id));
      return (await desk.shut([row]))[0] as RequestView;
    }
  };
  /** Locked before anything goes into the log: who decides locks the request first, and the log's head after it. */
  const openRows = async (tx: Tx, subjectId: SubjectId, kinds: Iterable<RequestKind>): Promise<RequestRow[]> => {
    const rows: RequestRow[] = [];
    for (const kind of kinds) {
      const id = await openOf(tx, subjectId, kind, null);
      const row = id === null ? null : await lockRequest(tx, id);
      if (row !== null && row.closed_at === null) rows.push(row);
    }
    return rows;
  };
  return {
    ask: createAsk({
      ...needs,
      desk,
      prove,
      typeOf: (collection, field) => needs.catalog().collections.get(collection)?.fields.get(field)?.type ?? 'email',
    }),
    decide: createDecide({ ...needs, desk, correct, teller, prove }),
    prove,
    ...createTurns({ ...needs, desk, teller, prove }),
    alarm: createAlarms(needs),
    forget: createForget({ db, clock, desk }),
    of: async (subjectId) => {
      const views: RequestView[] = [];
      for (const row of await requestsOf(db, subjectId)) views.push(await openOr(row));
      return views;
    },
    doubts: async (subjectId, entries) =>
      new Map(
        (await doubtsAbout(db, subjectId, entries)).map((row) => [Number(row.entry), row.received_at.toISOString()]),
      ),
    all: async function* (subjectId, damaged) {
      for (let after: Uuid | null = null; ;) {
        const rows: RequestRow[] = await requestsAfter(db, subjectId, after, PAGE);
        for (const row of rows) {
          const steps = await stepsOf(db, row.request_id);
          const { firstEyes: _, ...view } = await openOr(row, damaged);
          const values = view.corrections === null ? null : await desk.corrections(row);
          const asked = values?.filter(({ value }) => value !== undefined) ?? [];
          yield {
            ...view,
            ...(asked.length === 0 ? {} : { asked }),
            steps: steps.map(({ step: name, at, entry }) => ({
              step: name,
              at: at.toISOString(),
              auditIndex: Number(entry),
            })),
          };
        }
        if (rows.length < PAGE) return;
        after = rows.at(-1)?.request_id ?? null;
      }
    },
    subjectOf: async (id) => {
      const uuid = parsePublicId('dsr', id);
      return uuid === null ? null : ((await findRequest(db, uuid))?.subject_id ?? null);
    },
    copying: async (by, id) => {
      // who opened a link has shown it by that
      if (by.actor.kind !== 'subject') await prove.require(await transact(db, (tx) => found(tx, id)));
      return transact(db, async (tx) => {
        const row = await found(tx, id);
        // one that was answered may have been lost in the mail; one that was declined or is of another kind is no reason
        if (!AT_ONCE.has(row.kind)) throw privacyFailure('REQUEST_STATE');
        await move(tx, by, row, 'copy');
        return row.subject_id;
      });
    },
    requireLinked: async (id) => prove.require(await transact(db, (tx) => found(tx, id)), true),
    sendLink: async (by, id, language) => {
      const fulfilled = async (tx: Tx): Promise<RequestRow> => {
        const row = await found(tx, id);
        if (!AT_ONCE.has(row.kind)) throw privacyFailure('REQUEST_STATE');
        desk.requireMove(row, 'link');
        return row;
      };
      // before their address is opened for it, and again after
      const before = await transact(db, fulfilled);
      await prove.require(before, true);
      const address = await needs.copyLinks.addressOf(before.subject_id);
      return transact(db, async (tx) => {
        const row = await fulfilled(tx);
        const to = {
          requestId: row.request_id,
          subjectId: row.subject_id,
          address,
          language: language ?? mailLanguage(row),
        };
        const { mail, ...made } = await needs.copyLinks.send(tx, to);
        await move(tx, by, row, 'link', { mail_id: mail });
        return made;
      });
    },
    answered: (by, subjectId, kinds) =>
      transact(db, async (tx) => {
        for (const row of await openRows(tx, subjectId, kinds)) {
          await move(tx, by, row, 'fulfil');
        }
      }),
    incomplete: (by, subjectId, { count, pieces }) =>
      transact(db, async (tx) => {
        const rows = await openRows(tx, subjectId, AT_ONCE);
        await audit.appendIn(tx, {
          action: 'privacy.copy.incomplete', actor: by.actor, subjects: [subjectId], outcome: 'failed',
          detail: { missing: count, pieces: pieces.slice(0, NAMED_IN_LOG).map(({ what, record, file }) => `${what} ${file ?? record}`) },
          ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
        }); // prettier-ignore
        for (const row of rows) {
          await move(tx, by, row, 'incomplete');
        }
      }),
    queue: createQueue({ db, clock, desk }),
    get: async (by, id, reads) => {
      const row = await transact(db, (tx) => found(tx, id));
      await audit.append({
        action: 'privacy.request.read', actor: by.actor, subjects: [row.subject_id], outcome: 'done', detail: { request: id },
        ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
      }); // prettier-ignore
      const steps = await stepsOf(db, row.request_id);
      const view = reads === undefined ? null : await correct.view(reads.caller, row, reads.shown);
      return { ...(await open(row)), beside: view?.beside ?? null, seen: view?.seen ?? null, steps: steps.map(({ step: name, actor, at, entry }) => ({ step: name, actor, at: at.toISOString(), auditIndex: Number(entry) })) }; // prettier-ignore
    },
  };
}
