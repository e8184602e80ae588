import type { Mutant } from './mutant.ts';

export default {
  id: 'any-clock',
  family: 'CHAOS',
  says: 'a runner by any clock is believed',
  file: 'practices/assurance/runner/run-tests.ts',
  find: 'if (!(skew <= MOST_SKEW_MS)) throw',
  replace: 'if (!(skew <= MOST_SKEW_MS * 1e9)) throw',
  killedBy: ['CHAOS-03'],
} satisfies Mutant;
