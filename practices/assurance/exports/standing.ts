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

export function standings(tests: readonly ControlTest[], runs: readonly Run[], now: Date): readonly Standing[] {
  const newest = new Map<string, Result>();
  for (const { results } of runs)
    for (const result of results) {
      const known = newest.get(result.testId);
      if (known === undefined || known.at <= result.at) newest.set(result.testId, result);
    }
  return tests.map((test) => {
    const result = newest.get(test.id) ?? null;
    if (result === null) return { test, state: 'unknown', result, because: 'it has not run' };
    if (result.verdict === 'invalid') return { test, state: 'unknown', result, because: result.because };
    const isOld = now.getTime() - result.at.getTime() > test.intervalHours * HOUR_MS;
    // a failure stays one when it gets old: only a run closes it
    if (isOld && result.verdict === 'pass')
      return { test, state: 'unknown', result, because: `its last result is older than ${test.intervalHours} hours` };
    return { test, state: result.verdict, result, because: result.because };
  });
}
