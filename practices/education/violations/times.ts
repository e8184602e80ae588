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
