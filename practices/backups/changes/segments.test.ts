/**
 * Changes between two backups: killed at every boundary, and restored to many times, the rows are those that were there.
 * One source database, real folders; restores go into copies of an empty migrated one.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';

import { addressOf, migrate, openDb, transact, type Db } from '#platform/db';
import { uuidv7 } from '#platform/ids';
import { freshDatabase, readAll } from '#platform/testing';

import { createBackups, type BackupsNeeds } from '../backups.ts';
import type { Death } from '../dying-process.ts';
import { makeIdentity } from '../keys/identity.ts';
import { liveBytes } from '../live-bytes.ts';
import { KEEPING } from '../retention.ts';
import { restore, type Attestation, type RestoreAsk, type RestoreNeeds } from '../restore/restore.ts';
import { rowSums } from '../sealing/row-sums.ts';
import { createSealer } from '../sealing/sealer.ts';
import { signerFromSeed } from '../signed.ts';
import { appliedMigrations, tablesOf } from '../store/catalogue.ts';
import { copyOut, settle } from '../store/copy-out.ts';
import { whyNot } from '../store/slot.ts';
import { createStores } from '../stores.ts';
import { openTarget } from '../targets/open-target.ts';
import { EVERY_MIGRATION, refused } from '../testing-database.ts';
import { refreshPublications } from './slot.ts';

const WHO = { kind: 'system', id: 'test' } as const;
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

type Sums = Readonly<Record<string, string>>;
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
  const target = await openTarget(from);
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
  const ask: RestoreAsk = {
    stores: { data: target, key: target, ledger: target },
    addresses: { data: from, key: from },
    trusted: signer.fingerprint,
    fingerprint: identity.fingerprint,
    identity: identity.identity,
    at: null,
    ledgerHours: 24,
    points: 'segments',
    ...more,
  };
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

const POINTS = ['changes read', 'segment intended', 'segment put', 'segment journalled', 'segment signed', 'segment intended manifest', 'segment put manifest', 'segment done', 'read noted', 'slot advanced'] as const; // prettier-ignore

/** A database that is somebody's own may not write what segments are made of: then that is said, and nothing else is asked. */
async function isWithoutLogical(t: TestContext): Promise<boolean> {
  const [{ wal_level: level } = { wal_level: '' }] = await admin<{ wal_level: string }[]>`show wal_level`;
  if (level === 'logical') return false;
  assert.equal(await whyNot(source.db), `wal_level is ${level}: set it to logical and restart PostgreSQL`);
  t.skip(`this PostgreSQL has wal_level = ${level}`);
  return true;
}

