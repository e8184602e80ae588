/**
 * Posture: of each practice what is proven, when, by which test.
 *
 * INVARIANT: nothing is green without fresh evidence. A practice is proven when each of its tests passed within its interval,
 * in a run that was signed, and what that rests on is kept; a practice without tests is unknown.
 */
import type { Db } from '#platform/db';
import { publicId } from '#platform/ids';

import { standingOf, type Standing } from '../exports/index.ts';
import { halfLifeOf } from '../half-life.ts';
import { countFindings, listFindings, livesOf } from '../store/findings.ts';
import { daysOf, newestResults, type NewestRow } from '../store/runs.ts';
import { OPEN } from '../findings/states.ts';
import { viewOf, type FindingView } from '../findings/views.ts';
import { PRACTICES, SEVERITIES, type ControlTest, type Practice, type Result, type Severity } from '../types.ts';

export type State = 'proven' | 'failed' | 'unknown';
export type TestStanding = Readonly<{
  id: string;
  title: string;
  hypothesis: string;
  family: string;
  kind: string;
  practice: Practice;
  severity: Severity;
  intervalHours: number;
  maps: Readonly<Record<string, readonly string[] | undefined>>;
  state: State;
  because: string;
  at: string | null;
  run: string | null;
  evidence: readonly string[];
  prevented: string | null;
  detected: string | null;
  recorded: string | null;
}>;
export type KillRate = Readonly<{ killed: number; mutants: number; at: string; version: string }>;
export type Posture = Readonly<{
  at: string;
  practices: readonly Readonly<{
    practice: Practice;
    state: State;
    proven: number;
    failed: number;
    unknown: number;
    /** Of its oldest result that still counts: what is proven is proven since then at the latest. */
    provenAt: string | null;
  }>[];
  trend: readonly Readonly<{ day: string; pass: number; fail: number; invalid: number }>[];
  killRate: KillRate | null;
  findings: Readonly<{
    open: number;
    overdue: number;
    accepted: number;
    bySeverity: readonly Readonly<{
      severity: Severity;
      open: number;
      overdue: number;
      halfLifeDays: number | null;
      fixed: number;
    }>[];
    next: readonly FindingView[];
  }>;
}>;
export type PostureNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  tests: readonly ControlTest[];
  /** What the mutants of the last build say; null: nobody has measured. */
  killRate: () => Promise<KillRate | null>;
}>;

const TREND_DAYS = 30;
const NEXT = 5;
const TWO_YEARS_MS = 2 * 365 * 86_400_000;

export function createPosture({ db, clock, tests, killRate }: PostureNeeds) {
  const standing = async (): Promise<TestStanding[]> => {
    const newest = new Map((await newestResults(db)).map((row) => [row.test_id, row]));
    return tests.map((test) => shownOf(standsOf(test, newest.get(test.id) ?? null, clock())));
  };
  return {
    tests: standing,
    get: async (): Promise<Posture> => {
      const now = clock();
      const [stands, days, kills, findings] = await Promise.all([standing(), daysOf(db, TREND_DAYS), killRate(), findingsOf(db, now)]);
      return {
        at: now.toISOString(),
        practices: PRACTICES.map((practice) => practiceOf(practice, stands.filter((each) => each.practice === practice))),
        trend: trendOf(days),
        killRate: kills,
        findings,
      };
    },
  };
} // prettier-ignore

/** What a database says of itself counts only with what it rests on. */
export function standsOf(test: ControlTest, row: NewestRow | null, now: Date): Standing {
  const stands = standingOf(test, row === null ? null : resultOf(row), now);
  if (stands.state === 'pass' && row?.kept !== true)
    return { ...stands, state: 'unknown', because: 'what its result rests on is not there' };
  return stands;
}

export const resultOf = (row: Omit<NewestRow, 'kept'>): Result => ({
  run: publicId('run', row.run_id),
  testId: row.test_id,
  at: row.at,
  verdict: row.verdict,
  prevented: row.prevented as Result['prevented'],
  detected: row.detected as Result['detected'],
  recorded: row.recorded as Result['recorded'],
  because: row.because,
  evidence: row.evidence.map((hash) => ({ hash, kind: 'transcript', sizeBytes: 0 })),
  durationMs: row.duration_ms,
  requests: row.requests,
});

const STATES = { pass: 'proven', fail: 'failed', unknown: 'unknown' } as const;

function shownOf({ test, state, because, result }: Standing): TestStanding {
  const { id, title, hypothesis, family, kind, practice, severity, intervalHours, maps } = test;
  return {
    id, title, hypothesis, family, kind, practice, severity, intervalHours, maps, state: STATES[state], because,
    at: result?.at.toISOString() ?? null, run: result?.run ?? null, evidence: result?.evidence.map(({ hash }) => hash) ?? [],
    prevented: result?.prevented ?? null, detected: result?.detected ?? null, recorded: result?.recorded ?? null,
  };
} // prettier-ignore

export function practiceOf(practice: Practice, stands: readonly TestStanding[]): Posture['practices'][number] {
  const of = (state: State): readonly TestStanding[] => stands.filter((each) => each.state === state);
  const [proven, failed, unknown] = [of('proven'), of('failed'), of('unknown')];
  const state = failed.length > 0 ? 'failed' : unknown.length > 0 || proven.length === 0 ? 'unknown' : 'proven';
  const oldest = proven.map(({ at }) => at ?? '').toSorted()[0] ?? null;
  return { practice, state, proven: proven.length, failed: failed.length, unknown: unknown.length, provenAt: oldest };
}

function trendOf(days: readonly Readonly<{ day: string; verdict: string; tests: number }>[]): Posture['trend'] {
  const byDay = new Map<string, { day: string; pass: number; fail: number; invalid: number }>();
  for (const { day, verdict, tests } of days) {
    const sum = byDay.get(day) ?? { day, pass: 0, fail: 0, invalid: 0 };
    byDay.set(day, { ...sum, [verdict]: tests });
  }
  return [...byDay.values()].toSorted((one, other) => (one.day < other.day ? -1 : 1));
}

async function findingsOf(db: Db, now: Date): Promise<Posture['findings']> {
  const [counts, lives, next] = await Promise.all([
    countFindings(db, now),
    livesOf(db, new Date(now.getTime() - TWO_YEARS_MS)),
    listFindings(db, { states: OPEN, severities: SEVERITIES, source: null, testId: null, after: null, most: NEXT }),
  ]);
  const isOpen = ({ state }: (typeof counts)[number]): boolean => OPEN.includes(state);
  const sum = (some: typeof counts, what: 'count' | 'overdue'): number => some.reduce((all, each) => all + each[what], 0);
  const bySeverity = SEVERITIES.map((severity) => {
    const own = counts.filter((each) => each.severity === severity && isOpen(each));
    const half = halfLifeOf(lives.filter((each) => each.severity === severity).map(({ born_at, gone_at }) => ({ bornAt: born_at, goneAt: gone_at })), now);
    return { severity, open: sum(own, 'count'), overdue: sum(own, 'overdue'), halfLifeDays: half.days === null ? null : Math.round(half.days * 10) / 10, fixed: half.gone };
  });
  return {
    open: sum(counts.filter(isOpen), 'count'),
    overdue: sum(counts.filter(isOpen), 'overdue'),
    accepted: sum(counts.filter(({ state }) => state === 'accepted'), 'count'),
    bySeverity,
    next: next.map((row) => viewOf(row, now)),
  };
} // prettier-ignore
