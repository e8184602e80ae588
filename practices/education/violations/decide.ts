/**
 * Deciding: two people who know nothing of each other's choice. Where they differ, a third one settles it, between the two;
 * and where nobody does in time, the milder holds, since that much both of them said.
 *
 * INVARIANT: each of them has read all that there is to read, the statement included; none is near to it (near.ts); nothing
 * is harder than the ladder allows at the moment in which it is decided.
 */
import { transact, type Tx } from '#platform/db';
import { publicId } from '#platform/ids';

import type { By } from '../by.ts';
import { violationFailure } from './failures.ts';
import {
  awayOf,
  confirmedBefore,
  holdViolation,
  insertWord,
  readUpTo,
  unsettled,
  updateViolation,
  wordsIn,
  type ViolationRow,
  type WordRow,
} from '../store/violations.ts';
import { applyIn, undoIn, type Beside } from './effects.ts';
import { choicesOf, isHarder, milder, rungsOpen, type Outcome } from './ladder.ts';
import { nearTo, whyNotDecide } from './near.ts';
import type { Opened } from './needs.ts';
import { monthsOf, personOf, policyOf, violationId, violationUuid } from './open.ts';
import { reportedThemselves } from './source.ts';
import { whereIs, type Where } from './times.ts';
import type { Library } from '../texts/library.ts';

type Held = Readonly<{ row: ViolationRow; said: readonly WordRow[]; where: Where; who: string; now: Date }>;

/** Of those that were not in yet, and can be chosen now. */
export async function choicesIn(db: Tx | Opened['db'], library: Library, row: ViolationRow, votes: readonly Outcome[]): Promise<readonly Outcome[]> {
  // who opens one first takes nobody's time to say it themselves
  if (!row.intent && (await reportedThemselves(db, publicId('per', row.person_id), row.event_at, row.opened_at))) return ['none'];
  const text = policyOf(library, row.policy, row.policy_hash);
  const earlier = await confirmedBefore(db, row, monthsOf(text));
  const [first, second] = votes;
  const open = choicesOf(rungsOpen(text.ladder, row.intent, earlier), row.rung).filter((each) => each !== 'course-again' || row.course !== null);
  if (first === undefined || second === undefined) return open;
  // who settles it goes beyond neither of the two
  const between = open.filter((each) => isHarder(first, each) !== isHarder(second, each) || each === first || each === second);
  // what is confirmed before it may have been taken back since, and with it all that lies between
  return between.length > 0 ? between : [mostOf(open, milder(first, second))];
} // prettier-ignore

/** The hardest that is open, and no harder than this. */
const mostOf = (open: readonly Outcome[], most: Outcome): Outcome => open.filter((each) => !isHarder(each, most)).at(-1) ?? 'none'; // prettier-ignore

export const votesIn = (said: readonly WordRow[]): readonly Outcome[] =>
  said.filter(({ kind }) => kind === 'vote').map(({ choice }) => choice as Outcome);

/** Held, as far as this person may decide in it. @throws EDUCATION_VIOLATION_NOT_FOUND, EDUCATION_NOT_YOURS, EDUCATION_VIOLATION_STATE, EDUCATION_VIOLATION_UNREAD */
async function deciding({ gate, zone }: Opened, tx: Tx, by: By, id: string, states: readonly Where['state'][]): Promise<Held> {
  const who = personOf(by);
  const uuid = violationUuid(id);
  const row = await holdViolation(tx, uuid);
  if (row === null) throw violationFailure('VIOLATION_NOT_FOUND');
  const said = await wordsIn(tx, [uuid]);
  const whyNot = whyNotDecide(row, said, who);
  if (whyNot !== null) throw violationFailure('NOT_YOURS', { detail: whyNot });
  const now = gate.now();
  const where = whereIs(row, await awayOf(tx, row.person_id), zone, now);
  if (!states.includes(where.state)) throw violationFailure('VIOLATION_STATE', { detail: where.state === 'hearing' ? 'the person has not said anything yet, and has time to' : 'there is nothing to be decided in it now' });
  if ((await readUpTo(tx, uuid, who)) < row.version) throw violationFailure('VIOLATION_UNREAD');
  return { row, said, where, who, now };
} // prettier-ignore

const besideOf = async (needs: Opened): Promise<Beside> => ({
  outside: await needs.outside(),
  staff: (await needs.people()).length,
});
const nextSeq = (said: readonly WordRow[]): number => (said.at(-1)?.seq ?? 0) + 1;

