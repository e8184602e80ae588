/**
 * Turns that a request takes before or after its answer: it is taken back, something is asked back, a no is appealed.
 *
 * INVARIANT: a clock stands still only for a question that a law stops it for, and from when the customer was told of it: the
 * mail has left, or a person says that they told them. It stands still for whole days.
 */
import { transact, type Db, type Tx } from '#platform/db';
import type { SubjectId } from '#platform/ids';

import type { By } from '../consent/consents.ts';
import { privacyFailure } from '../failures.ts';
import { AT_ONCE, countWithdrawn, openOf, type RequestRow } from '../store/requests.ts';
import { appealClock, clockOf, dueAt, type Clock } from './clocks.ts';
import { named } from './corrections.ts';
import { appealUntil, type Desk, type Noted, type RequestView, type Said } from './desk.ts';
import { heard, requireAsSure } from './shared.ts';
import type { Proof } from './proof.ts';
import type { Prove } from './prove.ts';
import { isAsSeen, requireOther, surestIn, type Eyes } from './other-eyes.ts';
import type { RequestEvent } from './states.ts';
import { createTalk, type Words } from './talk.ts';
import type { Teller } from './told.ts';

export const QUESTIONS = ['scope', 'identity', 'detail'] as const;
export type Question = Readonly<{
  question: (typeof QUESTIONS)[number];
  words: string;
  /** The clock stands still until they answer. */
  stop?: boolean | undefined;
  /** `otherwise`: they were told by letter or telephone, which is done. */
  how?: 'mail' | 'otherwise' | undefined;
}>;
/** @param of whose it has to be; null: staff says it for them @param proofs of who says it: it does not ride on what was shown before */
type Turn<T> = (by: By, id: string, of: SubjectId | null, ask: T, proofs?: readonly Proof[]) => Promise<RequestView>;
export type Turns = {
  /**
   * Nothing more is done of it; what was carried out stays so. Whoever takes it back is as sure as who asked.
   * @throws PRIVACY_REQUEST_NOT_FOUND, PRIVACY_REQUEST_STATE, PRIVACY_PROOF_NEEDED
   */
  withdraw: Turn<Partial<Words>>;
  /** @throws PRIVACY_CLOCK_RUNS, PRIVACY_ADDRESS_UNCLEAR, PRIVACY_REQUEST_STATE */
  clarify: (by: By, id: string, ask: Question) => Promise<RequestView>;
  /** What they say to it; null: it goes on without. */
  reply: Turn<Words | null>;
  /** Once, where the law has it. @throws PRIVACY_NO_APPEAL, PRIVACY_REQUEST_STATE */
  appeal: Turn<Words>;
};
export type TurnNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  desk: Desk;
  teller: Teller;
  prove: Pick<Prove, 'isShown'>;
}> &
  Eyes;

const anotherOpen = () => privacyFailure('REQUEST_STATE', { detail: 'another one of this kind is open' });
const isCode = (thrown: unknown, code: string): boolean => (thrown as { code?: unknown } | null)?.code === code;
/** Of a kind, in 30 days. */
const MAILED_TIMES = 5;

/** The clock that runs for it now, and since when. */
export function clockNow({ regime, state, received_at, appealed_at }: RequestRow): readonly [Clock, Date] {
  const at = clockOf(regime) as Clock;
  const appeal = state === 'appealed' && appealed_at !== null ? appealClock(at) : null;
  return appeal === null ? [at, received_at] : [appeal, appealed_at as Date];
}

