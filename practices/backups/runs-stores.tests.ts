/** Stores that fail and come later, servers that begin at once, and what stops all of them. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { transact } from '#platform/db';

import { findBackup } from './restore/find.ts';
import { addRecipient } from './store/recipients.ts';
import { createStores } from './stores.ts';
import { completeChains, removeOrphans } from './sweep.ts';
import { openTarget } from './targets/open-target.ts';
import { refused } from './testing-database.ts';
import type { Running } from './runs.test.ts';

export function storesAndServers(of: () => Running): void {
  test('a store that fails when the manifest is put breaks no chain: the backup waits, and ends when the store is back', async () => {
    const { directory, backupsAt, WHO, fresh, askOf } = of();
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
    const { backupsAt, directory, forget, askOf, top } = of();
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

  test('a store of the ledger that says nothing holds up no other', async () => {
    const { directory, backupsAt, forget } = of();
    const [silent, good] = [directory('silent'), directory('good')];
    const answers = Promise.withResolvers<void>();
    const stores = createStores({ data: [good], key: [good], ledger: [silent, good] }, async (address) => {
      const target = await openTarget(address);
      const put: typeof target.put = async (...args) => {
        if (address === silent) await answers.promise;
        return target.put(...args);
      };
      return { ...target, put };
    });
    const backups = await backupsAt([good], { stores });
    forget();
    const sending = backups.sendLedger();
    const isThere = async (): Promise<boolean> => (await (await openTarget(good)).list('ledger/entries/')).length > 0;
    while (!(await isThere())) await sleep(20);
    answers.resolve();
    await sending;
  });

  test('a store that is dead keeps no other from getting the chain, nor what failed from being taken away there', async () => {
    const { directory, backupsAt, fresh } = of();
    const [old, dead, good] = [directory('old'), directory('dead'), directory('good')];
    await (await backupsAt([old])).take();
    const addresses = [dead, good, old];
    const stores = createStores({ data: addresses, key: addresses, ledger: [old] }, async (address) => {
      if (address === dead) throw new Error('it is dead');
      return openTarget(address);
    });
    const needs = { db: fresh.db, stores, now: () => new Date(), lockDays: { data: 0, key: 0, segment: 0 } } as const;
    await assert.rejects(completeChains(needs), /it is dead/);
    const left = await openTarget(good);
    assert.equal((await left.list('data/manifests/')).length, 1);

    await left.put('data/objects/left', Buffer.from('x'), { lock: null });
    for (const store of [dead, good]) await fresh.db`insert into backups.objects (name, store, run_id) select 'data/objects/left', ${store}, run_id from backups.runs limit 1`;
    await fresh.db`update backups.runs set state = 'failed'`;
    await assert.rejects(removeOrphans(needs), /it is dead/);
    assert.deepEqual(await left.list('data/objects/left'), []);
  }); // prettier-ignore

  test('many servers at once: every number once, and a recipient that all of them are told at once', async () => {
    const { backupsAt, directory, fresh, askOf } = of();
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
    const { backupsAt, directory, fresh, WHO } = of();
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
    const { fresh, signer, backupsAt, directory } = of();
    const taken = async () => {
      await fresh.db`update backups.runs set state = 'failed' where plane = 'data' and state = 'running'`;
      return signer;
    };
    const backups = await backupsAt([directory('a')], { signer: taken });
    await assert.rejects(backups.take(), refused('RUN_BUSY'));
    assert.deepEqual(await (await openTarget(directory('a'))).list('data/manifests/'), []);
  });

  test('a table in no plane stops backups loudly, is tried again ever later, and holds up no erasure', async () => {
    const { backupsAt, directory, fresh, forget } = of();
    const backups = await backupsAt([directory('a')], { everyHours: 24 });
    await fresh.db`create table vault.forgotten_by_us (key bytea)`;
    try {
      forget();
      await backups.tick();
      await assert.rejects(
        async () => {
          for (const end = Date.now() + 120_000; Date.now() < end;) await backups.tick();
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
}
