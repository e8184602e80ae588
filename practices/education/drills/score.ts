/** The score of a drill: what was decided, how soon, and of a breach how exactly whom it concerned was found. */
import type { Uuid } from '#platform/ids';

import type { Drill } from './drill.ts';
import { MINUTE_MS } from './drill-clock.ts';

/** `elapsedMs`: of the wall, since the beginning. */
export type Decided = Readonly<{ inject: string; option: number; elapsedMs: number }>;
/** What the log was asked the last time, and when. */
export type FoundScope = Readonly<{ subjects: ReadonlySet<Uuid>; askedMs: number }>;

export type DecisionScore = Readonly<{
  inject: string;
  asks: string;
  /** Of the law, that it was the decision on. */
  clock: string | null;
  /** Null: nobody decided. */
  chose: string | null;
  right: boolean;
  late: boolean;
  /** From when it came to the decision: of the wall, and of the story. */
  minutes: number | null;
  storyMinutes: number | null;
  best: string;
  because: string;
}>;
export type ScopeScore = Readonly<{
  /** Part of those found that were concerned; 0 where nobody was found. */
  precision: number;
  /** Part of those concerned that were found. */
  recall: number;
  found: number;
  concerned: number;
  /** Found, and concerned. */
  hit: number;
  late: boolean;
  minutes: number | null;
}>;
export type DrillScore = Readonly<{
  passed: boolean;
  /** 0 to 1. */
  total: number;
  decisions: readonly DecisionScore[];
  scope: ScopeScore | null;
}>;

/** What is right and late. */
const LATE = 0.5;
/** The scope of a breach counts as much as two decisions. */
const OF_SCOPE = 2;
/** Tenths are enough for minutes. */
const minutesOf = (ms: number): number => Math.round((ms / MINUTE_MS) * 10) / 10;

/** @param truth who was concerned, as they stand in the log */
export function scoreDrill(drill: Drill, decided: readonly Decided[], found: FoundScope | null, truth: ReadonlySet<Uuid>): DrillScore {
  const decisions = drill.injects.flatMap((inject): DecisionScore[] => (inject.decide === undefined ? [] : [scoreDecision(drill, inject.id, inject.minute, inject.decide, decided)]));
  const scope = drill.breach === undefined ? null : scoreScope(drill.breach, found, truth);
  const points = decisions.map(({ right, late }): number => (right ? (late ? LATE : 1) : 0));
  const ofScope = scope === null ? 0 : OF_SCOPE * harmonic(scope) * (scope.late ? LATE : 1);
  const all = decisions.length + (scope === null ? 0 : OF_SCOPE);
  const total = all === 0 ? 0 : (points.reduce((sum, each) => sum + each, 0) + ofScope) / all;
  return { passed: total >= drill.passes, total, decisions, scope };
} // prettier-ignore

type Decide = NonNullable<Drill['injects'][number]['decide']>;

function scoreDecision({ pace }: Drill, inject: string, minute: number, { asks, clock, within, options }: Decide, decided: readonly Decided[]): DecisionScore {
  const made = decided.find((each) => each.inject === inject);
  const chose = made === undefined ? undefined : options[made.option];
  const best = options.find(({ right }) => right === true) as Decide['options'][number];
  const took = made === undefined ? null : made.elapsedMs - minute * MINUTE_MS;
  return {
    inject, asks, clock: clock ?? null, chose: chose?.says ?? null, right: chose?.right === true, late: took !== null && took > within * MINUTE_MS,
    minutes: took === null ? null : minutesOf(took), storyMinutes: took === null ? null : Math.round(minutesOf(took) * pace),
    best: best.says, because: chose === undefined || chose.right === true ? best.because : `${chose.because} ${best.because}`,
  };
} // prettier-ignore

function scoreScope(
  { minute, within }: NonNullable<Drill['breach']>,
  found: FoundScope | null,
  truth: ReadonlySet<Uuid>,
): ScopeScore {
  const subjects = found?.subjects ?? new Set<Uuid>();
  const hit = [...subjects].filter((each) => truth.has(each)).length;
  const took = found === null ? null : found.askedMs - minute * MINUTE_MS;
  return {
    precision: subjects.size === 0 ? 0 : hit / subjects.size,
    recall: truth.size === 0 ? 1 : hit / truth.size,
    found: subjects.size,
    concerned: truth.size,
    hit,
    late: took !== null && took > within * MINUTE_MS,
    minutes: took === null ? null : minutesOf(took),
  };
}

/** One of the two alone is easy: nobody, or everybody. */
const harmonic = ({ precision, recall }: Pick<ScopeScore, 'precision' | 'recall'>): number =>
  precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
