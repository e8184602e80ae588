import type { Mutant } from './mutant.ts';

export default {
  id: 'refusals-not-heeded',
  family: 'AUTHZ',
  says: 'a refusal of the policies is written down and not heeded',
  file: 'practices/vault/core.ts',
  find: 'if (!decision.allow) await refuse(core, caller, ask, decision, decision.because);',
  replace: '',
  killedBy: ['AUTHZ-07'],
} satisfies Mutant;