export function createTurns({ db, clock, desk, teller, prove, arePeople, behindKey }: TurnNeeds): Turns {
  /** As it is, before anything of it is opened. */
  const before = async (id: string, of: SubjectId | null, event: RequestEvent): Promise<RequestRow> => {
    const row = await transact(db, (tx) => desk.found(tx, id));
    if (of !== null && row.subject_id !== of) throw privacyFailure('REQUEST_NOT_FOUND');
    desk.requireMove(row, event);
    return row;
  };
  /** Locked, and as it was seen: what was sealed since is not written over. */
  const again = async (tx: Tx, id: string, seen: RequestRow): Promise<RequestRow> => {
    const row = await desk.found(tx, id);
    if (!isAsSeen(row, seen)) throw privacyFailure('REQUEST_STATE');
    return row;
  };
  const whose = ({ noted }: Words): Noted['asker'] => noted?.asker ?? 'subject';

  const { seal: sealTalk, said, saidBy } = createTalk(desk, clock);
  return {
    withdraw: async (by, id, of, { words = '', noted }, proofs = []) => {
      const seen = await before(id, of, 'withdraw');
      // who of two it takes cannot be said of one who notes it
      if (of === null && (await requireOther(db, by, seen, { arePeople, behindKey })) === 'two')
        throw privacyFailure('APPEAL_EYES');
      // an appeal that is taken back leaves the answer that it was against, as it was
      const stands =
        seen.state !== 'appealed' ? null : ((await desk.talk(seen)).findLast(({ what }) => what === 'answer') ?? null);
      // what was said to staff about it is kept, however much was said before
      const talk = noted === undefined ? null : await sealTalk(seen, saidBy('withdrawn', by, { words, noted }));
      const answer = stands === null ? null : await desk.seal(seen.subject_id, stands.text);
      const event = seen.state === 'appealed' && seen.answered_as === 'partly' ? 'stand' : 'withdraw';
      const address = await teller.reach(seen.subject_id);
      // values that nobody is to correct any more are not kept
      const items = seen.corrections === null ? null : await desk.corrections(seen);
      const corrections = items === null ? null : await desk.seal(seen.subject_id, JSON.stringify(items.map((each) => ({ ...named(each), outcome: each.outcome === 'asked' ? 'declined' : each.outcome })))); // prettier-ignore
      await transact(db, async (tx) => {
        const row = await again(tx, id, seen);
        // behind the lock: who asked may have shown more meanwhile
        const guarded = { ...row, surest: await surestIn(row, tx, { arePeople, behindKey }) };
        requireAsSure(
          guarded,
          { asker: noted?.asker ?? 'subject', proofs: of === null ? null : proofs },
          'withdraw',
          clock(),
        );
        // who asks and takes back without end is not mailed each time
        const often =
          of !== null && (await countWithdrawn(tx, row, new Date(clock().getTime() - 30 * 86_400_000))) >= MAILED_TIMES;
        const mail = often ? null : await teller.tell(tx, address, row, 'withdrawn');
        await desk.move(tx, by, row, event, { ...(corrections === null ? {} : { corrections, values_kept: false }), ...(seen.state === 'appealed' ? { answer } : {}), ...(talk === null ? {} : { talk }) }, { told: mail === null ? 'no' : 'mail', ...noted }); // prettier-ignore
      });
      return desk.shown(by, id);
    },
    clarify: async (by, id, { question, words, stop = false, how = 'mail' }) => {
      const seen = await before(id, null, 'clarify');
      const law = question === 'detail' ? undefined : clockOf(seen.regime)?.pauses[question];
      if (stop && (law === undefined || (question === 'scope' && !AT_ONCE.has(seen.kind)) || clock() > seen.due_at))
        throw privacyFailure('CLOCK_RUNS');
      // who it is may be asked at any time; it stops no clock where that is as sure as it has to be
      if (stop && question === 'identity' && (await prove.isShown(seen))) throw privacyFailure('CLOCK_RUNS');
      const address = how === 'mail' ? await teller.reach(seen.subject_id) : null;
      if (how === 'mail' && address === null) throw privacyFailure('ADDRESS_UNCLEAR');
      const talk = await sealTalk(seen, said(question, words));
      await transact(db, async (tx) => {
        const row = await again(tx, id, seen);
        const mail = await teller.tell(tx, address, row, 'asked');
        await desk.move(tx, by, row, 'clarify', { talk, paused_at: stop ? clock() : null, paused_mail: stop ? mail : null }, { question, clock: stop ? 'stands still' : 'runs', told: how }); // prettier-ignore
      });
      return desk.shown(by, id);
    },
    reply: async (by, id, of, reply, proofs = []) => {
      const event = reply === null ? 'resume' : 'explain';
      const seen = await before(id, of, event);
      const talk = reply === null ? seen.talk : await sealTalk(seen, saidBy('reply', by, reply));
      await transact(db, async (tx) => {
        const row = await again(tx, id, seen);
        // agreed to before they said this: who agrees has to have read it
        const change =
          reply === null ? {} : { ...heard(row, { asker: whose(reply), proofs }, clock()), first_eyes: null };
        await desk.move(tx, by, row, event, { talk, ...change }, { ...reply?.noted });
      });
      return desk.shown(by, id);
    },
    appeal: async (by, id, of, appeal, proofs = []) => {
      const seen = await before(id, of, 'appeal');
      const at = appealClock(clockOf(seen.regime) as Clock);
      if (at === null || appealUntil(seen, clock()) === null) throw privacyFailure('NO_APPEAL');
      const answer = seen.answer === null ? null : await desk.read(seen.subject_id, seen.answer);
      const was: Said[] = answer === null ? [] : [{ what: 'answer', text: answer, at: (seen.closed_at as Date).toISOString() }]; // prettier-ignore
      const talk = await sealTalk(seen, ...was, saidBy('appeal', by, appeal));
      const address = await teller.reach(seen.subject_id);
      const open = transact(db, async (tx) => {
        const row = await again(tx, id, seen);
        const other = row.kind === 'doubt' ? null : await openOf(tx, row.subject_id, row.kind, null);
        if (other !== null) throw anotherOpen();
        const now = clock();
        const due_at = dueAt(at, now);
        await teller.tell(tx, address, row, 'appealed', due_at);
        await desk.move(tx, by, row, 'appeal', { ...heard(row, { asker: whose(appeal), proofs }, now), talk, answer: null, answered_as: row.state as 'partly' | 'refused', appealed_at: now, due_at, extended: false, paused_days: 0, first_eyes: null, alarm: null, mail_id: null }, { ...appeal.noted }); // prettier-ignore
      });
      // one that was asked at the same time came first
      await open.catch((thrown: unknown) => {
        throw isCode(thrown, '23505') ? anotherOpen() : thrown;
      });
      return desk.shown(by, id);
    },
  };
}
