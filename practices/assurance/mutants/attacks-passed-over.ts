import type { Mutant } from './mutant.ts';

export default {
  id: 'attacks-passed-over',
  family: 'MONITOR',
  says: 'requests are not looked at',
  file: 'server/inspect-requests.ts',
  find: 'if (looked !== null) known.set(request, looked);',
  replace: 'void looked;',
  killedBy: ['MONITOR-06'],
} satisfies Mutant;
