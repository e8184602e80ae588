import type { Mutant } from './mutant.ts';

export default {
  id: 'every-field-declared',
  family: 'AUTHZ',
  says: 'fields leave for purposes that they were not collected for',
  file: 'practices/access/allowed.ts',
  find: 'const verdict = plain.field(dataClass, declared);',
  replace: 'const verdict = plain.field(dataClass, true);',
  killedBy: ['AUTHZ-01'],
} satisfies Mutant;
