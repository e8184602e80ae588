import type { Mutant } from './mutant.ts';

export default {
  id: 'terms-in-the-log',
  family: 'MASK',
  says: 'what somebody searched for is written into the log',
  file: 'practices/vault/search.ts',
  find: 'detail: { by: names, candidates: page.length },',
  replace:
    'detail: { by: names.map((name) => `${name} ${JSON.stringify(ask.where[name])}`), candidates: page.length },',
  killedBy: ['MASK-03', 'MASK-04'],
} satisfies Mutant;
