import type { Mutant } from './mutant.ts';

export default {
  id: 'runner-anywhere',
  family: 'AUTHZ',
  says: 'keys of the runner reach customers',
  file: 'practices/access/canary-keys.ts',
  find: 'if (within) return decision;',
  replace: 'if (within || subject !== undefined) return decision;',
  killedBy: ['AUTHZ-02'],
} satisfies Mutant;
