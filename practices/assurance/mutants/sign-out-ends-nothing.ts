import type { Mutant } from './mutant.ts';

export default {
  id: 'sign-out-ends-nothing',
  family: 'AUTHN',
  says: 'a session goes on after somebody signed out',
  file: 'practices/access/identity/sessions.ts',
  find: 'if (!(await endSession(tx, id, personUuid(personId)))) throw',
  replace: 'if (id === null) throw',
  killedBy: ['AUTHN-04'],
} satisfies Mutant;
