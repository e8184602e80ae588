import type { Mutant } from './mutant.ts';

export default {
  id: 'any-value',
  family: 'COLLECTION',
  says: 'values are not checked',
  file: 'practices/vault/check-record.ts',
  find: 'if (!checked.ok)',
  replace: "if (!checked.ok && typeof value === 'string') return value;\n  if (!checked.ok)",
  killedBy: ['COLLECTION-03'],
} satisfies Mutant;
