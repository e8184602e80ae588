import type { Mutant } from './mutant.ts';

export default {
  id: 'broken-boxes-passed-over',
  family: 'CRYPTO',
  says: 'what does not open is passed over in silence',
  file: 'practices/vault/read.ts',
  find: '      : openFields(core, collection, stored.id, ring, stored.box, wanted);',
  replace:
    '      : ((): Map<string, FieldValue> => { try { return new Map(openFields(core, collection, stored.id, ring, stored.box, wanted)); } catch { return new Map(); } })();',
  killedBy: ['CRYPTO-01', 'CRYPTO-02'],
} satisfies Mutant;
