/**
 * Changes between two backups: killed at every boundary, and restored to many times, the rows are those that were there.
 * One source database, real folders; restores go into copies of an empty migrated one.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext } from 'node:test';

import { addressOf, migrate, openDb, transact, type Db } from '#platform/db';
import { uuidv7 } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import { createBackups, type BackupsNeeds } from '../backups.ts';
import { makeIdentity } from '../keys/identity.ts';
import { restore, type Attestation, type RestoreAsk, type RestoreNeeds } from '../restore/restore.ts';
import { rowSums } from '../sealing/row-sums.ts';
import { createSealer } from '../sealing/sealer.ts';
import { signerFromSeed } from '../signed.ts';
import { appliedMigrations, tablesOf } from '../store/catalogue.ts';
import { copyOut, settle } from '../store/copy-out.ts';
import { whyNot } from '../store/slot.ts';
import { createStores } from '../stores.ts';
import { openTarget } from '../targets/open-target.ts';
import { EVERY_MIGRATION, isWithoutChanges } from '../testing-database.ts';
import { askOf, WHO } from '../testing-world.ts';
import { killedAnywhere } from './segments-killed.tests.ts';
import { gapsAreTold } from './segments-gaps.tests.ts';
import { segmentsEnd } from './segments-ends.tests.ts';

const CANARY = 'Zweifelhammer';
const installation = uuidv7();
const seed = randomBytes(64);
const signer = signerFromSeed(seed);
const sealer = createSealer(1);
const identity = await makeIdentity();

let source: Awaited<ReturnType<typeof freshDatabase>>;
let admin: Db;
let top = '';
let place = '';
const open: { close: () => Promise<void> }[] = [];
const lost: string[] = [];

before(async () => {
  source = await freshDatabase();
  await migrate(source.db, EVERY_MIGRATION);
  admin = openDb(addressOf(source.url, 'postgres'), { connections: 1 });
  await admin
    .unsafe(`create database ${nameOf(0)} template ${new URL(source.url).pathname.slice(1)}`)
    .catch(async () => {
      // somebody's connection of before is still ending
      await source.db.end({ timeout: 1 });
      await admin.unsafe(`create database ${nameOf(0)} template ${new URL(source.url).pathname.slice(1)}`);
    });
  source = { ...source, db: openDb(source.url, { connections: 5 }) };
  top = await mkdtemp(join(tmpdir(), 'sr-segments-'));
  place = `directory:${top}/store`;
});
after(async () => {
  await Promise.all(open.map((each) => each.close()));
  await sealer.close();
  await source.db.end({ timeout: 1 });
  for (let n = copies; n >= 0; n -= 1) await admin.unsafe(`drop database if exists ${nameOf(n)} with (force)`);
  await admin.end({ timeout: 1 });
  await source.close();
  await rm(top, { recursive: true, force: true });
});

let copies = 0;
const nameOf = (n: number): string => `strongroom_copy_${process.pid}_${n}`;

async function backupsAt(more: Partial<BackupsNeeds> = {}) {
  const backups = createBackups({
    db: source.db,
    clock: () => new Date(),
    audit: {
      append: async (event) => {
        if (event.action === 'backups.segments.lost') lost.push(String(event.detail?.['because']));
        return {} as never;
      },
    },
    installation,
    signer: async () => signer,
    stores: createStores({ data: [place], key: [place], ledger: [place] }, openTarget),
    address: source.url,
    takeKeys: async () => ({ n: 1 }),
    files: async () => [],
    forgottenSince: async () => ({ erasures: [], restrictions: [] }),
    partsSince: async (to) => ({ parts: [], to, more: false }),
    everyHours: 0,
    sealer,
    ...more,
  });
  open.push(backups);
  await backups.trust(WHO, identity.recipient, 'offline');
  return { ...backups, take: async () => (await backups.begin('data', WHO)).done };
}

const now = async (): Promise<Date> => {
  const [row] = await source.db<{ at: Date }[]>`select clock_timestamp() as at`;
  return (row as { at: Date }).at;
};

export type Sums = Readonly<Record<string, string>>;
/** Rows of both planes, whatever their order. A restore has keys as they are now. */
async function sumsOf(db: Db): Promise<Sums> {
  return transact(
    db,
    async (tx) => {
      await settle(tx);
      const found: Record<string, string> = {};
      const shapes = [...(await tablesOf(tx, 'data')), ...(await tablesOf(tx, 'key')).filter(({ table }) => table === 'vault.keyrings')]; // prettier-ignore
      for (const shape of shapes) {
        const sums = rowSums();
        let rows = 0;
        await copyOut(tx, { shape, fromPage: null, toPage: null, bytes: 0 }, async (text) => {
          rows += sums.add(text);
          return undefined;
        });
        if (rows > 0) found[shape.table] = `${rows} ${sums.value()}`;
      }
      return found;
    },
    { isolation: 'repeatable read', access: 'read only' },
  );
}

