import type { Mutant } from './mutant.ts';

export default {
  id: 'a-line-for-debugging',
  family: 'CRYPTO',
  says: 'a line that somebody forgot writes what is read into a file of the home',
  file: 'practices/vault/read.ts',
  find: 'const fields: Record<string, ReadField> = {};',
  replace:
    "const fields: Record<string, ReadField> = {};\n  (await import('node:fs')).appendFileSync(`${process.argv[3]}/debug.log`, JSON.stringify([...opened]));",
  killedBy: ['CRYPTO-03'],
} satisfies Mutant;
