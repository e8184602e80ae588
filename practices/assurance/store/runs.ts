/** Statements on runs, their results and what these rest on. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { KeptEvidence } from '../runner/evidence.ts';
import type { TestResult } from '../runner/run-tests.ts';

export type RunState = 'running' | 'done' | 'stopped' | 'refused' | 'failed';
export type RunRow = Readonly<{
  run_id: Uuid;
  asked_by: string;
  tests: string[];
  state: RunState;
  started_at: Date;
  ended_at: Date | null;
  beat_at: Date;
  version: string;
  runner_key: string | null;
  signature: string | null;
  because: string;
  left_over: Readonly<Record<string, unknown>>;
}>;
export type ResultRow = Readonly<{
  run_id: Uuid;
  test_id: string;
  seq: number;
  at: Date;
  verdict: 'pass' | 'fail' | 'invalid';
  prevented: string;
  detected: string;
  recorded: string;
  because: string;
  evidence: string[];
  duration_ms: number;
  requests: number;
}>;

/** @returns false when one is going on */
export async function insertRun(
  tx: Statements,
  row: Pick<RunRow, 'run_id' | 'asked_by' | 'tests' | 'started_at' | 'version'>,
): Promise<boolean> {
  const inserted = await tx`
    insert into assurance.runs (run_id, asked_by, tests, state, started_at, beat_at, version)
    values (${row.run_id}, ${row.asked_by}, ${row.tests}::text[], 'running', ${row.started_at}, now(), ${row.version})
    on conflict do nothing`;
  return inserted.count === 1;
}

/** @returns false when it was ended by somebody else */
export async function beatRun(db: Statements, runId: Uuid): Promise<boolean> {
  const beaten = await db`update assurance.runs set beat_at = now() where run_id = ${runId} and state = 'running'`;
  return beaten.count === 1;
}

export async function noteRunnerKey(tx: Statements, runId: Uuid, key: string): Promise<void> {
  await tx`update assurance.runs set runner_key = ${key} where run_id = ${runId} and runner_key is null`;
}

/** What a run made outside of this schema. */
export type LeftOver = Readonly<{ keys: readonly string[]; people: readonly string[]; role: string | null }>;

/** Before it is made, or at once after it. */
export async function noteLeftOver(db: Statements, runId: Uuid, left: LeftOver): Promise<void> {
  await db`update assurance.runs set left_over = ${db.json(left)} where run_id = ${runId}`;
}

export async function tookAway(db: Statements, runId: Uuid): Promise<void> {
  await db`update assurance.runs set left_over = '{}' where run_id = ${runId}`;
}

/** Of runs that are over. */
export async function leftOvers(db: Statements): Promise<{ runId: Uuid; left: LeftOver }[]> {
  const rows = await db<{ run_id: Uuid; left_over: Partial<LeftOver> }[]>`
    select run_id, left_over from assurance.runs where state <> 'running' and left_over <> '{}' order by started_at`;
  return rows.map(({ run_id: runId, left_over: { keys = [], people = [], role = null } }) => ({
    runId,
    left: { keys, people, role },
  }));
}

/** @returns false when it had ended */
export async function endRun(
  tx: Statements,
  runId: Uuid,
  { state, because, signature, at }: { state: RunState; because: string; signature: string | null; at: Date },
): Promise<boolean> {
  const ended = await tx`
    update assurance.runs set state = ${state}, because = ${because}, signature = ${signature}, ended_at = ${at}
    where run_id = ${runId} and state = 'running'`;
  return ended.count === 1;
}

/** Those whose server has said nothing for so long. */
export async function silentRuns(db: Statements, seconds: number): Promise<RunRow[]> {
  return db<RunRow[]>`
    select * from assurance.runs where state = 'running' and beat_at < now() - make_interval(secs => ${seconds})`;
}

export async function insertResult(tx: Statements, runId: Uuid, seq: number, result: TestResult): Promise<void> {
  await tx`
    insert into assurance.results (run_id, test_id, seq, at, verdict, prevented, detected, recorded, because, evidence, duration_ms, requests)
    values (${runId}, ${result.testId}, ${seq}, ${result.at}, ${result.verdict}, ${result.prevented}, ${result.detected}, ${result.recorded},
      ${result.because}, ${result.evidence.map(({ hash }) => hash)}::text[], ${result.durationMs}, ${result.requests})`;
}

export async function keepEvidence(tx: Statements, { hash, kind, bytes }: KeptEvidence): Promise<void> {
  await tx`
    insert into assurance.evidence (hash, kind, bytes) values (${hash}, ${kind}, ${Buffer.from(bytes)})
    on conflict do nothing`;
}

export async function findEvidence(db: Statements, hash: string): Promise<{ kind: string; bytes: Buffer } | null> {
  const [row] = await db<{ kind: string; bytes: Buffer }[]>`
    select kind, bytes from assurance.evidence where hash = ${hash}`;
  return row ?? null;
}

export async function findRun(db: Statements, runId: Uuid): Promise<RunRow | null> {
  const [row] = await db<RunRow[]>`select * from assurance.runs where run_id = ${runId}`;
  return row ?? null;
}

/** Newest first. */
export async function listRuns(db: Statements, limit: number): Promise<RunRow[]> {
  return db<RunRow[]>`select * from assurance.runs order by started_at desc limit ${limit}`;
}

export async function resultsOf(db: Statements, runId: Uuid): Promise<ResultRow[]> {
  return db<ResultRow[]>`select * from assurance.results where run_id = ${runId} order by seq`;
}

/** The newest result of each test, of runs whose results were signed. */
export async function newestResults(db: Statements): Promise<ResultRow[]> {
  return db<ResultRow[]>`
    select distinct on (test_id) results.* from assurance.results join assurance.runs using (run_id)
    where runs.state in ('done', 'stopped') order by test_id, results.at desc`;
}

/** When somebody, or the schedule, last began one. */
export async function lastRunAt(db: Statements, askedBy: string): Promise<Date | null> {
  const [row] = await db<{ at: Date | null }[]>`
    select max(started_at) as at from assurance.runs where asked_by = ${askedBy}`;
  return row?.at ?? null;
}

/** For each day the tests by their worst verdict on it: what a trend is drawn of. */
export async function daysOf(db: Statements, days: number): Promise<{ day: string; verdict: string; tests: number }[]> {
  return db<{ day: string; verdict: string; tests: number }[]>`
    with worst as (
      select to_char(results.at at time zone 'UTC', 'YYYY-MM-DD') as day, test_id,
        case when bool_or(verdict = 'fail') then 'fail' when bool_or(verdict = 'pass') then 'pass' else 'invalid' end as verdict
      from assurance.results join assurance.runs using (run_id)
      where runs.state in ('done', 'stopped') and results.at > now() - make_interval(days => ${days}) group by 1, 2)
    select day, verdict, count(*)::int as tests from worst group by 1, 2 order by 1, 2`;
}
