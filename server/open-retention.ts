/** Retention, as server/compose.ts wires it: between the vault, the catalogue and the log. */
import { createSecretKey, randomBytes } from 'node:crypto';

import type { Audit, LogSigner } from '#platform/audit';
import { macUnder } from '#platform/crypto';
import type { Db } from '#platform/db';
import type { Identity } from '#practices/access';
import { createRetention, type LiveCatalog, type RetentionEngine } from '#practices/collection';
import { openIdentity, type Foundation, type Vault } from '#practices/vault';

export async function openRetention(
  foundation: Foundation,
  needs: Readonly<{
    db: Db;
    audit: Audit;
    clock: () => Date;
    catalog: LiveCatalog;
    vault: Vault;
    identity: Identity;
    signer: LogSigner;
    onWork: () => void;
  }>,
): Promise<RetentionEngine> {
  const { catalog, vault, identity } = needs;
  return createRetention({
    ...needs,
    catalog: catalog.current,
    refreshCatalog: catalog.refresh,
    holdCatalog: catalog.hold,
    vault: vault.retention,
    arePeople: identity.people.areThere,
    mac: macUnder(createSecretKey(await openIdentity(foundation, 'collection/erasures', () => randomBytes(32)))),
  });
}
