/** Opens the vault on a database: installation, epochs, numbers, and everything that stands on them. */
import { macs, randomPool } from '#platform/crypto';
import type { Audit } from '#platform/audit';
import type { Db } from '#platform/db';
import type { Access } from '#practices/access';
import type { Catalog } from '#practices/collection';

import { numberedFields, type Core } from './core.ts';
import { createFieldCipher } from './envelope.ts';
import { openEpochs, type Epochs } from './epochs.ts';
import { NO_KEEPERS, type Keepers } from './keepers.ts';
import type { Kms } from './kms/kms.ts';
import { createLookups } from './lookups.ts';
import { epochStore, installationId, numberNames } from './store/keys.ts';
import { createSubjectKeys } from './subject-keys.ts';
import { AES_GCM, proveSuites, TWO_LAYERS, XCHACHA, type FieldSuite } from './suites.ts';
import type { KeyClass } from './types.ts';
import type { Uuid } from '#platform/ids';

/** What is open before the audit log can be: the log's own keys come out of the vault's roots. */
export type Foundation = Readonly<{ db: Db; installation: Uuid; epochs: Epochs; kms: { first: Kms; second: Kms } }>;

/** @throws VAULT_SUITE_BROKEN, VAULT_ROOT_KEY_WRONG, KMS_* */
export async function openFoundation(needs: { db: Db; kms: { first: Kms; second: Kms } }): Promise<Foundation> {
  proveSuites();
  const installation = await installationId(needs.db);
  const epochs = await openEpochs({ store: epochStore(needs.db), kms: needs.kms, installation });
  return { ...needs, installation, epochs };
}

/** Special data gets two layers under two roots; keys of attachments and of the log derive others, for AES. */
const suiteFor = (keyClass: KeyClass, fields: FieldSuite): number => {
  if (keyClass === 'special') return TWO_LAYERS;
  return keyClass === 'attachment' || keyClass === 'audit' ? AES_GCM : fields;
};
const FIELD_CIPHERS = { 'xchacha20-poly1305': XCHACHA, 'aes-256-gcm': AES_GCM } as const;
export type FieldCipherName = keyof typeof FIELD_CIPHERS;

export type CoreNeeds = {
  audit: Audit;
  decide: Access['decide'];
  spendGrants: Access['grants']['spend'];
  /** Left out where no policy looks at how much is read. */
  reading?: Core['reading'];
  noteBatch?: Core['noteBatch'] & {};
  /** Left out where nobody is made up for exercises. */
  madeUp?: Core['madeUp'];
  catalog: () => Catalog;
  clock: () => Date;
  dekDays: number;
  /** What fields of one layer are sealed with from now on (docs/adr/0015-xchacha-first.md). */
  fieldCipher?: FieldCipherName;
  attachmentBytes?: number;
  intakeDays?: number;
  /** Left out where the catalogue cannot change. */
  isCatalogHeld?: Core['isCatalogHeld'];
  refreshCatalog?: Core['refreshCatalog'];
  keepers?: Keepers;
};

export async function openCore(foundation: Foundation, needs: CoreNeeds): Promise<Core> {
  const { db, installation, epochs } = foundation;
  let numbers = await numberCatalog(db, needs.catalog());
  const random = randomPool();
  const macOf = macs();
  const fields = FIELD_CIPHERS[needs.fieldCipher ?? 'xchacha20-poly1305'];
  const suiteOf = (keyClass: KeyClass): number => suiteFor(keyClass, fields);
  return {
    attachmentBytes: 256 * 2 ** 20,
    intakeDays: 90,
    reading: (actor) => Promise.resolve(actor),
    madeUp: () => Promise.resolve(new Set()),
    isCatalogHeld: () => Promise.resolve(true),
    refreshCatalog: () => Promise.resolve(),
    keepers: NO_KEEPERS,
    ...needs,
    numberCatalog: async (catalog) => {
      numbers = await numberCatalog(db, catalog);
    },
    db,
    installation,
    epochs,
    root: foundation.kms.first,
    random,
    auditMac: () => macOf(epochs.current('audit').key),
    keys: createSubjectKeys({ installation, epochs, random, clock: needs.clock, suiteFor: suiteOf, ringSuite: fields }),
    suiteFor: suiteOf,
    cipher: createFieldCipher({ nonces: random, clock: needs.clock }),
    lookups: createLookups({ epochs }),
    numbers: () => numbers,
    fieldsByNo: numberedFields(() => numbers),
  };
}

const numberCatalog = (db: Db, catalog: Catalog): ReturnType<typeof numberNames> =>
  numberNames(db, new Map([...catalog.collections.values()].map((each) => [each.name, [...each.fields.keys()]])));
