import type { Mutant } from './mutant.ts';

export default {
  id: 'authn-off',
  family: 'AUTHN',
  says: 'routes that are not public answer to nobody',
  file: 'practices/access/http/who-asks.ts',
  find: '',
  replace: '',
  killedBy: ['AUTHN-01'],
} satisfies Mutant;
