import type { Mutant } from './mutant.ts';

export default {
  id: 'training-not-asked',
  family: 'EDU',
  says: 'nobody has to have learnt anything',
  file: 'practices/access/training.ts',
  find: 'if (!isPerson(actor)) return OPEN;',
  replace: 'return OPEN;',
  killedBy: ['EDU-01'],
} satisfies Mutant;
