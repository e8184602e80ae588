import type { Mutant } from './mutant.ts';

export default {
  id: 'guessing-not-slowed',
  family: 'AUTHN',
  says: 'passwords may be tried as often as somebody likes',
  file: 'practices/access/identity/slowing.ts',
  find: 'if (waitSeconds !== null) throw',
  replace: 'if (waitSeconds !== null && waitSeconds < 0) throw',
  killedBy: ['AUTHN-02'],
} satisfies Mutant;
