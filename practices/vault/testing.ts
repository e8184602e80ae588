/** An installation for tests: a database, root keys and a log's key of its own, and any number of servers on them. */
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createAudit } from '#platform/audit';
import type { Db } from '#platform/db';
import type { RecordId } from '#platform/ids';
import { freshDatabase } from '#platform/testing';
import { starterDecide, type Actor, type Decide } from '#practices/access';
import { checkText, checkValue, parseCatalog, type Catalog } from '#practices/collection';

import type { FieldCipherName } from './open-vault.ts';
import { createVault, openCore, openFoundation, openKms, type Caller, type Vault } from './index.ts';
import type { Kms } from './kms/kms.ts';

const ROOT = new URL('../../', import.meta.url);

const actor = (role: string, collections: readonly string[]): Actor => ({
  kind: 'service',
  id: `key_${role}`,
  name: role,
  role,
  scope: { purposes: [], classes: [], collections },
  expiresAt: null,
});

export const callerFor = (role: string, purpose = 'service.support', collections: readonly string[] = []): Caller => ({
  actor: actor(role, collections),
  purpose,
  requestId: 'test',
});

export type Installation = {
  db: Db;
  catalogText: string;
  /** Its two root keys, made when they are not there yet. */
  kms: () => Promise<{ first: Kms; second: Kms }>;
  /** One server of the installation: its own memory, the same database and root keys. */
  server: (options?: {
    catalog?: Catalog;
    failing?: boolean;
    fieldCipher?: FieldCipherName;
    decide?: Decide;
  }) => Promise<Vault>;
  close: () => Promise<void>;
};

export async function testInstallation(): Promise<Installation> {
  const home = await mkdtemp(join(tmpdir(), 'sr-vault-'));
  const migrated = ['platform/audit', 'practices/vault', 'practices/access'].map((folder) => ({
    schema: folder.split('/')[1] as string,
    folder: new URL(`${folder}/sql/`, ROOT),
  }));
  const fresh = await freshDatabase(undefined, { migrated });
  const catalogText = await readFile(new URL('examples/catalog.yaml', ROOT), 'utf8');
  const signer = { name: 'test', privateKey: generateKeyPairSync('ed25519').privateKey };
  const pseudonymKey = createSecretKey(randomBytes(32));
  const kms: Installation['kms'] = async () => ({
    first: await openKms(`file:${join(home, 'a.json')}`, { whenMissing: 'make' }),
    second: await openKms(`file:${join(home, 'b.json')}`, { whenMissing: 'make' }),
  });
  return {
    db: fresh.db,
    catalogText,
    kms,
    server: async ({
      catalog = parseCatalog(catalogText),
      failing = false,
      fieldCipher,
      decide = starterDecide(),
    } = {}) => {
      const foundation = await openFoundation({ db: fresh.db, kms: await kms() });
      const audit = createAudit({
        db: fresh.db,
        clock: () => new Date(),
        signer,
        node: 'node_test',
        pseudonymKey,
        sealPersonal: async (_id, bytes) => await Promise.resolve(bytes),
      });
      const log = failing ? { ...audit, append: () => Promise.reject(new Error('the log is gone')) } : audit;
      const needs = {
        audit: log,
        decide,
        spendGrants: () => Promise.resolve(false),
        catalog: () => catalog,
        clock: () => new Date(),
        dekDays: 365,
        ...(fieldCipher === undefined ? {} : { fieldCipher }),
      };
      return createVault(await openCore(foundation, needs), { checkValue, checkText });
    },
    close: async () => {
      await fresh.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Stores one customer. @throws the failure of its outcome */
export async function putOne(
  vault: Vault,
  externalId: string,
  fields: Record<string, unknown>,
  caller = callerFor('application'),
): Promise<RecordId> {
  const ask = { collection: 'customer', items: [{ subject: { externalId }, fields }], onDuplicate: 'reject' } as const;
  const [outcome] = (await vault.put(caller, ask)).outcomes;
  if (outcome?.status === 'rejected') throw outcome.failure;
  if (outcome === undefined || outcome.status === 'valid') throw new Error('no record was stored');
  return outcome.id;
}

/** Begins a work and does it. */
export async function doWork(vault: Vault, what: 'epoch' | 'keys' | 'index' | 'verify') {
  const { work_id: id } = await vault.beginWork(callerFor('custodian'), what);
  await vault.runWorks(() => false);
  return await vault.work(id);
}
