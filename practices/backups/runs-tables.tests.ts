/** A backup reads tables that others use, empty and rewrite. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { transact } from '#platform/db';

import { openContent } from './restore/content.ts';
import { findBackup } from './restore/find.ts';
import { holdTables, withSnapshot } from './store/copy-out.ts';
import { createStores } from './stores.ts';
import { openTarget } from './targets/open-target.ts';
import { refused } from './testing-database.ts';
import type { Running } from './runs.test.ts';

export function tablesInUse(of: () => Running): void {
  const seen = () =>
    of().fresh.db`insert into vault.intake_seen (envelope_id, expires_at) values (${randomBytes(16)}, now())`;
  const manifests = async () => (await openTarget(of().directory('a'))).list('data/manifests/');

  test('a table that is emptied or rewritten between the snapshot and its reading is not kept as empty', async () => {
    const { fresh, backupsAt, directory } = of();
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
    const { fresh, backupsAt, directory, askOf, sealer } = of();
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
    const { fresh, backupsAt, directory } = of();
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
    const { directory, backupsAt, fresh } = of();
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
    const { directory, backupsAt, fresh } = of();
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
    const { fresh } = of();
    await transact(fresh.db, async (tx) => {
      await tx`lock table vault.intake_seen in access exclusive mode`;
      const held = withSnapshot(fresh.db, (leader) => holdTables(leader, fresh.db, ['vault.intake_seen'], 50));
      await assert.rejects(held, refused('TABLE_REWRITTEN'));
    });
  });
}
