import type { Mutant } from './mutant.ts';

export default {
  id: 'addresses-told-apart',
  family: 'AUTHN',
  says: 'the sign-in says whether somebody works here',
  file: 'practices/access/identity/sign-in.ts',
  find: "if (usable === null || checked === 'wrong') throw await refuse('SIGN_IN_REFUSED');",
  replace:
    "if (usable === null) throw await refuse('SECOND_FACTOR');\n    if (checked === 'wrong') throw await refuse('SIGN_IN_REFUSED');",
  killedBy: ['AUTHN-06'],
} satisfies Mutant;
