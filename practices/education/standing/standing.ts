/**
 * How a person stands with what their role asks for, and what follows for access: a pure function of what happened and of
 * the time. Nothing is stored as "lapsed", so no job that did not run keeps a door open.
 */
import { graceEnd, runOut, type Span } from './clock.ts';
import type { Zone } from './zone.ts';

export type StandingState =
  /** Asked for, never done: new here, or in this role. */
  | 'assigned'
  | 'passed'
  /** Passed, or not asked for before: it must be done by `dueAt`. */
  | 'due'
  | 'grace'
  | 'lapsed'
  /** Taken back after something was confirmed. */
  | 'revoked'
  | 'exempt';

/** On customers' data: as the role says; masked reads only, no export, no new grants; none. */
export type Effect = 'open' | 'masked' | 'denied';

export type Rules = Readonly<{
  /** How long it holds where the version that was passed says nothing; null: until there is a version that must be done anew. */
  validityDays: number | null;
  /** For who had the role before it asked for this. */
  firstDays: number;
  /** After a version that changes what people do. */
  materialDays: number;
  /** How long before its end something is called due. */
  noticeDays: number;
  graceWorkingDays: number;
  /** Days off, beside weekends. */
  holidays: readonly string[];
}>;

export const USUAL_RULES: Rules = {
  validityDays: 365,
  firstDays: 30,
  materialDays: 7,
  noticeDays: 30,
  graceWorkingDays: 5,
  holidays: [],
};

export type Facts = Readonly<{
  /** `had`: the person had the role before it asked for this. `new`: the role came with it. */
  assigned: Readonly<{ at: Date; role: 'had' | 'new' }>;
  /** `validityDays`: of this version; as the rules say where it says nothing. */
  versions: readonly Readonly<{ id: string; at: Date; material: boolean; validityDays?: number | null }>[];
  /** Passed or signed, and which version. */
  done: readonly Readonly<{ version: string; at: Date }>[];
  revokedAt: readonly Date[];
  /** Approved by two people, with an end. */
  exempt: readonly Readonly<{ from: Date; until: Date }>[];
  /** Leave: clocks stand still. */
  absent: readonly Span[];
  /** Whether the bulk guard gave the grace once more, for this very end. */
  graceExtended: boolean;
}>;

export type Standing = Readonly<{
  state: StandingState;
  effect: Effect;
  dueAt: Date | null;
  /** From then on all is denied. */
  lapsesAt: Date | null;
  /** When this answer is to be asked for again, if nothing happens before. */
  changesAt: Date | null;
}>;

const DAY_MS = 86_400_000;
const EFFECTS: Readonly<Record<StandingState, Effect>> = {
  assigned: 'denied', passed: 'open', due: 'open', grace: 'masked', lapsed: 'denied', revoked: 'denied', exempt: 'open',
}; // prettier-ignore

/**
 * @param now of a clock that was held against the log (steady.ts): what is dated later has not happened
 * @param zone of the person: a day ends where they are
 */
export function standingOf(facts: Facts, rules: Rules, zone: Zone, now: Date): Standing {
  const answer = (state: StandingState, dueAt: Date | null, lapsesAt: Date | null, changesAt: Date | null): Standing => ({
    state, effect: EFFECTS[state], dueAt, lapsesAt, changesAt,
  }); // prettier-ignore
  const comes = earliest(
    [...facts.exempt.map(({ from }) => from), ...facts.versions.map(({ at }) => at), ...facts.done.map(({ at }) => at), ...facts.revokedAt]
      .filter((at) => at > now),
  ); // prettier-ignore
  // who approved it did not know what was confirmed after it began
  const exempt = facts.exempt.find(({ from, until }) => from <= now && now < until && !facts.revokedAt.some((at) => at >= from && at <= now)); // prettier-ignore
  if (exempt !== undefined)
    return answer('exempt', null, null, earliest(comes === null ? [exempt.until] : [exempt.until, comes]));

  // a version that nobody knows was never published: having passed it is having passed nothing
  const published = new Set(facts.versions.filter(({ at }) => at <= now).map(({ id }) => id));
  const done = latest(facts.done.filter(({ at, version }) => at <= now && published.has(version)));
  const revoked = facts.revokedAt.some((at) => at <= now && (done === null || at >= done.at));
  if (revoked) return answer('revoked', null, null, comes);
  if (done === null && facts.assigned.role === 'new') return answer('assigned', null, null, comes);

  const ends = endsOf(facts, rules, done, now).map(({ from, days }) => runOut(from, days, facts.absent, zone));
  if (ends.length === 0) return answer('passed', null, null, comes);
  // while somebody is away without an end, nothing runs out
  const running = ends.filter((end) => end !== null);
  if (running.length < ends.length) return answer(done === null ? 'due' : 'passed', null, null, comes);

  const dueAt = earliest(running) as Date;
  const graceDays = rules.graceWorkingDays * (facts.graceExtended ? 2 : 1);
  const lapsesAt = graceEnd(dueAt, graceDays, rules.holidays, facts.absent, zone);
  const noticeAt = new Date(dueAt.getTime() - rules.noticeDays * DAY_MS);
  const next = (at: Date | null): Date | null => earliest([at, comes].filter((each) => each !== null));
  if (done !== null && now < noticeAt) return answer('passed', dueAt, lapsesAt, next(noticeAt));
  if (now < dueAt) return answer('due', dueAt, lapsesAt, next(dueAt));
  if (lapsesAt === null || now < lapsesAt) return answer('grace', dueAt, lapsesAt, next(lapsesAt));
  return answer('lapsed', dueAt, lapsesAt, comes);
}

type Clock = Readonly<{ from: Date; days: number }>;

/** All clocks that run; the earliest end counts. */
function endsOf({ assigned, versions }: Facts, rules: Rules, done: Facts['done'][number] | null, now: Date): readonly Clock[] {
  if (done === null) return [{ from: assigned.at, days: rules.firstDays }];
  // a text that came back has its old hash: who signed it signed what was published last
  const signed = latest(versions.filter(({ id, at }) => id === done.version && at <= now))?.at ?? done.at;
  // what was passed holds as long as that version said: a later one gives nobody back what ran out, and takes from nobody
  const own = versions.find(({ id }) => id === done.version)?.validityDays;
  const validityDays = own === undefined ? rules.validityDays : own;
  // the first one that is missing keeps its clock: a second change gives nobody more time
  const missing = earliest(versions.filter(({ material, at }) => material && at > signed && at <= now).map(({ at }) => at));
  return [
    ...(validityDays === null ? [] : [{ from: done.at, days: validityDays }]),
    ...(missing === null ? [] : [{ from: missing, days: rules.materialDays }]),
  ];
} // prettier-ignore

const earliest = (dates: readonly Date[]): Date | null =>
  dates.reduce<Date | null>((first, each) => (first === null || each < first ? each : first), null);

const latest = <T extends Readonly<{ at: Date }>>(all: readonly T[]): T | null =>
  all.reduce<T | null>((last, each) => (last === null || each.at > last.at ? each : last), null);

/** What a role may, of all it asks for: the worst counts. A role of customers' data that asks for nothing gets nothing. */
export function effectOf(standings: readonly Standing[]): Effect {
  if (standings.length === 0) return 'denied';
  return (['denied', 'masked'] as const).find((effect) => standings.some((each) => each.effect === effect)) ?? 'open';
}
