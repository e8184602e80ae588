import type { Mutant } from './mutant.ts';

export default {
  id: 'any-length-of-key',
  family: 'TOKEN',
  says: 'a key with something behind it is taken',
  file: 'practices/access/access.ts',
  find: "if (bearer === undefined || !KEY_SHAPE.test(bearer)) throw accessFailure('UNAUTHENTICATED');",
  replace: "if (bearer === undefined) throw accessFailure('UNAUTHENTICATED');\n      bearer = bearer.slice(0, 56);",
  killedBy: ['TOKEN-01'],
} satisfies Mutant;
