import type { Mutant } from './mutant.ts';

export default {
  id: 'undeclared-taken',
  family: 'COLLECTION',
  says: 'a field that nobody declared is taken as the first one that is',
  file: 'practices/vault/check-record.ts',
  find: 'const spec = collection.fields.get(name);',
  replace: 'const spec = collection.fields.get(name) ?? [...collection.fields.values()][0];',
  killedBy: ['COLLECTION-01'],
} satisfies Mutant;
