import type { Mutant } from './mutant.ts';

export default {
  id: 'cookies-across-sites',
  family: 'NET',
  says: 'a cookie counts on requests of any site',
  file: 'practices/access/http/cross-site.ts',
  find: "if (site !== undefined) return site === 'same-origin' || (site === 'none' && SAFE.has(method));",
  replace: 'if (site !== undefined) return true;',
  killedBy: ['NET-03'],
} satisfies Mutant;