export async function vote(needs: Opened, by: By, id: string, { choice, because }: Readonly<{ choice: Outcome; because: string }>): Promise<void> {
  const { db, gate, words, audit } = needs;
  await gate.refresh();
  const library = await gate.library();
  // asked before a connection is held
  const beside = await besideOf(needs);
  await transact(db, async (tx) => {
    const { row, said, where, who, now } = await deciding(needs, tx, by, id, ['review', 'settling']);
    const before = votesIn(said);
    const allowed = await choicesIn(tx, library, row, where.state === 'settling' ? before : []);
    if (!allowed.includes(choice)) throw violationFailure('LADDER', { extra: { allowed } });
    const seq = nextSeq(said);
    await insertWord(tx, { violation_id: row.violation_id, seq, kind: 'vote', at: now, who, choice, sealed: words.seal(row.violation_id, seq, because) });
    const [first] = before;
    const person = publicId('per', row.person_id);
    // what the first one said stands in no entry: the second one may read the log
    const voted = { action: 'education.violation.vote', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { violation: id } } as const;
    if (first === undefined) return audit.appendIn(tx, voted);
    if (where.state === 'review' && first !== choice) {
      await updateViolation(tx, row, { differs_at: now, version: row.version + 1 });
      await beside.outside.tell(tx, { step: 'to-settle', violation: id, person, until: null, not: [...nearTo(row, said), who] });
      return audit.appendIn(tx, { ...voted, detail: { violation: id, differs: true } });
    }
    await settle(needs, tx, by, row, choice, beside);
    return audit.appendIn(tx, voted);
  });
} // prettier-ignore

/** The decision, with what follows from it. Its row is held. */
async function settle(needs: Opened, tx: Tx, by: By, row: ViolationRow, outcome: Outcome, beside: Beside): Promise<void> {
  const id = violationId(row.violation_id);
  const now = needs.gate.now();
  const decided = { ...row, outcome, decided_at: now };
  const until = whereIs(decided, await awayOf(tx, row.person_id), needs.zone, now).appealUntil;
  await beside.outside.tell(tx, { step: 'decided', violation: id, person: publicId('per', row.person_id), until });
  const effects = await applyIn(needs, tx, by, row, outcome, beside);
  await updateViolation(tx, row, { outcome, decided_at: now, effects, version: row.version + 1 });
  await needs.audit.appendIn(tx, { action: 'education.violation.decide', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { violation: id } });
} // prettier-ignore

/** On an appeal: one who had no part in it so far. Granted, what can be undone is. */
export async function answer(needs: Opened, by: By, id: string, { grant, because }: Readonly<{ grant: boolean; because: string }>): Promise<void> {
  const { db, gate, words, audit } = needs;
  await gate.refresh();
  const outside = await needs.outside();
  await transact(db, async (tx) => {
    const { row, said, who, now } = await deciding(needs, tx, by, id, ['appealed']);
    const seq = nextSeq(said);
    const choice = grant ? 'granted' : 'refused';
    await insertWord(tx, { violation_id: row.violation_id, seq, kind: 'answer', at: now, who, choice, sealed: words.seal(row.violation_id, seq, because) });
    await updateViolation(tx, row, { appeal: choice, answered_at: now, version: row.version + 1 });
    await outside.tell(tx, { step: 'answered', violation: id, person: publicId('per', row.person_id), until: null });
    if (grant) await undoIn(needs, tx, by, row, { outside });
    await audit.appendIn(tx, { action: 'education.violation.answer', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { violation: id } });
  });
} // prettier-ignore

/** Nobody settled it in time: what both of two people said holds, which is the milder. @returns how many */
export async function settleLate(needs: Opened): Promise<number> {
  const { db, gate, zone } = needs;
  const late = await unsettled(db);
  if (late.length === 0) return 0;
  const [library, beside] = [await gate.library(), await besideOf(needs)];
  let settled = 0;
  const thrown: unknown[] = [];
  const settleOne = (violation_id: ViolationRow['violation_id']): Promise<number> =>
    transact(db, async (tx) => {
      const row = await holdViolation(tx, violation_id);
      if (row === null || row.outcome !== null) return 0;
      const { settleUntil } = whereIs(row, [], zone, gate.now());
      const [first, second] = votesIn(await wordsIn(tx, [violation_id]));
      if (settleUntil === null || gate.now() < settleUntil || first === undefined || second === undefined) return 0;
      const both = mostOf(await choicesIn(tx, library, row, []), milder(first, second));
      await settle(needs, tx, { actor: { kind: 'system', id: 'violations' }, requestId: 'violations' }, row, both, beside);
      return 1;
    });
  // one that cannot be settled, such as about the last administrator, keeps no other one open
  for (const { violation_id } of late)
    settled += await settleOne(violation_id).catch((cause: unknown) => {
      thrown.push(cause);
      return 0;
    });
  if (thrown.length > 0) throw thrown[0];
  return settled;
} // prettier-ignore
