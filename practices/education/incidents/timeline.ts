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
    return [{ seq: event.seq, clock, what, state, at: event.known_at, by: event.by, who: event.who, settledBy: settled?.by ?? null, scope }];
  });
} // prettier-ignore

/** What holds of a clock: the newest that was approved. */
export const decidedOf = (decisions: readonly Decision[], clock: string): Decision | null =>
  decisions.findLast((each) => each.clock === clock && each.state === 'approved') ?? null;

const factsOf = (events: readonly EventRow[], fact: string, clock?: string): readonly Date[] =>
  events
    .filter(({ kind, detail }) => kind === 'fact' && detail.fact === fact && (clock === undefined || detail.clock === clock))
    .map(({ happened_at }) => happened_at); // prettier-ignore

export const toldAt = (events: readonly EventRow[], clock: string): Date | null =>
  factsOf(events, 'notified', clock).toSorted((a, b) => a.getTime() - b.getTime())[0] ?? null;

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
    const done = toldAt(events, id);
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
