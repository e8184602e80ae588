import type { Mutant } from './mutant.ts';

export default {
  id: 'bodies-without-end',
  family: 'NET',
  says: 'bodies may be four times as large',
  file: 'platform/http/index.ts',
  find: 'const BODY_LIMIT_BYTES = 16 * 1024 * 1024;',
  replace: 'const BODY_LIMIT_BYTES = 64 * 1024 * 1024;',
  killedBy: ['NET-07'],
} satisfies Mutant;
