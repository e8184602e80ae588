/** Days and times as people and programs write them: `new Date` would take 31 February for a day in March. */
import { checkCalendarDate } from './value-syntax.ts';

/** @param text `YYYY-MM-DD` @returns its beginning in UTC; null: there is no such day */
export const parseDay = (text: string): Date | null =>
  checkCalendarDate(text) === null ? new Date(`${text}T00:00:00Z`) : null;

/** @param text RFC 3339, with its zone @returns `form`: it is not written so; null: there is no such time */
export function parseInstant(text: string): Date | 'form' | null {
  if (!/^\d{4}-\d{2}-\d{2}T[\d:.]{5,15}(Z|[+-]\d{2}:\d{2})$/.test(text)) return 'form';
  const at = new Date(text);
  if (checkCalendarDate(text.slice(0, 10)) !== null || Number.isNaN(at.getTime())) return null;
  // in UTC it may be of the year 0 or 10000, which no database can be told
  return /^\d{4}-/.test(at.toISOString()) && at.toISOString() >= '0001' ? at : null;
}
