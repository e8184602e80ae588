import type { Mutant } from './mutant.ts';

export default {
  id: 'errors-repeat',
  family: 'MASK',
  says: 'an error repeats what somebody sent',
  file: 'practices/vault/search.ts',
  find: 'detail: `the collection ${collection.name} has no such field`,',
  replace: 'detail: `the collection ${collection.name} has no field ${name}`,',
  killedBy: ['MASK-02'],
} satisfies Mutant;
