/** A server that stops while it backs up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findBackup } from './restore/find.ts';
import { refused } from './testing-database.ts';
import type { Running } from './runs.test.ts';

export function serversStop(of: () => Running): void {
  test('a server that stops gives its backup up after a while, and another one begins at once', async () => {
    const { directory, backupsAt, WHO, fresh, askOf } = of();
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
    const { backupsAt, directory, WHO } = of();
    const first = await backupsAt([directory('a')], { patienceMs: 60_000 });
    const { done } = await first.begin('data', WHO);
    await first.close();
    assert.equal((await done).state, 'done');
  });
}
