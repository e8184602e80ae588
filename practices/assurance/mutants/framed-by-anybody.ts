import type { Mutant } from './mutant.ts';

export default {
  id: 'framed-by-anybody',
  family: 'NET',
  says: 'pages of the center may be framed by any site',
  file: 'practices/privacy/http/center-page.ts',
  find: "; frame-ancestors 'none'\"",
  replace: '"',
  killedBy: ['NET-01'],
} satisfies Mutant;
