import type { Mutant } from './mutant.ts';

export default {
  id: 'stores-read-short',
  family: 'BACKUP',
  says: 'what is read from a store of backups lacks its last byte',
  file: 'practices/backups/targets/directory.ts',
  find: '        return readFile(path);\n',
  replace: '        return (await readFile(path)).subarray(0, -1);\n',
  killedBy: ['BACKUP-03'],
} satisfies Mutant;