test('killed at every boundary, then restored to every time in between: the rows of then, once each', async (t) => {
  if (await isWithoutLogical(t)) return;
  for (let n = 0; n < 3; n += 1) await write();
  const next = await backupsAt();
  const points: { at: Date; sums: Sums; of: string }[] = [];
  const note = async (of: string): Promise<void> => void points.push({ sums: await sumsOf(source.db), at: await now(), of }); // prettier-ignore

  // begun before the slot and the snapshot, ended after them
  const early = Promise.withResolvers<void>();
  const held = transact(source.db, async (tx) => {
    await tx`insert into vault.keyrings (subject_id, epoch, ring) values (${uuidv7()}, 1, ${randomBytes(9)})`;
    await early.promise;
  });
  assert.equal(
    (await next.take()).timeline,
    null,
    'who writes since before the slot keeps the snapshot from being joined',
  );
  early.resolve();
  await held;
  const late = Promise.withResolvers<void>();
  await readAll(next.readChanges);
  const across = transact(source.db, async (tx) => {
    await tx`insert into vault.keyrings (subject_id, epoch, ring) values (${uuidv7()}, 1, ${randomBytes(9)})`;
    await late.promise;
  });
  const first = await next.take();
  assert.notEqual(first.timeline, null);
  await note('the snapshot');
  late.resolve();
  await across;

  for (const at of POINTS) {
    await write();
    await write();
    await note(at);
    const death: Death = {
      url: source.url,
      places: [place],
      installation,
      seed: seed.toString('hex'),
      what: 'changes',
      at,
      nth: 1,
    };
    const child = fork(new URL('../dying-process.ts', import.meta.url), [JSON.stringify(death)]);
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'], at);
    await write();
    // PostgreSQL may not have seen yet that whoever held the lock is gone
    await readAll(next.readChanges);
  }
  // all of a table, and more than an object holds, in one transaction each
  await source.db`truncate vault.restrictions`;
  await write();
  await source.db`
    insert into vault.records (subject_id, record_no, collection_no, version, box, lookups)
    select gen_random_uuid(), n, 9, 1, (select decode(string_agg(md5(random()::text || n::text || i::text), ''), 'hex') from generate_series(1, 2500) i), ''
    from generate_series(1, 450) n`;
  await note('a large transaction');
  const before = liveBytes();
  const heldBytes: number[] = [];
  const watching = await backupsAt({
    stop: (at) => void (at === 'segment put' && heldBytes.push(liveBytes() - before)),
  });
  await readAll(watching.readChanges);
  // of 450 messages, 36 MB: a frame, and an object
  assert.ok(heldBytes.length > 2 && Math.max(...heldBytes) < 20 * 2 ** 20, `${String(heldBytes)} bytes were held`);
  const [large] = await source.db<{ objects: number; transactions: number }[]>`
    select s.transactions, (select count(*)::int from backups.objects o where o.run_id = s.run_id and name like 'data/changes/%') as objects
    from backups.segments s order by objects desc limit 1`;
  assert.ok((large?.objects ?? 0) > 1, `it was sealed while it was read: ${JSON.stringify(large)}`);
  await source.db`delete from vault.records where collection_no = 9`;
  await source.db`insert into vault.epochs (use, epoch, state, wrapped, provider, key_id, key_version) values ('data', 2, 'retiring', 'x', 'p', 'k', '1')`; // prettier-ignore
  await readAll(next.readChanges);
  await transact(source.db, async (tx) => {
    await tx.unsafe(NEW_COLUMN);
    await tx`insert into platform.migrations (schema, number, name, sha256) values ('vault', 900, '0900-note.sql', 'x')`;
  });
  await refreshPublications(source.db);
  await source.db`
    insert into vault.tokens (lookup, subject_id, record_no, field, kind, note)
    values (${randomBytes(16)}, ${uuidv7()}, 1, 'email', 'random', 'of later')`;
  await write();
  await note('the migration');
  await readAll(next.readChanges);
  // a server that begins gives a beat
  const last = await backupsAt();
  await readAll(last.readChanges);
  await last.tick();

  const keys = (await sumsOf(source.db))['vault.keyrings'];
  for (const { at, sums, of } of points.filter(
    ({ of }, n) => n % 5 === 0 || of.startsWith('a large') || n === points.length - 1,
  )) {
    const restored = await restoreAt({ at });
    assert.deepEqual(restored.sums, { ...sums, 'vault.keyrings': keys }, of);
  }
  const all = await restoreAt();
  assert.deepEqual(all.sums, await sumsOf(source.db));
  assert.equal(escrows.at(-1)?.length, 2, 'epochs that changed brought their keys along');
  const alone = await restoreAt({ points: 'snapshot' });
  assert.equal(alone.attestation.segments, null);
  assert.equal(alone.attestation.restoredTo, alone.attestation.backupAt);
  const [names] = await source.db<{ n: number; seqs: number }[]>`
    select count(*)::int as n, count(distinct seq)::int as seqs from backups.runs where plane = 'segment' and state = 'done'`;
  assert.equal(names?.n, names?.seqs);
  for (const name of await readdir(join(top, 'store'), { recursive: true, withFileTypes: true }))
    if (name.isFile()) {
      const bytes = await (await import('node:fs/promises')).readFile(join(name.parentPath, name.name));
      assert.ok(!bytes.includes(CANARY), `${name.name} has what is stored in the open`);
    }
});

