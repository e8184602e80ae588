/**
 * What customers ask for: received with a clock, done at once where that is safe, and otherwise a task for people.
 *
 * INVARIANT: every step is in the log, in the transaction that takes it. Nothing is erased by one person alone: the second
 * is another than the first.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements, type Tx } from '#platform/db';
import { isFailure } from '#platform/failure';
import { parsePublicId, publicId, subjectIdText, uuidv7, type SubjectId, type Uuid } from '#platform/ids';
import { whoActs, whyNotOneOfTwo } from '#platform/two-people';
import type { Vault } from '#practices/vault';

import type { By } from '../consent/consents.ts';
import type { Missing } from '../customer/missing.ts';
import { privacyFailure } from '../failures.ts';
import {
  countSince,
  insertRequest,
  insertStep,
  lockRequest,
  moveRequest,
  openOf,
  queue,
  requestsAfter,
  requestsOf,
  stepsOf,
  type RequestKind,
  type RequestRow,
  type RequestState,
} from '../store/requests.ts';
import { clockOf, DEFAULT_REGIME, dueAt, type Clock } from './clocks.ts';

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
}>;
export type RequestStep = Readonly<{ step: string; actor: string; at: string; auditIndex: number }>;
export type Decision = 'fulfil' | 'partly' | 'refuse' | 'extend';

export type Requests = {
  /** @returns the open one of the same kind (for doubts, about the same entry) when there is one: asking twice is asking once @throws PRIVACY_SLOW_DOWN */
  ask: (by: By, ask: { subjectId: SubjectId; kind: RequestKind; words: string | null; regime?: string; entry?: number }) => Promise<RequestView>;
  /** @param erase with the authority of who decides @throws PRIVACY_REQUEST_NOT_FOUND, PRIVACY_REQUEST_STATE, PRIVACY_SECOND_EYES, PRIVACY_PERSON_NEEDED */
  decide: (by: By, id: string, decision: Decision, answer: string, erase: (subjectId: SubjectId) => Promise<number>) => Promise<RequestView>;
  /** The newest 200, for a page. */
  of: (subjectId: SubjectId) => Promise<readonly RequestView[]>;
  /** All of them, with each step, for the copy; who of the staff did it is not said. */
  all: (subjectId: SubjectId) => AsyncGenerator<RequestView & { steps: readonly Omit<RequestStep, 'actor'>[] }>;
  /** A copy is on its way to the subject: the step is in the log before it begins. @returns who it is about @throws PRIVACY_REQUEST_NOT_FOUND, PRIVACY_REQUEST_STATE */
  copying: (by: By, id: string) => Promise<SubjectId>;
  /** What the subject asked for has reached them: closes the open ones of these kinds. */
  answered: (by: By, subjectId: SubjectId, kinds: readonly RequestKind[]) => Promise<void>;
  /** A copy went out, and not all could be read: what waits for one is a task for people, who are told. */
  incomplete: (by: By, subjectId: SubjectId, missing: Missing) => Promise<void>;
  /** Without words and answers: a list is no read of what each of them wrote. */
  queue: (which: 'open' | 'closed') => Promise<readonly RequestView[]>;
  /** That it was read is in the log before it is. @throws PRIVACY_REQUEST_NOT_FOUND */
  get: (by: By, id: string) => Promise<RequestView & { steps: readonly RequestStep[] }>;
}; // prettier-ignore
export type RequestNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  audit: Pick<Audit, 'append' | 'appendIn'>;
  vault: Pick<Vault, 'sealFor' | 'openFor'>;
  /** Whether anybody can sign in: then a key that nobody stands behind is not one of two. */
  arePeople: (tx: Statements) => Promise<boolean>;
  /** Records a no to every purpose that can be objected to. @param request it is the evidence of */
  object: (by: By, subjectId: SubjectId, request: string) => Promise<void>;
}>;

const USE = 'privacy-request';
/** Answered by a copy: the center gives it to who is signed in, and it is answered when all of it has gone out. */
const AT_ONCE: ReadonlySet<RequestKind> = new Set(['access', 'copy']);
/** More than this of a kind in 30 days (GDPR art. 12(5)): no more doubts are taken. */
const MANY = 20;
const PAGE = 100;
const NAMED_IN_LOG = 50;
const requestIdText = (id: Uuid): string => publicId('dsr', id);

