import type { Mutant } from './mutant.ts';

export default {
  id: 'every-origin',
  family: 'NET',
  says: 'every origin may read every answer',
  file: 'platform/http/index.ts',
  find: "reply.header('x-content-type-options', 'nosniff');",
  replace: "reply.header('x-content-type-options', 'nosniff');\n    reply.header('access-control-allow-origin', '*');",
  killedBy: ['NET-02'],
} satisfies Mutant;
