/** Backups that are cut off, doubled or moved to other stores; and what a restore refuses. One database, real folders. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

import type { Death } from './dying-process.ts';
import { liveBytes } from './live-bytes.ts';
import { findBackup } from './restore/find.ts';
import { backupsWorld } from './testing-world.ts';
import { clocksStep } from './runs-clocks.tests.ts';
import { tablesInUse } from './runs-tables.tests.ts';
import { storesAndServers } from './runs-stores.tests.ts';
import { drillsProve } from './runs-drills.tests.ts';
import { restoreIsRefused } from './runs-restored.tests.ts';
import { serversStop } from './runs-stopped.tests.ts';

const world = await backupsWorld(2);
const { installation, seed, directory, backupsAt, askOf } = world;

/** Of two stores and two planes: the keys come within the data. */
const POINTS = [['put', 1], ['objects', 1], ['signed', 1], ['put manifest', 1], ['done', 1], ['details', 2], ['signed', 2], ['put manifest', 3], ['put manifest', 4], ['done', 2]] as const; // prettier-ignore

test('killed at any point, of keys or of data, in one store or in both: each store has one whole chain', async () => {
  const places = [directory('a'), directory('b')];
  const next = await backupsAt(places);
  for (const [at, nth] of POINTS) {
    const death: Death = {
      url: world.fresh.url,
      places,
      installation,
      seed: seed.toString('hex'),
      what: 'data',
      at,
      nth,
    };
    const child = fork(new URL('dying-process.ts', import.meta.url), [JSON.stringify(death)]);
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'], `${at} ${nth}`);
    await world.fresh.db`update backups.runs set beat_at = now() - interval '31 s' where state = 'running'`;
    await next.tick();
  }
  const last = await next.take();
  const done = await world.fresh.db<{ plane: string; n: number }[]>`
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
  await world.fresh.db`
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
    await world.fresh.db`delete from vault.records where collection_no = 9`;
  }
});

/** What the parts are handed, as it is when they ask. */
const running = () => ({ ...world });
export type Running = ReturnType<typeof running>;

tablesInUse(running);
storesAndServers(running);
drillsProve(running);
restoreIsRefused(running);
serversStop(running);
clocksStep(running);
