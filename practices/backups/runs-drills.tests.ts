/** What a drill may open, and what it says when it could prove nothing. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { createDrills } from './drill/drills.ts';
import { makeIdentity } from './keys/identity.ts';
import type { ForgottenNow } from './ledger.ts';
import { openManifest } from './manifest.ts';
import { isKept } from './restore/restore.ts';
import { openTarget } from './targets/open-target.ts';
import { refused } from './testing-database.ts';
import type { Running } from './runs.test.ts';

export function drillsProve(of: () => Running): void {
  test("a drill's identity opens one backup", async () => {
    const { backupsAt, directory, WHO, signer, identity } = of();
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
    const { backupsAt, directory, fresh } = of();
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
    const { backupsAt, directory, fresh, signer, identity, WHO } = of();
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
}
