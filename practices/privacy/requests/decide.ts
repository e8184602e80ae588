/**
 * What staff decides on a request, and what is carried out with it.
 *
 * INVARIANT: "done" is written in the transaction in which it holds, or after it does: a server that dies in between has
 * answered nothing. Nothing is erased by one person alone: the second is another than the first.
 */
import { transact, type Db, type Statements, type Tx } from '#platform/db';
import { isFailure } from '#platform/failure';
import type { SubjectId } from '#platform/ids';
import { whoActs, whyNotOneOfTwo } from '#platform/two-people';
import type { Caller, RestrictionReason, Vault } from '#practices/vault';

import type { By } from '../consent/consents.ts';
import type { CopyCode, CopyLinks } from '../customer/copy-link.ts';
import { privacyFailure } from '../failures.ts';
import type { Language } from '../notice/languages.ts';
import { dropLift } from '../store/lifts.ts';
import { AT_ONCE, moveRequest, type RequestRow } from '../store/requests.ts';
import { clockOf, dueAt, type Clock } from './clocks.ts';
import type { Correct } from './correct.ts';
import type { Desk, RequestView } from './desk.ts';

export type Decision = 'fulfil' | 'partly' | 'refuse' | 'extend';
export type DecisionAsk = Readonly<{
  decision: Decision;
  /** What the customer reads. */
  answer: string;
  /** Why processing is restricted (GDPR art. 18(1)); a restriction that is fulfilled needs it. */
  because?: RestrictionReason | undefined;
  /** Of a correction: which fields, when it is `partly`, and what was seen of it. */
  fields?: readonly string[] | undefined;
  seen?: string | undefined;
  /** Of a copy that is fulfilled: a mail with a link that works once, or nothing, where it went another way. */
  send?: 'link' | 'nothing' | undefined;
  /** Of that mail. */
  language?: Language | undefined;
}>;
/** What is shown once, to who decided. */
export type Decided = RequestView & Readonly<{ link?: CopyCode }>;
/** With the authority of who decides. */
export type Acts = Readonly<{ caller: () => Caller; erase: (subjectId: SubjectId) => Promise<unknown> }>;
/** @throws PRIVACY_REQUEST_NOT_FOUND, PRIVACY_REQUEST_STATE, PRIVACY_SECOND_EYES, PRIVACY_PERSON_NEEDED, PRIVACY_BECAUSE_NEEDED, PRIVACY_ADDRESS_UNCLEAR, and what carrying it out throws: then nothing was decided */
export type Decide = (by: By, id: string, ask: DecisionAsk, acts: Acts) => Promise<Decided>;
export type DecideNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  desk: Desk;
  vault: Pick<Vault, 'restrictIn'>;
  /** Whether anybody can sign in: then a key that nobody stands behind is not one of two. */
  arePeople: (tx: Statements) => Promise<boolean>;
  /** Records a no to every purpose that can be objected to. @param request it is the evidence of */
  object: (by: By, subjectId: SubjectId, request: string) => Promise<void>;
  copyLinks: Pick<CopyLinks, 'send' | 'addressOf'>;
  correct: Pick<Correct, 'decide'>;
}>;

