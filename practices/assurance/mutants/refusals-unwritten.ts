import type { Mutant } from './mutant.ts';

export default {
  id: 'refusals-unwritten',
  family: 'AUDIT',
  says: 'who is refused at the system’s own doors leaves no trace',
  file: 'practices/access/http/guard.ts',
  find: 'if (allow) {',
  replace: 'if (!allow) throw refusal(decision);\n  if (allow) {',
  killedBy: ['AUDIT-01'],
} satisfies Mutant;