export function createRequests({ db, clock, audit, vault, arePeople, object }: RequestNeeds): Requests {
  const seal = async (subjectId: SubjectId, text: string | null): Promise<Buffer | null> => {
    if (text === null || text === '') return null;
    try {
      return (await vault.sealFor(subjectId, USE, [Buffer.from(text)]))[0] ?? null;
    } catch (thrown) {
      if (isFailure(thrown, 'VAULT_SUBJECT_NOT_FOUND')) throw privacyFailure('SUBJECT_NOT_FOUND', { cause: thrown });
      throw thrown;
    }
  };
  const open = async (row: RequestRow): Promise<RequestView> => {
    const sealed = [row.words, row.answer].filter((each) => each !== null);
    const opened = sealed.length === 0 ? [] : ((await vault.openFor(row.subject_id, USE, sealed)) ?? []);
    const texts = opened.map(String);
    const words = row.words === null ? null : (texts.shift() ?? null);
    return asView(row, { words, answer: row.answer === null ? null : (texts.shift() ?? null) }, clock());
  };
  const step = async (
    tx: Tx,
    by: By,
    row: Pick<RequestRow, 'request_id' | 'subject_id' | 'kind'>,
    name: string,
  ): Promise<void> => {
    const { index } = await audit.appendIn(tx, {
      action: 'privacy.request', actor: by.actor, subjects: [row.subject_id], outcome: 'done',
      detail: { request: requestIdText(row.request_id), kind: row.kind, step: name },
      ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
    }); // prettier-ignore
    const actor = by.actor.kind === 'subject' ? 'subject' : by.actor.id;
    await insertStep(tx, row.request_id, { step: name, actor, at: clock(), entry: index });
  };
  const found = async (tx: Tx, id: string): Promise<RequestRow> => {
    const requestId = parsePublicId('dsr', id);
    const row = requestId === null ? null : await lockRequest(tx, requestId);
    if (row === null) throw privacyFailure('REQUEST_NOT_FOUND');
    return row;
  };
  return {
    ask: async (by, { subjectId, kind, words, regime = DEFAULT_REGIME, entry }) => {
      const clockRow = clockOf(regime);
      if (clockRow === null) throw privacyFailure('REGIME_UNKNOWN');
      const [sealed, now] = [await seal(subjectId, words), clock()];
      const id = await transact(db, async (tx) => {
        const before = await openOf(tx, subjectId, kind, entry ?? null);
        if (before !== null) return before;
        const many = (await countSince(tx, subjectId, kind, new Date(now.getTime() - 30 * 86_400_000))) >= MANY;
        // each is a task for somebody: one customer must not bury the others
        if (many && kind === 'doubt') throw privacyFailure('SLOW_DOWN', { extra: { retryAfterSeconds: 86_400 } });
        const row = {
          request_id: uuidv7(now.getTime()), subject_id: subjectId, kind, regime, state: 'received', words: sealed, answer: null,
          entry: entry === undefined ? null : BigInt(entry), duplicate_of: null, received_at: now, due_at: dueAt(clockRow, now), closed_at: null,
        } as const; // prettier-ignore
        // two at once: the one that came second is the first one again
        if (!(await insertRequest(tx, row))) throw Object.assign(new Error('asked at once'), { code: '40001' });
        await step(tx, by, row, 'received');
        return row.request_id;
      });
      return open(await transact(db, (tx) => found(tx, requestIdText(id))));
    },
    decide: async (by, id, decision, answer, erase) => {
      const before = await transact(db, (tx) => found(tx, id));
      if (before.closed_at !== null) throw privacyFailure('REQUEST_STATE');
      const fulfils = decision === 'fulfil' || decision === 'partly';
      // an answer is sealed under a key that an erasure destroys: it has to be said elsewhere, so it is not kept
      const sealed = before.kind === 'erasure' && fulfils ? null : await seal(before.subject_id, answer);
      await transact(db, async (tx) => {
        const row = await found(tx, id);
        if (row.closed_at !== null) throw privacyFailure('REQUEST_STATE');
        if (decision === 'extend') {
          const at = clockOf(row.regime) as Clock;
          if (row.extended || at.extend === null || clock() > row.due_at) throw privacyFailure('REQUEST_STATE', { detail: 'its clock can be extended once, before it is over, where the law allows it' });
          await moveRequest(tx, row.request_id, { state: 'extended', dueAt: dueAt(at, row.received_at, true), extended: true, answer: sealed });
          return step(tx, by, row, 'extended');
        } // prettier-ignore
        if (row.kind === 'erasure' && fulfils) {
          const acting = { id: by.actor.id, person: by.person };
          const whyNot = await whyNotOneOfTwo(acting, row.first_eyes, () => arePeople(tx));
          if (whyNot !== null) throw privacyFailure(whyNot === 'same person' ? 'SECOND_EYES' : 'PERSON_NEEDED');
          if (row.first_eyes === null) {
            await moveRequest(tx, row.request_id, { state: 'review', firstEyes: whoActs(acting) });
            return step(tx, by, row, 'first eyes');
          }
          // the request stays locked meanwhile, so that nobody answers it otherwise; erasing twice gives the first
          // receipt again, so that a server that dies in between loses nothing
          await erase(row.subject_id);
          const done = decision === 'partly' ? 'partly' : 'fulfilled';
          await moveRequest(tx, row.request_id, { state: done, closedAt: clock() });
          return step(tx, by, row, 'erased');
        }
        // as with an erasure: the request stays locked, and saying it twice is saying it once
        if (row.kind === 'objection' && decision === 'fulfil') await object(by, row.subject_id, id);
        const state = decision === 'fulfil' ? 'fulfilled' : decision === 'partly' ? 'partly' : 'refused';
        await moveRequest(tx, row.request_id, { state, answer: sealed, closedAt: clock() });
        return step(tx, by, row, state);
      });
      return open(await transact(db, (tx) => found(tx, id)));
    },
    of: async (subjectId) => {
      const views: RequestView[] = [];
      for (const row of await requestsOf(db, subjectId)) views.push(await open(row));
      return views;
    },
    all: async function* (subjectId) {
      for (let after: Uuid | null = null; ;) {
        const rows: RequestRow[] = await requestsAfter(db, subjectId, after, PAGE);
        for (const row of rows) {
          const steps = await stepsOf(db, row.request_id);
          yield {
            ...(await open(row)),
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
    copying: (by, id) =>
      transact(db, async (tx) => {
        const row = await found(tx, id);
        // one that was answered may have been lost in the mail; one that was declined or is of another kind is no reason
        if (!AT_ONCE.has(row.kind) || row.state === 'refused' || row.state === 'withdrawn')
          throw privacyFailure('REQUEST_STATE');
        await step(tx, by, row, 'copied');
        return row.subject_id;
      }),
    answered: (by, subjectId, kinds) =>
      transact(db, async (tx) => {
        for (const kind of kinds) {
          const id = await openOf(tx, subjectId, kind, null);
          const row = id === null ? null : await lockRequest(tx, id);
          if (row === null || row.closed_at !== null) continue;
          await moveRequest(tx, row.request_id, { state: 'fulfilled', closedAt: clock() });
          await step(tx, by, row, 'fulfilled');
        }
      }),
    incomplete: (by, subjectId, { count, pieces }) =>
      transact(db, async (tx) => {
        await audit.appendIn(tx, {
          action: 'privacy.copy.incomplete', actor: by.actor, subjects: [subjectId], outcome: 'failed',
          detail: { missing: count, pieces: pieces.slice(0, NAMED_IN_LOG).map(({ what, record, file }) => `${what} ${file ?? record}`) },
          ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
        }); // prettier-ignore
        for (const kind of AT_ONCE) {
          const id = await openOf(tx, subjectId, kind, null);
          const row = id === null ? null : await lockRequest(tx, id);
          if (row === null || row.closed_at !== null) continue;
          await moveRequest(tx, row.request_id, { state: 'review' });
          await step(tx, by, row, 'incomplete');
        }
      }),
    queue: async (which) => (await queue(db, which)).map((row) => asView(row, SEALED, clock())),
    get: async (by, id) => {
      const row = await transact(db, (tx) => found(tx, id));
      await audit.append({
        action: 'privacy.request.read', actor: by.actor, subjects: [row.subject_id], outcome: 'done', detail: { request: id },
        ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
      }); // prettier-ignore
      const steps = await stepsOf(db, row.request_id);
      return { ...(await open(row)), steps: steps.map(({ step: name, actor, at, entry }) => ({ step: name, actor, at: at.toISOString(), auditIndex: Number(entry) })) }; // prettier-ignore
    },
  };
}

const SEALED = { words: null, answer: null };

const asView = (row: RequestRow, said: Pick<RequestView, 'words' | 'answer'>, now: Date): RequestView => ({
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
