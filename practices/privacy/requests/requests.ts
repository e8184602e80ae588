/**
 * What customers ask for: received with a clock, done at once where that is safe, and otherwise a task for people.
 *
 * INVARIANT: every step is in the log, in the transaction that takes it.
 */
import type { Audit } from '#platform/audit';
import { transact } from '#platform/db';
import { uuidv7, type SubjectId, type Uuid } from '#platform/ids';
import type { Vault } from '#practices/vault';

import type { By } from '../consent/consents.ts';
import type { CopyCode } from '../customer/copy-link.ts';
import type { Missing } from '../customer/missing.ts';
import { privacyFailure } from '../failures.ts';
import type { Language } from '../notice/languages.ts';
import {
  AT_ONCE,
  countSince,
  insertRequest,
  lockRequest,
  moveRequest,
  openOf,
  queue,
  requestsAfter,
  requestsOf,
  stepsOf,
  type RequestKind,
  type RequestRow,
} from '../store/requests.ts';
import { clockOf, DEFAULT_REGIME, dueAt } from './clocks.ts';
import { createDecide, type Decide, type DecideNeeds } from './decide.ts';
import { createDesk, requestIdText, type RequestView } from './desk.ts';

export type { RequestView } from './desk.ts';
export type RequestStep = Readonly<{ step: string; actor: string; at: string; auditIndex: number }>;

export type Requests = {
  /** @returns the open one of the same kind (for doubts, about the same entry) when there is one: asking twice is asking once @throws PRIVACY_SLOW_DOWN */
  ask: (by: By, ask: { subjectId: SubjectId; kind: RequestKind; words: string | null; regime?: string; entry?: number }) => Promise<RequestView>;
  decide: Decide;
  /** The newest 200, for a page. */
  of: (subjectId: SubjectId) => Promise<readonly RequestView[]>;
  /** All of them, with each step, for the copy; who of the staff did it is not said. */
  all: (subjectId: SubjectId) => AsyncGenerator<RequestView & { steps: readonly Omit<RequestStep, 'actor'>[] }>;
  /** A copy is on its way to the subject: the step is in the log before it begins. @returns who it is about @throws PRIVACY_REQUEST_NOT_FOUND, PRIVACY_REQUEST_STATE */
  copying: (by: By, id: string) => Promise<SubjectId>;
  /** The link of a copy once more, when the one before was used or lost: that one is dead. @throws PRIVACY_REQUEST_NOT_FOUND, PRIVACY_REQUEST_STATE, PRIVACY_ADDRESS_UNCLEAR */
  sendLink: (by: By, id: string, language: Language) => Promise<CopyCode>;
  /** What the subject asked for has reached them: closes the open ones of these kinds. */
  answered: (by: By, subjectId: SubjectId, kinds: readonly RequestKind[]) => Promise<void>;
  /** A copy went out, and not all could be read: what waits for one is a task for people, who are told. */
  incomplete: (by: By, subjectId: SubjectId, missing: Missing) => Promise<void>;
  /** Without words and answers: a list is no read of what each of them wrote. */
  queue: (which: 'open' | 'closed') => Promise<readonly RequestView[]>;
  /** That it was read is in the log before it is. @throws PRIVACY_REQUEST_NOT_FOUND */
  get: (by: By, id: string) => Promise<RequestView & { steps: readonly RequestStep[] }>;
}; // prettier-ignore
export type RequestNeeds = Omit<DecideNeeds, 'desk'> &
  Readonly<{ audit: Pick<Audit, 'append' | 'appendIn'>; vault: Pick<Vault, 'sealFor' | 'openFor'> }>;

/** More than this of a kind in 30 days (GDPR art. 12(5)): no more doubts are taken. */
const MANY = 20;
const PAGE = 100;
const NAMED_IN_LOG = 50;

export function createRequests(needs: RequestNeeds): Requests {
  const { db, clock, audit } = needs;
  const desk = createDesk(needs);
  const { found, open, step } = desk;
  return {
    ask: async (by, { subjectId, kind, words, regime = DEFAULT_REGIME, entry }) => {
      const clockRow = clockOf(regime);
      if (clockRow === null) throw privacyFailure('REGIME_UNKNOWN');
      const [sealed, now] = [await desk.seal(subjectId, words), clock()];
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
    decide: createDecide({ ...needs, desk }),
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
    sendLink: async (by, id, language) => {
      const { subject_id } = await transact(db, (tx) => found(tx, id));
      const address = await needs.copyLinks.addressOf(subject_id);
      return transact(db, async (tx) => {
        const row = await found(tx, id);
        if (!AT_ONCE.has(row.kind) || row.state !== 'fulfilled') throw privacyFailure('REQUEST_STATE');
        await step(tx, by, row, 'link sent');
        return needs.copyLinks.send(tx, { requestId: row.request_id, subjectId: row.subject_id, address, language });
      });
    },
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
    queue: async (which) => (await queue(db, which)).map(desk.shut),
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
