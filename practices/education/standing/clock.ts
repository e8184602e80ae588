/** Clocks that stand still while somebody is away, and grace that counts working days. */
import type { Zone } from './zone.ts';

/** `until` null: no end is known yet. */
export type Span = Readonly<{ from: Date; until: Date | null }>;

const DAY_MS = 86_400_000;
/** A person that is away for years, day by day, ends the counting. */
const LONGEST_WALK_DAYS = 4000;

/** @returns the end of the day on which `days` have run, without those away; null while an absence has no end */
export function runOut(from: Date, days: number, absent: readonly Span[], zone: Zone): Date | null {
  let left = days * DAY_MS;
  let at = from.getTime();
  for (const span of merged(absent)) {
    if (span.until <= at) continue;
    const begins = Math.max(span.from, at);
    if (begins - at >= left) break;
    if (span.until === Infinity) return null;
    left -= begins - at;
    at = span.until;
  }
  return zone.endOf(zone.dayOf(new Date(at + left)));
}

/** @returns the end of the last day of grace; null while an absence has no end */
export function graceEnd(dueAt: Date, workingDays: number, holidays: readonly string[], absent: readonly Span[], zone: Zone): Date | null {
  // a day of which any part was away is no day of grace
  const away = merged(absent).map(({ from, until }) => ({
    first: zone.dayOf(new Date(from)),
    last: until === Infinity ? null : zone.dayOf(new Date(until - 1)),
  }));
  let day = zone.dayOf(new Date(dueAt.getTime() - 1));
  for (let left = workingDays, walked = 0; left > 0; walked += 1) {
    if (walked > LONGEST_WALK_DAYS) return null;
    day = zone.addDays(day, 1);
    const span = away.find(({ first, last }) => first <= day && (last === null || last >= day));
    if (span?.last === null) return null;
    if (span === undefined && !zone.isWeekend(day) && !holidays.includes(day)) left -= 1;
  }
  return zone.endOf(day);
} // prettier-ignore

function merged(spans: readonly Span[]): readonly Readonly<{ from: number; until: number }>[] {
  const sorted = spans
    .map(({ from, until }) => ({ from: from.getTime(), until: until?.getTime() ?? Infinity }))
    .filter(({ from, until }) => until > from)
    .toSorted((a, b) => a.from - b.from);
  const all: { from: number; until: number }[] = [];
  for (const span of sorted) {
    const last = all.at(-1);
    if (last !== undefined && span.from <= last.until) last.until = Math.max(last.until, span.until);
    else all.push({ ...span });
  }
  return all;
}
