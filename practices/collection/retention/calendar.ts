/**
 * Calendar arithmetic in UTC: years and months first, the day of the month cut to the last one that is there, then days.
 *
 * 31 January and one month is the last of February; 29 February and one year is 28 February. The time of day stays.
 * Source: ISO 8601-1:2019 (durations); where the day is cut is agreed with interval arithmetic of PostgreSQL, a test compares
 */
import type { Retention } from '../catalog.ts';

export type Period = Retention['period'];

const DAY_MS = 86_400_000;
/** The last instant that a Date can hold: what lies beyond is as good as never, and still a time. */
const LAST_MS = 8.64e15;

/** Midnight of a day. Date.UTC would take the years 0 to 99 for those of the last century. */
const midnight = (year: number, month: number, day: number): number => new Date(0).setUTCFullYear(year, month, day);

export const daysInMonth = (year: number, month: number): number => new Date(midnight(year, month + 1, 0)).getUTCDate();

export function addPeriod(from: Date, { years, months, days }: Period): Date {
  const month = from.getUTCFullYear() * 12 + from.getUTCMonth() + years * 12 + months;
  const [year, inYear] = [Math.floor(month / 12), month % 12];
  const day = Math.min(from.getUTCDate(), daysInMonth(year, inYear));
  const moved = midnight(year, inYear, day) + (from.getTime() - Math.floor(from.getTime() / DAY_MS) * DAY_MS);
  return new Date(Math.min(moved + days * DAY_MS, LAST_MS));
}
