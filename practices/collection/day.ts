/** Days as people and programs write them: `new Date` would take 31 February for a day in March. */
import { checkCalendarDate } from './value-syntax.ts';

/** @param text `YYYY-MM-DD` @returns its beginning in UTC; null: there is no such day */
export const parseDay = (text: string): Date | null =>
  checkCalendarDate(text) === null ? new Date(`${text}T00:00:00Z`) : null;
