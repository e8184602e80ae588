/** Statements on runs, their results and what these rest on. */
import { isSilent, type Statements } from '#platform/db';
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
  stop_asked: string | null;
  key_index: string | null;
  end_index: string | null;
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
    insert into assurance.runs (run_id, asked_by, tests, state, started_at, beat_at, version, ord)
    values (${row.run_id}, ${row.asked_by}, ${row.tests}::text[], 'running', ${row.started_at}, now(), ${row.version},
      (select coalesce(max(ord), 0) + 1 from assurance.runs))
    on conflict do nothing`;
  return inserted.count === 1;
}

/** @returns why it is to stop; null: it goes on */
export async function beatRun(db: Statements, runId: Uuid): Promise<string | null> {
  const [beaten] = await db<{ stop_asked: string | null }[]>`
    update assurance.runs set beat_at = now() where run_id = ${runId} and state = 'running' returning stop_asked`;
  return beaten === undefined ? 'another server ended it' : beaten.stop_asked;
}

/** Its server hears of it with the next beat. @returns false when it does not go on */
export async function askToStop(tx: Statements, runId: Uuid, why: string): Promise<boolean> {
  const asked = await tx`update assurance.runs set stop_asked = ${why} where run_id = ${runId} and state = 'running'`;
  return asked.count === 1;
}

/** The one that goes on, whichever it is. */
export async function askAnyToStop(tx: Statements, why: string): Promise<void> {
  await tx`update assurance.runs set stop_asked = coalesce(stop_asked, ${why}) where state = 'running'`;
}

/** @param index of the entry of the log that names it */
export async function noteRunnerKey(tx: Statements, runId: Uuid, key: string, index: bigint): Promise<void> {
  await tx`
    update assurance.runs set runner_key = ${key}, key_index = ${String(index)}::bigint where run_id = ${runId} and runner_key is null`;
}

export async function noteEnd(tx: Statements, runId: Uuid, index: bigint): Promise<void> {
  await tx`update assurance.runs set end_index = ${String(index)}::bigint where run_id = ${runId}`;
}

/** What a run made outside of this schema. */
export type LeftOver = Readonly<{
  keys: readonly string[];
  people: readonly string[];
  role: string | null;
  /** Keys of `keys` that tests made for themselves. */ tried?: readonly string[];
}>;

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
  return rows.map(({ run_id: runId, left_over: { keys = [], people = [], role = null, tried = [] } }) => ({
    runId,
    left: { keys, people, role, tried },
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
    select * from assurance.runs where state = 'running' and ${isSilent(db, 'beat_at', seconds)}`;
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

export type EvidenceRow = Readonly<{ hash: string; kind: string; size_bytes: number }>;

export async function evidenceListed(db: Statements, hashes: readonly string[]): Promise<EvidenceRow[]> {
  return db<EvidenceRow[]>`
    select hash, kind, octet_length(bytes) as size_bytes from assurance.evidence where hash = any (${[...hashes]}::text[])`;
}

export async function findRun(db: Statements, runId: Uuid): Promise<RunRow | null> {
  const [row] = await db<RunRow[]>`select * from assurance.runs where run_id = ${runId}`;
  return row ?? null;
}

export type CountedRun = RunRow & Readonly<{ pass: number; fail: number; invalid: number }>;

/** The newest, and what is asked for besides; newest first. */
export async function listRuns(db: Statements, limit: number, besides: readonly Uuid[] = []): Promise<CountedRun[]> {
  return db<CountedRun[]>`
    select runs.*, counts.* from assurance.runs cross join lateral (
      select count(*) filter (where verdict = 'pass')::int as pass, count(*) filter (where verdict = 'fail')::int as fail,
        count(*) filter (where verdict = 'invalid')::int as invalid
      from assurance.results where results.run_id = runs.run_id) as counts
    where runs.run_id = any (${[...besides]}::uuid[]) or runs.run_id in (select run_id from assurance.runs order by ord desc limit ${limit})
    order by ord desc`;
}

export async function resultsOf(db: Statements, runId: Uuid): Promise<ResultRow[]> {
  return db<ResultRow[]>`select * from assurance.results where run_id = ${runId} order by seq`;
}

/** `kept`: all that it rests on is there. */
export type NewestRow = ResultRow & Readonly<{ kept: boolean }>;

/** The newest result of each test, of runs whose results were signed: by the order of the runs, not by a clock. */
export async function newestResults(db: Statements): Promise<NewestRow[]> {
  return db<NewestRow[]>`
    select newest.*, cardinality(evidence) > 0 and not exists (
      select from unnest(newest.evidence) as wanted (hash) left join assurance.evidence as had using (hash) where had.hash is null) as kept
    from (
      select distinct on (test_id) results.* from assurance.results join assurance.runs using (run_id)
      where runs.state in ('done', 'stopped') order by test_id, runs.ord desc) as newest`;
}

/** When somebody, or the schedule, last began one; not what a clock that ran ahead began, which the next would wait for. */
export async function lastRunAt(db: Statements, askedBy: string): Promise<Date | null> {
  const [row] = await db<{ at: Date | null }[]>`
    select max(started_at) as at from assurance.runs where asked_by = ${askedBy} and started_at < now() + interval '1 day'`;
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
