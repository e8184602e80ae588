import type { Mutant } from './mutant.ts';

export default {
  id: 'parts-unlocked',
  family: 'SUPPLY',
  says: 'the lock file names no hash',
  file: 'server/assurance-stage.ts',
  find: 'root: ROOT,',
  replace: 'root: `${ROOT}vectors/assurance-supply`,',
  killedBy: ['SUPPLY-01'],
} satisfies Mutant;
