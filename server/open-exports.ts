/** Exports for analysis, as server/compose.ts wires them: between the vault, the catalogue and the log. */
import { randomBytes } from 'node:crypto';

import type { Audit } from '#platform/audit';
import { openDb, type Db, type DbAddress } from '#platform/db';
import type { Identity } from '#practices/access';
import { createExports, type Exports, type LiveCatalog } from '#practices/collection';
import { maskValue, openIdentity, type Foundation, type Vault } from '#practices/vault';

/** Grouping many rows takes as long as it takes; who asks can go away. */
const SPOOL = { connections: 1, applicationName: 'strongroom export', statementTimeoutMs: 600_000 } as const;

export async function openExports(
  foundation: Foundation,
  needs: Readonly<{
    db: Db;
    address: DbAddress;
    audit: Audit;
    clock: () => Date;
    catalog: LiveCatalog;
    vault: Vault;
    identity: Identity;
  }>,
): Promise<Exports> {
  return createExports({
    ...needs,
    catalog: needs.catalog.current,
    arePeople: needs.identity.people.areThere,
    mask: maskValue,
    openSpool: () => openDb(needs.address, SPOOL),
    pseudonymKey: await openIdentity(foundation, 'collection/pseudonyms', () => randomBytes(32)),
  });
}
