/** A drill as who is in it sees it: what has come by now, and of what is right nothing until it is over. */
import { timeText } from '../standing/zone.ts';
import { publicId } from '#platform/ids';

import type { Words } from '../incidents/words.ts';
import type { Playbook } from '../incidents/playbook.ts';
import type { Zone } from '../standing/zone.ts';
import type { DrillEvent, DrillPerson, DrillRow } from '../store/drills.ts';
import { drillId } from './begin.ts';
import {
  drillClocks,
  elapsedMs,
  hasCome,
  MINUTE_MS,
  nextMinute,
  shownOptions,
  storyAt,
  storyMinute,
  type DrillClock,
} from './drill-clock.ts';
import { NAMED, type Drill } from './drill.ts';
import { MARK } from './needs.ts';
import type { DecisionScore, DrillScore } from './score.ts';
import { decidedOf, ranOf } from './settle.ts';

export type DrillState = 'planned' | 'running' | 'passed' | 'failed' | 'stopped';
export type DrillLine = Readonly<{
  id: string;
  mark: typeof MARK;
  text: string;
  title: string;
  state: DrillState;
  ledBy: string;
  beginsAt: string;
  endsAt: string;
  /** How many were asked, and how many are in. */
  asked: number;
  joined: number;
  total: number | null;
  precision: number | null;
  recall: number | null;
  /** The middle one of the minutes to each decision. */
  medianMinutes: number | null;
}>;
export type InjectView = Readonly<{
  id: string;
  minute: number;
  /** In the story. */
  at: string;
  from: string;
  says: string;
  decide: Readonly<{
    asks: string;
    clock: string | null;
    withinMinutes: number;
    options: readonly string[];
    decided: Readonly<{ option: number; by: string; at: string }> | null;
  }> | null;
}>;
export type ScopeAsked = Readonly<{ at: string; by: string; actors: readonly string[]; from: string; to: string; subjects: number; entries: number; says: readonly string[] }>; // prettier-ignore
export type DrillView = DrillLine &
  Readonly<{
    minutes: number;
    pace: number;
    passes: number;
    story: string;
    /** In the story, now. */
    storyAt: string;
    elapsedMinutes: number;
    nextMinute: number | null;
    isIn: boolean;
    people: readonly Readonly<{ id: string; joined: boolean; verdict: 'passed' | 'failed' | null }>[];
    injects: readonly InjectView[];
    breach: Readonly<{ asks: string; minute: number; withinMinutes: number; actors: readonly Readonly<{ id: string; says: string }>[]; asked: readonly ScopeAsked[] }> | null;
    clocks: readonly DrillClock[];
    tasks: readonly Readonly<{ says: string; how: string; owner: string; minutes: number }>[];
    notes: readonly Readonly<{ at: string; by: string; text: string }>[];
    /** When it was scored. */
    score: DrillScore | null;
    debrief: string | null;
  }>; // prettier-ignore

const stateOf = ({ state, begins_at, score }: DrillRow, now: Date): DrillState =>
  state === 'stopped' ? 'stopped' : score !== null ? (score.passed ? 'passed' : 'failed') : now < begins_at ? 'planned' : 'running'; // prettier-ignore

export function medianOf(decisions: readonly Pick<DecisionScore, 'minutes'>[]): number | null {
  const all = decisions.flatMap(({ minutes }) => minutes ?? []).toSorted((a, b) => a - b);
  return all[Math.floor((all.length - 1) / 2)] ?? null;
}

export const lineOf = (row: DrillRow, title: string, people: readonly DrillPerson[], now: Date): DrillLine => ({
  id: drillId(row.drill_id), mark: MARK, text: row.text_id, title, state: stateOf(row, now), ledBy: row.led_by,
  beginsAt: row.begins_at.toISOString(), endsAt: (row.ended_at ?? row.ends_at).toISOString(),
  asked: people.length, joined: people.filter(({ joined_at }) => joined_at !== null).length,
  total: row.score?.total ?? null, precision: row.score?.scope?.precision ?? null, recall: row.score?.scope?.recall ?? null,
  medianMinutes: row.score === null ? null : medianOf(row.score.decisions),
}); // prettier-ignore

type Seen = Readonly<{ row: DrillRow; drill: Drill; people: readonly DrillPerson[]; events: readonly DrillEvent[]; person: string | null }>; // prettier-ignore

