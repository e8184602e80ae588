/** What an incident is, worked out from what was written down about it: facts, decisions, tasks, clocks. */
import type { EventRow, IncidentRow } from '../store/incidents.ts';
import type { Zone } from '../standing/zone.ts';
import { BREACH_CLOCKS, hoursLeft, runningClock, type BreachFacts } from './breach-clocks.ts';
import type { Playbook } from './playbook.ts';

export type Decision = Readonly<{
  /** Place in the timeline. */
  seq: number;
  clock: string;
  what: 'notify' | 'not-notify';
  /** Not to notify takes two people. */
  state: 'proposed' | 'approved' | 'refused';
  at: Date;
  by: string;
  who: string;
  settledBy: string | null;
  /** Hash of the scope that it was made on. */
  scope: string | null;
  /** Of one not to notify: it was made before something that is known now. It holds no longer. */
  outdated: boolean;
}>;
export type ClockView = Readonly<{
  id: string;
  tells: string;
  what: string;
  source: string;
  number: 'law' | 'ours';
  startedAt: string | null;
  /** Nobody has noted when it was known: it is counted from the report on, until somebody does. */
  assumed: boolean;
  dueAt: string | null;
  hoursLeft: number | null;
  doneAt: string | null;
  /** When `doneAt` was written down; late: only after the time was over, so that it rests on one person's word. */
  notedAt: string | null;
  notedLate: boolean;
  state: 'waiting' | 'running' | 'late' | 'told' | 'told-late' | 'not-needed';
}>;
export type TaskView = Playbook['tasks'][number] & Readonly<{ dueAt: string; doneAt: string | null; doneBy: string | null; late: boolean }>; // prettier-ignore

export const newestScope = (events: readonly EventRow[]): string | null =>
  (events.findLast(({ kind }) => kind === 'scope')?.detail.hash as string | undefined) ?? null;

export function decisionsOf(events: readonly EventRow[]): readonly Decision[] {
  return events.flatMap((event) => {
    if (event.kind !== 'proposed') return [];
    const settled = events.find(({ kind, detail }) => (kind === 'approved' || kind === 'refused') && detail.decision === event.seq); // prettier-ignore
    const { clock, what, scope } = event.detail as Pick<Decision, 'clock' | 'what' | 'scope'>;
    const state = what === 'notify' ? 'approved' : ((settled?.kind as 'approved' | 'refused' | undefined) ?? 'proposed');
    return [{ seq: event.seq, clock, what, state, at: event.known_at, by: event.by, who: event.who, settledBy: settled?.by ?? null, scope, outdated: what === 'not-notify' && isOutdated(events, event) }];
  });
} // prettier-ignore

/** A scope that found something else than was known then, or that the risk is high. Asking for less again undoes neither. */
function isOutdated(events: readonly EventRow[], { seq, detail }: EventRow): boolean {
  const known = new Set(events.filter((each) => each.kind === 'scope' && each.seq < seq).map((each) => each.detail.hash));
  const isOfRisk = BREACH_CLOCKS.some(({ id, tells }) => id === detail.clock && (tells === 'authority' || tells === 'subjects'));
  return events.some((each) => each.seq > seq && ((each.kind === 'scope' && !known.has(each.detail.hash)) || (isOfRisk && each.kind === 'fact' && each.detail.fact === 'high-risk')));
} // prettier-ignore

/** What holds of a clock: the newest that was approved, on what is known. */
export const decidedOf = (decisions: readonly Decision[], clock: string): Decision | null =>
  decisions.findLast((each) => each.clock === clock && each.state === 'approved' && !each.outdated) ?? null;

const noted = (events: readonly EventRow[], fact: string, clock?: string): readonly EventRow[] =>
  events.filter(({ kind, detail }) => kind === 'fact' && detail.fact === fact && (clock === undefined || detail.clock === clock)); // prettier-ignore
const factsOf = (events: readonly EventRow[], fact: string, clock?: string): readonly Date[] =>
  noted(events, fact, clock).map(({ happened_at }) => happened_at);

const toldBy = (events: readonly EventRow[], clock: string): EventRow | null =>
  noted(events, 'notified', clock).toSorted((a, b) => a.happened_at.getTime() - b.happened_at.getTime())[0] ?? null;
export const toldAt = (events: readonly EventRow[], clock: string): Date | null =>
  toldBy(events, clock)?.happened_at ?? null;

export function clocksOf(incident: IncidentRow, events: readonly EventRow[], zone: Zone, now: Date): readonly ClockView[] {
  const aware = factsOf(events, 'aware');
  const facts: BreachFacts = {
    awareAt: aware.length > 0 ? aware : [incident.reported_at],
    highRiskAt: factsOf(events, 'high-risk'),
    notifiedAt: factsOf(events, 'notified', 'nis2-incident'),
  };
  const decisions = decisionsOf(events);
  return BREACH_CLOCKS.filter(({ id }) => incident.clocks.includes(id)).map((clock) => {
    const { id, tells, what, source, number } = clock;
    const running = runningClock(clock, facts, zone);
    const fact = toldBy(events, id);
    const done = fact?.happened_at ?? null;
    const late = running !== null && (done ?? now) > running.dueAt;
    const told = done === null ? (late ? 'late' : 'running') : late ? 'told-late' : 'told';
    const isNot = done === null && decidedOf(decisions, id)?.what === 'not-notify';
    return {
      id, tells, what, source, number,
      startedAt: running?.startedAt.toISOString() ?? null,
      assumed: running !== null && clock.from === 'aware' && aware.length === 0,
      dueAt: running?.dueAt.toISOString() ?? null,
      hoursLeft: running === null || done !== null || isNot ? null : hoursLeft(running, now),
      doneAt: done?.toISOString() ?? null,
      notedAt: fact?.known_at.toISOString() ?? null,
      notedLate: fact !== null && running !== null && !late && fact.known_at > running.dueAt,
      state: isNot ? 'not-needed' : done === null && running === null ? 'waiting' : told,
    };
  });
} // prettier-ignore

export function tasksOf(incident: IncidentRow, events: readonly EventRow[], playbooks: readonly Playbook[], now: Date): readonly TaskView[] {
  const tasks = playbooks.find(({ id }) => id === incident.kind)?.tasks ?? [];
  return tasks.map((task) => {
    const done = events.find(({ kind, detail }) => kind === 'task' && detail.task === task.id);
    const due = new Date(incident.reported_at.getTime() + task.minutes * 60_000);
    return { ...task, dueAt: due.toISOString(), doneAt: done?.happened_at.toISOString() ?? null, doneBy: done?.by ?? null, late: (done?.happened_at ?? now) > due };
  });
} // prettier-ignore
