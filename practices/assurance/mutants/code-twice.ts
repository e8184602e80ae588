import type { Mutant } from './mutant.ts';

export default {
  id: 'code-twice',
  family: 'AUTHN',
  says: 'a one-time code opens as often as it comes',
  file: 'practices/access/store/factors.ts',
  find: 'and secret = ${secret} and last_step < ${step}`',
  replace: 'and secret = ${secret} and last_step <= ${step}`',
  killedBy: ['AUTHN-03'],
} satisfies Mutant;