test('a gap is refused: a segment that is missing, another one in its place, hidden ones, a time that none reaches', async (t) => {
  if (await isWithoutLogical(t)) return;
  const spoilt = async (how: (file: (n: number) => string, at: string) => Promise<unknown>): Promise<string> => {
    const at = join(top, `bad-${randomBytes(4).toString('hex')}`);
    await cp(join(top, 'store'), at, { recursive: true });
    const names = (await readdir(join(at, 'data/segments'))).filter((each) => !each.endsWith('.lock')).toSorted();
    await how((n) => join(at, 'data/segments', names.at(n) as string), at);
    return `directory:${at}`;
  };
  const cases: [code: string, how: (file: (n: number) => string, at: string) => Promise<unknown>][] = [
    ['SEGMENT_GAP', (file) => rm(file(3))],
    ['STORE_STALE', (file) => rm(file(-1))],
    ['STORE_STALE', (_, at) => rm(join(at, 'data/segments'), { recursive: true })],
    ['SEGMENT_GAP', async (file) => {
      await rm(file(3));
      await cp(file(4), file(3));
    }],
    ['OBJECT_MISSING', (_, at) => rm(join(at, 'data/changes'), { recursive: true })],
    ['OBJECT_MISSING', (_, at) => rm(join(at, 'key/changes'), { recursive: true })],
  ]; // prettier-ignore
  for (const [code, how] of cases) await assert.rejects(restoreAt({}, await spoilt(how)), refused(code), code);
  await assert.rejects(restoreAt({ at: new Date(Date.now() + 60_000) }), refused('SEGMENT_GAP'));
});

test('a slot that is lost is told of; nothing joins across it, and a new backup is joined again', async (t) => {
  if (await isWithoutLogical(t)) return;
  const backups = await backupsAt();
  await write();
  const before = await now();
  await readAll(backups.readChanges);
  const sums = await sumsOf(source.db);
  await source.db`select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()`;
  await write();
  await readAll(backups.readChanges);
  assert.equal(lost.length, 1);
  assert.match(lost[0] as string, /no such slot/);
  assert.equal((await backups.standing()).pointInTime.available, false);
  await write();
  const inGap = await now();
  await readAll(backups.readChanges);

  const { 'vault.keyrings': _, ...data } = sums;
  const { 'vault.keyrings': keys, ...restored } = (await restoreAt({ at: before })).sums;
  assert.ok(keys !== undefined);
  assert.deepEqual(restored, data);
  await assert.rejects(restoreAt({ at: inGap }), refused('SEGMENT_GAP'));
  await assert.rejects(restoreAt(), refused('SEGMENT_GAP'), 'the newest is not silently an old one');
  await backups.take();
  await write();
  await readAll(backups.readChanges);
  assert.equal((await backups.standing()).pointInTime.available, true);
  assert.deepEqual((await restoreAt()).sums, await sumsOf(source.db));
});

test('a slot that holds back more of the log than the disk should bear is given up, loudly, also while the store takes nothing', async (t) => {
  if (await isWithoutLogical(t)) return;
  const told: string[] = [];
  const say = (words: string): void => void told.push(words);
  const names = async (): Promise<string[]> =>
    (
      await source.db<
        { at: string }[]
      >`select slot_name || ' ' || confirmed_flush_lsn as at from pg_replication_slots where database = current_database()`
    ).map(({ at }) => at);
  const stores = createStores({ data: [place], key: [place], ledger: [place] }, async (address) => ({
    ...(await openTarget(address)),
    put: () => Promise.reject(new Error('no space')),
  }));
  const full = await backupsAt({ stores, say, maxLagBytes: 2 ** 20 });
  await readAll((await backupsAt()).readChanges);
  const before = await names();
  lost.length = 0;
  await source.db`
    insert into vault.records (subject_id, record_no, collection_no, version, box, lookups)
    select gen_random_uuid(), n, 9, 1, (select decode(string_agg(md5(random()::text || n::text || i::text), ''), 'hex') from generate_series(1, 2500) i), ''
    from generate_series(1, 60) n`;
  await full.readChanges().catch((thrown: Error) => assert.match(thrown.message, /no space/));
  assert.match(lost[0] as string, /it held back \d+ MiB of the log/);
  assert.ok(
    told.some((words) => words.startsWith('ALARM: the log of changes was lost (it held back')),
    String(told),
  );
  assert.notDeepEqual(await names(), before, 'the log that it held back is let go');
  const { pointInTime, nags } = await full.standing();
  assert.equal(pointInTime.available, false);
  assert.ok(nags.some((nag) => nag.startsWith('what is written after the newest backup is lost with the machine')));
  // snapshots go on, and the next is joined again
  const well = await backupsAt();
  await readAll(well.readChanges);
  await well.take();
  await write();
  await readAll(well.readChanges);
  assert.deepEqual((await restoreAt()).sums, await sumsOf(source.db));
});

