/**
 * Where a drill is: on the wall, and in its story, which goes faster. It follows from the row and the time alone, so that no
 * server has to be alive for it to go on.
 */
import { BREACH_CLOCKS, hoursLeft, runningClock } from '../incidents/breach-clocks.ts';
import { shuffled } from '../quiz/draw.ts';
import type { Zone } from '../standing/zone.ts';
import type { Drill } from './drill.ts';

export const MINUTE_MS = 60_000;

/** What of a drill's row says where it is. */
export type Ran = Readonly<{ beginsAt: Date; skippedMs: number; endedAt: Date | null }>;

/** Of the wall, from the beginning on; below zero before it. Stands still once it has ended. */
export const elapsedMs = ({ beginsAt, skippedMs, endedAt }: Ran, now: Date): number =>
  (endedAt ?? now).getTime() - beginsAt.getTime() + skippedMs;

export const endsAt = ({ minutes }: Pick<Drill, 'minutes'>, { beginsAt, skippedMs }: Omit<Ran, 'endedAt'>): Date =>
  new Date(beginsAt.getTime() + minutes * MINUTE_MS - skippedMs);

/** The time in the story. */
export const storyAt = ({ pace }: Pick<Drill, 'pace'>, { beginsAt }: Pick<Ran, 'beginsAt'>, elapsed: number): Date =>
  new Date(beginsAt.getTime() + elapsed * pace);

export const storyMinute = ({ beginsAt }: Pick<Ran, 'beginsAt'>, minutes: number): Date =>
  new Date(beginsAt.getTime() + minutes * MINUTE_MS);

export const hasCome = (minute: number, elapsed: number): boolean => elapsed >= minute * MINUTE_MS;

/** What comes next, an inject or the question about the scope; null: all has come. In minutes of the wall. */
export function nextMinute({ injects, breach }: Pick<Drill, 'injects' | 'breach'>, elapsed: number): number | null {
  const left = [...injects.map(({ minute }) => minute), ...(breach === undefined ? [] : [breach.minute])];
  const later = left.filter((minute) => !hasCome(minute, elapsed));
  return later.length === 0 ? null : Math.min(...later);
}

/** For each place on the screen, which option of the text stands there: in each drill others. */
export const shownOptions = (drillId: string, { id, decide }: Drill['injects'][number]): readonly number[] =>
  shuffled(decide?.options.length ?? 0, `${drillId}/${id}`);

export type DrillClock = Readonly<{
  id: string;
  what: string;
  source: string;
  /** In the story. */
  startedAt: string | null;
  dueAt: string | null;
  hoursLeft: number | null;
  state: 'waiting' | 'running' | 'late' | 'decided' | 'decided-late';
}>;

/** Clocks of the law in the time of the story. @param decided when, in it, for each clock that was decided on */
export function drillClocks(drill: Drill, ran: Ran, decided: ReadonlyMap<string, Date>, zone: Zone, now: Date): readonly DrillClock[] {
  const elapsed = elapsedMs(ran, now);
  const aware = drill.injects.find(({ id }) => id === drill.aware);
  const known = aware !== undefined && hasCome(aware.minute, elapsed) ? [storyAt(drill, ran, aware.minute * MINUTE_MS)] : [];
  const facts = { awareAt: known, highRiskAt: known, notifiedAt: [] };
  const at = storyAt(drill, ran, elapsed);
  return BREACH_CLOCKS.filter(({ id }) => drill.clocks?.includes(id)).map((clock) => {
    const running = runningClock(clock, facts, zone);
    const done = decided.get(clock.id) ?? null;
    const isLate = running !== null && (done ?? at) > running.dueAt;
    return {
      id: clock.id, what: clock.what, source: clock.source,
      startedAt: running?.startedAt.toISOString() ?? null, dueAt: running?.dueAt.toISOString() ?? null,
      hoursLeft: running === null || done !== null ? null : hoursLeft(running, at),
      state: done !== null ? (isLate ? 'decided-late' : 'decided') : running === null ? 'waiting' : isLate ? 'late' : 'running',
    };
  });
} // prettier-ignore
