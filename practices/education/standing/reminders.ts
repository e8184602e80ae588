/** Which reminder is due: after days of silence the most urgent one, not all of them. */
import type { Zone } from './zone.ts';

const REMIND_AT_DAYS = [1, 7, 14, 30] as const;

/**
 * @param sent days-before of the reminders that went out for this end
 * @returns 30, 14, 7 or 1; null when none is
 */
export function reminderDue(dueAt: Date, sent: readonly number[], zone: Zone, now: Date): number | null {
  if (now >= dueAt) return null;
  const lastDay = zone.dayOf(new Date(dueAt.getTime() - 1));
  const left = REMIND_AT_DAYS.find((days) => zone.addDays(lastDay, -days) <= zone.dayOf(now));
  // a more urgent one that went out makes a milder one needless
  return left === undefined || sent.some((each) => each <= left) ? null : left;
}
