/**
 * What staff decides on a request, and what is carried out with it.
 *
 * INVARIANT: "done" is written in the transaction in which it holds, or after it does: a server that dies in between has
 * answered nothing. Nothing is erased by one person alone: the second is another than the first.
 */
import { transact, type Db, type Tx } from '#platform/db';
import { isFailure } from '#platform/failure';
import type { SubjectId } from '#platform/ids';
import { whoActs, whyNotOneOfTwo } from '#platform/two-people';
import type { Caller, RestrictionReason, Vault } from '#practices/vault';

import type { By } from '../consent/consents.ts';
import type { CopyCode, CopyLinks } from '../customer/copy-link.ts';
import { privacyFailure } from '../failures.ts';
import type { Language } from '../notice/languages.ts';
import { mailLanguage } from './told.ts';
import { dropLift } from '../store/lifts.ts';
import { AT_ONCE, type RequestRow } from '../store/requests.ts';
import { dueAt } from './clocks.ts';
import type { Correct } from './correct.ts';
import type { Desk, RequestView } from './desk.ts';
import type { Prove } from './prove.ts';
import { firstEyes, isSameTalk, requireOther, type Eyes } from './other-eyes.ts';
import type { RequestEvent } from './states.ts';
import type { Teller } from './told.ts';
import { clockNow } from './turns.ts';

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
  /** Of that mail; left out: the one that they asked in. */
  language?: Language | undefined;
}>;
/** What is shown once, to who decided. */
export type Decided = RequestView & Readonly<{ link?: CopyCode }>;
/** With the authority of who decides. */
export type Acts = Readonly<{
  caller: () => Caller;
  /** In the transaction that answers. @returns what is to be done when it has committed */
  erase: (tx: Tx, subjectId: SubjectId) => Promise<() => void>;
}>;
/** @throws PRIVACY_REQUEST_NOT_FOUND, PRIVACY_REQUEST_STATE, PRIVACY_SECOND_EYES, PRIVACY_PERSON_NEEDED, PRIVACY_APPEAL_EYES, PRIVACY_PROOF_NEEDED, PRIVACY_WHOLE_ONLY, PRIVACY_BECAUSE_NEEDED, PRIVACY_ADDRESS_UNCLEAR, and what carrying it out throws: then nothing was decided */
export type Decide = (by: By, id: string, ask: DecisionAsk, acts: Acts) => Promise<Decided>;
export type DecideNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  desk: Desk;
  vault: Pick<Vault, 'restrictIn'>;
  /** Makes ready a no to every purpose that can be objected to. @param request it is the evidence of @returns records it, in the transaction that it is handed */
  object: (by: By, subjectId: SubjectId, request: string) => Promise<(tx: Tx) => Promise<unknown>>;
  copyLinks: Pick<CopyLinks, 'send' | 'addressOf'>;
  teller: Teller;
  correct: Pick<Correct, 'decide'>;
  prove: Pick<Prove, 'require'>;
}> &
  Eyes;

const EVENTS = { fulfil: 'fulfil', partly: 'part', refuse: 'refuse', extend: 'extend' } as const satisfies Record<
  Decision,
  RequestEvent
>;
/** Done whole, or not at all: there is no part of it that could be done. */
const WHOLE: ReadonlySet<RequestRow['kind']> = new Set(['restriction', 'objection', 'erasure']);

