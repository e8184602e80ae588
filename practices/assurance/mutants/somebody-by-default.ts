import type { Mutant } from './mutant.ts';

export default {
  id: 'somebody-by-default',
  family: 'AUTHN',
  says: 'who shows no credential is taken for the data protection officer',
  file: 'practices/access/http/caller.ts',
  find: "if (token === undefined) throw accessFailure('UNAUTHENTICATED');",
  replace: "if (token === undefined) return (await access.systemActor('nobody', 'dpo')) as Actor;",
  killedBy: ['AUTHN-01'],
} satisfies Mutant;
