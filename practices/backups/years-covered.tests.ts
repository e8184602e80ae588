/** A store whose locked objects somebody put others over, as whoever has its credentials may. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openContent } from './restore/content.ts';
import { findBackup } from './restore/find.ts';
import { listSegments } from './restore/segments.ts';
import { createStores } from './stores.ts';
import { openS3 } from './targets/s3.ts';
import { startS3Double } from './testing.ts';
import type { Running } from './years.test.ts';

export function whatIsCovered(of: () => Running): void {
  test('whoever puts something over all that is locked, or marks it as deleted, keeps nobody from a restore', async (t) => {
    const { backupsAt, askOf, directory, forget, write, readChanges, identity, sealer } = of();
    const double = await startS3Double('vaulted');
    t.after(double.close);
    const client = { credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
    const target = await openS3({ bucket: 'vaulted', prefix: '', endpoint: double.endpoint, region: 'x' }, { client });
    const addresses = { data: ['s3'], key: ['s3'], ledger: ['s3'] };
    const lockDays = { data: 1, key: 1, ledger: 1 };
    const backups = await backupsAt([], { stores: createStores(addresses, async () => target), lockDays });
    await readChanges(backups);
    forget();
    await backups.take();
    await write();
    await readChanges(backups);
    await backups.take();
    const ask = { ...(await askOf(directory('no'))), stores: { data: target, key: target, ledger: target } };

    for (const cover of [Buffer.from('{}\n'), null]) {
      double.cover(cover);

      const found = await findBackup(ask);
      assert.deepEqual([found.data.manifest.seq, found.key.manifest.seq, found.ledger.entries.length], [2, 2, 1]);
      for (const plane of ['data', 'key'] as const) {
        const content = await openContent({ target, sealer, identity: identity.identity }, found[plane]);
        await content.files();
      }
      for (const { name, version } of await listSegments(target))
        assert.notEqual(String(await target.get(name, { version })), '{}\n');
    }
  });
}
