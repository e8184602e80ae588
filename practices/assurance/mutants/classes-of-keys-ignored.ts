import type { Mutant } from './mutant.ts';

export default {
  id: 'classes-of-keys-ignored',
  family: 'AUTHZ',
  says: 'a key that is narrowed to a class shows all of them',
  file: 'practices/access/allowed.ts',
  find: 'if (scope.classes.length > 0 && !scope.classes.includes(spec.class)) return this.#ask(OUTSIDE);',
  replace: '',
  killedBy: ['AUTHZ-05'],
} satisfies Mutant;
