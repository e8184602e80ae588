import type { Mutant } from './mutant.ts';

export default {
  id: 'log-not-waited-for',
  family: 'CHAOS',
  says: 'values leave before the log knows of it',
  file: 'practices/vault/read.ts',
  find: 'const { index } = await core.audit.append(event);',
  replace: 'const index = 0n;\n  void core.audit.append(event).catch(() => undefined);',
  killedBy: ['CHAOS-01'],
} satisfies Mutant;
