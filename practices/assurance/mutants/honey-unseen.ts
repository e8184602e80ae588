import type { Mutant } from './mutant.ts';

export default {
  id: 'honey-unseen',
  family: 'MONITOR',
  says: 'whoever touches a planted customer is not seen',
  file: 'practices/traffic/sensors/requests.ts',
  find: 'touched.honey += planted.length;',
  replace: 'touched.honey += 0 * planted.length;',
  killedBy: ['MONITOR-01'],
} satisfies Mutant;
