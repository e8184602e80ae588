/** What every store promises, tried against each of them alike. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';

import { isFailure } from '#platform/failure';

import { MAX_OBJECT_BYTES, type Target } from './target.ts';

const refused = (code: string) => (thrown: unknown) => isFailure(thrown, `BACKUPS_${code}`);

/**
 * @param open an empty store; what it made goes away through `t.after`
 * @param ended whether a lock that has ended may be asked for: real stores refuse a time that is past
 */
export function targetConformance(
  name: string,
  open: (t: TestContext) => Promise<Target>,
  ended: 'taken' | 'refused' = 'taken',
): void {
  test(`${name}: conformance of a store`, async (t) => {
    const target = await open(t);
    const soon = (ms: number) => ({ until: new Date(Date.now() + ms) });

    await t.test('bytes come back as they went, with the hash of what was read back', async () => {
      for (const size of [0, 1, 65_537, 3_000_000]) {
        const bytes = randomBytes(size);
        const stored = await target.put(`data/${size}-x`, bytes, { lock: null });
        assert.equal(stored.sha256, createHash('sha256').update(bytes).digest('hex'));
        assert.equal(stored.sizeBytes, size);
        assert.deepEqual(await target.get(stored.name, stored), bytes);
      }
    });

    await t.test('a name is written once', async () => {
      await target.put('data/once', Buffer.from('first'), { lock: null });
      await assert.rejects(target.put('data/once', Buffer.from('second'), { lock: null }), refused('OBJECT_EXISTS'));
      assert.equal(String(await target.get('data/once')), 'first');
    });

    await t.test('an object that is not there is missing, and one with another hash is damaged', async () => {
      await assert.rejects(target.get('data/nothing'), refused('OBJECT_MISSING'));
      await assert.rejects(target.get('data/once', { sha256: '00'.repeat(32) }), refused('OBJECT_DAMAGED'));
      await assert.rejects(target.lockOf('data/nothing', null), refused('OBJECT_MISSING'));
    });

    await t.test('a lock is read back, and what is locked is not deleted', async () => {
      const { until } = soon(3_600_000);
      const stored = await target.put('keys/locked', Buffer.from('kept'), { lock: { until } });
      const back = stored.lockedUntil as Date;
      assert.ok(Math.abs(back.getTime() - until.getTime()) <= 1000);
      assert.deepEqual(await target.lockOf(stored.name, stored.version), back);
      await assert.rejects(target.remove(stored.name, stored.version), refused('OBJECT_LOCKED'));
      assert.equal(String(await target.get(stored.name, stored)), 'kept');
    });

    await t.test('what is deleted is gone, with its lock', async () => {
      const stored = await target.put('data/short', Buffer.from('x'), { lock: ended === 'taken' ? soon(-5000) : null });
      await target.remove(stored.name, stored.version);
      await assert.rejects(target.get(stored.name, stored), refused('OBJECT_MISSING'));
      assert.ok(!(await target.list('data/short')).some(({ name: each }) => each.startsWith('data/short')));
    });

    await t.test('all names of a prefix are listed, in order, with sizes, and no others', async () => {
      for (const each of ['e', 'b', 'a', 'd', 'c']) await target.put(`list/${each}`, Buffer.from(each), { lock: null });
      const found = await target.list('list/');
      assert.deepEqual(
        found.map(({ name: each, sizeBytes }) => [each, sizeBytes]),
        ['a', 'b', 'c', 'd', 'e'].map((each) => [`list/${each}`, 1]),
      );
    });

    await t.test('the store has a clock', async () => {
      assert.ok(Math.abs((await target.now()).getTime() - Date.now()) < 10_000);
    });

    await t.test('names that lead elsewhere and objects that are too large are refused', async () => {
      for (const bad of ['../x', 'data/../../x', '/etc/passwd', 'data//x', 'DATA/x', '', 'data/.part-x', 'a/b/c/d/e/f'])
        await assert.rejects(target.put(bad, Buffer.from('x'), { lock: null }), refused('OBJECT_MISSING'), bad);
      const large = { byteLength: MAX_OBJECT_BYTES + 1 } as Uint8Array;
      await assert.rejects(target.put('data/large', large, { lock: null }), refused('OBJECT_TOO_LARGE'));
    });

    target.close();
  });
}
