/** Where each control test stands: its newest result counts, and only within its interval. Nothing is green without it. */
import type { ControlTest, Result, Run } from '../types.ts';

/** `unknown`: never run, invalid, or older than its interval. */
export type Standing = Readonly<{
  test: ControlTest;
  state: 'pass' | 'fail' | 'unknown';
  result: Result | null;
  because: string;
}>;

const HOUR_MS = 3_600_000;
/** Two servers' clocks are so far apart. */
const SKEW_MS = 60_000;

/** @param runs in their order, the oldest first: of two the later decides, whatever its clock said */
export function standings(tests: readonly ControlTest[], runs: readonly Run[], now: Date): readonly Standing[] {
  const newest = new Map<string, Result>();
  for (const { results } of runs)
    for (const result of results) {
      const known = newest.get(result.testId);
      if (known === undefined || known.run !== result.run || known.at <= result.at) newest.set(result.testId, result);
    }
  return tests.map((test) => standingOf(test, newest.get(test.id) ?? null, now));
}

/**
 * @param result its newest
 * INVARIANT: a pass counts from when it was until its interval is over, and at no other time: one of a clock that ran ahead
 * would be fresh for as long as it did.
 */
export function standingOf(test: ControlTest, result: Result | null, now: Date): Standing {
  if (result === null) return { test, state: 'unknown', result, because: 'it has not run' };
  if (result.verdict === 'invalid') return { test, state: 'unknown', result, because: result.because };
  const ageMs = now.getTime() - result.at.getTime();
  // a failure stays one when it gets old: only a run closes it
  if (result.verdict === 'fail') return { test, state: 'fail', result, because: result.because };
  if (!(ageMs >= -SKEW_MS))
    return { test, state: 'unknown', result, because: 'its last result is of a time that has not come' };
  if (result.evidence.length === 0 || result.evidence.some(({ kind }) => kind === 'gone'))
    return { test, state: 'unknown', result, because: 'what its result rests on is not there' };
  if (!(ageMs <= test.intervalHours * HOUR_MS))
    return { test, state: 'unknown', result, because: `its last result is older than ${test.intervalHours} hours` };
  return { test, state: 'pass', result, because: result.because };
}
