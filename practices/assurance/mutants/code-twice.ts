import type { Mutant } from './mutant.ts';

export default {
  id: 'code-twice',
  family: 'AUTHN',
  says: 'a one-time code opens as often as it comes',
  file: 'practices/access/store/factors.ts',
  find: 'where person_id = ${personId} and last_step < ${step}`',
  replace: 'where person_id = ${personId} and last_step <= ${step}`',
  killedBy: ['AUTHN-03'],
} satisfies Mutant;
