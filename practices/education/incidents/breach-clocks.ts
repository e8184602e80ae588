/**
 * How long there is to tell of a breach, by law: data, each row with where it comes from. Hours are hours: they run
 * through nights, holidays and changes of the time. What has no number in the law has one of ours, and says so.
 */
import type { Zone } from '../standing/zone.ts';

type Within = Readonly<{ hours: number } | { months: number }>;

export type BreachClock = Readonly<{
  id: string;
  tells: 'authority' | 'subjects' | 'controller' | 'csirt';
  what: string;
  /** What starts it. */
  from: 'aware' | 'notified' | 'high-risk';
  within: Within;
  source: string;
  /** `ours`: the law says without undue delay, and this is what we make of it. */
  number: 'law' | 'ours';
}>;

export const BREACH_CLOCKS: readonly BreachClock[] = [
  { id: 'gdpr-33', tells: 'authority', what: 'notification to the supervisory authority', from: 'aware', within: { hours: 72 }, number: 'law', source: 'Regulation (EU) 2016/679 art. 33(1)' },
  { id: 'gdpr-33-processor', tells: 'controller', what: 'notification of the controller by its processor', from: 'aware', within: { hours: 24 }, number: 'ours', source: 'Regulation (EU) 2016/679 art. 33(2): without undue delay' },
  { id: 'gdpr-34', tells: 'subjects', what: 'communication to the people concerned, when the risk for them is high', from: 'high-risk', within: { hours: 72 }, number: 'ours', source: 'Regulation (EU) 2016/679 art. 34(1): without undue delay' },
  { id: 'uk-gdpr-33', tells: 'authority', what: 'notification to the Information Commissioner', from: 'aware', within: { hours: 72 }, number: 'law', source: 'UK GDPR art. 33(1)' },
  { id: 'nis2-early', tells: 'csirt', what: 'early warning', from: 'aware', within: { hours: 24 }, number: 'law', source: 'Directive (EU) 2022/2555 art. 23(4)(a)' },
  { id: 'nis2-incident', tells: 'csirt', what: 'incident notification', from: 'aware', within: { hours: 72 }, number: 'law', source: 'Directive (EU) 2022/2555 art. 23(4)(b)' },
  { id: 'nis2-final', tells: 'csirt', what: 'final report', from: 'notified', within: { months: 1 }, number: 'law', source: 'Directive (EU) 2022/2555 art. 23(4)(d)' },
]; // prettier-ignore

/** What is known of the start. Several moments when several people knew: the earliest one counts. */
export type BreachFacts = Readonly<{
  awareAt: readonly Date[];
  highRiskAt: readonly Date[];
  /** When the notification went out that a final report follows. */
  notifiedAt: readonly Date[];
}>;

export type RunningClock = Readonly<{ id: string; startedAt: Date; dueAt: Date }>;

/** @param zone of the authority: a month is one of its calendar */
export function runningClock(clock: BreachClock, facts: BreachFacts, zone: Zone): RunningClock | null {
  const starts = { aware: facts.awareAt, 'high-risk': facts.highRiskAt, notified: facts.notifiedAt }[clock.from];
  if (starts.length === 0) return null;
  const startedAt = new Date(Math.min(...starts.map((each) => each.getTime())));
  return { id: clock.id, startedAt, dueAt: after(startedAt, clock.within, zone) };
}

const HOUR_MS = 3_600_000;

function after(from: Date, within: Within, zone: Zone): Date {
  if ('hours' in within) return new Date(from.getTime() + within.hours * HOUR_MS);
  const day = zone.dayOf(from);
  // the end of the last day would be allowed; the same time of it is never late
  const last = zone.addMonths(day, within.months);
  const begun = zone.endOf(zone.addDays(day, -1)).getTime();
  const end = zone.endOf(last).getTime();
  return new Date(Math.min(end, zone.endOf(zone.addDays(last, -1)).getTime() + (from.getTime() - begun)));
}

/** What is shown: whole hours that are left, rounded down; below zero when it is late. */
export const hoursLeft = ({ dueAt }: RunningClock, now: Date): number =>
  Math.floor((dueAt.getTime() - now.getTime()) / HOUR_MS);
