import type { Mutant } from './mutant.ts';

export default {
  id: 'values-told-to-the-log',
  family: 'MASK',
  says: 'what is opened is told to the log, and to whoever reads the log',
  file: 'practices/vault/read.ts',
  find: 'const fields: Record<string, ReadField> = {};',
  replace:
    "const fields: Record<string, ReadField> = {};\n  await core.audit.append({ action: 'vault.read', actor: { kind: 'system', id: 'debug' }, outcome: 'done', detail: { opened: JSON.stringify([...opened]) } });",
  killedBy: ['MASK-06'],
} satisfies Mutant;
