import type { Mutant } from './mutant.ts';

export default {
  id: 'runner-may-write',
  family: 'AUDIT',
  says: 'the runner’s role of the database may write',
  file: 'practices/assurance/store/reader-role.ts',
  find: 'grant select on all tables in schema',
  replace: 'grant all on all tables in schema',
  killedBy: ['AUDIT-04'],
} satisfies Mutant;
