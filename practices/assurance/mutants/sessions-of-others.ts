import type { Mutant } from './mutant.ts';

export default {
  id: 'sessions-of-others',
  family: 'AUTHZ',
  says: 'anybody ends anybody’s session',
  file: 'practices/access/store/sessions.ts',
  find: 'and person_id = ${personId} and ended_at is null`;\n  return ended.count === 1;',
  replace: 'and ${personId}::uuid is not null and ended_at is null`;\n  return ended.count === 1;',
  killedBy: ['AUTHZ-03'],
} satisfies Mutant;
