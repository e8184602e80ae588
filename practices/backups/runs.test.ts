/** Backups that are cut off, doubled or moved to other stores; and what a restore refuses. One database, real folders. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { migrate } from '#platform/db';
import { uuidv7 } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import { createBackups, type BackupsNeeds } from './backups.ts';
import type { Death } from './dying-process.ts';
import { makeIdentity } from './keys/identity.ts';
import type { ForgottenNow } from './ledger.ts';
import { liveBytes } from './live-bytes.ts';
import { findBackup, type FindAsk } from './restore/find.ts';
import { createSealer } from './sealing/sealer.ts';
import { signerFromSeed } from './signed.ts';
import { createStores } from './stores.ts';
import { openTarget } from './targets/open-target.ts';
import { EVERY_MIGRATION } from './testing-database.ts';
import { clocksStep } from './runs-clocks.tests.ts';
import { tablesInUse } from './runs-tables.tests.ts';
import { storesAndServers } from './runs-stores.tests.ts';
import { drillsProve } from './runs-drills.tests.ts';
import { restoreIsRefused } from './runs-restored.tests.ts';
import { serversStop } from './runs-stopped.tests.ts';

const WHO = { kind: 'system', id: 'test' } as const;
const installation = uuidv7();
const seed = randomBytes(64);
const signer = signerFromSeed(seed);

const sealer = createSealer(2);
const identity = await makeIdentity();

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let top = '';
let forgotten: ForgottenNow['erasures'];
const open: { close: () => Promise<void> }[] = [];

before(async () => {
  fresh = await freshDatabase();
  await migrate(fresh.db, EVERY_MIGRATION);
});
beforeEach(async () => {
  await tidy();
  top = await mkdtemp(join(tmpdir(), 'sr-runs-'));
  forgotten = [];
  await fresh.db`truncate backups.runs, backups.segments, backups.slot, backups.objects, backups.ledger, backups.ledger_sent, backups.recipients`;
});
after(async () => {
  await tidy();
  await sealer.close();
  await fresh.close();
});

async function tidy(): Promise<void> {
  await Promise.all(open.splice(0).map((each) => each.close()));
  if (top !== '') await rm(top, { recursive: true, force: true });
}

const directory = (name: string): string => `directory:${top}/${name}`;

async function backupsAt(places: readonly string[], more: Partial<BackupsNeeds> = {}) {
  const backups = createBackups({
    db: fresh.db,
    clock: () => new Date(),
    audit: { append: async () => ({}) as never },
    installation,
    signer: async () => signer,
    stores: createStores({ data: places, key: places, ledger: places }, openTarget),
    address: fresh.url,
    takeKeys: async () => ({}),
    files: async () => [],
    forgottenSince: async () => ({ erasures: forgotten, restrictions: [] }),
    partsSince: async (to) => ({ parts: [], to, more: false }),
    everyHours: 0,
    sealer,
    ...more,
  });
  open.push(backups);
  await backups.trust(WHO, identity.recipient, 'offline');
  return { ...backups, take: async () => (await backups.begin('data', WHO)).done };
}

const forget = (): void => {
  forgotten = [...forgotten, { idHash: randomBytes(32).toString('hex'), at: new Date(), epoch: 1 }];
};

async function askOf(place: string): Promise<FindAsk & { identity: string; addresses: { data: string; key: string } }> {
  const target = await openTarget(place);
  return {
    stores: { data: target, key: target, ledger: target },
    addresses: { data: place, key: place },
    trusted: signer.fingerprint,
    fingerprint: identity.fingerprint,
    identity: identity.identity,
    at: null,
    ledgerHours: 24,
  };
}

/** Of two stores and two planes: the keys come within the data. */
const POINTS = [['put', 1], ['objects', 1], ['signed', 1], ['put manifest', 1], ['done', 1], ['details', 2], ['signed', 2], ['put manifest', 3], ['put manifest', 4], ['done', 2]] as const; // prettier-ignore

test('killed at any point, of keys or of data, in one store or in both: each store has one whole chain', async () => {
  const places = [directory('a'), directory('b')];
  const next = await backupsAt(places);
  for (const [at, nth] of POINTS) {
    const death: Death = { url: fresh.url, places, installation, seed: seed.toString('hex'), what: 'data', at, nth };
    const child = fork(new URL('dying-process.ts', import.meta.url), [JSON.stringify(death)]);
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'], `${at} ${nth}`);
    await fresh.db`update backups.runs set beat_at = now() - interval '31 s' where state = 'running'`;
    await next.tick();
  }
  const last = await next.take();
  const done = await fresh.db<{ plane: string; n: number }[]>`
    select plane, count(*)::int as n from backups.runs where state = 'done' group by plane order by plane`;
  assert.deepEqual(
    done.map(({ n }) => n),
    [Number(last.seq), Number(last.keys_seq)],
  );
  assert.equal(last.seq, 5n, 'signed, put in one, put in both, noted; and the last');
  for (const place of places) {
    const { chains } = await findBackup(await askOf(place));
    assert.deepEqual(
      [chains.data.length, chains.key.length],
      done.map(({ n }) => n),
    );
  }
});

test('what a backup holds in memory is a few objects, however large the database is', async () => {
  const rows = 250;
  await fresh.db`
    insert into vault.records (subject_id, record_no, collection_no, version, box, lookups)
    select gen_random_uuid(), n, 9, 1, (select decode(string_agg(md5(random()::text || n::text || i::text), ''), 'hex') from generate_series(1, 6250) i), ''
    from generate_series(1, ${rows}::int) n`;
  try {
    const before = liveBytes();
    const held: number[] = [];
    const stop = (at: string): void => void (at === 'put' && held.push(liveBytes() - before));
    const { bytes } = await (await backupsAt([directory('a')], { stop })).take();
    assert.ok(held.length > 5 && bytes > 2n * 100_000n * BigInt(rows), `${held.length} objects of ${bytes} bytes`);
    // two readers, each with rows, frames and an object that is put
    assert.ok(Math.max(...held) < 36 * 2 ** 20, `${Math.max(...held) / 2 ** 20} MiB were held`);
  } finally {
    await fresh.db`delete from vault.records where collection_no = 9`;
  }
});

/** What the parts are handed, as it is when they ask. */
const running = () => ({ WHO, signer, sealer, identity, fresh, top, directory, backupsAt, forget, askOf });
export type Running = ReturnType<typeof running>;

tablesInUse(running);
storesAndServers(running);
drillsProve(running);
restoreIsRefused(running);
serversStop(running);
clocksStep(running);