export function createDecide({ db, clock, desk, vault, arePeople, object, copyLinks, correct }: DecideNeeds): Decide {
  const extend = async (tx: Tx, by: By, row: RequestRow, answer: Buffer | null): Promise<null> => {
    const at = clockOf(row.regime) as Clock;
    if (row.extended || at.extend === null || clock() > row.due_at)
      throw privacyFailure('REQUEST_STATE', {
        detail: 'its clock can be extended once, before it is over, where the law allows it',
      });
    const until = dueAt(at, row.received_at, true);
    await moveRequest(tx, row.request_id, { state: 'extended', dueAt: until, extended: true, answer });
    await desk.step(tx, by, row, 'extended');
    return null;
  };
  const eraseByTwo = async (tx: Tx, by: By, row: RequestRow, done: 'partly' | 'fulfilled', erase: Acts['erase']): Promise<null> => {
    const acting = { id: by.actor.id, person: by.person };
    const whyNot = await whyNotOneOfTwo(acting, row.first_eyes, () => arePeople(tx));
    if (whyNot !== null) throw privacyFailure(whyNot === 'same person' ? 'SECOND_EYES' : 'PERSON_NEEDED');
    if (row.first_eyes === null) {
      await moveRequest(tx, row.request_id, { state: 'review', firstEyes: whoActs(acting) });
      await desk.step(tx, by, row, 'first eyes');
      return null;
    }
    // the request stays locked meanwhile, so that nobody answers it otherwise; erasing twice gives the first
    // receipt again, so that a server that dies in between loses nothing
    await erase(row.subject_id);
    await moveRequest(tx, row.request_id, { state: done, closedAt: clock() });
    await desk.step(tx, by, row, 'erased');
    return null;
  }; // prettier-ignore
  /** Of who was erased there is no key to seal it under: then it can only be declined, and that is said elsewhere. */
  const sealedAnswer = async (subjectId: SubjectId, decision: Decision, answer: string): Promise<Buffer | null> => {
    try {
      return await desk.seal(subjectId, answer);
    } catch (thrown) {
      if (decision === 'refuse' && isFailure(thrown, 'PRIVACY_SUBJECT_NOT_FOUND')) return null;
      throw thrown;
    }
  };
  return async (by, id, { decision, answer, because, send = 'link', language = 'en', ...about }, { caller, erase }) => {
    const before = await transact(db, (tx) => desk.found(tx, id));
    if (before.closed_at !== null) throw privacyFailure('REQUEST_STATE');
    if (before.corrections !== null && decision !== 'extend') {
      await correct.decide(by, id, before, { decision, answer, ...about }, caller);
      return desk.open(await transact(db, (tx) => desk.found(tx, id)));
    }
    const fulfils = decision === 'fulfil' || decision === 'partly';
    const restricts = before.kind === 'restriction' && decision === 'fulfil';
    if (restricts && because === undefined) throw privacyFailure('BECAUSE_NEEDED');
    const address =
      AT_ONCE.has(before.kind) && decision === 'fulfil' && send === 'link'
        ? await copyLinks.addressOf(before.subject_id)
        : null;
    // an answer is sealed under a key that an erasure destroys: it has to be said elsewhere, so it is not kept
    const sealed =
      before.kind === 'erasure' && fulfils ? null : await sealedAnswer(before.subject_id, decision, answer);
    const link = await transact(db, async (tx): Promise<CopyCode | null> => {
      const row = await desk.found(tx, id);
      if (row.closed_at !== null) throw privacyFailure('REQUEST_STATE');
      // fields were named since: who decides has not seen them
      if (row.corrections !== null && decision !== 'extend') throw privacyFailure('CORRECTION_CHANGED');
      if (decision === 'extend') return extend(tx, by, row, sealed);
      const state = decision === 'fulfil' ? 'fulfilled' : decision === 'partly' ? 'partly' : 'refused';
      if (row.kind === 'erasure' && state !== 'refused') return eraseByTwo(tx, by, row, state, erase);
      // as with an erasure: the request stays locked, and saying it twice is saying it once
      if (row.kind === 'objection' && decision === 'fulfil') await object(by, row.subject_id, id);
      if (restricts) {
        await vault.restrictIn(tx, caller(), row.subject_id, because as RestrictionReason);
        // what was told of its end was told before this yes
        await dropLift(tx, row.subject_id);
      }
      await moveRequest(tx, row.request_id, { state, answer: sealed, closedAt: clock() });
      await desk.step(tx, by, row, state, restricts ? { because: because as string } : {});
      if (address === null) return null;
      const to = { requestId: row.request_id, subjectId: row.subject_id, address, language };
      const made = await copyLinks.send(tx, to);
      await desk.step(tx, by, row, 'link sent');
      return made;
    });
    const view = await desk.open(await transact(db, (tx) => desk.found(tx, id)));
    return link === null ? view : { ...view, link };
  };
}
