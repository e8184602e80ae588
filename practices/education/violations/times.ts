/** How long people have, and how long it is known. As the starter policy on sanctions says it: change both together. */
import { graceEnd, type Span } from '../standing/clock.ts';
import { USUAL_RULES } from '../standing/standing.ts';
import type { Zone } from '../standing/zone.ts';
import type { ViolationRow } from '../store/violations.ts';

export const TIMES = {
  /** Working days for the person to say something; then it goes on without. */
  statementDays: 10,
  /** Working days for a third one to settle what two see differently; then the milder of both holds. */
  settleDays: 10,
  /** Working days for the person to appeal. */
  appealDays: 15,
  /** An own report within so many hours of it: carelessness is no violation then. */
  ownReportHours: 24,
  /** Days until one that came to nothing, or did not hold, is forgotten. */
  nothingKeptDays: 90,
  /** Months until any other one is. */
  keptMonths: 36,
} as const;

export type State = 'hearing' | 'review' | 'settling' | 'decided' | 'appealed' | 'closed';
export type Where = Readonly<{
  state: State;
  /** Null while leave of theirs has no end. */
  statementUntil: Date | null;
  settleUntil: Date | null;
  appealUntil: Date | null;
}>;

const DAY_MS = 86_400_000;

/** When nobody knows it any more; null: something of it is open. */
export function forgottenAt(row: Pick<ViolationRow, 'outcome' | 'decided_at' | 'appealed_at' | 'appeal' | 'answered_at'>): Date | null {
  const { outcome, decided_at, appealed_at, appeal, answered_at } = row;
  const nothing = (from: Date): Date => new Date(from.getTime() + TIMES.nothingKeptDays * DAY_MS);
  if (decided_at === null || (appealed_at !== null && answered_at === null)) return null;
  if (outcome === 'none') return nothing(decided_at);
  if (appeal === 'granted' && answered_at !== null) return nothing(answered_at);
  const kept = new Date(decided_at);
  kept.setUTCMonth(kept.getUTCMonth() + TIMES.keptMonths);
  // a month without that day ends before it: 29 February is not 1 March three years later
  if (kept.getUTCDate() !== decided_at.getUTCDate()) kept.setUTCDate(0);
  // whoever was answered late reads the answer as long as any other one
  return answered_at === null || nothing(answered_at) < kept ? kept : nothing(answered_at);
} // prettier-ignore

/** @param workingDays between reminders. When those who may decide are reminded next; null: it does not wait for them */
export function reminderAt(row: ViolationRow, away: readonly Span[], workingDays: number, zone: Zone, now: Date): Date | null {
  const { state, statementUntil } = whereIs(row, away, zone, now);
  const waits: Partial<Record<State, Date | null>> = { review: row.stated_at ?? statementUntil, settling: row.differs_at, appealed: row.appealed_at };
  const since = waits[state] ?? null;
  if (since === null) return null;
  const last = row.reminded_at !== null && row.reminded_at > since ? row.reminded_at : since;
  return graceEnd(last, workingDays, USUAL_RULES.holidays, [], zone);
} // prettier-ignore

/** @param away leave of the person: their days do not run */
export function whereIs(row: ViolationRow, away: readonly Span[], zone: Zone, now: Date): Where {
  const end = (from: Date | null, days: number, spans: readonly Span[]): Date | null =>
    from === null ? null : graceEnd(from, days, USUAL_RULES.holidays, spans, zone);
  const statementUntil = end(row.opened_at, TIMES.statementDays, away);
  const settleUntil = end(row.differs_at, TIMES.settleDays, []);
  const appealUntil = row.outcome === 'none' ? null : end(row.decided_at, TIMES.appealDays, away);
  const isOver = (at: Date | null): boolean => at !== null && now >= at;
  const undecided = (): State => {
    if (row.differs_at !== null) return 'settling';
    return row.stated_at !== null || isOver(statementUntil) ? 'review' : 'hearing';
  };
  const decided = (): State => {
    if (row.outcome === 'none' || row.appeal !== null) return 'closed';
    if (row.appealed_at !== null) return 'appealed';
    return isOver(appealUntil) ? 'closed' : 'decided';
  };
  return { state: row.outcome === null ? undecided() : decided(), statementUntil, settleUntil, appealUntil };
}
