import type { Mutant } from './mutant.ts';

export default {
  id: 'restriction-ignored',
  family: 'PRIVACY',
  says: 'a restricted record is read as any',
  file: 'practices/vault/read.ts',
  find: 'restricted: stored.restricted !== null,',
  replace: 'restricted: false,',
  killedBy: ['PRIVACY-02'],
} satisfies Mutant;
