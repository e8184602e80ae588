import type { Mutant } from './mutant.ts';

export default {
  id: 'blind-verifier',
  family: 'AUDIT',
  says: 'the verifier says of every log that it is right',
  file: 'platform/audit/verify.ts',
  find: 'ok: problems.length === 0,',
  replace: 'ok: true,',
  killedBy: ['AUDIT-02'],
} satisfies Mutant;
