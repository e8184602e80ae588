import type { Mutant } from './mutant.ts';

export default {
  id: 'purpose-made-up',
  family: 'AUTHZ',
  says: 'who names no purpose is given one',
  file: 'practices/vault/core.ts',
  find: "if (caller.purpose === undefined) throw vaultFailure('PURPOSE_MISSING');",
  replace: "if (caller.purpose === undefined) return 'service.support';",
  killedBy: ['AUTHZ-04'],
} satisfies Mutant;
