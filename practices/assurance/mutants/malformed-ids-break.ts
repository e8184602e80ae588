import type { Mutant } from './mutant.ts';

export default {
  id: 'malformed-ids-break',
  family: 'INJECT',
  says: 'an id that is none breaks the route',
  file: 'platform/ids/index.ts',
  find: 'if (!text.startsWith(`${prefix}_`)) return null;',
  replace: 'if (!text.startsWith(`${prefix}_`)) throw new SyntaxError(`syntax error at ${prefix}`);',
  killedBy: ['INJECT-01'],
} satisfies Mutant;
