/** What tests of whole backups have: one database with every practice's tables, real folders for stores, somebody to trust. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach } from 'node:test';

import { migrate } from '#platform/db';
import { uuidv7 } from '#platform/ids';
import { freshDatabase, type FreshDatabase } from '#platform/testing';

import { createBackups, type BackupsNeeds } from './backups.ts';
import { makeIdentity, type OfflineIdentity } from './keys/identity.ts';
import type { ForgottenNow } from './ledger.ts';
import type { FindAsk } from './restore/find.ts';
import { createSealer } from './sealing/sealer.ts';
import { signerFromSeed, type Signer } from './signed.ts';
import { createStores } from './stores.ts';
import { openTarget } from './targets/open-target.ts';
import { EVERY_MIGRATION } from './testing-database.ts';

export const WHO = { kind: 'system', id: 'test' } as const;

/** What a restore asks of one store that has all planes. */
export async function askOf({ signer, identity }: Readonly<{ signer: Signer; identity: OfflineIdentity }>, place: string) {
  const target = await openTarget(place);
  return {
    stores: { data: target, key: target, ledger: target },
    addresses: { data: place, key: place },
    trusted: signer.fingerprint,
    fingerprint: identity.fingerprint,
    identity: identity.identity,
    at: null,
    ledgerHours: 24,
  } satisfies FindAsk & Record<string, unknown>;
} // prettier-ignore

/** Call it where tests are declared: it opens before the first of them and begins anew before each. @param usual of all backups */
export async function backupsWorld(sealers: number, usual: Partial<BackupsNeeds> = {}) {
  const seed = randomBytes(64);
  const signer = signerFromSeed(seed);
  const installation = uuidv7();
  const sealer = createSealer(sealers);
  const identity = await makeIdentity();
  const open: { close: () => Promise<void> }[] = [];
  const state = { fresh: null as FreshDatabase | null, top: '', forgotten: [] as ForgottenNow['erasures'] };
  const fresh = (): FreshDatabase => state.fresh as FreshDatabase;
  const tidy = async (): Promise<void> => {
    await Promise.all(open.splice(0).map((each) => each.close()));
    if (state.top !== '') await rm(state.top, { recursive: true, force: true });
  };

  before(async () => {
    state.fresh = await freshDatabase();
    await migrate(fresh().db, EVERY_MIGRATION);
  });
  beforeEach(async () => {
    await tidy();
    state.top = await mkdtemp(join(tmpdir(), 'sr-backups-'));
    state.forgotten = [];
    await fresh().db`truncate backups.runs, backups.segments, backups.slot, backups.objects, backups.ledger, backups.ledger_sent, backups.recipients`;
    await fresh().db`select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database() and not active`;
  });
  after(async () => {
    await tidy();
    await sealer.close();
    await fresh().close();
  });

  return {
    WHO, seed, signer, installation, sealer, identity,
    get fresh() { return fresh(); },
    get top() { return state.top; },
    directory: (name: string): string => `directory:${state.top}/${name}`,
    forget: (): void => {
      state.forgotten = [...state.forgotten, { idHash: randomBytes(32).toString('hex'), at: new Date(), epoch: 1 }];
    },
    askOf: (place: string) => askOf({ signer, identity }, place),
    /** A server's backups with these stores for all planes, which trusts the identity. */
    backupsAt: async (places: readonly string[], more: Partial<BackupsNeeds> = {}) => {
      const backups = createBackups({
        db: fresh().db,
        clock: () => new Date(),
        audit: { append: async () => ({}) as never },
        installation,
        signer: async () => signer,
        stores: createStores({ data: places, key: places, ledger: places }, openTarget),
        address: fresh().url,
        takeKeys: async () => ({}),
        files: async () => [],
        forgottenSince: async () => ({ erasures: state.forgotten, restrictions: [] }),
        partsSince: async (to) => ({ parts: [], to, more: false }),
        everyHours: 0,
        sealer,
        ...usual,
        ...more,
      });
      open.push(backups);
      await backups.trust(WHO, identity.recipient, 'offline');
      return { ...backups, take: async () => (await backups.begin('data', WHO)).done };
    },
  };
} // prettier-ignore