export function createDecide({ db, clock, desk, vault, arePeople, behindKey, object, copyLinks, teller, correct, prove }: DecideNeeds): Decide {
  /** They are told, with the reasons, in the same transaction (GDPR art. 12(3)). */
  const extend = async (tx: Tx, by: By, row: RequestRow, answer: Buffer | null, reach: string | null): Promise<null> => {
    desk.requireMove(row, 'extend');
    const [at, since] = clockNow(row);
    if (row.extended || at.extend === null || clock() > row.due_at)
      throw privacyFailure('REQUEST_STATE', {
        detail: 'its clock can be extended once, before it is over, where the law allows it',
      });
    const until = dueAt(at, since, true, row.paused_days);
    const mail = await teller.tell(tx, reach, row, 'extended', until);
    await desk.move(tx, by, row, 'extend', { due_at: until, extended: true, alarm: null, ...(answer === null ? {} : { answer }) }, { told: mail === null ? 'no' : 'mail' });
    return null;
  };
  /** @returns what is to be done when it has committed; null: it was the first of two */
  const eraseByTwo = async (tx: Tx, by: By, row: RequestRow, erase: Acts['erase']): Promise<(() => void) | null> => {
    const acting = { id: by.actor.id, person: by.person };
    const first = await firstEyes(row, tx, { arePeople, behindKey });
    const whyNot = await whyNotOneOfTwo(acting, first, () => arePeople(tx));
    if (whyNot !== null) throw privacyFailure(whyNot === 'same person' ? 'SECOND_EYES' : 'PERSON_NEEDED');
    if (first === null) {
      await desk.move(tx, by, row, 'agree', { first_eyes: whoActs(acting) });
      return null;
    }
    const committed = await erase(tx, row.subject_id);
    await desk.move(tx, by, row, 'fulfil', {}, { step: 'erased' });
    return committed;
  }; // prettier-ignore
  /** @returns whether they are the first */
  const firstOfTwo = async (by: By, id: string, before: RequestRow): Promise<boolean> => {
    const acting = { id: by.actor.id, person: by.person };
    const first = await firstEyes(before, db, { arePeople, behindKey });
    if (first === whoActs(acting)) throw privacyFailure('APPEAL_EYES');
    if (first === null)
      await transact(db, async (tx) => {
        const row = await desk.found(tx, id);
        if (row.first_eyes !== before.first_eyes) throw privacyFailure('REQUEST_STATE');
        await desk.move(tx, by, row, 'agree', { first_eyes: whoActs(acting) });
      });
    return first === null;
  };
  /** Of who was erased there is no key to seal it under: then it can only be declined, and that is said elsewhere. */
  const sealedAnswer = async (subjectId: SubjectId, decision: Decision, answer: string): Promise<Buffer | null> => {
    try {
      return await desk.seal(subjectId, answer);
    } catch (thrown) {
      if (decision === 'refuse' && isFailure(thrown, 'PRIVACY_SUBJECT_NOT_FOUND')) return null;
      throw thrown;
    }
  };
  return async (by, id, { decision, answer, because, send = 'link', language, ...about }, { caller, erase }) => {
    const before = await transact(db, (tx) => desk.found(tx, id));
    const event = EVENTS[decision];
    // "in part" of what there are no parts of would say that something was done
    if (decision === 'partly' && WHOLE.has(before.kind)) throw privacyFailure('WHOLE_ONLY');
    desk.requireMove(before, event);
    const eyes = await requireOther(db, by, before, { arePeople, behindKey });
    if (eyes === 'two' && decision !== 'extend' && before.kind !== 'erasure' && (await firstOfTwo(by, id, before))) return desk.shown(by, id);
    // a link goes to the mailbox that is held, and its code another way: whoever has both is shown by that
    const byLink = AT_ONCE.has(before.kind) && decision === 'fulfil' && send === 'link';
    if (decision === 'fulfil' || decision === 'partly') await prove.require(before, byLink);
    const appealed = before.state === 'appealed' && decision !== 'extend';
    // who is erased by it has no address any more
    const reach = decision === 'extend' || (appealed && (before.kind !== 'erasure' || decision === 'refuse')) ? await teller.reach(before.subject_id) : null;
    const tellAppeal = async (tx: Tx): Promise<void> => {
      if (appealed) await teller.tell(tx, reach, before, 'appealDone');
    };
    if (before.corrections !== null && decision !== 'extend') {
      const who = { refusedBy: whoActs({ id: by.actor.id, person: by.person }), also: tellAppeal };
      await correct.decide(by, id, before, { decision, answer, ...about }, caller, who);
      return desk.shown(by, id);
    }
    const fulfils = decision === 'fulfil' || decision === 'partly';
    const restricts = before.kind === 'restriction' && decision === 'fulfil';
    if (restricts && because === undefined) throw privacyFailure('BECAUSE_NEEDED');
    const address = byLink ? await copyLinks.addressOf(before.subject_id) : null;
    // an answer is sealed under a key that an erasure destroys: it has to be said elsewhere, so it is not kept
    const sealed = before.kind === 'erasure' && fulfils ? null : await sealedAnswer(before.subject_id, decision, answer);
    const objects = before.kind === 'objection' && decision === 'fulfil' ? await object(by, before.subject_id, id) : null;
    let committed = (): void => undefined;
    const link = await transact(db, async (tx): Promise<CopyCode | null> => {
      const row = await desk.found(tx, id);
      // somebody decided, or the customer said something, since it was looked at
      if (!isSameTalk(row, before) || (row.state !== before.state && (row.state === 'appealed' || before.state === 'appealed'))) throw privacyFailure('REQUEST_STATE');
      desk.requireMove(row, event);
      // fields were named since: who decides has not seen them
      if (row.corrections !== null && decision !== 'extend') throw privacyFailure('CORRECTION_CHANGED');
      if (decision === 'extend') return extend(tx, by, row, sealed, reach);
      if (row.kind === 'erasure' && decision !== 'refuse') {
        committed = (await eraseByTwo(tx, by, row, erase)) ?? committed;
        return null;
      }
      await objects?.(tx);
      if (restricts) {
        await vault.restrictIn(tx, caller(), row.subject_id, because as RestrictionReason);
        // what was told of its end was told before this yes
        await dropLift(tx, row.subject_id);
      }
      const refused = decision === 'fulfil' ? {} : { refused_by: whoActs({ id: by.actor.id, person: by.person }) };
      await desk.move(tx, by, row, event, { ...(sealed === null ? {} : { answer: sealed }), ...refused }, restricts ? { because: because as string } : {});
      await tellAppeal(tx);
      if (address === null) return null;
      const { mail, ...made } = await copyLinks.send(tx, { requestId: row.request_id, subjectId: row.subject_id, address, language: language ?? mailLanguage(row) });
      await desk.move(tx, by, { ...row, state: 'fulfilled' }, 'link', { mail_id: mail });
      return made;
    });
    committed();
    const view = await desk.shown(by, id);
    return link === null ? view : { ...view, link };
  };
} // prettier-ignore
