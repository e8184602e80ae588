import type { Mutant } from './mutant.ts';

export default {
  id: 'any-session',
  family: 'AUTHN',
  says: 'a session’s token that is nobody’s is taken for a support agent’s',
  file: 'practices/access/http/caller.ts',
  find: 'return identity.sessions.authenticate(token);',
  replace:
    "return identity.sessions.authenticate(token).catch(async () => (await access.systemActor('anybody', 'support')) as Actor);",
  killedBy: ['AUTHN-05', 'AUTHN-04'],
} satisfies Mutant;
