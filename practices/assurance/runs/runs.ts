/**
 * Runs: one at a time, by a process of its own, on made-up persons alone; what it said counts once it has signed all of it.
 *
 * INVARIANT: a result counts only of a run that ended with its runner's signature over all its results, under the key that
 * the log named before the first of them. Whatever a run made is taken away, also when its server was killed.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';

import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { publicId, uuidv7, type Uuid } from '#platform/ids';
import type { Log } from '#platform/log';

import { assuranceFailure } from '../failures.ts';
import { CONTROL_TESTS } from '../families/index.ts';
import type { ControlTest } from '../kit/control-test.ts';
import type { Desk } from '../kit/desk.ts';
import type { World } from '../kit/world.ts';
import { signedText } from '../runner/protocol.ts';
import type { TestResult } from '../runner/run-tests.ts';
import { armedKinds, readSwitch } from '../store/canaries.ts';
import { beatRun, endRun, insertResult, insertRun, keepEvidence, lastRunAt, noteEnd, noteRunnerKey, resultsOf, silentRuns, type RunState } from '../store/runs.ts'; // prettier-ignore
import { PULLED } from './arms.ts';
import type { RunnerProcess } from './runner-process.ts';

export type By = Readonly<{
  actor: { kind: 'service' | 'staff' | 'system'; id: string; role?: string };
  requestId?: string;
}>;
/** What a run works on; it is taken away by `close`. */
export type Stage = Readonly<{ world: World; desk: Desk; close: () => Promise<void> }>;

export type RunsNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  audit: Pick<Audit, 'append' | 'appendIn'>;
  log: Log;
  version: string;
  /** Hours between two runs of all tests; 0: none by itself. */
  everyHours: number;
  /** Attack and chaos need no two people here: nobody's customers are in it. */
  isArmed: boolean;
  isIncidentOpen: () => Promise<boolean>;
  setStage: (runId: Uuid, tests: readonly string[]) => Promise<Stage>;
  /** Takes away what a run left that did not end by itself. */
  sweepStage: () => Promise<void>;
  startRunner: () => RunnerProcess;
  /** A person's value in a text, by its kind; null: none. @param own texts that were made up */
  personalIn: (text: string) => string | null;
  /** After a run: findings come and go. */
  onResults: (runId: Uuid, results: readonly TestResult[], state: RunState) => Promise<void>;
  /** Something of a run itself is wrong, and somebody has to look. */
  onTrouble: (rule: string, because: string) => Promise<void>;
}>;

const SYSTEM: By = { actor: { kind: 'system', id: 'assurance' } };
const BEAT_MS = 5000;
const SILENT_SECONDS = 60;
/** A run that does not end. */
const LONGEST_MS = 2 * 3_600_000;
/** A server that has just begun has other things to do. */
const SETTLE_MS = 15 * 60_000;
const NEEDS_TWO: ReadonlySet<string> = new Set(['attack', 'chaos']);

export type Runs = ReturnType<typeof createRuns>;

