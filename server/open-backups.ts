/** Backups as the settings say: where to, of what, with which keys. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Audit } from '#platform/audit';
import type { Config } from '#platform/config';
import type { Db, DbAddress } from '#platform/db';
import type { Log } from '#platform/log';
import {
  createBackups,
  createStores,
  openTarget,
  signerFromSeed,
  SIGNER_SEED_BYTES,
  type Backups,
  type BackupsNeeds,
  type PartsSince,
  type Signer,
} from '#practices/backups';
import { forgottenSince, openIdentity, takeEscrow, type Foundation } from '#practices/vault';

export function openBackups(
  config: Config,
  foundation: Foundation,
  {
    db,
    clock,
    audit,
    address,
    log,
    partsSince,
    stop,
  }: {
    db: Db;
    clock: () => Date;
    audit: Audit;
    address: DbAddress;
    log: Log;
    partsSince: PartsSince;
    stop?: BackupsNeeds['stop'];
  },
): Backups {
  const { backupHours, backupDrillDays, home, catalog } = config;
  let signer: Promise<Signer> | null = null;
  return createBackups({
    db,
    clock,
    audit,
    installation: foundation.installation,
    signer: () => (signer ??= backupSigner(foundation)),
    stores: createStores(storesOf(config), openTarget),
    address,
    takeKeys: (tx) => takeEscrow(foundation, tx),
    files: async () => {
      const wanted = [
        { name: 'catalog.yaml', path: catalog },
        { name: 'strongroom.config.json', path: join(home, 'strongroom.config.json') },
      ];
      const there = wanted.filter(({ path }) => existsSync(path));
      return Promise.all(there.map(async ({ name, path }) => ({ name, content: await readFile(path) })));
    },
    forgottenSince: (since, mark) => forgottenSince(db, foundation.installation, since, mark),
    partsSince,
    everyHours: backupHours,
    drillDays: backupHours === 0 ? 0 : backupDrillDays,
    say: (words) => log.warn({}, words),
    ...(stop === undefined ? {} : { stop }),
  });
}

/** Addresses of each plane's stores. */
export const storesOf = ({ backupStores, backupKeyStores, backupLedgerStores }: Config) => ({
  data: backupStores,
  key: backupKeyStores ?? backupStores,
  ledger: backupLedgerStores ?? backupStores,
});

/** Who signs manifests: made once, wrapped by the root, and in the key backups, so that a restored system goes on with it. */
export const backupSigner = async (foundation: Foundation): Promise<Signer> =>
  signerFromSeed(await openIdentity(foundation, 'backups/signer', () => randomBytes(SIGNER_SEED_BYTES)));
