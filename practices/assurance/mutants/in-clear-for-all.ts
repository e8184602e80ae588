import type { Mutant } from './mutant.ts';

export default {
  id: 'in-clear-for-all',
  family: 'NET',
  says: 'it listens beyond this machine without TLS',
  file: 'server/assurance-standing.ts',
  find: '{ host: config.host,',
  replace: "{ host: '0.0.0.0',",
  killedBy: ['NET-04'],
} satisfies Mutant;
