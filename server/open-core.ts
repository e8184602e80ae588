/** The core of the vault, with what it asks of the others. */
import type { Audit } from '#platform/audit';
import type { Config } from '#platform/config';
import type { Db } from '#platform/db';
import type { Access } from '#practices/access';
import { createKeepers, type RetentionEngine } from '#practices/collection';
import { openCore, type Foundation } from '#practices/vault';

import type { openCatalog } from './open-catalog.ts';
import { alsoGone } from './open-traffic.ts';
import type { Parts } from './parts.ts';

type Needs = Readonly<{
  db: Db;
  audit: Audit;
  access: Access;
  catalog: Awaited<ReturnType<typeof openCatalog>>;
  clock: () => Date;
  /** Those that are opened after it, and stand on it. */
  late: Readonly<{
    retention?: RetentionEngine;
    privacy?: Parts['privacy'];
    traffic?: Parts['traffic'];
    education?: Parts['education'];
  }>;
}>;

export type VaultCore = Awaited<ReturnType<typeof openCore>>;

export const openVaultCore = (
  config: Config,
  foundation: Foundation,
  { db, audit, access, catalog, clock, late }: Needs,
): ReturnType<typeof openCore> =>
  openCore(
    { ...foundation, db },
    {
      audit,
      decide: access.decide,
      spendGrants: access.grants.spend,
      reading: access.volume.reading,
      madeUp: async (subjects) => (await late.education?.exercises.madeUp(subjects)) ?? new Set(),
      noteBatch: async (index, subjects) => late.privacy?.seen.noteBatch(index, subjects),
      catalog: catalog.current,
      isCatalogHeld: catalog.hold,
      refreshCatalog: catalog.refresh,
      clock,
      dekDays: config.dekDays,
      fieldCipher: config.fieldCipher,
      attachmentBytes: config.attachmentMib * 2 ** 20,
      intakeDays: config.intakeDays,
      // the vault asks retention before it takes anything away, and retention takes it away by the vault
      keepers: {
        ...alsoGone(
          createKeepers(() => late.retention as RetentionEngine),
          () => late.traffic,
        ),
        lifting: (tx, subjectId, since) =>
          (late.privacy as Parts['privacy']).restrictions.lifting(tx, subjectId, since),
      },
    },
  );
