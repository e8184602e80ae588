import type { Mutant } from './mutant.ts';

export default {
  id: 'no-is-yes',
  family: 'PRIVACY',
  says: 'what somebody once agreed to holds for ever',
  file: 'practices/vault/consents.ts',
  find: "if (when > at || (when === at && what === 'withdrawn')) [state, at] = [what, when];",
  replace: "if (what === 'given' || state === 'notAsked') [state, at] = ['given', when];",
  killedBy: ['PRIVACY-01'],
} satisfies Mutant;
