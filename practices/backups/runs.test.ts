/** Backups that are cut off, doubled or moved to other stores; and what a restore refuses. One database, real folders. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { migrate, transact } from '#platform/db';
import { uuidv7 } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import { createBackups, type BackupsNeeds } from './backups.ts';
import type { Death } from './dying-process.ts';
import { createDrills } from './drill/drills.ts';
import { makeIdentity } from './keys/identity.ts';
import type { Beat, ForgottenNow } from './ledger.ts';
import { liveBytes } from './live-bytes.ts';
import { openManifest } from './manifest.ts';
import { openContent } from './restore/content.ts';
import { findBackup, type FindAsk } from './restore/find.ts';
import { isKept, restore, type RestoreNeeds } from './restore/restore.ts';
import { createSealer } from './sealing/sealer.ts';
import { signDocument, signerFromSeed } from './signed.ts';
import { holdTables, withSnapshot } from './store/copy-out.ts';
import { addRecipient } from './store/recipients.ts';
import { createStores } from './stores.ts';
import { openTarget } from './targets/open-target.ts';
import { openS3 } from './targets/s3.ts';
import { EVERY_MIGRATION, refused } from './testing-database.ts';
import { startS3Double } from './testing.ts';

const WHO = { kind: 'system', id: 'test' } as const;
const installation = uuidv7();
const seed = randomBytes(64);
const signer = signerFromSeed(seed);
const stranger = signerFromSeed(randomBytes(64));
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

const seen = () => fresh.db`insert into vault.intake_seen (envelope_id, expires_at) values (${randomBytes(16)}, now())`;
const manifests = async () => (await openTarget(directory('a'))).list('data/manifests/');

test('a table that is emptied or rewritten between the snapshot and its reading is not kept as empty', async () => {
  const rewrites = [
    'truncate vault.intake_seen',
    'vacuum full vault.intake_seen',
    'alter table vault.intake_seen alter expires_at type timestamptz(0)',
    // nothing is rewritten by these two: a column of the same name, a table of the same name
    'alter table vault.intake_seen drop column expires_at, add column expires_at timestamptz not null default now()',
    'alter table vault.intake_seen rename to intake_before; create table vault.intake_seen (like vault.intake_before including all); drop table vault.intake_before',
  ];
  for (const [n, rewrite] of rewrites.entries()) {
    await seen();
    let rewritten = 0;
    const stop = async (at: string): Promise<void> => {
      if (at === 'snapshot' && ++rewritten === 1) await fresh.db.unsafe(rewrite);
    };
    const backups = await backupsAt([directory('a')], { stop });

    await assert.rejects(backups.take(), refused('TABLE_REWRITTEN'), rewrite);
    assert.equal((await backups.runs(1))[0]?.because, 'BACKUPS_TABLE_REWRITTEN');
    assert.equal((await manifests()).length, n);

    await backups.take();
    assert.equal((await manifests()).length, n + 1);
  }
  await fresh.db`alter table vault.intake_seen alter expires_at type timestamptz`;
}); // prettier-ignore

test('while a backup reads nobody can empty a table, and what was in it is in the backup', async () => {
  await fresh.db`truncate vault.intake_seen`;
  await seen();
  const failed: unknown[] = [];
  const files = async () => {
    await transact(fresh.db, async (tx) => {
      await tx`set local lock_timeout = '50ms'`;
      await tx`truncate vault.intake_seen`;
    }).catch((thrown: unknown) => failed.push(thrown));
    return [];
  };
  await (await backupsAt([directory('a')], { files })).take();

  assert.deepEqual(failed.map((thrown) => (thrown as { code: string }).code), ['55P03']); // prettier-ignore
  const ask = await askOf(directory('a'));
  const content = await openContent({ target: ask.stores.data, sealer, identity: ask.identity }, (await findBackup(ask)).data);
  assert.equal(content.details.tables.find(({ table }) => table === 'vault.intake_seen')?.rows, 1);
}); // prettier-ignore

test('who waits to rewrite a table ends the backup: neither waits for the other for ever', async () => {
  let emptied: Promise<unknown> = Promise.resolve();
  const files = async () => {
    emptied = fresh.db`truncate vault.intake_seen`.execute();
    for (let waits = 0; waits === 0;) {
      const [row] = await fresh.db<{ n: number }[]>`
        select count(*)::int as n from pg_locks where not granted and relation = 'vault.intake_seen'::regclass`;
      waits = row?.n ?? 0;
    }
    return [];
  };
  const backups = await backupsAt([directory('a')], { files });

  await assert.rejects(backups.take(), refused('TABLE_REWRITTEN'));

  await emptied;
  assert.deepEqual(await manifests(), []);
});

test('who comes while a backup reads waits some seconds, not until it ends: behind them all traffic of the table stands', async () => {
  await seen();
  const [reading, waited] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const places = [directory('a')];
  const stores = createStores({ data: places, key: places, ledger: places }, async (address) => {
    const target = await openTarget(address);
    const slow: typeof target.put = async (...args) => {
      if (args[0].startsWith('data/objects/')) {
        reading.resolve();
        await waited.promise;
      }
      return target.put(...args);
    };
    return { ...target, put: slow };
  });
  const taking = (await backupsAt(places, { stores })).take();
  const ended = assert.rejects(taking, refused('TABLE_REWRITTEN'));
  await reading.promise;
  const emptied = fresh.db`truncate vault.intake_seen`.execute();
  for (let seconds = 0; seconds < 17;) {
    await sleep(500);
    const [row] = await fresh.db<{ seconds: number }[]>`
      select extract(epoch from max(clock_timestamp() - waitstart))::float8 as seconds from pg_locks where not granted and relation = 'vault.intake_seen'::regclass`;
    seconds = row?.seconds ?? 0;
  }
  waited.resolve();
  await ended;
  await emptied;
  assert.deepEqual(await manifests(), []);
});

test('where rows lie on several nodes no backup is taken, and whoever looks is told: it would not be of one moment', async () => {
  const places = [directory('a')];
  const backups = await backupsAt(places);
  // as Citus shows it; docs/scaling.md
  await fresh.db.unsafe(
    `create view public.citus_tables as select 'vault.epochs'::regclass as table_name, 'reference'::text as citus_table_type`,
  );
  try {
    await backups.take();
    await fresh.db.unsafe(
      `create or replace view public.citus_tables as select 'vault.records'::regclass as table_name, 'distributed'::text as citus_table_type`,
    );
    const before = (await manifests()).length;
    await assert.rejects(backups.take(), refused('SPREAD'));
    assert.equal((await manifests()).length, before);
    assert.ok((await backups.standing()).nags.some((nag) => /NO BACKUP CAN BE TAKEN.*several nodes/.test(nag)));
  } finally {
    await fresh.db`drop view public.citus_tables`;
  }
});

test('a table that somebody rewrites for long is waited for so long and no longer', async () => {
  await transact(fresh.db, async (tx) => {
    await tx`lock table vault.intake_seen in access exclusive mode`;
    const held = withSnapshot(fresh.db, (leader) => holdTables(leader, fresh.db, ['vault.intake_seen'], 50));
    await assert.rejects(held, refused('TABLE_REWRITTEN'));
  });
});

test('a store that fails when the manifest is put breaks no chain: the backup waits, and ends when the store is back', async () => {
  const places = [directory('a'), directory('b')];
  const first = await backupsAt(places);
  await first.take();
  let down = false;
  const stores = createStores({ data: places, key: places, ledger: places }, async (address) => {
    const target = await openTarget(address);
    if (address === places[0]) return target;
    const broken: typeof target.put = async (...args) => {
      if (down && args[0].startsWith('data/manifests/')) throw new Error('no space');
      return target.put(...args);
    };
    return { ...target, put: broken };
  });
  const second = await backupsAt(places, { stores });
  down = true;
  await assert.rejects(second.take(), /no space/);
  assert.ok((await second.standing()).nags.some((nag) => nag.includes('not finished')));
  assert.equal((await second.begin('data', WHO)).row.seq, 2n, 'no other with the same number begins');
  down = false;
  await fresh.db`update backups.runs set beat_at = now() - interval '31 s'`;
  await second.tick();
  await second.take();

  for (const place of places)
    assert.deepEqual(
      (await findBackup(await askOf(place))).chains.data.map(({ seq }) => seq),
      [1, 2, 3],
      place,
    );
});

test('a store named later gets the chains and the ledger from their beginning, and so does one that was emptied', async () => {
  const old = await backupsAt([directory('old')]);
  forget();
  await old.take();
  forget();
  await old.tick();
  const moved = await backupsAt([directory('new')]);
  await moved.tick();
  await moved.take();
  assert.equal((await findBackup(await askOf(directory('new')))).ledger.entries.length, 2);

  await rm(join(top, 'new', 'ledger'), { recursive: true });
  await assert.rejects(findBackup(await askOf(directory('new'))), refused('LEDGER_MISSING'));
  await (await backupsAt([directory('new')])).tick();
  const { ledger, data } = await findBackup(await askOf(directory('new')));
  assert.deepEqual([ledger.entries.length, data.manifest.seq], [2, 2]);
});

test('many servers at once: every number once, and a recipient that all of them are told at once', async () => {
  const servers = await Promise.all([1, 2].map(() => backupsAt([directory('a')])));
  for (let round = 0; round < 5; round += 1) {
    const recipient = `age1pq1${String(round).repeat(1952)}`;
    await Promise.all(
      Array.from({ length: 8 }, () =>
        addRecipient(fresh.db, { recipient, fingerprint: `f${round}`, kind: 'offline', added_by: 'test' }),
      ),
    );
  }
  await fresh.db`delete from backups.recipients where added_by = 'test' and fingerprint like 'f_'`;
  for (let round = 0; round < 3; round += 1) await Promise.allSettled(servers.map(async (server) => server.take()));
  for (const server of servers) await server.close();
  const last = await (await backupsAt([directory('a')])).take();
  const { chains } = await findBackup(await askOf(directory('a')));
  assert.equal(BigInt(chains.data.length), last.seq);
});

test('a backup that begins while another one ends follows that one', async () => {
  const backups = await backupsAt([directory('a')]);
  const { run_id: id } = await backups.take();
  await fresh.db`update backups.runs set state = 'running' where run_id = ${id}`;
  const begun = transact(fresh.db, async (tx) => {
    await tx`update backups.runs set state = 'done' where run_id = ${id}`;
    const next = backups.begin('data', WHO);
    for (let waits = 0; waits === 0;) {
      const [row] = await fresh.db<{ n: number }[]>`
        select count(*)::int as n from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())
          or not granted and locktype = 'transactionid'`;
      waits = row?.n ?? 0;
    }
    return { next };
  });
  const { row, done } = await (await begun).next;
  assert.equal(row.seq, 2n);
  await done;
});

test('a backup that was given up by another server, which took it for dead, puts no manifest', async () => {
  const taken = async () => {
    await fresh.db`update backups.runs set state = 'failed' where plane = 'data' and state = 'running'`;
    return signer;
  };
  const backups = await backupsAt([directory('a')], { signer: taken });
  await assert.rejects(backups.take(), refused('RUN_BUSY'));
  assert.deepEqual(await (await openTarget(directory('a'))).list('data/manifests/'), []);
});

test('a table in no plane stops backups loudly, is tried again ever later, and holds up no erasure', async () => {
  const backups = await backupsAt([directory('a')], { everyHours: 24 });
  await fresh.db`create table vault.forgotten_by_us (key bytea)`;
  try {
    forget();
    await backups.tick();
    await assert.rejects(
      async () => {
        for (const end = Date.now() + 20_000; Date.now() < end;) await backups.tick();
      },
      (thrown: Error) => refused('TABLE_UNDECLARED')(thrown) && thrown.message.includes('vault.forgotten_by_us'),
    );
    for (let n = 0; n < 5; n += 1) await backups.tick();
    const { nags, ledger } = await backups.standing();
    assert.ok(nags.some((nag) => nag.includes('NO BACKUP CAN BE TAKEN') && nag.includes('vault.forgotten_by_us')));
    assert.ok(nags.some((nag) => nag.includes('BACKUPS_TABLE_UNDECLARED')));
    assert.equal(ledger.sent?.seq, 1n);
    assert.equal((await backups.runs(10)).length, 1, 'each attempt leaves locked objects');
  } finally {
    await fresh.db`drop table vault.forgotten_by_us`;
  }
});

test("a drill's identity opens one backup", async () => {
  const backups = await backupsAt([directory('a')]);
  const drill = await makeIdentity();
  await backups.trust(WHO, drill.recipient, 'drill');
  await backups.take();
  await backups.take();
  const store = await openTarget(directory('a'));
  for (const plane of ['data', 'key']) {
    const sealedTo: (readonly string[])[] = [];
    for (const { name } of await store.list(`${plane}/manifests/`))
      sealedTo.push(openManifest(await store.get(name), signer.fingerprint).recipients);
    assert.ok(sealedTo[0]?.includes(drill.fingerprint));
    assert.deepEqual(sealedTo[1], [identity.fingerprint]);
  }
});

test('one who was restricted by way of one server and let go when it was gone is let go in the ledger by the other', async () => {
  const idHash = randomBytes(32).toString('hex');
  let restrictions: NonNullable<ForgottenNow['restrictions']> = [];
  const forgottenSince = async (_since: Date, seen: string | null): Promise<ForgottenNow> => {
    const mark = restrictions.map(({ because }) => because).join();
    return { erasures: [], mark, restrictions: mark === seen ? null : restrictions };
  };
  const [one, other] = [await backupsAt([directory('a')], { forgottenSince }), await backupsAt([directory('a')], { forgottenSince })]; // prettier-ignore

  await one.sendLedger();
  restrictions = [{ idHash, because: 'objection', at: new Date() }];
  await other.sendLedger();
  restrictions = [];
  await one.sendLedger();

  const rows = await fresh.db<
    { what: string }[]
  >`select what from backups.ledger where id_hash = ${idHash} order by seq`;
  assert.deepEqual(rows.map(({ what }) => what), ['restriction', 'lift']); // prettier-ignore
});

test('a drill that can plant nobody fails, and does not look like one that proved something', async (t) => {
  const backups = await backupsAt([directory('a')]);
  const told: object[] = [];
  const runner = { closed: 0 };
  const drills = createDrills({
    db: fresh.db,
    clock: () => new Date(),
    audit: { append: async (event) => (told.push(event), {}) as never },
    backups,
    signer: async () => signer,
    plant: async () => [],
    shred: async (subjects) => assert.deepEqual(subjects, []),
    startRunner: async () => ({
      recipient: identity.recipient,
      restore: async () => assert.fail('nothing is restored'),
      close: async () => void (runner.closed += 1),
    }),
    everyDays: 0,
  });
  t.after(() => drills.close());

  const { row, done } = await drills.begin(WHO);
  await assert.rejects(done, refused('CANARIES_NONE'));

  const [ended] = await fresh.db<{ state: string; because: string }[]>`
    select state, because from backups.drill_runs where drill_id = ${row.drill_id}`;
  assert.deepEqual({ ...ended }, { state: 'failed', because: 'BACKUPS_CANARIES_NONE' });
  assert.deepEqual(told, [{ action: 'backups.drill', actor: WHO, outcome: 'failed', detail: { code: 'BACKUPS_CANARIES_NONE' } }]); // prettier-ignore
  const { drills: proven, recipients } = await backups.standing();
  assert.deepEqual([proven, recipients.map(({ kind }) => kind), runner.closed], [[], ['offline'], 1]);
  assert.deepEqual([...(await fresh.db`select * from backups.runs`)], [], 'no backup was taken for it');
  assert.equal(isKept({ erased: 0, gone: 0, living: 0, whole: 0 }), false, 'nor would a proof about nobody be one');
});

test('a store whose clock runs ahead empties no other; the newest stays in any case', async (t) => {
  const doubles = await Promise.all(['one', 'two'].map((bucket) => startS3Double(bucket)));
  t.after(() => Promise.all(doubles.map((double) => double.close())));
  const client = { credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  const stores = createStores({ data: ['one', 'two'], key: ['one', 'two'], ledger: ['one'] }, async (bucket) =>
    openS3(
      { bucket, prefix: '', endpoint: doubles[bucket === 'one' ? 0 : 1]?.endpoint ?? '', region: 'x' },
      { client },
    ),
  );
  const backups = await backupsAt([], { stores, lockDays: { data: 0, key: 0, ledger: 1 } });
  for (let n = 0; n < 2; n += 1) await backups.take();
  const [one, two] = doubles as [(typeof doubles)[0], (typeof doubles)[0]];

  one.faults.clockHours = 24 * 500;
  assert.deepEqual((await backups.prune(WHO, 'apply')).data, { runs: 0, objects: 0, locked: 0 });
  two.faults.clockHours = 24 * 500;
  const { data, key } = await backups.prune(WHO, 'apply');
  assert.deepEqual([data.runs, key.runs], [1, 1]);
  const left = two.everything().filter(({ name }) => name.includes('/objects/'));
  assert.equal(
    left.length,
    (await backups.standing()).coverage.objects / 2 - 4,
    'objects of the newest, and four manifests',
  );
});

test('a restore is refused, before there is a database, for whatever is missing, old, changed or of somebody else', async () => {
  const backups = await backupsAt([directory('good')]);
  for (let n = 0; n < 3; n += 1) {
    forget();
    await backups.tick();
    await backups.take();
  }
  const good = await askOf(directory('good'));
  const needs = {
    sealer,
    clock: () => new Date(),
    onStep: () => {},
    ownMigrations: async () => (await import('./store/catalogue.ts')).appliedMigrations(fresh.db),
    startDatabase: () => assert.fail('a database was made'),
  } as unknown as RestoreNeeds;
  await assert.rejects(restore(needs, good), /a database was made/, 'as it is, nothing is wrong with it');

  let copies = 0;
  const spoilt = async (
    how: (file: (n: number, folder: string) => Promise<string>, at: string) => Promise<unknown>,
  ) => {
    copies += 1;
    const name = `bad-${copies}`;
    await cp(join(top, 'good'), join(top, name), { recursive: true });
    const file = async (n: number, folder: string): Promise<string> => {
      const names = (await readdir(join(top, name, folder))).filter((each) => !each.endsWith('.lock')).toSorted();
      return join(top, name, folder, names.at(n) as string);
    };
    await how(file, join(top, name));
    return askOf(directory(name));
  };
  const rewrite = async (path: string, content: string | Buffer): Promise<void> => {
    await rm(path);
    await writeFile(path, content);
  };
  const textOf = (path: string) => readFile(path, 'utf8');
  const beatOf = async (path: string): Promise<Beat> =>
    JSON.parse((await textOf(path)).split('\n')[0] as string) as Beat;
  const BEATS = 'ledger/beats';
  const ENTRIES = 'ledger/entries';
  const DATA = 'data/manifests';
  const KEY = 'key/manifests';
  const details = async (folder: string, path: string): Promise<string> => {
    const { name } = (JSON.parse((await textOf(path)).split('\n')[0] as string) as { details: { name: string } })
      .details;
    return join(folder, name);
  };
  const cases: [says: string, code: string, how: Parameters<typeof spoilt>[0]][] = [
    ['no ledger', 'LEDGER_MISSING', (_, at) => rm(join(at, 'ledger'), { recursive: true })],
    ['no beat', 'LEDGER_MISSING', (_, at) => rm(join(at, BEATS), { recursive: true })],
    ['the newest entry is hidden', 'LEDGER_STALE', async (file) => rm(await file(-1, ENTRIES))],
    ['the first entry is hidden', 'LEDGER_BROKEN', async (file) => rm(await file(0, ENTRIES))],
    ['an entry in the middle is hidden', 'LEDGER_BROKEN', async (file) => rm(await file(1, ENTRIES))],
    ['the newest beat is old', 'LEDGER_STALE', async (file) => {
      const path = await file(-1, BEATS);
      const at = new Date(Date.now() - 25 * 3_600_000).toISOString();
      await rewrite(path, signDocument({ ...(await beatOf(path)), at }, signer));
    }],
    ['an entry is another', 'SIGNATURE_REFUSED', async (file) => {
      const path = await file(-1, ENTRIES);
      await rewrite(path, (await textOf(path)).replace('"epoch 1"', '"epoch 2"'));
    }],
    ['a signature of the ledger is gone', 'SIGNATURE_REFUSED', async (file) => {
      const path = await file(-1, ENTRIES);
      await rewrite(path, (await textOf(path)).replace(/\nml-dsa-65 .*\n/, '\n'));
    }],
    ['the beat is signed by somebody else', 'SIGNER_UNKNOWN', async (file) => {
      const path = await file(-1, BEATS);
      await rewrite(path, signDocument({ ...(await beatOf(path)) }, stranger));
    }],
    ['a beat where entries are', 'SIGNATURE_REFUSED', async (file) => rewrite(await file(-1, ENTRIES), await readFile(await file(-1, BEATS)))],
    ['the newest backup is hidden', 'STORE_STALE', async (file) => rm(await file(-1, DATA))],
    ['the newest keys are hidden', 'STORE_STALE', async (file) => rm(await file(-1, KEY))],
    ['the newest keys are replaced by older ones', 'STORE_STALE', async (file) => rewrite(await file(-1, KEY), await readFile(await file(0, KEY)))],
    ['a manifest in the middle is hidden', 'CHAIN_BROKEN', async (file) => rm(await file(1, DATA))],
    ['the first manifest is hidden', 'CHAIN_BROKEN', async (file) => rm(await file(0, DATA))],
    ['keys where data are', 'CHAIN_BROKEN', async (file) => rewrite(await file(-1, DATA), await readFile(await file(-1, KEY)))],
    ['a manifest is another', 'SIGNATURE_REFUSED', async (file) => {
      const path = await file(-1, DATA);
      await rewrite(path, (await textOf(path)).replace('"seq":3', '"seq":4'));
    }],
    ['a manifest that nobody signed', 'SIGNATURE_REFUSED', (_, at) => writeFile(join(at, DATA, '0000000004-ff'), '{}\n')],
    ['the details of another backup', 'OBJECT_DAMAGED', async (file, at) =>
      rewrite(await details(at, await file(-1, DATA)), await readFile(await details(at, await file(0, DATA))))],
    ['the details are cut off', 'OBJECT_DAMAGED', async (file, at) => {
      const path = await details(at, await file(-1, DATA));
      await rewrite(path, (await readFile(path)).subarray(0, -1));
    }],
    ['the details of the keys are gone', 'OBJECT_MISSING', async (file, at) => rm(await details(at, await file(-1, KEY)))],
  ]; // prettier-ignore
  for (const [says, code, how] of cases) await assert.rejects(restore(needs, await spoilt(how)), refused(code), says);

  const other = await makeIdentity();
  const asked: [code: string, ask: object][] = [
    ['SIGNER_UNKNOWN', { trusted: stranger.fingerprint }],
    ['KEY_WRONG', { fingerprint: other.fingerprint }],
    ['KEY_WRONG', { identity: other.identity }],
    ['NOTHING_FOUND', { at: new Date(0) }],
    ['LEDGER_MISSING', { stores: { ...good.stores, ledger: await openTarget(directory('empty')) } }],
  ];
  for (const [code, ask] of asked) await assert.rejects(restore(needs, { ...good, ...ask }), refused(code), code);
  const older = { ...needs, ownMigrations: async () => [] };
  await assert.rejects(restore(older, good), refused('SCHEMA_NEWER'));

  // an object with rows, in the place of another and cut off
  const { data } = await findBackup(good);
  for (const change of [
    (bytes: Buffer) => bytes.subarray(0, bytes.length - 40),
    () => readFile(join(top, 'good', data.manifest.details.name)),
  ]) {
    const bad = await spoilt(async (_, at) => {
      for (const { name } of data.manifest.objects)
        await rewrite(join(at, name), await change(await readFile(join(at, name))));
    });
    const content = await openContent({ target: bad.stores.data, sealer, identity: identity.identity }, data);
    const full = content.details.tables.find(({ rows }) => rows > 0)?.table as string;
    await assert.rejects(async () => {
      for await (const _ of content.rowsOf(full)) assert.fail('rows were given away');
    }, refused('OBJECT_DAMAGED'));
  }
});

test('a server that stops gives its backup up after a while, and another one begins at once', async () => {
  const places = [directory('a')];
  const begun = Promise.withResolvers<void>();
  const first = await backupsAt(places, {
    patienceMs: 50,
    stop: async (at) => {
      if (at !== 'objects') return;
      begun.resolve();
      await new Promise((resolve) => void setTimeout(resolve, 400));
    },
  });
  const { row, done } = await first.begin('data', WHO);
  const given = assert.rejects(done, refused('STOPPED'));
  await begun.promise;
  await first.close();
  await given;
  const [ended] = await fresh.db<{ state: string; because: string }[]>`
    select state, because from backups.runs where run_id = ${row.run_id}`;
  assert.deepEqual(ended, { state: 'failed', because: 'BACKUPS_STOPPED' });

  // by its schedule: it waits neither for the one that is gone nor as after a failure
  const second = await backupsAt(places, { everyHours: 24 });
  await second.tick();
  await second.close();
  assert.equal((await findBackup(await askOf(directory('a')))).chains.data.length, 1);
});

test('a backup that ends in time is waited for', async () => {
  const first = await backupsAt([directory('a')], { patienceMs: 60_000 });
  const { done } = await first.begin('data', WHO);
  await first.close();
  assert.equal((await done).state, 'done');
});