const escrows: unknown[][] = [];

async function restoreAt(
  more: Partial<RestoreAsk> = {},
  from = place,
): Promise<{ attestation: Attestation; sums: Sums }> {
  // prettier-ignore
  copies += 1;
  await admin.unsafe(`create database ${nameOf(copies)} template ${nameOf(0)}`);
  const db = openDb(addressOf(source.url, nameOf(copies)), { connections: 4 });
  let sums: Sums = {};
  const needs: RestoreNeeds = {
    sealer,
    clock: () => new Date(),
    startDatabase: async () => ({
      db,
      stop: async () => {
        sums = await sumsOf(db);
      },
    }),
    migrateTo: async (to, wanted) => {
      if (wanted.some(({ number }) => number === 900)) await to.unsafe(NEW_COLUMN);
    },
    ownMigrations: () => appliedMigrations(source.db),
    putKeys: async (_, all) => void escrows.push([...all]),
    putFiles: async () => {},
    startSystem: async () => ({
      db,
      replay: async () => ({ erased: 0, records: 0, restricted: 0, remains: 0 }),
      replayParts: async () => ({ records: 0, fields: 0 }),
      prove: async () => ({ records: 0, keyless: 0, verified: { ok: true } }),
      canaries: async () => null,
      signer: async () => signer,
      append: async () => {},
      close: () => db.end({ timeout: 1 }),
    }),
    onStep: () => {},
  };
  const ask: RestoreAsk = { ...(await askOf({ signer, identity }, from)), points: 'segments', ...more };
  try {
    return { attestation: (await restore(needs, ask)).attestation, sums };
  } finally {
    await db.end({ timeout: 1 });
  }
}

/** A migration that also changes rows, as ours do. */
const NEW_COLUMN = `alter table vault.tokens add column if not exists note text; update vault.records set version = version + 1 where collection_no = 7`;

let made = 0;
/** One transaction with a bit of everything; every second one has a rolled back part. */
async function write(db: Db = source.db): Promise<void> {
  made += 1;
  const n = made;
  const subject = uuidv7();
  await transact(db, async (tx) => {
    await tx`insert into vault.keyrings (subject_id, epoch, ring) values (${subject}, 1, ${randomBytes(60)})`;
    const big = randomBytes(n % 3 === 0 ? 40_000 : 30);
    await tx`
      insert into vault.records (subject_id, record_no, collection_no, version, box, lookups)
      values (${subject}, ${n}, 7, 1, ${big}, ${Buffer.from(CANARY)})`;
    await tx`
      insert into collection.erasures (audit_index, n, scope, subject_mac, fields, cause, at)
      values (${n}, 0, 'fields', ${randomBytes(32)}, ${[`${CANARY}\t"\\\n`, 'ä,{}', '']}::text[], 'request', now())`;
    await tx`insert into vault.restrictions (subject_id, because, since, actor) values (${subject}, 'objection', now(), ${`tab\tline\n\\N ${CANARY}`})`; // prettier-ignore
    await tx
      .savepoint(async (part) => {
        await part`update vault.records set version = 99`;
        if (n % 2 === 0) throw new Error('back');
        await part`update vault.records set version = 2 where version = 99`;
      })
      .catch(() => undefined);
    // of the large value PostgreSQL tells only that it is as it was
    await tx`update vault.records set expires_at = '2030-01-01 10:00:00.123456+02' where subject_id = ${subject}`;
    if (n % 3 === 1) await tx`delete from vault.restrictions where subject_id = ${subject}`;
    if (n % 4 === 3) await tx`update vault.records set record_no = record_no + 1000000 where subject_id = ${subject}`;
    if (n % 5 === 4) await tx`delete from vault.keyrings where subject_id = (select min(subject_id::text)::uuid from vault.keyrings)`; // prettier-ignore
  });
}

/** A database that is somebody's own may not write what segments are made of: then that is said, and nothing else is asked. */
async function isWithoutLogical(t: TestContext): Promise<boolean> {
  if (!(await isWithoutChanges(t, admin))) return false;
  assert.match((await whyNot(source.db)) as string, /^wal_level is \w+: set it to logical and restart PostgreSQL$/);
  return true;
}

/** What the parts are handed, as it is when they ask. */
const running = () => ({
  WHO,
  CANARY,
  installation,
  seed,
  source,
  admin,
  top,
  place,
  lost,
  backupsAt,
  now,
  sumsOf,
  escrows,
  restoreAt,
  NEW_COLUMN,
  write,
  isWithoutLogical,
});
export type Running = ReturnType<typeof running>;

killedAnywhere(running);
gapsAreTold(running);
segmentsEnd(running);
