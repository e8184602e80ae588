/**
 * Findings of runs: a test that fails opens one, or sees it again; a test that passes closes it; an invalid one says nothing.
 *
 * Results come in the order of the runs, and that order decides, not a clock.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { publicId, type Uuid } from '#platform/ids';
import type { Log } from '#platform/log';

import { CONTROL_TESTS } from '../families/index.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { lockOfRule, lockOfTest } from '../store/findings.ts';
import { resultsOf, type ResultRow, type RunState } from '../store/runs.ts';
import type { ControlTest, Severity } from '../types.ts';
import type { Sighting } from './sightings.ts';
import { ASSURANCE, findingId, moveBySystem, noteSightings, takeIn } from './take-in.ts';

export const OF_TESTS = 'control test';
const OF_RUNS = 'assurance';
const PRODUCT = 'strongroom';

/** What goes wrong with runs themselves. */
const TROUBLES: Readonly<Record<string, Readonly<{ title: string; severity: Severity }>>> = {
  'assurance.run': { title: 'A run of control tests did not end well', severity: 'medium' },
  'assurance.cleanup': { title: 'What a run of control tests made was not taken away', severity: 'medium' },
  'assurance.evidence': { title: 'Evidence of a control test was refused: it may hold somebody’s value', severity: 'high' },
  'assurance.key': { title: 'A key of a runner was used on somebody who is no canary', severity: 'critical' },
}; // prettier-ignore

export type OfRuns = Readonly<{
  /** @param state `done`: all that was wanted was tried */
  onResults: (runId: Uuid, state: RunState) => Promise<void>;
  onTrouble: (rule: string, because: string) => Promise<void>;
}>;

export function findingsOfRuns({ db, audit, clock, log }: Readonly<{ db: Db; audit: Pick<Audit, 'appendIn'>; clock: () => Date; log: Pick<Log, 'error'> }>): OfRuns {
  const seen = async (sighting: Sighting): Promise<void> => {
    await transact(db, async (tx) => {
      const taken = await takeIn(tx, sighting, ASSURANCE, clock());
      await noteSightings(audit, tx, [taken], ASSURANCE, sighting.source);
      if (taken.what !== 'seen again') log.error({ finding: findingId(taken.id), rule: sighting.rule, what: taken.what }, 'a finding of a run');
    });
  };
  const passed = async (runId: Uuid, testId: string): Promise<void> => {
    await transact(db, async (tx) => {
      const at = clock();
      for (const row of await lockOfTest(tx, testId))
        await moveBySystem({ audit, at }, tx, row, 'verified fixed', { what: 'the test passed', note: `in ${publicId('run', runId)}`, changed: { fixed_at: at, accepted_until: null, reason: null } });
    });
  };
  return {
    onResults: async (runId, state) => {
      // as they were kept: one whose evidence was refused is invalid there
      for (const result of await resultsOf(db, runId)) {
        const test = CONTROL_TESTS.find(({ id }) => id === result.test_id);
        if (test === undefined) continue;
        if (result.verdict === 'fail') await seen(sightingOf(test, result));
        else if (result.verdict === 'pass') await passed(runId, test.id);
      }
      if (state !== 'done') return;
      await transact(db, async (tx) => {
        const at = clock();
        for (const row of await lockOfRule(tx, 'assurance.run', OF_RUNS))
          await moveBySystem({ audit, at }, tx, row, 'verified fixed', { what: 'a run ended well', note: `in ${publicId('run', runId)}`, changed: { fixed_at: at, accepted_until: null, reason: null } });
      });
    },
    onTrouble: (rule, because) => {
      const { title, severity } = TROUBLES[rule] ?? { title: 'Something is wrong with control tests', severity: 'medium' as const };
      return seen({ ...placed({ rule, asset: PRODUCT, place: 'control tests' }), rule, title, description: because.slice(0, 2000), severity, cvss: null, version: null, exploited: false, source: OF_RUNS, testId: null });
    },
  };
} // prettier-ignore

export const placed = (at: Readonly<{ rule: string; asset: string; place: string }>) => ({
  asset: at.asset,
  place: at.place,
  parameter: null,
  fingerprint: fingerprintOf(at),
});

/** What was stopped and nobody saw is a finding too, of a lesser kind. */
const severityOf = (test: ControlTest, { prevented }: ResultRow): Severity =>
  prevented === 'yes' && (test.severity === 'critical' || test.severity === 'high') ? 'medium' : test.severity;

function sightingOf(test: ControlTest, result: ResultRow): Sighting {
  return {
    ...placed({ rule: test.id, asset: PRODUCT, place: test.practice }),
    rule: test.id,
    title: result.prevented === 'yes' ? `${test.title}: stopped, and not noticed` : `${test.title}: it does not hold`,
    description: result.because.slice(0, 2000),
    severity: severityOf(test, result),
    cvss: null,
    version: null,
    exploited: false,
    source: OF_TESTS,
    testId: test.id,
  };
}
