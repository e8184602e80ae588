/** Which segments go and which stay, and where there can be none. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { openDb } from '#platform/db';
import { readAll } from '#platform/testing';

import { KEEPING } from '../retention.ts';
import { whyNot } from '../store/slot.ts';
import type { Running } from './segments.test.ts';

export function segmentsEnd(of: () => Running): void {
  test('old segments go with what is in them, keys at their horizon; what the newest backup needs stays, and what is locked', async (t) => {
    const { isWithoutLogical, top, backupsAt, write, source, WHO, restoreAt, sumsOf } = of();
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
    for (let tried = 0; tried < 100; tried += 1) {
      await backups.take();
      if (await goesOnLater()) break;
      await new Promise((resolve) => void setTimeout(resolve, 200));
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
    const { isWithoutLogical, admin, source } = of();
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
      // as the audit log's tables are, where they belong to a role of their own before the first backup
      url.pathname = `/strongroom_copy_${process.pid}_0`;
      await admin.unsafe(`grant create on database ${url.pathname.slice(1)} to ${role}`);
      const others = openDb(url.href, { connections: 1 });
      assert.match((await whyNot(others)) as string, /does not own .*owner\.sql/);
      await others.end({ timeout: 1 });
      assert.equal(await whyNot(source.db), null);
    } finally {
      await admin.unsafe(`revoke all on database strongroom_copy_${process.pid}_0 from ${role}`);
      await admin.unsafe(`drop role ${role}`);
    }
  });
}
