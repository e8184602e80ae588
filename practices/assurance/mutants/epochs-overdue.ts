import type { Mutant } from './mutant.ts';

export default {
  id: 'epochs-overdue',
  family: 'CRYPTO',
  says: 'a key is used past its time',
  file: 'practices/vault/algorithms.ts',
  find: "key.use === 'data' && key.ageDays > epochDays",
  replace: "key.use === 'data' && key.ageDays >= 0",
  killedBy: ['CRYPTO-04'],
} satisfies Mutant;
