/** Recipients that come, go and are mistaken for others; and what goes on when there is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { readAll } from '#platform/testing';

import { makeIdentity } from './keys/identity.ts';
import { openManifest } from './manifest.ts';
import { openContent } from './restore/content.ts';
import { findBackup } from './restore/find.ts';
import { planSegments } from './restore/follow.ts';
import { openTarget } from './targets/open-target.ts';
import { isWithoutChanges, refused } from './testing-database.ts';
import type { Running } from './years.test.ts';

export function whoIsTrusted(of: () => Running): void {
  test('who is trusted anew opens a backup soon, not a day later', async () => {
    const { WHO, signer, identity, directory, backupsAt, namesAt } = of();
    const backups = await backupsAt([directory('a')], { everyHours: 24 });
    await backups.take();
    const other = await makeIdentity();
    await backups.trust(WHO, other.recipient, 'offline');
    const newest = async (): Promise<readonly string[]> => {
      const store = await openTarget(directory('a'));
      const name = (await namesAt(directory('a'), 'data/manifests/')).at(-1) as string;
      return openManifest(await store.get(name), signer.fingerprint).recipients;
    };
    assert.deepEqual(await newest(), [identity.fingerprint]);

    await backups.tick();
    for (let tries = 0; tries < 200 && (await newest()).length < 2; tries += 1) await sleep(50);

    assert.deepEqual((await newest()).toSorted(), [identity.fingerprint, other.fingerprint].toSorted());
  });

  test('a renewal or a trust of a clock that ran ahead by a year makes no backup after the other', async () => {
    const { fresh, directory, backupsAt } = of();
    const backups = await backupsAt([directory('a')], { everyHours: 24 });
    await backups.take();
    await fresh.db`
    insert into backups.ledger (seq, what, id_hash, scope, at, previous, hash)
    select n, 'renewal', repeat('a', 64), (array['begun', 'ended'])[n], now() + interval '1 year', 'p', 'h' || n from generate_series(1, 2) n`;
    await fresh.db`update backups.recipients set added_at = now() + interval '1 year'`;

    await backups.tick().catch(() => undefined);
    await backups.close();

    assert.equal((await backups.runs(10)).filter(({ plane }) => plane === 'data').length, 1);
    assert.ok(!(await backups.standing()).nags.some((nag) => nag.includes('keys were renewed')));
  });

  test('who was forgotten after the last recipient was retired stays forgotten: the backups of before are still there', async () => {
    const { WHO, identity, directory, backupsAt, forget, askOf, age } = of();
    const backups = await backupsAt([directory('a')], { everyHours: 24 });
    await backups.take();
    await backups.retire(WHO, identity.fingerprint);
    forget();

    await backups.tick();

    assert.equal((await findBackup(await askOf(directory('a')))).ledger.entries.length, 1);
    // the next one is due, and there is nobody to seal it to: the status says that, and it is no failure of each minute
    await age(2, 1);
    // how what goes on beside a tick has failed is thrown by one of the next
    for (let rounds = 0; rounds < 20; rounds += 1, await sleep(20)) await backups.tick();
  });

  test('the log is held back for nobody longer than the disk should bear when the last recipient was retired', async (t) => {
    const { WHO, identity, fresh, directory, backupsAt } = of();
    if (await isWithoutChanges(t, fresh.db)) return;
    const backups = await backupsAt([directory('a')], { maxLagBytes: 2 ** 20 });
    await readAll(backups.readChanges);
    const slots = async () =>
      (
        await fresh.db<{ at: string }[]>`
        select restart_lsn::text as at from pg_replication_slots where database = current_database()`
      ).map(({ at }) => at);
    await backups.retire(WHO, identity.fingerprint);
    await fresh.db`
    insert into vault.records (subject_id, record_no, collection_no, version, box, lookups)
    select gen_random_uuid(), n, 9, 1, (select decode(string_agg(md5(random()::text || n::text || i::text), ''), 'hex') from generate_series(1, 2500) i), ''
    from generate_series(1, 60) n`;
    const before = await slots();

    for (let rounds = 0; rounds < 100 && String(await slots()) === String(before); rounds += 1, await sleep(50))
      await backups.readChanges();

    assert.equal(before.length, 1);
    assert.notDeepEqual(await slots(), before);
  });

  test('an offline recipient does not become one of a drill, whose identity is thrown away', async () => {
    const { WHO, identity, directory, backupsAt } = of();
    const backups = await backupsAt([directory('a')]);

    await assert.rejects(backups.trust(WHO, identity.recipient, 'drill'), refused('RECIPIENT_OFFLINE'));
    await backups.take();

    const { recipients } = await backups.standing();
    assert.deepEqual(recipients.map(({ kind, retired_at: at }) => [kind, at]), [['offline', null]]); // prettier-ignore
  });

  test('shares that do not open what came after the backup are told of before there is a database', async (t) => {
    const { WHO, identity, fresh, directory, sealer, backupsAt, askOf, write } = of();
    if (await isWithoutChanges(t, fresh.db)) return;
    const backups = await backupsAt([directory('a')]);
    await readAll(backups.readChanges);
    await backups.take();
    const between = new Date();
    await backups.trust(WHO, (await makeIdentity()).recipient, 'offline');
    await backups.retire(WHO, identity.fingerprint);
    await write();
    await readAll(backups.readChanges);
    const ask = { ...(await askOf(directory('a'))), points: 'segments' } as const;
    const found = await findBackup(ask);
    const opened = { target: ask.stores.data, sealer, identity: identity.identity };
    const details = { data: (await openContent(opened, found.data)).details, key: (await openContent(opened, found.key)).details }; // prettier-ignore

    await assert.rejects(planSegments(ask, found, details), refused('KEY_WRONG'));
    await assert.rejects(
      planSegments({ ...ask, at: between }, found, details),
      refused('KEY_WRONG'),
      'keys are of now',
    );
    assert.equal(await planSegments({ ...ask, points: 'snapshot' }, found, details), null);
  });
}