test('old segments go with what is in them, keys at their horizon; what the newest backup needs stays, and what is locked', async (t) => {
  if (await isWithoutLogical(t)) return;
  const objects = async (prefix: string): Promise<number> =>
    (await readdir(join(top, 'store', prefix))).filter((name) => !name.endsWith('.lock')).length;
  const free = { data: 0, key: 0, ledger: 1 };
  const backups = await backupsAt({ lockDays: free, keep: { ...KEEPING, segmentDays: 3650, horizonDays: 0 } });
  for (let n = 0; n < 2; n += 1) {
    await write();
    await readAll(backups.readChanges);
  }
  const [old] = await backups.segments(1);
  // while a transaction of another test on this server is older than what was written, a backup goes on from before it
  const goesOnLater = async (): Promise<boolean> => {
    const runs = await source.db<{ from: string }[]>`
      select segments_from::text as from from backups.runs where plane in ('data', 'key') and state = 'done' order by seq desc limit 2`;
    return runs.every(({ from }) => Number(from) > Number(old?.seq));
  };
  for (let tried = 0; tried < 10; tried += 1) {
    await backups.take();
    if (await goesOnLater()) break;
  }
  await write();
  await readAll(backups.readChanges);
  const counts = async () => ({
    segments: await objects('data/segments'),
    data: await objects('data/changes'),
    key: await objects('key/changes'),
  });
  const before = await counts();

  const dry = await backups.prune(WHO, 'dry-run');
  assert.deepEqual(await counts(), before, 'a dry run takes nothing away');
  const keysGone = (await backups.prune(WHO, 'apply')).key;
  assert.ok(
    keysGone.objects > 0 && keysGone.objects + keysGone.locked >= dry.key.objects && keysGone.locked > 0,
    JSON.stringify({ dry, keysGone }),
  );
  const after = await counts();
  assert.deepEqual([after.segments, after.data], [before.segments, before.data], 'rows stay longer than keys');
  assert.equal(after.key, before.key - 2, 'those of the segments before the newest keys; the others are locked');

  const ages = await backupsAt({ lockDays: free, keep: { ...KEEPING, segmentDays: 0, horizonDays: 0 } });
  const gone = (await ages.prune(WHO, 'apply')).data;
  assert.ok(gone.locked > 0, 'what is locked stays');
  const left = await counts();
  assert.deepEqual([before.segments - left.segments, before.data - left.data], [2, 2]);
  const listed = await ages.segments(1000);
  assert.ok(
    listed.every(({ seq }) => seq !== old?.seq),
    'one that is gone is not listed',
  );
  assert.deepEqual((await restoreAt()).sums, await sumsOf(source.db));
});

test('where a database cannot be read by a slot, it says why', async (t) => {
  if (await isWithoutLogical(t)) return;
  const role = `strongroom_plain_${process.pid}`;
  await admin.unsafe(`create role ${role} login password 'plain'`);
  try {
    const url = new URL(source.url);
    [url.username, url.password] = [role, 'plain'];
    const plain = openDb(url.href, { connections: 1 });
    assert.match((await whyNot(plain)) as string, /REPLICATION/);
    await plain.end({ timeout: 1 });
    await admin.unsafe(`alter role ${role} replication`);
    const may = openDb(url.href, { connections: 1 });
    assert.match((await whyNot(may)) as string, /publications/);
    await may.end({ timeout: 1 });
    assert.equal(await whyNot(source.db), null);
  } finally {
    await admin.unsafe(`drop role ${role}`);
  }
});
