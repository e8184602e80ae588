import type { Mutant } from './mutant.ts';

export default {
  id: 'backups-never-run',
  family: 'BACKUP',
  says: 'backups are set up and never run',
  file: 'server/assurance-standing.ts',
  find: "const isSetUp = recipients.some(({ kind, retired_at }) => kind === 'offline' && retired_at === null);",
  replace: 'const isSetUp = recipients.length >= 0;',
  killedBy: ['BACKUP-01'],
} satisfies Mutant;
