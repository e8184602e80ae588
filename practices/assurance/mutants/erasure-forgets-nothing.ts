import type { Mutant } from './mutant.ts';

export default {
  id: 'erasure-forgets-nothing',
  family: 'PRIVACY',
  says: 'an erasure gives a receipt and takes nothing away',
  file: 'practices/vault/shred.ts',
  find: "const made = await shredIn(core, tx, caller, subjectId, { cause: 'request' });",
  replace:
    "const made = { receipt: 'strongroom/erasure/1', subjectId: '', erasedAt: '', records: 1, lookups: 0, tokens: 0, attachments: 0, keyEpoch: 0, remains: 0, auditIndex: 0 } as const;",
  killedBy: ['PRIVACY-03'],
} satisfies Mutant;
