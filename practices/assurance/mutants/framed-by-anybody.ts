import type { Mutant } from './mutant.ts';

export default {
  id: 'framed-by-anybody',
  family: 'NET',
  says: 'pages of the center, and others without a session, may be framed by any site',
  file: 'platform/http/own-site.ts',
  find: "; frame-ancestors 'none'\"",
  replace: '"',
  killedBy: ['NET-01'],
} satisfies Mutant;
