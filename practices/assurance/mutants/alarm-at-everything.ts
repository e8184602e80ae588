import type { Mutant } from './mutant.ts';

export default {
  id: 'alarm-at-everything',
  family: 'MONITOR',
  says: 'every request is an alarm',
  file: 'practices/traffic/detect/own-honey.ts',
  find: 'if (touched === 0) return NONE;',
  replace: 'if (touched < 0) return NONE;',
  killedBy: ['MONITOR-05'],
} satisfies Mutant;