export function createRuns(needs: RunsNeeds) {
  const { db, clock, audit, log } = needs;
  const state: { going: Promise<void> | null; stop: ((why: string) => void) | null; done: number; current: string | null; runId: Uuid | null } = {
    going: null, stop: null, done: 0, current: null, runId: null,
  }; // prettier-ignore

  const openedAt = clock().getTime();
  const whyNot = async (): Promise<'STOPPED' | 'INCIDENT_OPEN' | null> => {
    if ((await readSwitch(db))?.pulled === true) return 'STOPPED';
    return (await needs.isIncidentOpen()) ? 'INCIDENT_OPEN' : null;
  };
  /** Kinds that need two people, and may run now. */
  const armedNow = async (): Promise<ReadonlySet<string>> =>
    needs.isArmed ? NEEDS_TWO : new Set(await armedKinds(db, clock()));
  /** Those that may run now; two people let attacks run where customers are. */
  const allowedNow = async (tests: readonly ControlTest[]): Promise<readonly ControlTest[]> => {
    const armed = await armedNow();
    return tests.filter(({ kind }) => !NEEDS_TWO.has(kind) || armed.has(kind));
  };

  const take = async (
    { runId, ordered }: { runId: Uuid; ordered: readonly string[] },
    result: TestResult,
    kept: TestResult[],
  ): Promise<void> => {
    const isKnown =
      ordered.includes(result.testId) &&
      result.run === publicId('run', runId) &&
      result.evidence.every(({ hash, bytes }) => hash === createHash('sha256').update(bytes).digest('hex'));
    if (!isKnown || kept.some(({ testId }) => testId === result.testId)) throw new Error('a result of something else');
    const shown = JSON.stringify([result.because, ...result.evidence.map(({ bytes }) => bytes)]);
    const found = needs.personalIn(shown);
    kept.push(result);
    // what is refused is refused whole: a hash of it may be tried out
    const safe: TestResult = found === null ? result : { ...result, verdict: 'invalid', because: `its evidence was refused: it may hold a person's ${found}`, evidence: [] }; // prettier-ignore
    await transact(db, async (tx) => {
      for (const each of safe.evidence) await keepEvidence(tx, each);
      await insertResult(tx, runId, kept.length, safe);
    });
    if (found !== null)
      await needs.onTrouble('assurance.evidence', `${result.testId}: evidence with a person's ${found}`);
    state.done = kept.length;
  };

  type Ended = Readonly<{ state: RunState; because: string; signature: string | null }>;
  /** @returns false when another server ended it */
  const end = (runId: Uuid, ended: Ended): Promise<boolean> =>
    transact(db, async (tx) => {
      if (!(await endRun(tx, runId, { ...ended, at: clock() }))) return false;
      const counts = { pass: 0, fail: 0, invalid: 0 };
      // as they were kept: one whose evidence was refused is invalid there
      for (const { verdict } of await resultsOf(tx, runId)) counts[verdict] += 1;
      const { index } = await audit.appendIn(tx, { ...SYSTEM, action: 'assurance.run.end', outcome: ended.state === 'done' ? 'done' : 'failed', detail: { run: publicId('run', runId), state: ended.state, signature: ended.signature ?? '', ...counts } });
      await noteEnd(tx, runId, index);
      return true;
    }); // prettier-ignore

  const carry = async (runId: Uuid, tests: readonly ControlTest[]): Promise<void> => {
    let stage: Stage | null = null;
    let child: RunnerProcess | null = null;
    let ended: Ended = { state: 'failed', because: 'it did not begin', signature: null }; // prettier-ignore
    const results: TestResult[] = [];
    let stopped: string | null = null;
    const beating = setInterval(() => {
      void (async () => {
        const asked = await beatRun(db, runId);
        if (asked !== null) return state.stop?.(asked);
        const why = await whyNot();
        if (why !== null) return state.stop?.(why === 'STOPPED' ? PULLED : 'an incident was opened');
        if ((await allowedNow(tests)).length < tests.length) state.stop?.('what it does is not armed any more');
      })().catch((err: unknown) => log.warn({ err }, 'a run could not say that it goes on'));
    }, BEAT_MS);
    const longest = setTimeout(() => state.stop?.('it took too long'), LONGEST_MS);
    try {
      state.stop = (why) => void (stopped ??= why);
      stage = await needs.setStage(runId, tests.map(({ id }) => id)); // prettier-ignore
      if (stopped !== null) throw new Error('it was stopped before it began');
      child = needs.startRunner();
      const running = child;
      state.stop = (why) => {
        stopped ??= why;
        running.stop();
      };
      const key = await child.key;
      await transact(db, async (tx) => {
        const { index } = await audit.appendIn(tx, { ...SYSTEM, action: 'assurance.run.key', outcome: 'done', detail: { run: publicId('run', runId), key } });
        await noteRunnerKey(tx, runId, key, index);
      });
      const desk = stage.desk as unknown as Record<string, (...args: readonly unknown[]) => Promise<unknown>>;
      const signature = await child.go(stage.world, {
        ask: (name, args) => (desk[name] as (typeof desk)[string])(...args),
        begun: (testId) => (state.current = testId),
        result: (result) => take({ runId, ordered: tests.map(({ id }) => id) }, result, results),
      });
      const spki = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
      const isSigned = verify(null, Buffer.from(signedText(publicId('run', runId), results)), spki, Buffer.from(signature, 'base64'));
      const isWhole = stopped !== null || results.length === tests.length;
      ended = isSigned && isWhole
        ? { state: stopped === null ? 'done' : 'stopped', because: stopped ?? '', signature }
        : { state: 'refused', because: isSigned ? 'the runner left tests out' : 'the results are not what their runner signed', signature: null };
    } catch (err) {
      log.error({ err }, 'a run of control tests broke off');
      ended = { state: 'failed', because: stopped ?? 'it broke off', signature: null };
    } finally {
      clearInterval(beating);
      clearTimeout(longest);
      state.stop = null;
      state.current = null;
      await child?.close().catch((err: unknown) => log.error({ err }, 'a runner did not end'));
      try {
        await stage?.close();
      } catch (err) {
        log.error({ err }, 'a run was not cleaned up; it is tried again');
        await needs.onTrouble('assurance.cleanup', 'what a run made could not be taken away; it is tried again').catch(() => undefined);
      }
    }
    const isOurs = await end(runId, ended);
    // another server gave it up meanwhile, and took its canaries: what it says counts for nothing
    if (!isOurs) return;
    if (ended.state === 'done' || ended.state === 'stopped') await needs.onResults(runId, results, ended.state);
    else await needs.onTrouble('assurance.run', `a run ended as ${ended.state}: ${ended.because}`);
  }; // prettier-ignore

  const begin = async (by: By, wanted: readonly string[], options: Readonly<{ lenient?: boolean }> = {}): Promise<Uuid> => {
    const asked = wanted.length === 0 ? CONTROL_TESTS : CONTROL_TESTS.filter(({ id, family }) => wanted.includes(id) || wanted.includes(family));
    if (asked.length === 0 || !wanted.every((name) => CONTROL_TESTS.some(({ id, family }) => id === name || family === name))) throw assuranceFailure('TEST_UNKNOWN');
    const why = await whyNot();
    if (why !== null) throw assuranceFailure(why);
    const tests = await allowedNow(asked);
    if (tests.length === 0 || (tests.length < asked.length && wanted.length > 0 && options.lenient !== true)) throw assuranceFailure('NOT_ARMED');
    const runId = uuidv7(clock().getTime());
    await transact(db, async (tx) => {
      if (!(await insertRun(tx, { run_id: runId, asked_by: by.actor.id, tests: tests.map(({ id }) => id), started_at: clock(), version: needs.version }))) throw assuranceFailure('RUN_GOING');
      await audit.appendIn(tx, { action: 'assurance.run.begin', actor: by.actor, outcome: 'done', detail: { run: publicId('run', runId), tests: tests.length }, ...(by.requestId === undefined ? {} : { requestId: by.requestId }) });
    });
    state.done = 0;
    state.runId = runId;
    state.going = carry(runId, tests).catch((err: unknown) => log.error({ err }, 'a run could not be ended')).finally(() => (state.going = null)); // prettier-ignore
    return runId;
  }; // prettier-ignore

  return {
    begin,
    armedNow,
    whyNot,
    /** How far the run of this server is. */
    progress: () => ({ done: state.done, current: state.current }),
    /** Whether this server runs it. */
    goesOn: (runId: Uuid) => state.going !== null && state.runId === runId,
    /** Resolves when no run of this server goes on. */
    settled: async () => {
      await state.going;
    },
    stop: (why: string) => state.stop?.(why),
    /** Begins the run of all tests when it is due; ends those whose server is gone. */
    tick: async () => {
      for (const { run_id } of await silentRuns(db, SILENT_SECONDS)) {
        const gone: Ended = { state: 'failed', because: 'its server is gone', signature: null };
        if (await end(run_id, gone)) await needs.onTrouble('assurance.run', `a run ended as failed: ${gone.because}`);
      }
      if (state.going === null) await needs.sweepStage();
      if (needs.everyHours === 0 || state.going !== null) return;
      if (clock().getTime() - openedAt < SETTLE_MS) return;
      const last = await lastRunAt(db, SYSTEM.actor.id);
      if (last !== null && clock().getTime() - last.getTime() < needs.everyHours * 3_600_000) return;
      if ((await whyNot()) !== null) return;
      await begin(SYSTEM, [], { lenient: true }).catch((thrown: unknown) => {
        // another server was first
        if ((thrown as { code?: unknown }).code !== 'ASSURANCE_RUN_GOING') throw thrown;
      });
    },
    close: async () => {
      state.stop?.('the server stops');
      await state.going;
    },
  };
}
