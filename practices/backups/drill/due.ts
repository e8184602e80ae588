/** When the next drill is due, and when it is an alarm that there was none. */
import type { DrillsBefore } from '../store/drill-runs.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The first backup is not the moment to restore beside it. */
const FIRST_MS = HOUR_MS;
/** After the first failure; twice as long after each other one. */
const RETRY_MS = 6 * HOUR_MS;
/** Where drills are only begun by hand. */
const BY_HAND_DAYS = 30;

export function drillDue({ passedAt, triedAt, failed, firstBackup }: DrillsBefore, everyDays: number, now: Date): boolean {
  if (everyDays === 0 || firstBackup === null || now.getTime() - firstBackup.getTime() < FIRST_MS) return false;
  if (passedAt !== null && now.getTime() - passedAt.getTime() < everyDays * DAY_MS) return false;
  const wait = failed === 0 ? 0 : Math.min(everyDays * DAY_MS, RETRY_MS * 2 ** Math.min(failed - 1, 20));
  return triedAt === null || now.getTime() - triedAt.getTime() >= wait;
} // prettier-ignore

/** @returns for how many days no restore was proven, when that is twice as long as it may be; else null */
export function overdueDays({ passedAt, firstBackup }: DrillsBefore, everyDays: number, now: Date): number | null {
  const since = passedAt ?? firstBackup;
  if (since === null) return null;
  const days = (now.getTime() - since.getTime()) / DAY_MS;
  return days > 2 * (everyDays === 0 ? BY_HAND_DAYS : everyDays) ? Math.floor(days) : null;
}