export function viewOf({ row, drill, people, events, person }: Seen, { zone, words, playbooks, now }: Readonly<{ zone: Zone; words: Words; playbooks: readonly Playbook[]; now: Date }>): DrillView {
  const ran = ranOf(row);
  const elapsed = elapsedMs(ran, now);
  const isOver = row.state !== 'open';
  const say = (text: string): string => text.replaceAll(NAMED, (whole, kind: string, name: string) => (kind === 'actor' ? (row.actors[name] ?? whole) : timeText(storyMinute(ran, drill.times?.[name] ?? 0))));
  const decided = decidedOf(events);
  const decisions = new Map(events.flatMap((each) => (each.kind === 'decided' ? [[each.detail.inject as string, each]] : [])));
  const byClock = new Map(drill.injects.flatMap(({ id, decide }) => {
    const made = decided.find(({ inject }) => inject === id);
    return decide?.clock === undefined || made === undefined ? [] : [[decide.clock, storyAt(drill, ran, made.elapsedMs)] as const];
  }));
  const injectOf = (inject: Drill['injects'][number]): InjectView => {
    const { id, minute, from, says, decide } = inject;
    const event = decisions.get(id);
    const shown = shownOptions(row.drill_id, inject);
    return {
      id, minute, at: storyAt(drill, ran, minute * MINUTE_MS).toISOString(), from, says: say(says),
      decide: decide === undefined ? null : {
        asks: say(decide.asks), clock: decide.clock ?? null, withinMinutes: decide.within, options: shown.map((at) => say(decide.options[at]?.says ?? '')),
        decided: event === undefined ? null : { option: shown.indexOf(event.detail.option as number), by: event.by, at: event.at.toISOString() },
      },
    };
  };
  const { breach } = drill;
  return {
    ...lineOf(row, drill.title, people, now),
    minutes: drill.minutes, pace: drill.pace, passes: drill.passes, story: say(drill.story),
    storyAt: storyAt(drill, ran, Math.max(0, elapsed)).toISOString(), elapsedMinutes: Math.max(0, Math.floor(elapsed / MINUTE_MS)),
    nextMinute: isOver ? null : nextMinute(drill, elapsed),
    isIn: people.some((each) => each.joined_at !== null && publicId('per', each.person_id) === person),
    people: people.map(({ person_id, joined_at, verdict }) => ({ id: publicId('per', person_id), joined: joined_at !== null, verdict })),
    injects: drill.injects.filter(({ minute }) => hasCome(minute, elapsed)).map(injectOf),
    breach: breach === undefined || !hasCome(breach.minute, elapsed) ? null : {
      asks: say(breach.asks), minute: breach.minute, withinMinutes: breach.within,
      actors: Object.entries(drill.actors ?? {}).map(([name, { says }]) => ({ id: row.actors[name] ?? '', says })),
      asked: events.filter(({ kind }) => kind === 'scope').map(askedOf),
    },
    clocks: drillClocks(drill, ran, byClock, zone, now),
    tasks: (playbooks.find(({ id }) => id === drill.kind)?.tasks ?? []).map(({ says, how, owner, minutes }) => ({ says, how, owner, minutes })),
    notes: events.flatMap(({ kind, at, by, seq, sealed, drill_id }) => (kind === 'note' && sealed !== null ? [{ at: at.toISOString(), by, text: words.open(drill_id, seq, sealed) }] : [])),
    score: row.score === null ? null : sayScore(row.score, say),
    // one that was stopped can be begun anew, and passed
    debrief: row.score === null ? null : say(drill.debrief),
  };
} // prettier-ignore

const askedOf = ({ at, by, detail }: DrillEvent): ScopeAsked => {
  const { actors, from, to, subjects, entries, says } = detail as Omit<ScopeAsked, 'at' | 'by'>;
  return { at: at.toISOString(), by, actors, from, to, subjects, entries, says };
}; // prettier-ignore

const sayScore = (score: DrillScore, say: (text: string) => string): DrillScore => ({
  ...score,
  decisions: score.decisions.map((each) => ({
    ...each,
    asks: say(each.asks),
    chose: each.chose === null ? null : say(each.chose),
    best: say(each.best),
    because: say(each.because),
  })),
});
