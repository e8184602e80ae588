/** New keys beside backups of before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isFailure } from '#platform/failure';
import { readAll } from '#platform/testing';

import type { Point, Running } from './erasure-matrix.test.ts';

export function epochsKeepBackups(given: () => Running): void {
  test('a new epoch of keys keeps every backup; new keys of everybody end those of before, which is said before anything is restored', async (t) => {
    const { points, keyOf, ask, source, backups, WHO, restoreTo, now } = given();
    if (points.length === 0) return t.skip('there are no change segments here');
    const key = await keyOf('custodian');
    const rotate = async (what: string): Promise<void> => {
      const begun = await ask(source, 'POST', '/v1/vault/rotations', { key, body: { what } });
      assert.equal(begun.status, 202, begun.text);
      await source.vault.runWorks(() => false);
    };
    const [first] = points as [Point];
    await rotate('epoch');
    await readAll(backups.readChanges);
    await (
      await backups.begin('key', WHO)
    ).done;
    await restoreTo({ ...first, of: 'the first snapshot, keys under a new epoch' });

    const before = await now();
    await rotate('keys');
    await readAll(backups.readChanges);
    await backups.sendLedger();
    assert.ok(
      (await backups.standing()).nags.some((nag) => nag.includes('all keys were renewed after the newest backup')),
    );
    const noDatabase = (): never => assert.fail('a database was made');
    for (const point of [
      first,
      { of: 'just before', at: before, points: 'segments' },
      { of: 'a snapshot', at: null, points: 'snapshot' },
    ] as const)
      await assert.rejects(
        restoreTo(point, noDatabase),
        (thrown) => isFailure(thrown, 'BACKUPS_KEYS_RENEWED') && /restore to .* or later/.test(thrown.hint ?? ''),
        point.of,
      );
    await restoreTo({ of: 'the end, with all changes', at: null, points: 'segments' });
    await (
      await backups.begin('data', WHO)
    ).done;
    await restoreTo({ of: 'a snapshot of afterwards', at: null, points: 'snapshot' });
    assert.ok(!(await backups.standing()).nags.some((nag) => nag.includes('renewed')));
  });
}
