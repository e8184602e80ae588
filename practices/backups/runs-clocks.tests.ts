/** Clocks that ran ahead and were set right: what they left behind holds up no backup. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import type { Db } from '#platform/db';
import { uuidv7 } from '#platform/ids';

import { keepReading, type KeepNeeds } from './changes/keep-reading.ts';
import { drillDue } from './drill/due.ts';
import { drillsBefore, findDrill, giveUpDrills } from './store/drill-runs.ts';
import type { ForgottenNow } from './ledger.ts';
import { abandonedRuns, attempts } from './store/journal.ts';
import type { Running } from './runs.test.ts';

export function clocksStep(of: () => Running): void {
  test('a backup that was begun while the clock ran ahead by a year does not hold up the next for a year', async () => {
    const { backupsAt, directory, fresh } = of();
    const backups = await backupsAt([directory('a')], { everyHours: 24 });
    await backups.take();
    const count = async (): Promise<number> => (await backups.runs(10)).filter(({ plane }) => plane === 'data').length;
    const ticked = async (): Promise<number> => {
      await backups.tick();
      for (let tries = 0; tries < 100 && (await count()) < 2; tries += 1)
        await new Promise((done) => setTimeout(done, 20));
      return count();
    };
    assert.equal(await ticked(), 1, 'one of now does');

    await fresh.db`update backups.runs set started_at = now() + interval '1 year'`;
    assert.equal(await ticked(), 2);
    await backups.close();
  });

  test('attempts that failed after one of a clock that ran ahead are waited after all the same', async () => {
    const { backupsAt, directory, fresh } = of();
    const backups = await backupsAt([directory('a')]);
    await backups.take();
    await fresh.db`update backups.runs set started_at = now() + interval '1 year'`;
    await fresh.db`
      insert into backups.runs (run_id, plane, state, seq, manifest_name, started_by, because)
      values (gen_random_uuid(), 'data', 'failed', 2, 'none', 'test', 'BACKUPS_STORE_LOST')`;

    const { backupMs, attemptMs, failed } = await attempts(fresh.db);

    assert.deepEqual([backupMs, failed], [null, 1]);
    assert.ok(attemptMs !== null && attemptMs < 60_000, String(attemptMs));
    await backups.close();
  });

  test('a drill that passed next year proves nothing now', async () => {
    const { backupsAt, directory, fresh } = of();
    const backups = await backupsAt([directory('a')]);
    await backups.take();
    await fresh.db`update backups.runs set started_at = now() - interval '30 days'`;
    await fresh.db`
      insert into backups.drills (drill_id, backup_seq, passed, attestation, at)
      values (gen_random_uuid(), 1, true, '{}', now() + interval '1 year')`;
    await fresh.db`truncate backups.drill_runs cascade`;
    const before = await drillsBefore(fresh.db);
    await fresh.db`truncate backups.drills`;

    assert.equal(before.passedAt, null);
    assert.equal(drillDue(before, 7, new Date()), true);
    await backups.close();
  });

  test('who is forgotten after a clock that ran ahead was set right is in the ledger', async () => {
    const { backupsAt, directory, fresh } = of();
    const erasures: { idHash: string; at: Date; epoch: number }[] = [];
    const forgottenSince = async (since: Date): Promise<ForgottenNow> => ({
      erasures: erasures.filter(({ at }) => at >= since),
      restrictions: [],
    });
    const backups = await backupsAt([directory('a')], { forgottenSince });
    for (const at of [Date.now() + 86_400_000, Date.now()]) {
      erasures.push({ idHash: randomBytes(32).toString('hex'), at: new Date(at), epoch: 1 });
      await backups.sendLedger();
    }
    await backups.close();

    const rows = await fresh.db<{ id: string }[]>`select id_hash as id from backups.ledger order by seq`;
    assert.deepEqual(rows.map(({ id }) => id), erasures.map(({ idHash }) => idHash)); // prettier-ignore
  });

  test('a backup and a drill of a server that was killed while the clock ran ahead are given up', async () => {
    const { fresh } = of();
    const [run, drill] = [uuidv7(), uuidv7()];
    await fresh.db`
      insert into backups.runs (run_id, plane, state, seq, manifest_name, started_by, beat_at)
      values (${run}, 'data', 'running', 1, 'none', 'test', now() + interval '1 year')`;
    await fresh.db`truncate backups.drill_runs cascade`;
    await fresh.db`
      insert into backups.drill_runs (drill_id, state, step, started_by, beat_at)
      values (${drill}, 'running', 'x', 'test', now() + interval '1 year')`;
    await giveUpDrills(fresh.db);

    assert.deepEqual((await abandonedRuns(fresh.db)).map(({ run_id: id }) => id), [run]); // prettier-ignore
    assert.equal((await findDrill(fresh.db, drill))?.state, 'failed');
  });

  test('the log is read on after the clock was set back by a day', async () => {
    const clock = { now: Date.parse('2026-11-28T12:00:00Z'), asked: 0 };
    const db = (async () => {
      clock.asked += 1;
      return [];
    }) as unknown as Db;
    const reading = keepReading({
      db,
      clock: () => new Date(clock.now),
      onUnable: () => undefined,
    } as unknown as KeepNeeds);
    await reading.tick();
    const once = clock.asked;
    await reading.tick();
    assert.ok(once > 0);
    assert.equal(clock.asked, once, 'not twice at once');

    clock.now -= 86_400_000;
    await reading.tick();
    assert.equal(clock.asked, 2 * once);
    await reading.close();
  });
}
