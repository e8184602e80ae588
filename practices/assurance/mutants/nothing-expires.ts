import type { Mutant } from './mutant.ts';

export default {
  id: 'nothing-expires',
  family: 'COLLECTION',
  says: 'what is over stays',
  file: 'practices/vault/expire.ts',
  find: 'for (const id of expired) if (await expireRecord(core, id)) went += 1;',
  replace: 'went = expired.length > 0 ? 0 : went;',
  killedBy: ['COLLECTION-02'],
} satisfies Mutant;
